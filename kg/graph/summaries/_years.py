"""Models by year of release: all, those of each of the countries with most models, those of the others, and where none is stated.

Few rows whatever the graph's size: the whole table by country and year has a row for each pair.
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

Row = tuple[str, str, str]
"""A year as a term, what the models have in common, and a country's IRI as a term; the first and the last may be empty."""


def years(view: View, base: str) -> Iterator[str]:
    """Yield the rows of all years."""
    described = {model for model, _ in view.pairs("describedIn")}
    countries, released = view.values("country"), view.values("releaseYear")
    most = set(_most(countries[model] for model in described if model in countries))
    found: dict[Row, int] = {}
    for model in described:
        for year in released.get(model, [""]):
            for row in _rows(year, countries.get(model, ()), most):
                found[row] = found.get(row, 0) + 1
    ordered = []
    for year, group, country in sorted(found, key=lambda row: (row[0], row[1], iri_of(row[2]))):
        of = {"inYear": year, "group": string(group), **({"inCountry": country} if country else {})}
        own, triples = count(base, "years", of, {"models": integer(found[year, group, country])})
        ordered.append(own)
        yield from triples
    yield from pages(base, "years", ordered, YEARS)


def _most(countries: Iterable[list[str]]) -> list[str]:
    numbers: dict[str, int] = {}
    for own in countries:
        for country in own:
            numbers[country] = numbers.get(country, 0) + 1
    return sorted(numbers, key=lambda country: (-numbers[country], iri_of(country)))[:MOST]


def _rows(year: str, countries: Iterable[str], most: set[str]) -> set[Row]:
    """Return the rows in which a model counts, each once."""
    groups = {(COUNTRY, country) if country in most else (OTHERS, "") for country in countries}
    return {(year, group, country) for group, country in groups or {(UNSTATED, "")}} | {(year, ALL, "")}
