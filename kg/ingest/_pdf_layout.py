"""Words of a page -> lines in the order they are read: headers and footers gone, two columns one after the other.

A page has two columns when a gap in its middle is crossed by few lines and both sides are filled as text fills a column; cells of a
table seldom are. Lines across the gap (titles, wide tables) part the columns above from those below.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from kg.ingest._pdf_words import RAISED, Page, Word, with_superscript

_GAP = 0.85  # of a line's height: a wider gap parts cells or columns, words in justified text stand closer
_LEVEL = 0.35  # of a line's height: baselines that are closer are of one line
_FULL = 0.7  # of a column's width: how far its lines reach, half of them at least
_MOST_CROSSING = 0.4  # of the lines beside a gutter
_FEWEST = 6  # lines on each side of a gutter
_MIDDLE = (0.35, 0.65)
_EDGE = 0.12  # of a page's height: where headers and footers stand
_OUTERMOST = 4  # rows
_APART = 1.5  # heights of a line
_NUMBERED = re.compile(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one line that stand together: a line, a cell of a table, or one column's part of a line."""

    text: str
    left: float
    right: float
    base: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column: its pieces from left to right, and the left and right edge of its column."""

    pieces: tuple[Piece, ...]
    column: tuple[float, float]

    @property
    def left(self) -> float:
        """Where its first piece begins."""
        return self.pieces[0].left

    @property
    def right(self) -> float:
        """Where its last piece ends."""
        return self.pieces[-1].right

    @property
    def base(self) -> float:
        """Its baseline."""
        return self.pieces[0].base

    @property
    def height(self) -> float:
        """The height of its largest piece."""
        return max(piece.height for piece in self.pieces)


Row = list[Piece]
"""Pieces on one baseline, from left to right, over the whole width of a page."""


def lines(pages: Sequence[Page]) -> Iterator[list[Line]]:
    """Yield the lines of each page in the order they are read."""
    rows = [_rows(_pieces(page.words)) for page in pages]
    rows = _without_furniture(rows, [page.height for page in pages])
    gutters = [_gutter(page) for page in rows]
    known = [gutter for gutter in gutters if gutter is not None]
    usual = median(known) if known else None
    for page, gutter in zip(rows, gutters, strict=True):
        if gutter is None and usual is not None and _parts(page, usual, fewest=2, most=0.8):
            gutter = usual
        yield list(_in_order(page, gutter))


def _pieces(words: Iterable[Word]) -> Iterator[Piece]:
    """Join words that follow each other closely on one baseline."""
    texts: list[str] = []
    left = right = base = height = 0.0
    for word in words:
        gap, above = word.left - right, word.base - base
        follows = bool(texts) and gap > -0.5 * height
        if follows and gap < 0.25 * height and word.height < 0.85 * height and RAISED * height < above < height:
            texts[-1] = with_superscript(texts[-1], word.text)
        elif follows and gap < _GAP * min(height, word.height) and abs(above) < _LEVEL * height:
            if gap > 0.02 * height:
                texts.append(" ")
            texts.append(word.text)
            height = max(height, word.height)
        else:
            if texts:
                yield Piece("".join(texts), left, right, base, height)
            texts, left, base, height = [word.text], word.left, word.base, word.height
        right = word.right
    if texts:
        yield Piece("".join(texts), left, right, base, height)


def _rows(pieces: Iterable[Piece]) -> list[Row]:
    """Return pieces by baseline, top to bottom."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.base, piece.left)):
        if rows and rows[-1][0].base - piece.base < _LEVEL * min(piece.height, rows[-1][0].height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.left) for row in rows]


def _without_furniture(pages: Sequence[list[Row]], heights: Sequence[float]) -> list[list[Row]]:
    """Leave out what stands apart at the top or bottom of several pages, in the same words or with the page's number."""
    edges = [(*_edge(rows, height), *_edge(rows[::-1], height)) for rows, height in zip(pages, heights, strict=True)]
    signatures = Counter(signature for at, rows in enumerate(edges) for row in rows for signature in _signatures(row, at))
    needed = 2 if len(pages) < 6 else 3
    left = []
    for at, (rows, found) in enumerate(zip(pages, edges, strict=True)):
        dropped = [row for row in found if _is_number(row) or any(signatures[each] >= needed for each in _signatures(row, at))]
        left.append([row for row in rows if not any(row is each for each in dropped)])
    return left


