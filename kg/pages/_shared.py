"""What a model shares with others: its backbones and datasets, how many models have each, and some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from kg.terms import KG
from kg.why import Graph

MOST = 12
"""Backbones, and datasets, that a page shows; the others are counted."""

_FEW = 4  # models that are named of those that share one
_ROLES = {"extends": "extends", "imageEncoder": "image encoder", "languageModel": "language model"}


@dataclass(frozen=True, slots=True)
class Named:
    """A thing by its IRI and its name."""

    iri: str
    name: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A backbone or a dataset of a model: in which roles, how many other models have it too, and some of them."""

    thing: Named
    roles: tuple[str, ...]
    others: int
    some: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """The first of what a model is built on or trained on, those that most others share first, and how many more there are."""

    shown: tuple[Shared, ...]
    more: int


def backbones(graph: Graph, model: str) -> Sharing:
    """Return what a model is built on."""
    roles: dict[str, tuple[str, ...]] = {}
    for name, words in _ROLES.items():
        for iri in graph.statements.values(model, ox.NamedNode(KG + name)):
            roles[iri] = (*roles.get(iri, ()), words)
    return _sharing(graph, model, roles, "shared-backbone", "model")


def datasets(graph: Graph, model: str) -> Sharing:
    """Return what a model was trained on."""
    found = graph.statements.values(model, ox.NamedNode(f"{KG}trainedOn"))
    return _sharing(graph, model, dict.fromkeys(found, ()), "datasets", "dataset")


def _sharing(graph: Graph, model: str, things: Mapping[str, tuple[str, ...]], name: str, kind: str) -> Sharing:
    shown = [_shared(graph, model, iri, roles, f"summary/{name}", kind) for iri, roles in list(things.items())[:MOST]]
    shown.sort(key=lambda item: (-item.others, item.thing.name.casefold(), item.thing.iri))
    return Sharing(tuple(shown), max(len(things) - MOST, 0))


def _shared(graph: Graph, model: str, iri: str, roles: tuple[str, ...], path: str, kind: str) -> Shared:
    part = quote(iri.removeprefix(f"{graph.base}{kind}/"), safe="")
    number, others = 0, []
    for predicate, value in _facts(graph, f"{graph.base}{path}/{part}"):
        if predicate == f"{KG}models" and isinstance(value, ox.Literal):
            number = int(value.value)
        elif predicate == f"{KG}firstModel" and isinstance(value, ox.NamedNode) and value.value != model:
            others.append(value.value)
    named = sorted((named_of(graph, other) for other in others), key=lambda other: (other.name.casefold(), other.iri))
    return Shared(named_of(graph, iri), roles, max(number - 1, 0), tuple(named[:_FEW]))


def _facts(graph: Graph, iri: str) -> Iterator[tuple[str, object]]:
    inside = ox.NamedNode(f"{graph.base}graph/summary")
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return
    for quad in graph.store.quads_for_pattern(node, None, None, inside):
        yield quad.predicate.value, quad.object


def named_of(graph: Graph, iri: str) -> Named:
    """Return a thing with its name."""
    return Named(iri, graph.statements.label(iri) or iri.removeprefix(graph.base))


def all_named(graph: Graph, iris: Sequence[str]) -> tuple[Named, ...]:
    """Return things with their names, in their order."""
    return tuple(named_of(graph, iri) for iri in iris)
