"""Parts of a whole -> bars beside each other, as wide as their share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.pages.charts.scale import place

WIDTH, HEIGHT = 200, 12


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: what it is, how many of the whole, where it begins and how wide it is."""

    kind: str
    number: int
    start: str
    size: str


@dataclass(frozen=True, slots=True)
class Shares:
    """The parts of a bar; those of nothing are left out."""

    parts: tuple[Part, ...]
    width: int = WIDTH
    height: int = HEIGHT


def shares(whole: int, numbers: Sequence[tuple[str, int]]) -> Shares:
    """Return the parts of a bar that stands for a whole; something is never too small to be seen.

    >>> [(part.kind, part.start, part.size) for part in shares(4, [("a", 1), ("b", 0), ("c", 2)]).parts]
    [('a', '0', '50'), ('c', '50', '100')]
    """
    own = [(kind, number) for kind, number in numbers if number > 0 and whole > 0]
    sizes = [max(1.0, WIDTH * number / whole) for _, number in own]
    if sizes:
        sizes[sizes.index(max(sizes))] -= max(0.0, sum(sizes) - WIDTH)
    starts = (sum(sizes[:at]) for at in range(len(sizes)))
    every = zip(own, starts, sizes, strict=True)
    return Shares(tuple(Part(kind, number, place(start), place(size)) for (kind, number), start, size in every))


def percent(number: int, whole: int) -> str:
    """Return a share as it is read; some is never none, and not all is never all.

    >>> percent(1, 3), percent(0, 3), percent(3, 3), percent(1, 1000), percent(999, 1000), percent(0, 0)
    ('33 %', '0 %', '100 %', '< 1 %', '> 99 %', '–')
    """
    if not whole:
        return "–"
    rounded = round(100 * number / whole)
    if number and not rounded:
        return "< 1 %"
    return "> 99 %" if rounded == 100 and number < whole else f"{rounded} %"
