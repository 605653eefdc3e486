"""Offsets -> lines and columns. A line ends at a line feed (a carriage return before it belongs to the end); both count from 1."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from kg.model import Finding, Label, Origin


@dataclass(frozen=True, slots=True)
class ReportSource:
    """Where a report's file is and what it says: all that is needed to show a span of it, and where it stands among others."""

    path: str
    text: str
    origin: Origin | None = None
    paged: bool = False

    def page(self, offset: int) -> int | None:
        """Return the page that an offset is on, from 1; None when the report has no pages."""
        return self.text.count("\f", 0, offset) + 1 if self.paged else None

    def number(self, line: int) -> int:
        """Return the number that a line of the text has for a reader: in its page, or in the file."""
        if not self.paged:
            return line + self.lines_before
        start = line_starts(self.lines)[line - 1]
        return line - position(self.lines, self.text.rfind("\f", 0, start) + 1)[0] + 1

    @property
    def lines(self) -> str:
        """Return the text as it is cut into lines: a page ends a line too."""
        return self.text.replace("\f", "\n") if self.paged else self.text

    @property
    def lines_before(self) -> int:
        """Return how many lines of the file stand before the report, 0 when the file holds it in another writing."""
        origin = self.origin
        return origin.line - 1 if origin and origin.line is not None and origin.offset is not None else 0


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a file, columns in code points, `end`s exclusive; `text` is what stands there.

    Lines and columns are those of the file, `start` and `end` those of the report; `offset` counts what stands before it in the
    file. A file that holds the report in another writing has only its line (`offset` is None): the columns are 1. On a `page`,
    lines count from its first one.
    """

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    offset: int | None = 0
    page: int | None = None

    @property
    def spot(self) -> str:
        """Return the place in the file as messages write it: `:3:17`, or `:page 2:3:17`."""
        return f":{f'page {self.page}:' if self.page else ''}{self.line}:{self.column}"


@lru_cache(maxsize=64)
def line_starts(text: str) -> tuple[int, ...]:
    """Return the offset at which each line begins."""
    return (0, *(match.end() for match in re.finditer("\n", text)))


def line_text(text: str, number: int) -> str:
    """Return the line of a number (from 1) without its end."""
    starts = line_starts(text)
    line = text[starts[number - 1] :] if number == len(starts) else text[starts[number - 1] : starts[number] - 1]
    return line.removesuffix("\r") if number < len(starts) else line


def position(text: str, offset: int) -> tuple[int, int]:
    """Return (line, column) of an offset.

    >>> position("ab\\ncd", 4)
    (2, 2)
    """
    starts = line_starts(text)
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


def place(label: Label, sources: Mapping[str, ReportSource]) -> Place | None:
    """Return where a label points, None when its report is unknown. A span outside the text is drawn to its nearest edge."""
    source = sources.get(label.report)
    if source is None:
        return None
    start = min(max(label.start, 0), len(source.text))
    end = min(max(label.end, start), len(source.text))
    text, origin = source.text[start:end], source.origin
    if origin and origin.line is not None and origin.offset is None:
        return Place(source.path, start, end, origin.line, 1, origin.line, 1, text, None)
    line, column = position(source.lines, start)
    end_line, end_column = position(source.lines, end)
    line, end_line = source.number(line), source.number(end_line)
    offset = origin.offset if origin and origin.line is not None else 0
    return Place(source.path, start, end, line, column, end_line, end_column, text, offset, source.page(start))


def file_of(finding: Finding, sources: Mapping[str, ReportSource]) -> str | None:
    """Return the path of the report a finding is about, its id when the path is unknown, None when it is about none."""
    report = finding.labels[0].report if finding.labels else finding.report
    if report is None:
        return None
    return sources[report].path if report in sources else report
