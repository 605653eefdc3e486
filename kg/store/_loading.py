"""N-Quads that are still being written -> an Oxigraph database, loaded part by part in a process of its own meanwhile."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

_FIRST, _MOST = 8 << 20, 32 << 20  # bytes that are loaded at once: the store takes five times as much memory meanwhile


_MEMORY = {"MALLOC_TOP_PAD_": str(64 << 20), "MALLOC_TRIM_THRESHOLD_": str(512 << 20)}
"""What the GNU C library is told of memory: a part takes and gives back ten times what it is long, which is a tenth of its time."""


Piece = tuple[Path, int, int]
"""Whole lines of a file: where they begin and end in it."""


class Loads(Protocol):
    """What is told of lines of N-Quads as soon as they are written."""

    def load(self, pieces: Sequence[Piece]) -> None:
        """Take lines to be loaded at once."""


class Growing:
    """A file of N-Quads as it is written: its lines are loaded as soon as they are enough."""

    def __init__(self, file: IO[bytes], loading: Loads) -> None:
        self._file, self._loading, self._end, self._part = file, loading, 0, _FIRST
        self._pieces: list[Piece] = []
        self._size = 0

    def write(self, lines: bytes) -> None:
        """Write whole lines."""
        self._file.write(lines)
        self._wait(Path(self._file.name), self._end, len(lines))
        self._end += len(lines)

    def load(self, path: Path) -> None:
        """Have a file of lines loaded, which are copied later."""
        self._wait(path, 0, path.stat().st_size)

    def copy(self, lines: bytes) -> None:
        """Write whole lines that are loaded from elsewhere."""
        self._file.write(lines)
        self._end += len(lines)

    def flush(self) -> None:
        """Have everything loaded that waits."""
        self._file.flush()
        if self._size:
            self._loading.load(self._pieces)
        self._pieces, self._size = [], 0

    def _wait(self, path: Path, start: int, size: int) -> None:
        end = start + size
        if self._pieces and self._pieces[-1][::2] == (path, start):
            start = self._pieces.pop()[1]
        self._pieces.append((path, start, end))
        self._size += size
        if self._size >= self._part:
            self.flush()
            self._part = min(2 * self._part, _MOST)  # of a small file something is loaded before all of it is there


def parts_of(file: Path) -> Iterator[tuple[int, int]]:
    """Yield where the parts of a file begin and end, each whole lines that can be loaded at once."""
    with file.open("rb") as lines:
        start = 0
        while lines.read(_MOST):
            lines.readline()
            yield start, lines.tell()
            start = lines.tell()


class Loading:
    """A database that is loaded while the caller goes on; raises OSError when something could not be loaded."""

    def __init__(self, folder: Path) -> None:
        self._loader = Loader(folder)
        self._is_whole = False

    def load(self, pieces: Sequence[Piece]) -> None:
        """Have lines loaded."""
        self._loader.tell("load", *((str(file), start, end) for file, start, end in pieces))

    def whole(self) -> None:
        """Have the database brought into the form in which it is read fastest: there are no more parts."""
        self._is_whole = True
        self._loader.tell("optimize")

    def end(self) -> None:
        """Wait until that is done."""
        if not self._is_whole:
            self.whole()
        self._loader.end()

    def stop(self) -> None:
        """Let go of the database; what is not loaded yet is not."""
        self._loader.close()


class Loader:
    """The process that writes a database, `_loader.py`; raises OSError with what it says."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 # itself
            [sys.executable, "-P", str(Path(__file__).with_name("_loader.py")), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, **_MEMORY},
        )

    def tell(self, what: str, *given: str | tuple[str, int, int]) -> None:
        """Say what is to be done."""
        assert self._process.stdin  # noqa: S101
        try:
            self._process.stdin.write(f"{json.dumps([what, *given])}\n")
            self._process.stdin.flush()
        except BrokenPipeError:  # it has said why
            self._answer()

    def end(self) -> None:
        """Wait until everything is done, and the process has ended: until then it removes files that it needs no more."""
        self._answer()
        self._process.wait()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()

    def _answer(self) -> None:
        assert self._process.stdout  # noqa: S101
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise OSError(errno.ENOMEM, "the process that loads the store was stopped from outside")
        if answer != "done":
            raise OSError(json.loads(answer))
