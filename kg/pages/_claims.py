"""The graph of a report -> its claims: all places at once, and what is said only at those that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.pages._amounts import Amount, amount, clipped
from kg.pages._facts import PAGE, keys
from kg.pages._parts import parts_of
from kg.sparql.statements import Statement
from kg.terms import KG, OA
from kg.why import Graph, text_of

_START, _END = (ox.NamedNode(OA + name) for name in ("start", "end"))
_NAME = 120  # characters of a name

Fact = tuple[str, str, str]
"""Subject, relation and value."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a claim stands, in code points; `number` counts the claims of the report from 1, in order of their places."""

    start: int
    end: int
    iri: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A claim as it is listed: what it is about, its relation, and its value, which may be a thing.

    `fact` is its id on the page of the model with the number `page`.
    """

    number: int
    start: int
    end: int
    iri: str
    model: str
    label: str
    fact: str
    page: int
    stage: str | None
    relation: str
    term: str
    value: Amount
    thing: str | None
    most: str | None
    approximate: bool
    method: str

    @property
    def id(self) -> str:
        """Return the id of its entry."""
        return f"claim-{self.number}"


def graph_name(graph: Graph, report: str) -> ox.NamedNode:
    """Return the graph that holds what a report says, by the report's IRI."""
    return ox.NamedNode(f"{graph.base}graph/report/{report.removeprefix(f'{graph.base}report/')}")


def places(graph: Graph, report: str) -> list[Place]:
    """Return where the claims of a report stand, by its IRI, in order; nothing else of them is read."""
    name = graph_name(graph, report)
    starts, ends = (
        {quad.subject: quad.object for quad in graph.store.quads_for_pattern(None, at, None, name)} for at in (_START, _END)
    )
    found = sorted(
        Place(int(getattr(start, "value", 0)), int(getattr(ends[node], "value", 0)), node.value)
        for node, start in starts.items()
        if isinstance(node, ox.NamedNode) and node in ends
    )
    return [Place(place.start, place.end, place.iri, number) for number, place in enumerate(found, 1)]


def told(graph: Graph, wanted: Iterable[Place]) -> Iterator[Told]:
    """Yield what is claimed at some places, in their order."""
    models: dict[str, str] = {}
    facts: dict[str, Mapping[Fact, tuple[str, int]]] = {}
    for place in wanted:
        if statement := graph.statements.statement(place.iri):
            subject = statement.subject
            if subject not in models:
                models[subject] = graph.statements.model_of(subject) or subject
            model = models[subject]
            if model not in facts:
                facts[model] = _facts(graph, model)
            anchor, page = facts[model].get((subject, statement.name, text_of(statement.value)), ("", 1))
            yield _told(graph, place, statement, (model, anchor, page))


def _facts(graph: Graph, model: str) -> Mapping[Fact, tuple[str, int]]:
    """Return where the facts of a model stand: the id, and the page of the model that has it."""
    every = [key for part in parts_of(graph, model, "model") for key in keys(graph, part)]
    stated = ((at, key) for at, key in enumerate(every) if key.value is not None)
    return {(key.subject, key.relation, text_of(key.value)): (key.anchor, at // PAGE + 1) for at, key in stated}


def _told(graph: Graph, place: Place, statement: Statement, about: tuple[str, str, int]) -> Told:
    model, anchor, page = about
    value, name, unit = statement.value, statement.name, statement.one("unit")
    relation = graph.schema.relations.get(name)
    thing = value.value if isinstance(value, ox.NamedNode) else None
    text = text_of(value)
    most = statement.one("valueMax")
    stage = graph.statements.stage_of(statement.subject)
    return Told(
        place.number,
        place.start,
        place.end,
        place.iri,
        model,
        clipped(graph.statements.label(model) or model, _NAME),
        anchor,
        page,
        stage,
        relation.label if relation else name,
        f"{KG}{name}",
        Amount(clipped(graph.statements.label(thing) or thing, _NAME)) if thing else amount(name, text, unit),
        thing,
        amount(name, most, unit).text if most else None,
        statement.one("approximate") == "true",
        statement.one("method") or "rule",
    )
