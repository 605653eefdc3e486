"""Derived facts -> triples: the value on what it is about, and a node that shows how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.iris import claim_iri, report_iri, run_iri
from kg.model import Derived, Figure
from kg.terms import DCTERMS, KG, RDF, TYPE, string, typed
from kg.values import literal

if TYPE_CHECKING:
    from kg.schema import Schema


def derived_triples(facts: Iterable[Derived], schema: Schema) -> list[str]:
    """Return the sorted triples of derived facts, with those that lead to hardware that only they are about."""
    return sorted({triple for fact in facts for triple in _fact(fact, schema)})


def _fact(fact: Derived, schema: Schema) -> Iterator[str]:
    node, relation = f"<{fact.id}>", schema.relation(fact.relation)
    if relation.domain == "HardwareConfig":  # no report speaks of it, where a number of accelerators is only implied
        yield f"<{run_iri(schema.base, fact.model, fact.stage)}> <{KG}hardware> <{fact.subject}>"
        yield f"<{fact.subject}> {TYPE} <{KG}HardwareConfig>"
    if fact.high is not None:  # a lower bound is no value: it stands on the node alone
        yield f"<{fact.subject}> <{relation.iri}> {_double(fact.value)}"
    yield f"{node} {TYPE} <{KG}DerivedFact>"
    yield f"{node} <{RDF}subject> <{fact.subject}>"
    yield f"{node} <{RDF}predicate> <{relation.iri}>"
    yield f"{node} <{RDF}object> {_double(fact.value)}"
    yield f"{node} <{KG}lowerBound> {_double(fact.low)}"
    if fact.high is not None:
        yield f"{node} <{KG}upperBound> {_double(fact.high)}"
    yield f"{node} <{KG}rule> {string(fact.rule)}"
    yield f"{node} <{KG}formula> {string(fact.formula)}"
    if fact.unit:
        yield f"{node} <{KG}measuredIn> {string(fact.unit)}"
    yield from (f"{node} <{KG}input> <{claim_iri(schema.base, claim)}>" for claim in fact.inputs)
    yield from (f"{node} <{KG}derivedFrom> <{id}>" for id in fact.derived)
    yield from (f"{node} <{KG}catalogInput> <{figure.thing}>" for figure in fact.figures)
    yield from (f"{node} <{KG}figure> {string(_figure(figure, schema))}" for figure in fact.figures)
    yield from (f"{node} <{KG}assumption> {string(assumption)}" for assumption in fact.assumptions)
    if fact.report is not None:
        yield f"{node} <{DCTERMS}source> <{report_iri(schema.base, fact.report)}>"


def _figure(figure: Figure, schema: Schema) -> str:
    source = f" ({figure.source})" if figure.source else ""
    return f"{schema.relation(figure.relation).label} of {figure.name}: {figure.value} {figure.unit}{source}"


def _double(value: str) -> str:
    return typed(*literal("xsd:double", value))
