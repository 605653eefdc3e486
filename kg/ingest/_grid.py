"""Tables whose cells are marked as such, spanning rows and columns: which cell has which labels.

Heads may stand in several rows; a cell over all columns takes no column's label, because it holds for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.ingest._tables import Cell, is_keyed, label, label_column, labels, looks_like_header

_EMPTY = -1
_HEADS = 4  # rows of heads at most


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as its markup declares it: its row, the stretch of its text, how many columns and rows it takes."""

    row: int
    start: int
    end: int
    head: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(slots=True)
class _Grid:
    """Which cell, by its number, stands in each row and column."""

    text: str
    cells: Sequence[GridCell]
    rows: list[list[int]] = field(default_factory=list)

    def filled(self, row: Sequence[int]) -> list[int]:
        """Return the cells of a row that hold text, each once, in order."""
        return [index for index in dict.fromkeys(row) if index != _EMPTY and self.cells[index].end > self.cells[index].start]

    def stretch(self, index: int) -> tuple[int, int]:
        """Return where the text of a cell stands."""
        return (0, 0) if index == _EMPTY else (self.cells[index].start, self.cells[index].end)

    def label(self, index: int) -> str:
        """Return the words of a cell."""
        return "" if index == _EMPTY else label(self.text, self.stretch(index))


def grid_cells(text: str, cells: Sequence[GridCell]) -> Iterator[Cell]:
    """Yield the cells of a table in order, with their labels; cells without text are left out."""
    grid = _placed(text, cells)
    width = max(map(len, grid.rows), default=0)
    if width == 1:
        yield from (Cell("item", cell.start, cell.end) for cell in cells if cell.end > cell.start)
        return
    first, heads, section = 0, [""] * width, ""
    while first < min(len(grid.rows), _HEADS) and _is_head(grid, first):
        row, filled = grid.rows[first], grid.filled(grid.rows[first])
        yield from _own_labels(grid, row, first)
        if len(filled) == 1 and row.count(filled[0]) == width:
            section = grid.label(filled[0])
        else:
            heads = [_joined(above, grid.label(index)) for above, index in zip(heads, _padded(row, width), strict=True)]
        first += 1
    yield from _body(grid, first, heads, section)


def _placed(text: str, cells: Sequence[GridCell]) -> _Grid:
    """Put each cell into the columns that are free; spans count only as far as the table stays about as large as its markup."""
    grid = _Grid(text, cells)
    budget = 20 * len(cells) + 1000
    below: dict[int, tuple[int, int]] = {}  # column: the cell from above, and in how many more rows it stands
    at = 0
    while at < len(cells):
        row: list[int] = []
        number = cells[at].row
        here, below = below, {}
        while at < len(cells) and cells[at].row == number:
            _carry(row, here, below)
            cell, span = cells[at], cells[at].columns
            if len(row) + span > budget:
                span = 1
            for column in range(len(row), len(row) + span):
                if cell.rows > 1 and budget > 0:
                    below[column] = (at, cell.rows - 1)
            row += [at] * span
            at += 1
        _carry(row, here, below)
        budget -= len(row)
        if budget <= 0:
            below = {}
        grid.rows.append(row)
    return grid


def _carry(row: list[int], here: dict[int, tuple[int, int]], below: dict[int, tuple[int, int]]) -> None:
    """Add the cells that reach down into the columns that come next."""
    while (found := here.pop(len(row), None)) is not None:
        index, more = found
        if more > 1:
            below[len(row)] = (index, more - 1)
        row.append(index)


def _padded(row: Sequence[int], width: int) -> list[int]:
    return [*row, *[_EMPTY] * (width - len(row))]


def _spans(row: Sequence[int], index: int, width: int) -> bool:
    return width > 2 and row.count(index) >= width - 1


def _is_head(grid: _Grid, number: int) -> bool:
    """Say whether a row at the top names columns: all its cells are heads, or the first row looks so in a table without any."""
    filled = grid.filled(grid.rows[number])
    if not filled:
        return number == 0
    if all(grid.cells[index].head for index in filled):
        return len(filled) > 1 or _spans(grid.rows[number], filled[0], len(grid.rows[number]))
    if number or any(cell.head for cell in grid.cells):
        return False
    width = len(grid.rows[0])
    return width > 2 and looks_like_header(grid.text, [[grid.stretch(index) for index in row] for row in grid.rows[:2]])


def _joined(above: str, below: str) -> str:
    return above if above.endswith(below) else f"{above} {below}".strip()


def _own_labels(grid: _Grid, row: Sequence[int], number: int) -> Iterator[Cell]:
    own = [index for index in grid.filled(row) if number == 0 or index not in grid.rows[number - 1]]
    yield from labels([grid.stretch(index) for index in own])


def _body(grid: _Grid, first: int, heads: list[str], section: str) -> Iterator[Cell]:
    width = len(heads)
    keyed = width == 2 and is_keyed(heads)
    body = grid.rows[first:]
    at = label_column(grid.text, [[grid.stretch(index) for index in row] for row in body])
    row_label = ""
    for number, row in enumerate(body, first):
        filled = grid.filled(row)
        above = set(grid.rows[number - 1]) if number > first else set()
        if len(filled) == 1 and filled[0] == row[0] and width > 2 and len(body) > 1 and filled[0] not in above:
            section = grid.label(filled[0])
            yield from labels([grid.stretch(filled[0])])
            continue
        if len(filled) > 1 and number > first and all(grid.cells[index].head for index in filled):
            heads = [grid.label(index) for index in _padded(row, width)]
            yield from _own_labels(grid, row, number)
            continue
        column = next((c for c in (at, *range(at)) if c < len(row) and grid.label(row[c])), at)
        own = row[column] if column < len(row) else _EMPTY
        row_label = grid.label(own) or row_label
        headed = sum(1 for place, head in enumerate(heads) if head and place != column)
        places = {index: place for place, index in reversed(list(enumerate(row)))}
        for index in filled:
            if index in above:
                continue
            start, end = grid.stretch(index)
            if index == own:
                yield Cell("cell", start, end)
            elif keyed:
                yield Cell("pair", start, end, row=row_label, section=section)
            else:
                whole = grid.cells[index].rows >= len(body) > 1
                column_label = "" if grid.cells[index].columns >= headed > 1 else heads[places[index]]
                yield Cell("cell", start, end, row="" if whole else row_label, column=column_label, section=section)
