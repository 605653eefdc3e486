"""The summaries of a build -> what the overview shows of the whole graph: years, what trainings took, what is shared, disclosure.

Each is read from the summary that the query of the same name reads, in a number of rows that does not grow with the graph; None
where the build was made by a kg that kept no such summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kg.pages._amounts import amount, grouped
from kg.pages._rows import label_of
from kg.pages._summed import size
from kg.pages.charts import Band, Value
from kg.sparql.named import shipped
from kg.sparql.text import answer, prefixes
from kg.terms import KG
from kg.why import Graph

FIRST, LAST = 1950, 2100
"""Years that a drawing can reach: others are hardly years of release (KG107)."""

SHARED = 12
"""Things that most models share, of each kind."""

_YEAR = re.compile(r"\d{4}")
_LARGEST = r"""
SELECT ?model ?year ?stated ?low ?value ?high WHERE {
  GRAPH data:graph\/summary {
    data:summary\/largest-by-relation\/%s kg:entry ?count .
    ?count kg:ofModel ?model ; kg:isStated ?stated ; kg:amountLow ?low ; kg:amount ?value ; kg:amountHigh ?high ; kg:inYear ?year .
  }
} ORDER BY ?year DESC(?value) ?model"""
_GROUPS = r"""
SELECT ?group ?country ?year ?models WHERE {
  GRAPH data:graph\/summary {
    data:summary\/years\/page\/1 kg:entry ?count . ?count kg:group ?group ; kg:models ?models .
    OPTIONAL { ?count kg:inYear ?year } OPTIONAL { ?count kg:inCountry ?country }
  }
} ORDER BY ?year"""
_TOTALS = r"""
SELECT ?group ?country ?models WHERE {
  GRAPH data:graph\/summary {
    ?count kg:list "years-total" ; kg:group ?group ; kg:models ?models .
    OPTIONAL { ?count kg:inCountry ?country }
  }
}"""
_SHARED = r"""
SELECT ?thing ?models WHERE {
  GRAPH data:graph\/summary { data:summary\/%s\/page\/1 kg:entry ?count . ?count kg:%s ?thing ; kg:models ?models }
} ORDER BY DESC(?models) ?thing LIMIT %d"""


@dataclass(frozen=True, slots=True)
class Group:
    """Models by year (None: none that can be drawn) that have something in common: all, a country, others, unstated.

    `models` is how many they are, each counted once, None where the build does not tell it.
    """

    kind: str
    iri: str | None
    label: str
    models: int | None
    numbers: dict[int | None, int]


@dataclass(frozen=True, slots=True)
class Span:
    """What the trainings of a year's models took: how many, stated and implied, and the quartiles as texts."""

    year: int | None
    models: int
    stated: int
    implied: int
    quartiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What trainings took by year, and the models that took most."""

    spans: tuple[Span, ...]
    values: tuple[Value, ...]

    @property
    def bands(self) -> list[Band]:
        """Return the quartiles of the years that can be drawn."""
        numbers = ((span, tuple(map(float, span.quartiles))) for span in self.spans)
        return [Band(span.year, span.models, (a, b, c, d, e)) for span, (a, b, c, d, e) in numbers if span.year is not None]


@dataclass(frozen=True, slots=True)
class Use:
    """A thing and how many models share it."""

    iri: str
    label: str
    models: int


@dataclass(frozen=True, slots=True)
class Told:
    """Of how many models a relation is stated, only implied, or neither."""

    relation: str
    models: int
    stated: int
    implied: int
    lacking: int


def groups(graph: Graph) -> tuple[Group, ...] | None:
    """Return models by year: all, those of the countries with most, of the others, and of none that is stated."""
    if size(graph, "years") is None:
        return None
    found: dict[tuple[str, str | None], Group] = {}
    totals = {_group(row): int(row["models"].value) for row in _rows(graph, _TOTALS)}
    for row in _rows(graph, _GROUPS):
        key = _group(row)
        if key not in found:
            found[key] = Group(*key, label_of(graph, key[1]) if key[1] else key[0], totals.get(key), {})
        group = found[key]
        year = year_of(row["year"])
        group.numbers[year] = group.numbers.get(year, 0) + int(row["models"].value)
    kinds = ("all", "country", "others", "unstated")
    return tuple(sorted(found.values(), key=lambda group: (kinds.index(group.kind), -sum(group.numbers.values()), group.label)))


def _group(row: Any) -> tuple[str, str | None]:
    return row["group"].value, row["country"].value if row["country"] else None


def taken(graph: Graph, relations: Iterable[str]) -> dict[str, Taken] | None:
    """Return what trainings took by year, for acceleratorHours or trainingCompute."""
    if size(graph, "timeline") is None:
        return None
    rows = list(_shipped(graph, "timeline"))
    return {name: Taken(tuple(_spans(rows, name)), tuple(_values(graph, name))) for name in relations}


def most_shared(graph: Graph, list: str, relation: str) -> tuple[Use, ...] | None:
    """Return the things of a list (shared-datasets, shared-backbone) that most models share."""
    if size(graph, list) is None:
        return None
    found = _rows(graph, _SHARED % (list, relation, SHARED))
    return tuple(Use(row["thing"].value, label_of(graph, row["thing"].value), int(row["models"].value)) for row in found)


def disclosed(graph: Graph) -> tuple[Told, ...] | None:
    """Return of how many models each core fact is stated, only implied, or neither."""
    if size(graph, "disclosure") is None:
        return None
    names = ("models", "statedModels", "impliedModels", "undisclosedModels")
    found = _shipped(graph, "disclosure")
    return tuple(Told(row["relation"].value.removeprefix(KG), *(int(row[name].value) for name in names)) for row in found)


def year_of(term: Any) -> int | None:
    """Return the year that a literal says, None for one that cannot be drawn, or none at all."""
    text = "" if term is None else term.value
    return int(text) if _YEAR.fullmatch(text) and FIRST <= int(text) <= LAST else None


def _spans(rows: Iterable[Any], relation: str) -> Iterator[Span]:
    for row in (row for row in rows if row["relation"].value == KG + relation):
        models, stated, implied = (int(row[name].value) for name in ("models", "statedModels", "impliedModels"))
        quartiles = tuple(row[name].value for name in ("least", "lowerQuartile", "median", "upperQuartile", "greatest"))
        yield Span(year_of(row["year"]), models, stated, implied, quartiles)


def _values(graph: Graph, relation: str) -> Iterator[Value]:
    for row in _rows(graph, _LARGEST % relation):
        year = year_of(row["year"])
        if year is not None:
            low, value, high = (row[name].value for name in ("low", "value", "high"))
            stated = row["stated"].value == "true"
            iri, told = row["model"].value, _told(relation, low, value, high)
            yield Value(iri, label_of(graph, iri), year, float(low), float(value), float(high), stated, told)


def _told(relation: str, low: str, value: str, high: str) -> str:
    text = amount(relation, value).text
    return f"{text} ({grouped(low)} to {grouped(high)})" if low != high else text


def _shipped(graph: Graph, name: str) -> Any:
    return _rows(graph, shipped()[name].text)


def _rows(graph: Graph, text: str) -> Any:
    return answer(graph.store, text, base=graph.base, known=prefixes(graph.base))
