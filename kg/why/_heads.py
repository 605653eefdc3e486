"""A thing that is described -> what it is, as JSON values: its names, what a report is about, what a term of the ontology means."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox

from kg.terms import DCTERMS, KG, SKOS
from kg.why._asked import Asked
from kg.why._facts import text_of
from kg.why._graph import Graph

REPORTED, DERIVED, CATALOGUE = "reported", "derived", "catalogue"

_NAMES = 20
_ABOUT_REPORT = {f"{DCTERMS}title": "title", f"{DCTERMS}issued": "issued", f"{KG}arxivId": "arxivId", f"{KG}sha256": "sha256"}
_DEFINITION = ox.NamedNode(f"{SKOS}definition")


def head_of(graph: Graph, asked: Asked) -> dict[str, Any]:
    """Return what a thing of the graph is: IRI, kind, label, other names, and where it is told of."""
    statements = graph.statements
    label = statements.label(asked.iri) or asked.iri
    names = [name for name in statements.names(asked.iri) if name != label]
    found: dict[str, Any] = {"iri": asked.iri, "kind": asked.kind, "label": label, "names": names[:_NAMES]}
    if asked.kind == "report":
        found |= _about_report(graph, asked.iri)
    if asked.kind == "model":
        found["reports"] = statements.reports_of(asked.iri)[:_NAMES]
    if asked.kind in {"run", "hardware"}:
        found |= {"model": statements.model_of(asked.iri), "stage": statements.stage_of(asked.iri)}
    used = len(statements.subjects_of(f"{KG}catalogInput", asked.iri))
    return found | ({"derivedFromIt": used} if used else {})


def _about_report(graph: Graph, iri: str) -> dict[str, Any]:
    facts = dict(graph.statements.facts(iri))
    told = {name: text_of(facts[predicate]) for predicate, name in _ABOUT_REPORT.items() if predicate in facts}
    models = graph.statements.subjects_of(f"{KG}describedIn", iri)
    return told | {"models": [{"iri": model, "label": graph.statements.label(model) or model} for model in dict.fromkeys(models)]}


def term_of(graph: Graph, asked: Asked) -> dict[str, Any]:
    """Return what a class, a relation or a stage of the ontology means."""
    name = asked.iri.removeprefix(KG)
    head = {"iri": asked.iri, "kind": asked.kind, "names": []}
    if asked.kind == "relation":
        item = graph.schema.relations[name]
        origin = {"report": REPORTED, "catalog": CATALOGUE}.get(item.origin, item.origin)
        more = {"domain": item.domain, "range": item.range, "origin": origin, "oneValue": item.functional}
        values = {"values": list(item.values)} if item.values else {}
        return {**head, "label": item.label, "definition": item.definition, "example": item.example, **more, **values}
    if asked.kind == "class" and name in graph.schema.classes:
        known = graph.schema.classes[name]
        return {**head, "label": known.label, "definition": known.definition, "example": known.example}
    definition = next(iter(graph.statements.texts(asked.iri, _DEFINITION)), "")
    return {**head, "label": graph.statements.label(asked.iri) or name, "definition": definition}
