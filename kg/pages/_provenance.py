"""The claims and derived facts about some subjects -> rows of a table, and triples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.chain import words
from kg.pages._quotes import Reports
from kg.pages.data import Table
from kg.sparql.statements import Statement
from kg.terms import KG, RDF, RDFS
from kg.why import Graph, name_of, text_of

COLUMNS = (
    "model stage relation value name unit approximate valueMax origin report start end place words method low high formula rule iri"
).split()

_DEFAULT = ox.DefaultGraph()
_TYPE, _LABEL = ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{RDFS}label")
_LONGEST = 2000  # characters of the words of a claim


def rows(graph: Graph, subjects: Iterable[str]) -> Table:
    """Return a row for each claim with its words, and for each derived fact with its formula."""
    return row_table(graph, (item for subject in subjects for item in graph.statements.about(subject)))


def row_table(graph: Graph, statements: Iterable[Statement]) -> Table:
    """Return a row for each of some statements."""
    reports = Reports(graph.sources)
    return Table(tuple(COLUMNS), (_row(graph, item, reports) for item in statements))


def _row(graph: Graph, item: Statement, reports: Reports) -> tuple[str, ...]:
    model = graph.statements.model_of(item.subject) or item.subject
    told = {
        "model": graph.statements.label(model) or model,
        "stage": graph.statements.stage_of(item.subject),
        "relation": item.name,
        "value": text_of(item.value),
        "name": name_of(graph, item.value),
        "origin": "derived" if item.derived else "reported",
        "iri": item.iri,
        **(_computed(item) if item.derived else _said(item, reports)),
    }
    return tuple(told.get(name) or "" for name in COLUMNS)


def _computed(item: Statement) -> dict[str, str | None]:
    names = {"unit": "measuredIn", "low": "lowerBound", "high": "upperBound", "formula": "formula", "rule": "rule"}
    return {column: item.one(name) for column, name in names.items()}


def _said(item: Statement, reports: Reports) -> dict[str, str | None]:
    place = words(item.report or "", item.number("start"), item.number("end"), reports)
    return {
        "unit": item.one("unit"),
        "approximate": item.one("approximate"),
        "valueMax": item.one("valueMax"),
        "report": item.report,
        "start": str(place.start),
        "end": str(place.end),
        "place": place.spot,
        "words": (place.mention or "")[:_LONGEST],
        "method": item.one("method") or "rule",
    }


def statement_triples(graph: Graph, thing: str, subjects: Iterable[str], *, everywhere: bool = False) -> Iterator[ox.Triple]:
    """Yield the facts of a thing and of some subjects, the statements about them, and what they name by type and label.

    The default graph holds facts; what else there is of claims stands in other graphs (`everywhere`).
    """
    full = dict.fromkeys((thing, *subjects))
    named: dict[str, None] = {}
    for subject in full:
        for quad in graph.store.quads_for_pattern(ox.NamedNode(subject), None, None, None if everywhere else _DEFAULT):
            yield quad.triple
            if isinstance(quad.object, ox.NamedNode):
                named[quad.object.value] = None
        for iri in graph.statements.listed(subject):
            for quad in graph.store.quads_for_pattern(ox.NamedNode(iri), None, None, None):
                yield quad.triple
    for iri in named.keys() - full.keys():
        if iri.startswith(graph.base) and not iri.startswith(KG):
            for predicate in (_TYPE, _LABEL):
                for quad in graph.store.quads_for_pattern(ox.NamedNode(iri), predicate, None, _DEFAULT):
                    yield quad.triple
