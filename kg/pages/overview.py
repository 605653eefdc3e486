"""What is in the graph at a glance: how much of what, when and where, what trainings took, what is shared, what is disclosed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import BuildError
from kg.findings import FINDINGS, kind_of
from kg.manifest import counts_in
from kg.pages._amounts import UNITS
from kg.pages._overall import Group, Taken, Told, Use, disclosed, groups, most_shared, taken
from kg.pages.charts import Columns, Shares, Spread, columns, shares, spread
from kg.pages.charts.shares import percent
from kg.pages.data import Table
from kg.store import MANIFEST, own_folder
from kg.why import Graph

MEASURES = {"acceleratorHours": "Accelerator-hours over time", "trainingCompute": "Training compute over time"}
"""What trainings took: relations, and how the plots are called."""

SHARED = {
    "datasets": ("Most shared training datasets", "shared-datasets", "ofDataset", "two models were trained on one dataset"),
    "backbones": ("Most shared backbones", "shared-backbone", "ofBackbone", "two models are built on one backbone"),
}
"""What models share, by the path of the whole list: its name, its summary and relation, and what is not so when it is empty."""

OLD = "This build was made by an earlier kg, which counted less: plots are missing here. Build it again to see them."

_DERIVED = """SELECT ?subject ?relation ?value ?low ?high ?formula WHERE {
  ?fact a kg:DerivedFact ; rdf:subject ?subject ; rdf:predicate ?relation ; rdf:object ?value ;
    kg:lowerBound ?low ; kg:formula ?formula .
  OPTIONAL { ?fact kg:upperBound ?high }
} LIMIT 100"""
_COLUMNS = ("plot", "year", "group", "iri", "name", "models", "reported", "derived", "notStated")
_QUARTILES = ("least", "lowerQuartile", "median", "upperQuartile", "greatest")
_ENDS = ("low", "value", "high", "origin")


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something (None: nobody looked), where they are listed, and what to know of them."""

    label: str
    number: int | None
    path: str
    query: Mapping[str, str]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ByYear:
    """Models by year, one drawing for each group, and all numbers by year; `undated` state no year that can be drawn."""

    drawn: tuple[tuple[Group, Columns], ...]
    years: tuple[int, ...]
    undated: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """What trainings took by year: what is drawn, and how many models that is of how many; `undated` state no year."""

    relation: str
    title: str
    unit: str
    taken: Taken
    drawn: Spread | None
    models: int
    undated: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Something with its number, and the bar beside it."""

    iri: str
    label: str
    told: tuple[tuple[str, int, str], ...]
    bar: Shares


@dataclass(frozen=True, slots=True)
class Ranking:
    """What most models share, the first ones."""

    title: str
    path: str
    none: str
    bars: tuple[Bar, ...]


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the overview shows; a plot is None where the build keeps no summary for it."""
    times = taken(graph, MEASURES)
    rankings = [_ranking(graph, path) for path in SHARED]
    disclosure = disclosed(graph)
    found = {
        "counts": counts(graph),
        "by_year": _by_year(groups(graph)),
        "timelines": [_timeline(relation, own) for relation, own in (times or {}).items()],
        "rankings": [ranking for ranking in rankings if ranking],
        "disclosure": None if disclosure is None else tuple(_disclosed(graph, told) for told in disclosure),
    }
    missing = None in (found["by_year"], disclosure, times, *rankings)
    return {
        **found,
        "old": OLD if missing else None,
        "ontology": {name: item.label for name, item in graph.schema.relations.items()},
    }


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return the numbers of all plots, those that are drawn and those of years that cannot be."""
    return Table((*_COLUMNS, *_QUARTILES, *_ENDS), _filled(_numbers(graph)))


def counts(graph: Graph) -> tuple[Count, ...]:
    """Return how much of what a build holds."""
    folder = own_folder(graph.folder)
    try:
        counted = counts_in(folder / MANIFEST)
    except (OSError, ValueError) as error:
        raise BuildError(f"the build cannot be read: {error}", where=str(folder / MANIFEST), hint="build again") from error
    looked = (folder / FINDINGS).is_file()
    kinds = dict.fromkeys(("gap", "contradiction"), 0)
    for code, number in counted["codes"].items():
        if kind_of(code) in kinds:
            kinds[kind_of(code)] += number
    return (
        Count("reports", counted["reports"], "reports", {}),
        Count("models", counted["models"], "models", {}),
        Count("claims", counted.get("claims"), "query", {"name": "evidence"}, "reported"),
        Count("facts", counted.get("facts"), "query", {"name": "model"}, "reported"),
        Count("derived facts", counted.get("derived"), "query", {"query": _DERIVED}, "derived"),
        Count("gaps", kinds["gap"] if looked else None, "findings/gap", {}, "gap"),
        Count("contradictions", kinds["contradiction"] if looked else None, "findings/contradiction", {}, "contradiction"),
    )


def _by_year(found: Sequence[Group] | None) -> ByYear | None:
    if found is None:
        return None
    every = sorted({year for group in found for year in group.numbers if year is not None})
    undated = sum(group.numbers.get(None, 0) for group in found if group.kind == "all")
    if not every:
        return ByYear((), (), undated)
    return ByYear(tuple((group, _columns(group, every)) for group in found), tuple(every), undated)


def _columns(group: Group, years: Sequence[int]) -> Columns:
    return columns({year: number for year, number in group.numbers.items() if year is not None}, years[0], years[-1])


def _timeline(relation: str, found: Taken) -> Timeline:
    dated = [span for span in found.spans if span.year is not None]
    undated = sum(span.models for span in found.spans) - sum(span.models for span in dated)
    drawn = spread(found.values, found.bands)
    return Timeline(relation, MEASURES[relation], UNITS[relation], found, drawn, sum(span.models for span in dated), undated)


def _ranking(graph: Graph, path: str) -> Ranking | None:
    title, list, relation, none = SHARED[path]
    found = most_shared(graph, list, relation)
    if found is None:
        return None
    most = max((use.models for use in found), default=0)
    return Ranking(title, path, f"No {none}.", tuple(_used(use, most) for use in found))


def _used(use: Use, most: int) -> Bar:
    return Bar(use.iri, use.label, (("models", use.models, f"{use.models:,}"),), shares(most, [("models", use.models)]))


def _disclosed(graph: Graph, told: Told) -> Bar:
    relation = graph.schema.relations[told.relation]
    numbers = [("reported", told.stated), ("derived", told.implied), ("lacking", told.lacking)]
    parts = tuple((kind, number, percent(number, told.models)) for kind, number in numbers)
    return Bar(relation.iri, relation.label, parts, shares(told.models, numbers))


def _filled(rows: Iterator[Mapping[str, object]]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield tuple("" if row.get(name) is None else str(row[name]) for name in (*_COLUMNS, *_QUARTILES, *_ENDS))


def _numbers(graph: Graph) -> Iterator[Mapping[str, object]]:
    for group in groups(graph) or ():
        of = {"plot": "years", "group": group.kind, "iri": group.iri, "name": group.label if group.iri else None}
        yield {**of, "plot": "models", "models": group.models}
        yield from ({**of, "year": year, "models": number} for year, number in group.numbers.items())
    for relation, found in (taken(graph, MEASURES) or {}).items():
        for span in found.spans:
            numbers = {"models": span.models, "reported": span.stated, "derived": span.implied}
            yield {"plot": relation, "year": span.year, **numbers, **dict(zip(_QUARTILES, span.quartiles, strict=True))}
        for value in found.values:
            ends = {"low": value.low, "value": value.value, "high": value.high}
            told_by = "reported" if value.stated else "derived"
            thing = {"plot": relation, "group": "largest", "iri": value.iri, "name": value.label, "origin": told_by}
            yield {**thing, **ends, "year": value.year}
    for path, (_, list, relation, _) in SHARED.items():
        for use in most_shared(graph, list, relation) or ():
            yield {"plot": path, "iri": use.iri, "name": use.label, "models": use.models}
    for told in disclosed(graph) or ():
        numbers = {"models": told.models, "reported": told.stated, "derived": told.implied, "notStated": told.lacking}
        yield {"plot": "disclosure", "iri": graph.schema.relations[told.relation].iri, "name": told.relation, **numbers}
