"""A line of a report cut to a width around what is marked in it, and the rows of marks below.

What stands between the marks is kept if the width allows, then as much context as fits, the same on both sides of every mark; a
mark longer than the width loses its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.terminal import cells, shown, visible

_CUT = "…"
_LEAST_CONTEXT = 8  # characters beside a mark: if the texts of labels leave less than that, they may run over the width
_LEAST_CUT = 4  # fewer characters than this are shown rather than replaced by a sign that says that they are missing

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a line, in code points from its start, with the text of its label."""

    start: int
    end: int
    text: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark as it stands below the line: `column` and `width` in cells."""

    column: int
    width: int
    mark: Mark

    @property
    def reach(self) -> int:
        """Return the cell after the mark and its text."""
        return self.column + self.width + (1 + cells(visible(self.mark.text)) if self.mark.text else 0)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line as shown, and the rows of marks below it."""

    text: str
    rows: tuple[tuple[Placed, ...], ...]


def excerpt(line: str, marks: Sequence[Mark], room: int) -> Excerpt:
    """Return what is shown of a line in `room` cells."""
    whole = _cut(line, [(0, len(line))], marks)
    if _fits(whole, room, texts=True):
        return whole
    kept = [(min(mark.start for mark in marks), max(mark.end for mark in marks))]
    texts = _fits(_around(line, kept, marks, _LEAST_CONTEXT), room, texts=True)
    if not texts:
        kept = _shortened(line, marks, room)
        texts = _fits(_around(line, kept, marks, _LEAST_CONTEXT), room, texts=True)
    if not texts and _fits(whole, room, texts=False):
        return whole
    low, high = 0, room
    while low < high:  # the largest context that fits; every answer tried fits, so a step that is not monotonous does no harm
        middle = (low + high + 1) // 2
        if _fits(_around(line, kept, marks, middle), room, texts=texts):
            low = middle
        else:
            high = middle - 1
    return _around(line, kept, marks, low)


def _fits(cut: Excerpt, room: int, *, texts: bool) -> bool:
    """Return whether the line fits, and with `texts` the rows below it too."""
    return cells(cut.text) <= room and not (texts and any(row[-1].reach > room for row in cut.rows))


def _shortened(line: str, marks: Sequence[Mark], room: int) -> list[Range]:
    """Return the ranges that must be seen: the marks, or the two ends of marks that are too long."""
    ranges = [(mark.start, mark.end) for mark in marks]
    half = room
    while half > 1 and not _fits(_around(line, ranges, marks, 0), room, texts=False):
        half //= 2
        ranges = [part for mark in marks for part in _ends(mark, half)]
    return ranges


def _ends(mark: Mark, half: int) -> list[Range]:
    if mark.end - mark.start <= 2 * half:
        return [(mark.start, mark.end)]
    return [(mark.start, mark.start + half), (mark.end - half, mark.end)]


def _around(line: str, kept: Sequence[Range], marks: Sequence[Mark], context: int) -> Excerpt:
    return _cut(line, _widened(kept, context, len(line)), marks)


def _widened(ranges: Sequence[Range], by: int, length: int) -> list[Range]:
    """Return sorted ranges with `by` characters more on both sides, joined where hardly anything is left between them."""
    joined: list[Range] = []
    for start, end in sorted((max(start - by, 0), min(end + by, length)) for start, end in ranges):
        start, end = 0 if start < _LEAST_CUT else start, length if length - end < _LEAST_CUT else end
        if joined and start - joined[-1][1] < _LEAST_CUT:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _cut(line: str, kept: Sequence[Range], marks: Sequence[Mark]) -> Excerpt:
    """Return the kept ranges with a sign for every gap, and the marks below them."""
    parts: list[str] = []
    columns: dict[int, int] = {}
    cell = last = 0
    for start, end in kept:
        if start > last:
            parts.append(_CUT)
            cell += 1
        for offset in range(start, end):
            columns[offset] = cell
            parts.append(shown(line[offset]))
            cell += cells(parts[-1])
        columns[end] = cell
        last = end
    if last < len(line):
        parts.append(_CUT)
    return Excerpt("".join(parts), _rows([_placed(mark, columns) for mark in marks]))


def _placed(mark: Mark, columns: dict[int, int]) -> Placed:
    start = columns[mark.start]
    return Placed(start, max(columns[mark.end] - start, 1), mark)


def _rows(marks: Sequence[Placed]) -> tuple[tuple[Placed, ...], ...]:
    """Return the marks in as few rows as keep them and their texts two cells apart."""
    rows: list[list[Placed]] = []
    for placed in sorted(marks, key=lambda placed: (placed.column, placed.width)):
        row = next((row for row in rows if row[-1].reach + 2 <= placed.column), None)
        if row is None:
            rows.append([placed])
        else:
            row.append(placed)
    return tuple(map(tuple, rows))
