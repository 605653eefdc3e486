"""The text of a table's cell -> the values it states with their places in it: numbers as they are exported, lists of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kg.ingest._columns import Column, Kind, folded
from kg.values import duration_of, number_of, plain_decimal, scientific

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?![\d,])|\.\d+"
_POWER = r"[eE][-+]?\d+|\s?[x×*]\s?10\s?\^?\s?[-+]?\d+"
_SCALE = r"\s?(?:thousand|million|billion|trillion|[KMBT]|bn|mn)\b"
_HEDGE = r"(?:approx(?:imately|\.)?|about|around|roughly|circa|ca\.|est(?:imated|\.)?|[~≈])"
_UNIT = r"(?:FLOPs?|hours?|hrs?|h|parameters?|params?|tokens?|datapoints?|gradients?|GPUs?|TPUs?|chips?|epochs?)\b"
_WHOLE = re.compile(
    rf"(?P<hedge>{_HEDGE}\s?)?(?P<number>{_NUMBER})(?P<power>{_POWER})?(?P<scale>{_SCALE})?"
    rf"(?:\s?(?:[-–—]|to|\.\.+)\s?(?P<to>{_NUMBER})(?P<to_power>{_POWER})?(?P<to_scale>{_SCALE})?)?"
    rf"(?:\s?{_UNIT})?(?P<doubt>\s?\(?(?:{_HEDGE}|estimate)\)?|\s?\?)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_NOISE = Decimal("1e-9")  # what is left over, relative to a number, when it was computed in binary
_LONGEST_NAME = 160
_SEPARATORS = {"bare": re.compile(r",(?=\S)|;"), "any": re.compile(r",|;|[\r\n]+")}


@dataclass(frozen=True, slots=True)
class Stated:
    """A value and where it stands in the cell's text; `rounded` when an integer was no whole number."""

    value: str
    start: int
    end: int
    approximate: bool = False
    value_max: str | None = None
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell states; how many of its entries say nothing, or again what one before did; what is wrong with it."""

    stated: tuple[Stated, ...] = ()
    empty: int = 0
    repeated: int = 0
    complaint: str | None = None


def read_cell(text: str, column: Column, nothing: frozenset[str]) -> Reading:
    """Return what the cell of a column says."""
    if column.kind in {"name", "names"}:
        return _names(text, column, nothing)
    start, end = _trimmed(text, 0, len(text))
    if folded(text[start:end]) in nothing:
        return Reading(empty=1)
    if column.kind == "term":
        value = column.terms.get(folded(text))
        return Reading((Stated(value, start, end),)) if value else Reading(complaint="is no value that is known")
    if column.kind == "year":
        return _year(text)
    return _number(text, start, end, column.kind)


def _names(text: str, column: Column, nothing: frozenset[str]) -> Reading:
    stated: list[Stated] = []
    seen: set[str] = set()
    empty = repeated = 0
    for start, end in _entries(text, column.splits):
        name = " ".join(text[start:end].split())
        value = column.terms.get(folded(name), name)
        if not value or folded(name) in nothing:
            empty += 1
        elif len(value) > _LONGEST_NAME:
            return Reading(complaint=f"is too long for a name ({len(value)} characters)")
        elif value in seen:
            repeated += 1
        else:
            seen.add(value)
            stated.append(Stated(value, start, end))
    return Reading(tuple(stated), empty, repeated)


def _entries(text: str, splits: str) -> Iterator[tuple[int, int]]:
    """Yield the places of a list's entries; brackets and quotes hold together what is in them."""
    start = 0
    for match in _SEPARATORS[splits].finditer(text) if splits else ():
        before = text[start : match.start()]
        if before.count("(") > before.count(")") or before.count('"') % 2:
            continue
        yield from _entry(text, start, match.start())
        start = match.end()
    yield from _entry(text, start, len(text))


def _entry(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    start, end = _trimmed(text, start, end)
    if end - start > 1 and text[start] == text[end - 1] == '"':
        start, end = _trimmed(text, start + 1, end - 1)
    if start < end:
        yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    stripped = text[start:end].strip()
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, start + len(stripped)


def _year(text: str) -> Reading:
    years = list(_YEAR.finditer(text))
    if len({match[0] for match in years}) != 1:
        return Reading(complaint="is no date of one year")
    return Reading((Stated(years[0][0], *years[0].span()),))


def _number(text: str, start: int, end: int, kind: Kind) -> Reading:
    match = _WHOLE.fullmatch(text, start, end)
    low = match and number_of(match["number"], match["power"], match["scale"] or match["to_scale"])
    if match is None or low is None:
        return Reading(complaint="is not one number")
    high = number_of(match["to"], match["to_power"] or match["power"], match["to_scale"]) if match["to"] else None
    if high is not None and Decimal(high) < Decimal(low):
        return Reading(complaint="is a range that ends before it begins")
    value, rounded = _KINDS[kind](low)
    top, _ = _KINDS[kind](high) if high is not None else (None, False)
    if value is None or (high is not None and top is None):
        return Reading(complaint="is no such quantity")
    hedged = bool(match["hedge"] or match["doubt"]) or rounded
    return Reading((Stated(value, start, end, hedged, top, rounded),))


def _integer(number: str) -> tuple[str | None, bool]:
    exact = Decimal(number)
    whole = exact.to_integral_value()
    return plain_decimal(str(whole)), abs(exact - whole) > _NOISE * max(Decimal(1), abs(whole))


_KINDS: Mapping[str, Callable[[str], tuple[str | None, bool]]] = {
    "integer": _integer,
    "number": lambda number: (plain_decimal(number), False),
    "compute": lambda number: (scientific(number), False),
    "hours": lambda number: (duration_of(number, "hour"), False),
}
