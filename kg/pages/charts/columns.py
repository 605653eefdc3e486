"""A number for each year -> a column for each, as one path in a drawing that is stretched to any width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.pages.charts.scale import Years, place

WIDTH, HEIGHT = 240, 48
_GAP = 0.15  # of a year's width


@dataclass(frozen=True, slots=True)
class Columns:
    """The path of all columns; `year` is the one of the highest, which stands for `most`, and `total` the sum."""

    path: str
    total: int
    most: int
    year: int
    first: int
    last: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def told(self) -> str:
        """Return in words what is drawn."""
        span = f"in {self.first}" if self.first == self.last else f"from {self.first} to {self.last}"
        return f"{span}, most in {self.year}: {self.most:,}" if self.total else f"none {span}"


def columns(numbers: Mapping[int, int], first: int, last: int) -> Columns:
    """Return the columns of the years from the first to the last one, each as high as its number is beside the largest."""
    own = {year: numbers[year] for year in sorted(numbers) if first <= year <= last and numbers[year] > 0}
    most = max(own.values(), default=0)
    axis = Years(first, last, 0, WIDTH, widest=WIDTH / 8)
    parts = []
    for year, number in own.items():
        height = max(1.0, HEIGHT * number / most)
        left, width = axis.at(year, _GAP / 2), axis.width * (1 - _GAP)
        parts.append(f"M{place(left)} {HEIGHT}v-{place(height)}h{place(width)}v{place(height)}z")
    year = next((year for year, number in own.items() if number == most), first)
    return Columns("".join(parts), sum(own.values()), most, year, first, last)
