"""Bytes -> the records of a CSV file (RFC 4180) with the place of every cell. A line that begins none is told."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kg.errors import InputError
from kg.ingest._entry import Refused
from kg.ingest._lines import lines

LONGEST = 4_000_000
"""Characters of the longest record."""

_QUOTED = re.compile(r'"([^"]*(?:""[^"]*)*)"')
_PLAIN_END = re.compile(r"[,\r\n]|\Z")
_BAD_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell: its text, and where that stands in the record, without its quotes; what is two quotes there is one in `text`."""

    text: str
    start: int
    end: int

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the cell's text stands in the record."""
        return self._at(start), self._at(end)

    def _at(self, offset: int) -> int:
        doubled = self.end - self.start > len(self.text)
        return self.start + offset + (self.text.count('"', 0, offset) if doubled else 0)


@dataclass(frozen=True, slots=True)
class Record:
    """A record without its line end: the number of its first line, the code points of the file before it, its cells."""

    line: int
    offset: int
    text: str
    cells: tuple[RawCell, ...]


def records(file: BinaryIO, where: str) -> Iterator[Record | Refused]:
    """Yield the records of a file; lines without anything are passed over.

    A record ends with the first line that leaves no quote open. When that gives no record, its first line is refused, and the next
    record begins with the line after.
    """
    source = _numbered(file, where)
    waiting: deque[tuple[int, int, str]] = deque()
    while taken := _taken(waiting, source):
        number, offset, _ = taken[0]
        text = "".join(line for _, _, line in taken)
        if not text.strip("\r\n"):
            continue
        found = _cells(text)
        if isinstance(found, str):
            yield Refused(number, found, "quote a cell that holds a quote, a comma or a line end, and double the quotes in it")
            waiting.extendleft(reversed(taken[1:]))
        elif bad := _BAD_BYTE.search(text):
            yield Refused(number, f"the row is not UTF-8: byte 0x{ord(bad[0]) - 0xDC00:02x}", "export the table again as UTF-8")
        else:
            yield Record(number, offset, text.rstrip("\r\n"), found)


def _taken(waiting: deque[tuple[int, int, str]], source: Iterator[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Take lines until no quote is open; all there are, or as many as may be, when that does not come about."""
    taken: list[tuple[int, int, str]] = []
    quotes = length = 0
    while line := waiting.popleft() if waiting else next(source, None):
        taken.append(line)
        quotes += line[2].count('"')
        length += len(line[2])
        if quotes % 2 == 0 or length > LONGEST:
            break
    return taken


def _cells(text: str) -> tuple[RawCell, ...] | str:
    """Return the cells of a record, or what is wrong with it."""
    if len(text) > LONGEST:
        return f"a row of more than {LONGEST:,} characters"
    cells = []
    at = 0
    while True:
        if quoted := _QUOTED.match(text, at):
            cells.append(RawCell(quoted[1].replace('""', '"'), *quoted.span(1)))
            at = quoted.end()
        elif text.startswith('"', at):
            return "a quote is never closed"
        else:
            start, at = at, _plain_end(text, at)
            cells.append(RawCell(text[start:at], start, at))
        rest = text[at : at + 1]
        if rest != ",":
            break
        at += 1
    return tuple(cells) if not text[at:].strip("\r\n") else "text follows a closing quote"


def _plain_end(text: str, start: int) -> int:
    found = _PLAIN_END.search(text, start)
    return found.start() if found else len(text)


def _numbered(file: BinaryIO, where: str) -> Iterator[tuple[int, int, str]]:
    """Yield (number, offset, text) of each line; a byte that is no UTF-8 is one character of its own."""
    offset = 0
    for line in lines(file, where, errors="surrogateescape"):
        if isinstance(line, Refused):  # where the lines behind it stand cannot be told
            raise InputError(f"line {line.line}: {line.reason}", where=where, hint=line.hint)
        number, text = line
        yield number, offset, text
        offset += len(text)
