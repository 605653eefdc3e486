"""Findings as a compiler prints them: the place, the source line trimmed around what is marked, carets under it, notes.

The first label of a finding is underlined with `^`, the others with `-`. Columns count code points, marks follow display width.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.model import Finding, Label
from kg.places import Place, ReportSource, file_of, line_starts, line_text, place, position
from kg.render._color import paint
from kg.render._excerpt import Mark, Placed, excerpt
from kg.render._text import LEVELS
from kg.terminal import visible

_LEAST_WIDTH = 40
_MOST_LINES = 4  # of a span that runs over several lines; of a longer one the middle is left out


@dataclass(frozen=True, slots=True)
class _Frame:
    """How a block is drawn: cells of the line numbers, of the terminal, the level's name, and whether in colour."""

    gutter: int
    width: int
    level: str
    color: bool

    def bar(self, number: str = "") -> str:
        return paint(f"{number:>{self.gutter}} |", "frame", self.color)

    def sign(self, sign: str) -> str:
        return paint(f"{' ' * self.gutter}{sign}", "frame", self.color)


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return a block for each finding, an empty line between them."""
    blocks = ("".join(f"{line}\n" for line in _block(finding, sources, color, width)) for finding in findings)
    return "\n".join(blocks)


def _block(finding: Finding, sources: Mapping[str, ReportSource], color: bool, width: int) -> Iterator[str]:
    level = LEVELS[finding.severity]
    places, frame = _framed(finding.labels, sources, level, color, width)
    yield paint(f"{level}[{finding.code}]", level, color) + paint(f": {visible(finding.message)}", "strong", color)
    if not places and (file := file_of(finding, sources)) is not None:
        yield f"{frame.sign('-->')} {visible(file)}"
    yield from _sections(places, sources, frame)
    for note in finding.notes:
        yield f"{frame.sign(' =')} {paint('note', 'strong', color)}: {visible(note)}"


def excerpts(labels: Sequence[Label], sources: Mapping[str, ReportSource], level: str, *, color: bool, width: int) -> Iterator[str]:
    """Yield the lines that show labels where they stand: the place, the source line, the marks below it, in a level's colour."""
    places, frame = _framed(labels, sources, level, color, width)
    yield from _sections(places, sources, frame)


def _framed(
    labels: Sequence[Label], sources: Mapping[str, ReportSource], level: str, color: bool, width: int
) -> tuple[list[tuple[Label, Place | None]], _Frame]:
    places = [(label, place(label, sources)) for label in labels]
    gutter = max((len(str(_last_line(at, sources[label.report]))) for label, at in places if at), default=1)
    return places, _Frame(gutter, max(width, _LEAST_WIDTH), level, color)


def _last_line(at: Place, source: ReportSource) -> int:
    """Return the largest number that stands beside a line: of the text where the file holds it in another writing."""
    return position(source.text, at.end)[0] + source.lines_before


def _sections(places: list[tuple[Label, Place | None]], sources: Mapping[str, ReportSource], frame: _Frame) -> Iterator[str]:
    """Yield the excerpts of each report, that of the primary label first."""
    primary = places[0][0] if places else None
    reports: dict[str, list[tuple[Label, Place | None]]] = {}
    for label, at in places:
        reports.setdefault(label.report, []).append((label, at))
    arrow = "-->"
    for report, members in reports.items():
        label, at = members[0]
        if at is None:
            yield f"{frame.sign(arrow)} {visible(report)}  (chars {label.start}..{label.end})"
            texts = [lost for lost, _ in members if lost.text]
            yield from (f"{frame.sign(' =')} chars {lost.start}..{lost.end}: {visible(lost.text)}" for lost in texts)
        else:
            yield f"{frame.sign(arrow)} {visible(at.path)}{at.spot}  (chars {at.start}..{at.end})"
            yield frame.bar()
            known = [(label, at, label is primary) for label, at in members if at]
            yield from _lines(known, sources[report], frame)
        arrow = ":::"


def _lines(places: list[tuple[Label, Place, bool]], source: ReportSource, frame: _Frame) -> Iterator[str]:
    text = source.lines
    marks: dict[int, list[Mark]] = defaultdict(list)
    for label, at, primary in places:
        for line, mark in _marks(label, at, text, primary):
            marks[line].append(mark)
    for number in sorted(marks):
        cut = excerpt(line_text(text, number), marks[number], frame.width - frame.gutter - 3)
        yield f"{frame.bar(str(source.number(number)))} {cut.text.rstrip()}".rstrip()
        yield from (f"{frame.bar()} {_row(row, frame)}" for row in cut.rows)


def _marks(label: Label, at: Place, text: str, primary: bool) -> list[tuple[int, Mark]]:
    """Return (line of the text, mark) for each line of a label, the label's text at the last one."""
    starts = line_starts(text)
    numbers = list(range(position(text, at.start)[0], position(text, at.end)[0] + 1))
    pieces = []
    for number in numbers if len(numbers) <= _MOST_LINES else [*numbers[: _MOST_LINES - 1], numbers[-1]]:
        length = len(line_text(text, number))
        start, end = max(at.start - starts[number - 1], 0), at.end - starts[number - 1]
        pieces.append((number, min(start, length), min(end, length)))
    seen = [piece for piece in pieces if piece[1] < piece[2]] or pieces[:1]
    return [(number, Mark(start, end, label.text if number == seen[-1][0] else "", primary)) for number, start, end in seen]


def _row(row: Sequence[Placed], frame: _Frame) -> str:
    line, cell = "", 0
    for placed in row:
        style = frame.level if placed.mark.primary else "secondary"
        line += " " * (placed.column - cell)
        line += paint(("^" if placed.mark.primary else "-") * placed.width, style, frame.color)
        if placed.mark.text:
            line += " " + paint(visible(placed.mark.text), style, frame.color)
        cell = placed.reach
    return line
