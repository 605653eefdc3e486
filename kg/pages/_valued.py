"""A model -> its values as rows of a table: each as it is kept, not as people read it, with its unit, its ends and its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.pages._amounts import UNITS
from kg.pages._chains import DERIVED, REPORTED
from kg.pages._facts import Key, keys
from kg.pages._parts import parts_of
from kg.sparql.statements import Statement, Value
from kg.terms import KG
from kg.why import Graph, text_of

VALUED = ("model", "name", "part", "relation", "value", "unit", "low", "high", "approximate", "origin", "report", "start", "end")
"""Columns: `low` and `high` are the ends of what is derived, or of what a report gives as a range."""


def valued(graph: Graph, models: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each value of each relation of models, part by part; the place is that of the first claim."""
    for model in models:
        name = graph.statements.label(model) or model.removeprefix(graph.base)
        for part in parts_of(graph, model, "model"):
            for key, found in _stated(graph, keys(graph, part)):
                if key.relation != "name":
                    yield model, name, part.name, key.relation, *_told(key, found)


def _stated(graph: Graph, found: Iterable[Key]) -> Iterator[tuple[Key, Statement | None]]:
    """Yield facts, each with the derived fact that it is, or the first claim that states it."""
    claims: dict[tuple[str, str], Mapping[Value, list[str]]] = {}
    for key in found:
        iri = key.derived
        if key.origin == REPORTED:
            asked = key.subject, key.relation
            if asked not in claims:
                claims[asked] = graph.statements.values_of(key.subject, f"{KG}{key.relation}")
            iri = next(iter(claims[asked].get(key.value, ())), None) if key.value else None
        yield key, graph.statements.statement(iri) if iri else None


def _told(key: Key, found: Statement | None) -> tuple[str, ...]:
    if found is None:
        return text_of(key.value) if key.value else "", UNITS.get(key.relation, ""), "", "", "", key.origin, "", "", ""
    value = text_of(found.value)
    unit = found.one("measuredIn") or found.one("unit") or UNITS.get(key.relation, "")
    if key.origin == DERIVED:
        return value, unit, found.one("lowerBound") or "", found.one("upperBound") or "", "", DERIVED, "", "", ""
    most = found.one("valueMax")
    ends = (value, most) if most else ("", "")
    about = "true" if found.one("approximate") == "true" else ""
    return value, unit, *ends, about, REPORTED, found.report or "", found.one("start") or "", found.one("end") or ""
