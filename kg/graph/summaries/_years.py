"""Models by year of release: all, those of each of the countries with most models, those of the others, and where none is stated.

Few rows whatever the graph's size: the whole table by country and year has a row for each pair. Beside the rows stands, for each
group, how many models it has: a model of two years is in two rows, and counts once there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.graph.summaries._counts import YEARS
from kg.graph.summaries._write import count, pages
from kg.graph.view import View, iri_of
from kg.terms import integer, string

MOST = 8
"""Countries that have rows of their own."""

ALL, COUNTRY, OTHERS, UNSTATED = "all", "country", "others", "unstated"
"""What the models of a row have in common beside the year."""

TOTAL = "years-total"
"""The list of the groups, each with all its models."""

Row = tuple[str, str, str]
"""A year as a term, what the models have in common, and a country's IRI as a term; the first and the last may be empty."""


def years(view: View, base: str) -> Iterator[str]:
    """Yield the rows of all years."""
    described = {model for model, _ in view.pairs("describedIn")}
    countries, released = view.values("country"), view.values("releaseYear")
    most = set(_most(countries[model] for model in described if model in countries))
    found: dict[Row, int] = {}
    totals: dict[tuple[str, str], int] = {}
    for model in described:
        groups = _groups(countries.get(model, ()), most)
        for group in groups:
            totals[group] = totals.get(group, 0) + 1
        for year in released.get(model, [""]):
            for group in groups:
                found[(year, *group)] = found.get((year, *group), 0) + 1
    ordered = []
    for year, kind, country in sorted(found, key=lambda row: (row[0], row[1], iri_of(row[2]))):
        own, triples = count(base, "years", {"inYear": year, **_of(kind, country)}, {"models": integer(found[year, kind, country])})
        ordered.append(own)
        yield from triples
    yield from pages(base, "years", ordered, YEARS)
    for kind, country in sorted(totals, key=lambda group: (group[0], iri_of(group[1]))):
        yield from count(base, TOTAL, _of(kind, country), {"models": integer(totals[kind, country])})[1]


def _of(kind: str, country: str) -> dict[str, str]:
    return {"group": string(kind), **({"inCountry": country} if country else {})}


def _most(countries: Iterable[list[str]]) -> list[str]:
    numbers: dict[str, int] = {}
    for own in countries:
        for country in own:
            numbers[country] = numbers.get(country, 0) + 1
    return sorted(numbers, key=lambda country: (-numbers[country], iri_of(country)))[:MOST]


def _groups(countries: Iterable[str], most: set[str]) -> set[tuple[str, str]]:
    """Return the groups in which a model counts, each once."""
    groups = {(COUNTRY, country) if country in most else (OTHERS, "") for country in countries}
    return (groups or {(UNSTATED, "")}) | {(ALL, "")}
