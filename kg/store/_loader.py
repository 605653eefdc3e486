"""The process that loads a store: a program of its own, because no database can be opened in a fork of a process that had one open.

`python _loader.py STORE` reads a line of JSON for each thing to be done: ["load", [FILE, START, END], ...] loads parts of files of
N-Quads at once, ["change", STORE, OLD, NEW] makes the store from that of OLD, by what differs in NEW; ["optimize"] brings it into
order and ["flush"] to the disk. After these two it writes `done`, or before that what went wrong. When whoever started it is gone,
it ends at once.

Two files of N-Quads that are compared list their quads in one order, each once. So where they differ, what stands in both tells how
far one has to look.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import pyoxigraph as ox

_BLOCK = 1 << 20
_FARTHEST = 32 << 20  # bytes that are looked at to find what both files have: five times as much memory
_AT_ONCE = 100_000  # quads that are added at once

Difference = tuple[Sequence[bytes], Sequence[bytes]]
"""Lines that are gone, and lines that are new."""


def main() -> None:
    """Do what standard input says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # left to whoever started it
    orders: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    folder = sys.argv[1]
    store: ox.Store | None = None
    try:
        while True:
            what, *given = json.loads(orders.get())
            if what == "load":
                store = store or ox.Store(folder)
                _load(store, *given)
            elif what == "change":
                store = _changed(folder, *given)
            else:
                store = store or ox.Store(folder)
                if what == "optimize":
                    store.optimize()
                store.flush()
                sys.stdout.write("done\n")
                return
    except (OSError, RuntimeError, SyntaxError) as error:  # RuntimeError: what RocksDB says of a damaged file
        sys.stdout.write(f"{json.dumps(str(error))}\n")


def _listen(orders: SimpleQueue[bytes]) -> None:
    """Take orders; when there are no more to come, whoever gave them is gone, and the folder may be somebody else's soon."""
    with open(0, "rb", buffering=0, closefd=False) as given:  # a buffer would be locked when the program ends
        for line in given:
            orders.put(line)
    os._exit(1)


def _load(store: ox.Store, *pieces: tuple[str, int, int]) -> None:
    store.bulk_load(b"".join(_lines(*piece) for piece in pieces), format=ox.RdfFormat.N_QUADS)


def _lines(path: str, start: int, end: int) -> bytes:
    with open(os.fsencode(path), "rb") as file:
        file.seek(start)
        return file.read(end - start)


def _changed(folder: str, before: str, old: str, new: str) -> ox.Store:
    """Copy a database, whose files both share as long as neither changes them, and change what differs."""
    ox.Store.read_only(before).backup(folder)
    store = ox.Store(folder)
    for gone, came in differences(Path(old), Path(new)):
        for quad in _parsed(gone):
            store.remove(quad)
        for start in range(0, len(came), _AT_ONCE):
            store.extend(_parsed(came[start : start + _AT_ONCE]))
    return store


def differences(old: Path, new: Path) -> Iterator[Difference]:
    """Yield what differs between two files of lines in the same order, each line once and ending in a line feed."""
    with old.open("rb") as one, new.open("rb") as other:
        sides = _Side(one), _Side(other)
        size = _BLOCK
        while True:
            before, after = (side.ahead(size) for side in sides)
            if not before or not after:
                yield from _rest(sides)
                return
            if before == after and (same := before.rfind(b"\n") + 1):
                for side in sides:
                    side.skip(same)
                continue
            gone, came = (_whole_lines(text) for text in (before, after))
            kept = frozenset(gone).intersection(came)
            whole = [side.is_whole(size) for side in sides]
            if kept:
                ends = [_after_last(lines, kept) for lines in (gone, came)]
            elif any(whole):  # what stands in one file does not stand in the rest of the other
                ends = [len(lines) if other else 0 for lines, other in zip((gone, came), reversed(whole), strict=True)]
            else:
                ends = [0, 0]
            if ends == [0, 0]:
                if size >= _FARTHEST:
                    raise OSError("the two builds have too little in common")
                size *= 2
                continue
            yield [line for line in gone[: ends[0]] if line not in kept], [line for line in came[: ends[1]] if line not in kept]
            for side, lines, end in zip(sides, (gone, came), ends, strict=True):
                side.skip(sum(map(len, lines[:end])))
            size = _BLOCK


class _Side:
    """A file that is looked at from some place on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._place = file, 0

    def ahead(self, size: int) -> bytes:
        """Return so many bytes from the place on, fewer at the end."""
        self._file.seek(self._place)
        return self._file.read(size)

    def is_whole(self, size: int) -> bool:
        """Decide whether the file ends within so many bytes."""
        self._file.seek(0, 2)
        return self._file.tell() - self._place <= size

    def skip(self, size: int) -> None:
        """Go on."""
        self._place += size


def _rest(sides: Sequence[_Side]) -> Iterator[Difference]:
    """Yield what stands in one file behind the end of the other."""
    for number, side in enumerate(sides):
        size = _BLOCK
        while text := side.ahead(size):
            lines = _whole_lines(text)
            if not lines:
                size *= 2
                continue
            yield (lines, []) if number == 0 else ([], lines)
            side.skip(sum(map(len, lines)))


def _whole_lines(text: bytes) -> list[bytes]:
    return text[: text.rfind(b"\n") + 1].splitlines(keepends=True) if b"\n" in text else []


def _after_last(lines: Sequence[bytes], kept: frozenset[bytes]) -> int:
    """Return how many lines there are up to the last one that is kept."""
    return next(number for number in range(len(lines), 0, -1) if lines[number - 1] in kept)


def _parsed(lines: Sequence[bytes]) -> Iterator[ox.Quad]:
    return ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS)


if __name__ == "__main__":
    main()
