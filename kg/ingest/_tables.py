"""Tables, drawn with `|` or aligned with tabs and spaces: which cell stands in which row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_PIPE = re.compile(r"(?<!\\)\|")
_GAP = re.compile(r"\t+|[ \t]{2,}")
_GOOD_GAP = re.compile(r"(?<=[^\s.!?:;,])(?:[ ]{2,}|[ ]*\t[ \t]*)(?=\S)")
_DRAWN = re.compile(r"[\s|:+=–—-]+")
_GENERIC = frozenset(
    "value values setting settings description details detail info information content answer specification spec wert valor"
    " valeur".split()
)
_KEY_HEADS = frozenset(
    "hyperparameter hyper-parameter parameter setting item key field property attribute option name spec specification"
    " argument".split()
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its labels; `label` cells are the labels themselves. `section` is the row above that spans the table."""

    kind: str
    start: int
    end: int
    row: str = ""
    column: str = ""
    section: str = ""


Row = list[tuple[int, int]]


def is_rule(text: str, start: int, end: int) -> bool:
    """Say whether a line only draws (`|---|---|`, `+---+`, `=====`)."""
    if _DRAWN.fullmatch(text, start, end) is None:
        return False
    strokes = sum(text.count(stroke, start, end) for stroke in "-=–—")
    return strokes > 2 or (strokes > 0 and text.find("|", start, end) >= 0)


def pipe_cells(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[Cell]:
    """Yield the cells of a table drawn with `|`."""
    drawn = [is_rule(text, start, end) for start, end in lines]
    rows = [_pipe_row(text, start, end) for (start, end), rule in zip(lines, drawn, strict=True) if not rule]
    first = drawn.index(False) if rows else 0
    ruled = bool(rows) and any(drawn[first + 1 : first + 2])
    yield from _cells(text, rows, headed=ruled or looks_like_header(text, rows))


def column_count(text: str, source: str, start: int, end: int) -> int:
    """Return how many columns the line has by tabs and gaps of two spaces, 1 when it has none."""
    if source.find("  ", start, end) < 0 and source.find("\t", start, end) < 0:
        return 1
    low = end - len(text[start:end].lstrip())
    # A blanked tag leaves spaces in the text; only what the source spaces is a column.
    return 1 + sum(1 for gap in _GOOD_GAP.finditer(text, low, end) if source[gap.start() : gap.end()].isspace())


def aligned_cells(text: str, source: str, lines: Sequence[tuple[int, int]]) -> Iterator[Cell]:
    """Yield the cells of a table whose columns are aligned with tabs or spaces."""
    lines = [line for line in lines if not is_rule(text, *line)]
    rows = [_gap_row(text, source, start, end) for start, end in lines]
    width = max((len(row) for row in rows), default=0)
    if width > 2 and rows and len(rows[0]) >= width - 1:
        offsets = [[start - line for start, _ in row] for row, (line, _) in zip(rows, lines, strict=True)]
        rows = [rows[0], *(_aligned(row, at, offsets[0], width) for row, at in zip(rows[1:], offsets[1:], strict=True))]
        rows[0] = [(rows[0][0][0], rows[0][0][0])] * (width - len(rows[0])) + rows[0]
    yield from _cells(text, rows, headed=width > 2 and looks_like_header(text, rows))


def fragments(text: str, source: str, lines: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield what stands between the gaps of lines that are no table: menus, badges, headers of a page."""
    for start, end in lines:
        yield from (cell for cell in _gap_row(text, source, start, end) if cell[1] > cell[0])


def _pipe_row(text: str, start: int, end: int) -> Row:
    bars = [match.start() for match in _PIPE.finditer(text, start, end)]
    edges = [start - 1, *bars, end]
    if bars and not text[start : bars[0]].strip():
        edges = edges[1:]
    if bars and not text[bars[-1] + 1 : end].strip():
        edges = edges[:-1]
    return [_strip(text, low + 1, high) for low, high in pairwise(edges)]


def _gap_row(text: str, source: str, start: int, end: int) -> Row:
    low = end - len(text[start:end].lstrip())
    row: Row = []
    for gap in _GAP.finditer(text, low, end):
        if source[gap.start() : gap.end()].isspace() and text[gap.end() : end].strip():
            row.append(_strip(text, low, gap.start()))
            low = gap.end()
            # Two tabs in a row leave a cell empty.
            row.extend([(low, low)] * (text.count("\t", gap.start(), low) - 1 if "\t" in text[gap.start() : low] else 0))
    return [*row, _strip(text, low, end)]


def _aligned(row: Row, at: Sequence[int], heads: Sequence[int], width: int) -> Row:
    """Put the cells of a short row under the nearest heads to the left or right."""
    if len(row) >= width or len(heads) < width:
        return row
    placed = [(row[0][0], row[0][0])] * width
    for cell, offset in zip(row, at, strict=True):
        nearest = min(range(width), key=lambda column: abs(heads[column] - offset))
        placed[nearest] = cell
    return placed


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    low = end - len(piece.lstrip())
    return low, low + len(piece.strip())


def label(text: str, cell: tuple[int, int]) -> str:
    """Return the words of a cell."""
    return " ".join(text[cell[0] : cell[1]].split())


def looks_like_header(text: str, rows: Sequence[Row]) -> bool:
    """Say whether the first of several rows names columns: more than one cell, none of them a number."""
    if len(rows) < 2:
        return False
    heads = [label(text, cell) for cell in rows[0]]
    return sum(map(bool, heads)) > 1 and not any(head[:1].isdigit() for head in heads[1:])


def _cells(text: str, rows: Sequence[Row], *, headed: bool) -> Iterator[Cell]:
    heads = [label(text, cell) for cell in rows[0]] if headed and rows else []
    body = rows[1:] if headed else rows
    if headed:
        yield from labels(rows[0])
    width = max((len(row) for row in rows), default=0)
    if width == 1:
        yield from (Cell("item", start, end) for row in body for start, end in row if end > start)
        return
    keyed = width == 2 and is_keyed(heads)
    column = label_column(text, body)
    row_label = section = ""
    for row in body:
        filled = [cell for cell in row if cell[1] > cell[0]]
        if len(filled) == 1 and filled[0] == row[0] and width > 2 and len(body) > 1:
            section = label(text, filled[0])
            yield from labels(row)
            continue
        at = next((index for index in (column, *range(column)) if index < len(row) and row[index][1] > row[index][0]), column)
        row_label = (label(text, row[at]) if at < len(row) else "") or row_label
        for index, cell in enumerate(row):
            if cell[1] <= cell[0]:
                continue
            if index == at:
                yield from labels([cell])
            elif keyed:
                yield Cell("pair", *cell, row=row_label, section=section)
            else:
                yield Cell("cell", *cell, row=row_label, column=heads[index] if index < len(heads) else "", section=section)


def is_keyed(heads: Sequence[str]) -> bool:
    """Say whether the rows of a table with two columns are keys and values."""
    if not any(heads):
        return True
    first, last = heads[0].lower(), heads[-1].lower()
    return last in _GENERIC or (not last and first in _KEY_HEADS)


def label_column(text: str, body: Sequence[Row]) -> int:
    """Return the first column that is filled in most rows."""
    width = max((len(row) for row in body), default=0)
    for column in range(width - 1):
        filled = sum(1 for row in body if column < len(row) and row[column][1] > row[column][0])
        if 2 * filled > len(body):
            return column
    return 0


def labels(cells: Sequence[tuple[int, int]]) -> Iterator[Cell]:
    """Yield the cells that are labels themselves."""
    yield from (Cell("cell", start, end) for start, end in cells if end > start)
