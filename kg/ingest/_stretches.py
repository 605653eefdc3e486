"""Stretches of a text, each known to be a heading, an item, a cell or prose -> segments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from kg.ingest._blocks import Block
from kg.ingest._grid import GridCell, grid_cells
from kg.ingest._headings import BOLD
from kg.ingest._pairs import is_key, pair_at
from kg.ingest._segments import Reader, merged
from kg.model import Segment, Tag

_WIDE = 300  # a table of one row with a cell of so many characters lays out a page
_LONGEST_TITLE = 110
_LEAD = 200
_CLOSING = " .,;:!?)"
_ENDS = tuple(".:;!?")


@dataclass(frozen=True, slots=True)
class Place:
    """What text is part of: its kind, the level of a heading, how deep a list is nested, which item or cell it is.

    Kinds: prose, line (prose behind a line break), heading, item, term, definition, cell, caption (`owner` is the number of the
    table it follows), code. A line of level 1 is a footnote, of level 2 what comes behind it.
    """

    kind: str = "prose"
    level: int = 0
    indent: int = 0
    owner: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell by its table (numbered from 1) and row, before its text is known."""

    table: int
    row: int
    head: bool = False
    columns: int = 1
    rows: int = 1


Stretch = tuple[int, Place]
"""Where a stretch begins and what it is; it ends where the next one begins."""

_Found = tuple[Place, int, int]


@dataclass(slots=True)
class Stretches:
    """All stretches of a text, and where the reading of them stands. `marks` is the text with a star before what is bold."""

    text: str
    marks: str
    stretches: Sequence[Stretch]
    slots: Sequence[Slot]
    layouts: Set[int]
    bold: Sequence[tuple[int, int]]
    chunk: int = 0
    term: str = ""
    owner: tuple[str, int] = ("", 0)
    _tables: dict[int, list[GridCell]] = field(default_factory=dict)
    _captions: dict[int, str] = field(default_factory=dict)

    def segments(self, tags: Sequence[Tag]) -> tuple[Segment, ...]:
        """Return the segments in order."""
        found = list(self._trimmed())
        self._collect(found)
        reader = Reader(self.text, self.marks, merged(self.text, tags))
        waiting: _Found | None = None
        for place, start, end in found:
            if place.kind == "cell" and self.slots[place.owner].table in self._tables:
                self._read(waiting, reader)
                waiting = None
                self._read_table(self.slots[place.owner].table, reader)
            elif start == end:
                continue
            elif waiting and place.kind == "line" and self._runs_on(waiting, place, start):
                waiting = (waiting[0], waiting[1], end)
            else:
                self._read(waiting, reader)
                waiting = (place, start, end)
        self._read(waiting, reader)
        return tuple(sorted(reader.segments, key=lambda segment: segment.start))

    def _trimmed(self) -> Iterator[_Found]:
        for (start, place), (end, _) in pairwise([*self.stretches, (len(self.text), Place())]):
            piece = self.text[start:end]
            left = piece.lstrip(_CLOSING + "\n" if place.level == 2 and place.kind != "heading" else None)
            low = end - len(left)
            yield place, low, low + len(left.rstrip())

    def _collect(self, found: Sequence[_Found]) -> None:
        """Collect the cells of each table that is one, and the captions behind tables."""
        seen: set[int] = set()
        for place, start, end in found:
            if place.kind == "caption" and place.owner:
                self._captions.setdefault(place.owner, self._words(start, end))
            if place.kind != "cell" or place.owner in seen:
                continue
            seen.add(place.owner)
            slot = self.slots[place.owner]
            if slot.table not in self.layouts:
                cell = GridCell(slot.row, start, end, slot.head, slot.columns, slot.rows)
                self._tables.setdefault(slot.table, []).append(cell)
        for table in [number for number, cells in self._tables.items() if _lays_out(cells)]:
            del self._tables[table]

    def _read_table(self, table: int, reader: Reader) -> None:
        cells = self._tables[table]
        if cells:
            self.chunk += 1
            reader.table(grid_cells(self.text, cells), self.chunk, self._captions.get(table, ""))
            self._tables[table] = []

    def _read(self, found: _Found | None, reader: Reader) -> None:
        if found is None:
            return
        place, start, end = found
        self.chunk += place.kind != "line"
        first = self.owner != (place.kind, place.owner)
        self.owner = (place.kind, place.owner)
        term, self.term = self.term, ""
        match place.kind:
            case "term":
                self._read_term(start, end, reader)
            case "definition" if term:
                self.term = term
                if first:
                    reader.keyed(term, Block("prose", start, end, self.chunk))
                else:
                    reader.read(Block("prose", start, end, self.chunk))
            case "heading" | "code":
                reader.read(Block(place.kind, start, end, self.chunk, level=place.level, mark="```"))
            case "item":
                reader.read(Block("item" if first else "prose", start, end, self.chunk, indent=2 * place.indent))
            case _ if self._is_title(start, end):
                reader.read(Block("heading", start, end, self.chunk, level=BOLD))
            case kind:
                reader.read(Block("prose", start, end, self.chunk))
                if kind == "caption":
                    reader.intro = "" if place.owner else self._words(start, end)

    def _read_term(self, start: int, end: int, reader: Reader) -> None:
        """Keep what is defined as the key of its definition; what cannot be a key is read as it stands."""
        term = self._words(start, end).rstrip(" :")
        if is_key(term, assigned=True):
            self.term = term
        else:
            reader.read(Block("prose", start, end, self.chunk))

    def _runs_on(self, waiting: _Found, place: Place, start: int) -> bool:
        """Say whether a line goes on with the sentence of the line before."""
        if waiting[0].kind not in {"prose", "line"} or place.level:
            return False
        return self.text[start].islower() and not self.text.endswith(_ENDS, waiting[1], waiting[2])

    def _is_title(self, start: int, end: int) -> bool:
        """Say whether a whole stretch of prose is set in bold, as a title is."""
        if end - start > _LONGEST_TITLE or self.text[end - 1] in ".;!,":
            return False
        index = bisect_left(self.bold, (start + 1, 0)) - 1
        is_bold = index >= 0 and end <= self.bold[index][1]
        return is_bold and pair_at(self.text, start, end) is None

    def _words(self, start: int, end: int) -> str:
        return " ".join(self.text[start : min(end, start + _LEAD)].split())


def _lays_out(cells: Sequence[GridCell]) -> bool:
    """Say whether a table is no table but lays out a page: it has one column, or one row with a lot in it."""
    rows = [cell.row for cell in cells]
    if len(set(rows)) == len(rows):
        return True
    return rows[0] == rows[-1] and any(cell.end - cell.start > _WIDE for cell in cells)
