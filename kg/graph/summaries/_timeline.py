"""What trainings took, by year of release: for accelerator-hours and for training compute, how many models, and quartiles.

Beside them the models that took most in each year, with both ends of each number. A model of two years counts in both; one of which
neither is stated nor implied how much the whole training took (only some stages are known), or nothing, does not count. Quartiles
between two values are interpolated linearly: of {1, 2, 3} they are 1.5, 2 and 2.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.graph.summaries._amounts import Amount, amounts
from kg.graph.summaries._counts import ROWS, YEARS
from kg.graph.summaries._write import Known, count, first_page, pages
from kg.graph.view import View, iri_of
from kg.terms import KG, XSD, integer, typed
from kg.values import literal

MEASURES: Mapping[str, str] = {"acceleratorHours": "impliedAcceleratorHours", "trainingCompute": "runCompute"}
"""What is counted: a relation that reports state, and the derived one that can stand in its place."""

LARGEST = 20
"""Models of a year that are named."""

DRAWN = 60
"""Models that stand on the first page of a relation: the largest of each year first, the latest year first."""

QUARTILES = {"least": 0, "lowerQuartile": 1, "median": 2, "upperQuartile": 3, "greatest": 4}
"""Relations that say which value stands at so many quarters of the way from the least to the greatest, in order of size."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How much the training of a model took."""

    model: str
    amount: Amount
    stated: bool

    def order(self) -> tuple[Decimal, str]:
        """Return what the largest stands first by."""
        return -self.amount.value, iri_of(self.model)


@dataclass(frozen=True, slots=True)
class _Place:
    """The node of one of the largest, with what its place on the first page follows from."""

    rank: int
    year: str
    node: str


def timeline(view: View, base: str) -> Iterator[str]:
    """Yield the rows of each relation and year, and the largest models of them."""
    rows: list[tuple[str, str, str]] = []
    listed: list[str] = []
    for name, implied in MEASURES.items():
        places: list[_Place] = []
        for year, every in sorted(_taken(view, name, implied).items()):
            of = {"inYear": year, "ofRelation": f"<{KG}{name}>"}
            own, triples = count(base, "timeline", of, _measures(every))
            rows.append((year, name, own))
            yield from triples
            for rank, taken in enumerate(every[:LARGEST]):
                own, triples = count(base, "largest", {**of, "ofModel": taken.model}, _largest(taken))
                places.append(_Place(rank, year, own))
                yield from triples
        listed += [place.node for place in places]
        yield from first_page(base, "largest by relation", f"<{KG}{name}>", _drawn(places))
    yield from pages(base, "timeline", [own for _, _, own in sorted(rows)], YEARS)
    yield from pages(base, "largest", listed, ROWS)


def _taken(view: View, name: str, implied: str) -> dict[str, list[Taken]]:
    """Return what the models of each year took, the largest first."""
    known, released = amounts(view, name, implied), view.values("releaseYear")
    found: dict[str, list[Taken]] = {}
    for model in {model for model, _ in view.pairs("describedIn")}:
        whole = known.of(model)
        if whole and not whole.partial and whole.amount.value > 0:
            for year in released.get(model, [""]):
                found.setdefault(year, []).append(Taken(model, whole.amount, whole.stated))
    return {year: sorted(every, key=Taken.order) for year, every in found.items()}


def _measures(every: Sequence[Taken]) -> Known:
    stated = sum(taken.stated for taken in every)
    numbers = {"models": len(every), "statedModels": stated, "impliedModels": len(every) - stated}
    values = [taken.amount.value for taken in reversed(every)]
    quartiles = {name: _double(_quantile(values, quarter)) for name, quarter in QUARTILES.items()}
    return {**{name: integer(number) for name, number in numbers.items()}, **quartiles}


def _quantile(values: Sequence[Decimal], quarter: int) -> Decimal:
    """Return what stands at so many quarters of the way through sorted values: between two, in proportion."""
    at, rest = divmod((len(values) - 1) * quarter, 4)
    return values[at] + (values[at + 1] - values[at]) * rest / 4 if rest else values[at]


def _largest(taken: Taken) -> Known:
    ends = {"amountLow": taken.amount.low, "amount": taken.amount.value, "amountHigh": taken.amount.high}
    stated = typed("true" if taken.stated else "false", f"{XSD}boolean")
    return {"isStated": stated, **{name: _double(value) for name, value in ends.items()}}


def _drawn(places: Sequence[_Place]) -> list[str]:
    """Return the nodes of the first page: no year before the largest of all others, and the latest first."""
    latest = sorted(places, key=lambda place: place.year, reverse=True)
    return [place.node for place in sorted(latest, key=lambda place: place.rank)][:DRAWN]


def _double(value: Decimal) -> str:
    return typed(*literal("xsd:double", f"{value:.12g}"))
