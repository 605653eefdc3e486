"""Rows of bytes in any number -> the same rows sorted by key; a bounded amount is in memory, the others wait on the disk."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

Row = tuple[bytes, bytes]

_KEY = itemgetter(0)
_HEAD = struct.Struct("<II")  # sizes of key and value
_OF_A_ROW = 160  # bytes that a row takes in memory besides its own
_BLOCK = 1 << 16


class Sorter:
    """Takes rows of key and value; iterated over, it gives them by key, rows with equal keys in the order they came.

    Rows of more than `most` bytes together go, run by run, into a file without a name in `folder` (None: where the system has its
    temporary files). Raises OSError when that cannot be written.
    """

    __slots__ = ("_file", "_folder", "_held", "_most", "_rows", "_runs")

    def __init__(self, folder: Path | None = None, most: int = 32 << 20) -> None:
        self._folder, self._most = folder, most
        self._rows: list[Row] = []
        self._held = 0
        self._runs: list[Iterable[Row]] = []
        self._file: IO[bytes] | None = None

    def add(self, key: bytes, value: bytes = b"") -> None:
        """Take a row."""
        self._rows.append((key, value))
        self._held += len(key) + len(value) + _OF_A_ROW
        if self._held > self._most:
            self._runs.append(_Run(*self._spilled()))

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, as often as they are asked for; no row may be added meanwhile."""
        self._rows.sort(key=_KEY)
        yield from merge(*self._runs, self._rows, key=_KEY) if self._runs else self._rows

    def __enter__(self) -> Sorter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back memory and disk; the rows are gone."""
        self._rows.clear()
        self._runs.clear()
        if self._file:
            self._file.close()

    def _spilled(self) -> tuple[int, int, int]:
        """Write the rows in memory to the file; return its number, and where they begin and end."""
        file = self._file = self._file or cast(IO[bytes], TemporaryFile(dir=self._folder))
        self._rows.sort(key=_KEY)
        start = file.tell()
        for key, value in self._rows:
            file.write(_HEAD.pack(len(key), len(value)) + key + value)
        file.flush()
        self._rows.clear()
        self._held = 0
        return file.fileno(), start, file.tell()


@dataclass(frozen=True, slots=True)
class _Run:
    """Sorted rows between two places of a file, given by its number."""

    file: int
    start: int
    end: int

    def __iter__(self) -> Iterator[Row]:
        block, place = b"", self.start
        while place < self.end or block:
            more = os.pread(self.file, min(max(_BLOCK, _missing(block)), self.end - place), place)
            place += len(more)
            block += more
            at = 0
            while _missing(block, at) <= 0:
                key, value = _HEAD.unpack_from(block, at)
                at += _HEAD.size + key + value
                yield block[at - value - key : at - value], block[at - value : at]
            block = block[at:]


def _missing(block: bytes, at: int = 0) -> int:
    """Return how many bytes are missing of the row that begins at a place: none or less when it is whole."""
    here = len(block) - at
    return _HEAD.size + (sum(_HEAD.unpack_from(block, at)) if here >= _HEAD.size else 1) - here
