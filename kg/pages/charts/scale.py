"""Axes: a value -> its place, and the values that are written beside an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100)


@dataclass(frozen=True, slots=True)
class Tick:
    """A text beside an axis, and its place."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Years:
    """An axis of years: each has a part of its own between two places, no wider than `widest`."""

    first: int
    last: int
    start: float
    end: float
    widest: float = 72.0

    @property
    def width(self) -> float:
        """Return the width of a year."""
        return min(self.widest, (self.end - self.start) / (self.last - self.first + 1))

    def at(self, year: int, share: float = 0.5) -> float:
        """Return the place of a year, or of a share of it from its beginning."""
        spare = self.end - self.start - self.width * (self.last - self.first + 1)
        return self.start + spare / 2 + self.width * (year - self.first + share)

    def ticks(self, most: int = 6) -> tuple[Tick, ...]:
        """Return round years, at most so many."""
        step = next((step for step in _STEPS if (self.last - self.first) // step < most), _STEPS[-1])
        first = -(-self.first // step) * step
        return tuple(Tick(place(self.at(year)), str(year)) for year in range(first, self.last + 1, step))


@dataclass(frozen=True, slots=True)
class Powers:
    """A logarithmic axis from one power of ten (at `start`) to another (at `end`)."""

    first: int
    last: int
    start: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float) -> Powers:
        """Return the axis on which all of some values stand; those that are not above 0 stand at its start."""
        above = [log10(value) for value in values if value > 0] or [0.0]
        first, last = floor(min(above)), ceil(max(above))
        return cls(first, max(last, first + 1), start, end)

    def at(self, value: float) -> float:
        """Return the place of a value; what is beyond an end stands at it."""
        share = (log10(value) - self.first) / (self.last - self.first) if value > 0 else 0.0
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))

    def ticks(self, most: int = 7) -> tuple[Tick, ...]:
        """Return powers of ten, at most so many."""
        step = next(step for step in range(1, self.last - self.first + 1) if (self.last - self.first) // step < most)
        powers = range(self.first, self.last + 1, step)
        return tuple(Tick(place(self.at(10.0**power)), power_of_ten(power)) for power in powers)


def power_of_ten(power: int) -> str:
    """Return a power of ten as it is read.

    >>> power_of_ten(0), power_of_ten(3), power_of_ten(25), power_of_ten(-2)
    ('1', '1,000', '10²⁵', '0.01')
    """
    if -3 <= power <= 3:
        return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
    return "10" + str(power).translate(_SUPERSCRIPT)


def place(value: float) -> str:
    """Return a place as it is written: to a tenth of a unit.

    >>> place(12.0), place(3.14159), place(-0.04)
    ('12', '3.1', '0')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
