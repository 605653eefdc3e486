"""Findings, in the order of findings.json -> the bytes of findings.index."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from kg.findings._keys import Keys
from kg.findings._layout import ENTRY, HEAD, MAGIC, NUMBER, POSTING, to_bytes
from kg.model import Finding
from kg.sorting import Sorter

_BLOCK = 1 << 20
_OF_A_POSTING = array(POSTING).itemsize
_OF_A_KEY = 200  # bytes that a key takes in memory besides its own


class IndexWriter:
    """Takes note of each finding when it is written; beyond `most` bytes it waits in files without names in `folder`."""

    __slots__ = ("_ended", "_files", "_folder", "_held", "_keys", "_most", "_noted", "_numbers", "_sorter", "_starts")

    def __init__(self, keys: Keys, folder: Path | None = None, most: int = 32 << 20) -> None:
        self._keys, self._folder, self._most = keys, folder, most
        self._starts = array("Q")
        self._noted = 0
        self._numbers: dict[bytes, array[int]] = {}
        self._held = 0
        self._files: list[IO[bytes]] = []  # one with the starts that are no longer in memory, or none
        self._sorter = Sorter(folder, most)
        self._ended: int | None = None

    def note(self, finding: Finding, start: int) -> None:
        """Take note of the next finding, whose item begins at byte `start`."""
        self.add(self._keys.of(finding), start)

    def add(self, keys: Iterable[bytes], start: int) -> None:
        """Take note of the next finding, which has these keys and whose item begins at byte `start`."""
        self._starts.append(start)
        for key in keys:
            numbers = self._numbers.get(key)
            if numbers is None:
                numbers = self._numbers[key] = array(POSTING)
                self._held += len(key) + _OF_A_KEY
            numbers.append(self._noted)
            self._held += _OF_A_POSTING
        self._noted += 1
        self._held += NUMBER.size
        if self._held > self._most:
            self._spill()

    def end(self, size: int) -> None:
        """Take note of the size of findings.json: all of it is written."""
        self._ended = size

    def chunks(self) -> Iterator[bytes]:
        """Yield the index, once; raise ValueError as long as findings are still to be written."""
        if self._ended is None:
            raise ValueError("findings.json is not written yet")
        self._spill_keys()
        with ExitStack() as stack:
            stack.callback(self.close)
            entries, postings, texts = (stack.enter_context(TemporaryFile(dir=self._folder)) for _ in range(3))
            keys, posted = self._list(*(cast(IO[bytes], file) for file in (entries, postings, texts)))
            yield HEAD.pack(MAGIC, self._ended, self._noted, keys, posted)
            yield from (block for file in self._files for block in _blocks(file))
            yield to_bytes(self._starts)
            yield NUMBER.pack(self._ended)
            yield from (block for file in (entries, postings, texts) for block in _blocks(cast(IO[bytes], file)))

    def close(self) -> None:
        """Give back memory and disk."""
        self._numbers.clear()
        self._sorter.close()
        for file in self._files:
            file.close()

    def _list(self, entries: IO[bytes], postings: IO[bytes], texts: IO[bytes]) -> tuple[int, int]:
        """Write the three parts that the keys fill; return how many keys and postings there are."""
        keys = text = posted = 0
        for key, rows in groupby(self._sorter, key=itemgetter(0)):
            entries.write(ENTRY.pack(text, posted))
            for _, numbers in rows:
                posted += postings.write(numbers) // _OF_A_POSTING
            text += texts.write(key)
            keys += 1
        entries.write(ENTRY.pack(text, posted))
        return keys, posted

    def _spill(self) -> None:
        self._spill_keys()
        if not self._files:
            self._files.append(cast(IO[bytes], TemporaryFile(dir=self._folder)))
        self._files[0].write(to_bytes(self._starts))
        del self._starts[:]

    def _spill_keys(self) -> None:
        for key, numbers in self._numbers.items():
            self._sorter.add(key, to_bytes(numbers))
        self._numbers.clear()
        self._held = 0


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield all of a file."""
    file.seek(0)
    return iter(lambda: file.read(_BLOCK), b"")
