"""What a build's store holds of its reports, read back: the graph of each and its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.terms import KG, RDF, RDFS, path

_TYPE = ox.NamedNode(f"{RDF}type")
_LABEL = ox.NamedNode(f"{RDFS}label")
_TEXT = ox.NamedNode(f"{KG}text")
_CLAIM = ox.NamedNode(f"{KG}Claim")
_REPORT = ox.NamedNode(f"{KG}Report")


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report of a build: its id, its text, its graph's triples as they were written."""

    id: str
    text: str
    facts: frozenset[str]
    evidence: tuple[str, ...]


def texts(store: ox.Store, reports: Iterable[str], base: str) -> dict[str, str]:
    """Return the texts of some reports of a build by their ids; one that could not be read has none."""
    nodes = {id: ox.NamedNode(f"{base}report/{path(id)}") for id in reports}
    said = {id: list(store.quads_for_pattern(node, _TEXT, None)) for id, node in nodes.items()}
    return {id: str(getattr(quads[0].object, "value", "")) for id, quads in said.items() if quads}


def reports(store: ox.Store) -> Iterator[StoredReport]:
    """Yield the reports of a build in order of their graphs' IRIs."""
    for graph in sorted(store.named_graphs(), key=str):
        quads = list(store.quads_for_pattern(None, None, None, graph))
        node = next((quad.subject for quad in quads if quad.predicate == _TYPE and quad.object == _REPORT), None)
        if node is None:
            continue
        own = {quad.predicate: quad.object.value for quad in quads if quad.subject == node and isinstance(quad.object, ox.Literal)}
        claims = {quad.subject for quad in quads if quad.predicate == _TYPE and quad.object == _CLAIM}
        evidence = {quad.triple for quad in quads if quad.subject in claims or quad.predicate == _TEXT}
        facts = frozenset(str(quad.triple) for quad in quads if quad.triple not in evidence)
        yield StoredReport(own[_LABEL], own[_TEXT], facts, tuple(sorted(map(str, evidence))))