def _edge(rows: Sequence[Row], height: float) -> Iterator[Row]:
    """Yield the rows at an edge of a page, from the outside, that stand apart from what comes next."""
    waiting: list[Row] = []
    for row, following in pairwise(rows[: _OUTERMOST + 1]):
        if _EDGE * height < row[0].base < (1 - _EDGE) * height:
            return
        waiting.append(row)
        if abs(row[0].base - following[0].base) > _APART * row[0].height:
            yield from waiting
            waiting.clear()


def _signatures(row: Row, page: int) -> Iterator[str]:
    """Yield the words of a row without its numbers and where it stands, and how far its first or last number is from the page's."""
    yield f"{_DIGITS.sub('#', ' '.join(piece.text for piece in row))}@{round(row[0].base / 8)}"
    for piece in {row[0].text, row[-1].text}:
        if piece.isdigit() and len(piece) < 5:
            yield f"{int(piece) - page}"


def _is_number(row: Row) -> bool:
    return len(row) == 1 and _NUMBERED.fullmatch(row[0].text) is not None


def _gutter(rows: Sequence[Row]) -> float | None:
    """Return the middle of the gap between two columns, None when a page has one column."""
    pieces = [piece for row in rows for piece in row]
    if len(pieces) < 2 * _FEWEST:
        return None
    low, high = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    steps = [low + (high - low) * (_MIDDLE[0] + (_MIDDLE[1] - _MIDDLE[0]) * step / 60) for step in range(61)]
    lefts, rights = sorted(piece.left for piece in pieces), sorted(piece.right for piece in pieces)
    crossing = [bisect_left(lefts, at) - bisect_right(rights, at) for at in steps]
    fewest = min(crossing)
    runs = [list(group) for few, group in groupby(range(61), key=lambda step: crossing[step] == fewest) if few]
    widest = max(runs, key=len)
    gutter = steps[widest[len(widest) // 2]]
    return gutter if _parts(rows, gutter, fewest=_FEWEST, most=_MOST_CROSSING) else None


def _parts(rows: Sequence[Row], gutter: float, fewest: int, most: float) -> bool:
    """Say whether a gap parts the lines of two columns: few lines cross it, and those beside it fill their columns."""
    sides: tuple[list[float], list[float]] = ([], [])
    crossing = 0
    low = min((row[0].left for row in rows), default=0.0)
    high = max((row[-1].right for row in rows), default=0.0)
    for row in rows:
        if any(piece.left < gutter < piece.right for piece in row):
            crossing += 1
            continue
        for side, width in zip((0, 1), (gutter - low, high - gutter), strict=True):
            beside = [piece for piece in row if (piece.left >= gutter) == bool(side)]
            if beside and width > 0:
                sides[side].append((beside[-1].right - beside[0].left) / width)
    if min(len(side) for side in sides) < fewest or crossing > most * max(len(side) for side in sides):
        return False
    return median(sides[0]) >= _FULL and median(sides[1]) >= _FULL


def _in_order(rows: Sequence[Row], gutter: float | None) -> Iterator[Line]:
    if not rows:
        return
    whole = (min(row[0].left for row in rows), max(row[-1].right for row in rows))
    if gutter is None:
        yield from (Line(tuple(row), whole) for row in rows)
        return
    across = _across(rows, gutter)
    for wide, group in groupby(zip(across, rows, strict=True), key=lambda item: item[0]):
        band = [row for _, row in group]
        if wide:
            yield from (Line(tuple(row), whole) for row in band)
            continue
        for column, inside in (((whole[0], gutter), False), ((gutter, whole[1]), True)):
            parts = [[piece for piece in row if (piece.left >= gutter) == inside] for row in band]
            used = [part for part in parts if part]
            edges = (
                min((part[0].left for part in used), default=column[0]),
                max((part[-1].right for part in used), default=column[1]),
            )
            yield from (Line(tuple(part), edges) for part in used)


def _across(rows: Sequence[Row], gutter: float) -> list[bool]:
    """Say of each row whether it runs over both columns: it crosses the gutter, or it is a row of a wide table."""
    crossing = [any(piece.left < gutter - 1 and piece.right > gutter + 1 for piece in row) for row in rows]
    left = [sum(piece.left < gutter for piece in row) for row in rows]
    tabular = [False, *(before > 1 and len(row) - before > 1 for row, before in zip(rows, left, strict=True)), False]
    return [crosses or (tabular[at] and (tabular[at - 1] or tabular[at + 1])) for at, crosses in enumerate(crossing, 1)]
