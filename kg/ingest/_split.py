"""A stretch of a container's lines or rows -> its entries, for readers that begin in the middle of a file.

Where an entry stands in the whole file is known to the caller alone, who counts what comes before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, cast

from kg.ingest._entry import Part, Refused
from kg.ingest._record import FIELDS, chosen
from kg.ingest._record import report as entry_of_row
from kg.ingest.jsonl import documents

__all__ = ["columns_read", "entries_of_lines", "entry_of_row"]


def entries_of_lines(lines: Iterable[bytes], before: int, where: str, *, begins: bool) -> Iterator[Part | Refused]:
    """Yield the entries of JSON lines without their ends, the first of which is line `before` + 1.

    `begins` says whether that is the file's first: only there a byte order mark tells of UTF-16, for which InputError is raised.
    """
    # An empty line in front keeps the next from being taken for a file's first.
    stream = _Lines(lines if begins else _after_one(lines))
    for entry in documents(cast(BinaryIO, stream), where):
        yield replace(entry, line=entry.line + before - (not begins))


def columns_read(names: Iterable[str]) -> list[str]:
    """Return those columns of a table of reports that are read."""
    return chosen(names, tuple(dict.fromkeys(FIELDS)))


def _after_one(lines: Iterable[bytes]) -> Iterator[bytes]:
    yield b""
    yield from lines


class _Lines:
    """Lines as a file that is read by the line."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def readline(self, most: int) -> bytes:
        """Return the next line with its end, or the next `most` bytes of one that is longer."""
        if not self._rest:
            line = next(self._lines, None)
            if line is None:
                return b""
            self._rest = line + b"\n"
        data, self._rest = self._rest[:most], self._rest[most:]
        return data
