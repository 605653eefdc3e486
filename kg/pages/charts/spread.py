"""Values by year -> points with their ends on a logarithmic scale, above the quartiles of all where not all are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.pages.charts.scale import Powers, Tick, Years, place

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 10, 12, 32
_SPREAD = 0.7  # of a year's width, over which its points are spread
_GOLDEN = 0.618034  # neighbours in size stand apart
_SIZE = 3.5
_BOX = 0.6  # of a year's width


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a thing in a year, at least `low`, at most `high`; `stated` if a report says so, else it is implied."""

    iri: str
    label: str
    year: int
    low: float
    value: float
    high: float
    stated: bool
    told: str


@dataclass(frozen=True, slots=True)
class Band:
    """The quartiles of all values of a year: how many there are, and the least, the three between and the greatest."""

    year: int
    number: int
    quartiles: tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """A point: its shape as a path, and the line between its ends, empty where they are one."""

    value: Value
    path: str
    ends: str


@dataclass(frozen=True, slots=True)
class Spread:
    """A drawing: axes, points, and the quartiles as paths of all years together (`range`, `half`, `medians`)."""

    years: tuple[Tick, ...]
    powers: tuple[Tick, ...]
    points: tuple[Point, ...]
    range: str
    half: str
    medians: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def spread(values: Sequence[Value], bands: Sequence[Band]) -> Spread | None:
    """Return the drawing of values, and of quartiles where there are more values than those; None where there are none."""
    every = [value.year for value in values] + [band.year for band in bands]
    if not every:
        return None
    drawn = _hiding(values, bands)
    ends = [end for value in values for end in (value.low, value.value, value.high)]
    ends += [end for band in drawn for end in (band.quartiles[0], band.quartiles[-1])]
    across = Years(min(every), max(every), LEFT, WIDTH - RIGHT)
    up = Powers.around(ends, HEIGHT - BOTTOM, TOP)
    return Spread(across.ticks(), up.ticks(), tuple(_points(values, across, up)), *_quartiles(drawn, across, up))


def _hiding(values: Iterable[Value], bands: Iterable[Band]) -> list[Band]:
    """Return the quartiles of years of which not all values are drawn."""
    shown: dict[int, int] = {}
    for value in values:
        shown[value.year] = shown.get(value.year, 0) + 1
    return [band for band in bands if band.number > shown.get(band.year, 0)]


def _points(values: Iterable[Value], across: Years, up: Powers) -> Iterable[Point]:
    by_year: dict[int, list[Value]] = {}
    for value in sorted(values, key=lambda value: (value.year, -value.value, value.iri)):
        by_year.setdefault(value.year, []).append(value)
    for year, own in by_year.items():
        for number, value in enumerate(own):
            share = 0.5 + _SPREAD * ((0.5 + number * _GOLDEN) % 1 - 0.5)
            yield _point(value, across.at(year, share), up)


def _point(value: Value, x: float, up: Powers) -> Point:
    y, low, high = up.at(value.value), up.at(value.low), up.at(value.high)
    ends = f"M{place(x)} {place(low)}V{place(high)}" if abs(low - high) > 2 * _SIZE else ""
    return Point(value, _circle(x, y) if value.stated else _diamond(x, y), ends)


def _circle(x: float, y: float) -> str:
    size, wide = place(_SIZE), place(2 * _SIZE)
    return f"M{place(x - _SIZE)} {place(y)}a{size} {size} 0 1 0 {wide} 0a{size} {size} 0 1 0-{wide} 0z"


def _diamond(x: float, y: float) -> str:
    size = _SIZE * 1.25
    step = place(size)
    return f"M{place(x)} {place(y - size)}l{step} {step}-{step} {step}-{step}-{step}z"


def _quartiles(bands: Iterable[Band], across: Years, up: Powers) -> tuple[str, str, str]:
    lines, boxes, medians = [], [], []
    for band in bands:
        least, lower, middle, upper, greatest = (up.at(value) for value in band.quartiles)
        left, right = (place(across.at(band.year, 0.5 + side * _BOX / 2)) for side in (-1, 1))
        lines.append(f"M{place(across.at(band.year))} {place(least)}V{place(greatest)}")
        boxes.append(f"M{left} {place(lower)}V{place(upper)}H{right}V{place(lower)}z")
        medians.append(f"M{left} {place(middle)}H{right}")
    return "".join(lines), "".join(boxes), "".join(medians)
