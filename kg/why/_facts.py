"""Statements of a store -> facts with what they rest on: words, formulas, inputs down to the words, figures of the catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pyoxigraph as ox

from kg.chain import Computed, Fact, Known, Remark, Said, words
from kg.model import Finding
from kg.places import ReportSource
from kg.sparql.evidence import claims_below
from kg.sparql.statements import Statement
from kg.terms import KG
from kg.why._graph import Graph

Places = Mapping[str, ReportSource]


def facts_of(graph: Graph, statements: Iterable[Statement], *, uncertain: Iterable[str] = (), remarks: bool = True) -> list[Fact]:
    """Return the facts that statements make, each once, by model, stage and relation; `uncertain` are IRIs of statements."""
    together, unsure = _together(statements), set(uncertain)
    rivals = [_rivals(graph, same[0]) for same in together]
    places = places_of(graph, (item for some in (*together, *rivals) for item in some))
    found = []
    for same, others in zip(together, rivals, strict=True):
        fact = _fact(graph, same, places)
        beside = tuple(_fact(graph, other, places) for other in _together(others))
        told = tuple(_remarks(graph, fact)) if remarks else ()
        certain = not any(item.iri in unsure for item in same)
        found.append(replace(fact, others=beside, remarks=told, certain=certain))
    return sorted(found, key=lambda fact: _order(graph, fact))


def _together(statements: Iterable[Statement]) -> list[list[Statement]]:
    """Return statements, those of the same fact together, each once."""
    found: dict[tuple[str, str, str], dict[str, Statement]] = {}
    for item in statements:
        found.setdefault((item.subject, item.relation, str(item.value)), {})[item.iri] = item
    return [list(same.values()) for same in found.values()]


def places_of(graph: Graph, statements: Iterable[Statement]) -> Places:
    """Return the reports that statements and what they were computed from quote."""
    return graph.sources({claim.report or "" for item in statements for claim in claims_below(graph.statements, item)})


def _fact(graph: Graph, same: list[Statement], places: Places) -> Fact:
    first = same[0]
    model = graph.statements.model_of(first.subject) or first.subject
    return Fact(
        model=model,
        label=graph.statements.label(model) or model,
        subject=first.subject,
        stage=graph.statements.stage_of(first.subject),
        relation=first.name,
        origin="derived" if first.derived else "report",
        value=text_of(first.value),
        name=name_of(graph, first.value),
        claims=tuple(said(graph, item, places) for item in same if not item.derived),
        derived=tuple(computed(graph, item, places, set()) for item in same if item.derived),
    )


def _rivals(graph: Graph, item: Statement) -> list[Statement]:
    """Return what is said otherwise about the subject, of a relation that can have one value."""
    relation = graph.schema.relations.get(item.name)
    if relation is None or not relation.functional:
        return []
    return [
        other for other in graph.statements.about(item.subject) if other.relation == item.relation and other.value != item.value
    ]


def _order(graph: Graph, fact: Fact) -> tuple[str, int, int, int, str]:
    """Order facts by model, its own first, then those of the whole training and of stages, relations as the ontology lists them."""
    stages, relations = [None, *graph.schema.stages], list(graph.schema.relations)
    run = 0 if fact.subject == fact.model else 1 + (stages.index(fact.stage) if fact.stage in stages else len(stages))
    place = relations.index(fact.relation) if fact.relation in relations else len(relations)
    return (fact.model, run, int(fact.origin == "derived"), place, fact.value)


def text_of(value: object) -> str:
    """Return a value as text: an IRI, or what a literal holds."""
    return str(getattr(value, "value", value))


def name_of(graph: Graph, value: object) -> str | None:
    """Return the label of the thing that a value is; None for a literal."""
    return graph.statements.label(value.value) if isinstance(value, ox.NamedNode) else None


def said(graph: Graph, item: Statement, places: Places) -> Said:
    """Return a claim with its words."""
    return Said(
        claim=item.iri,
        relation=item.name,
        value=text_of(item.value),
        name=name_of(graph, item.value),
        value_max=item.one("valueMax"),
        unit=item.one("unit"),
        approximate=item.one("approximate") == "true",
        method=item.one("method") or "rule",
        words=words(item.report or "", item.number("start"), item.number("end"), places),
    )


def computed(graph: Graph, item: Statement, places: Places, seen: set[str], depth: int = sys.maxsize) -> Computed:
    """Return a derived fact with what went into it, down to the words; one that was told already is not told again.

    Of what lies deeper than `depth` further derived facts, only the heads are told.
    """
    model = graph.statements.model_of(item.subject) or item.subject
    head = Computed(
        derived=item.iri,
        label=graph.statements.label(model) or model,
        relation=item.name,
        stage=graph.statements.stage_of(item.subject),
        value=text_of(item.value),
        low=item.one("lowerBound"),
        high=item.one("upperBound"),
        unit=item.one("measuredIn"),
        rule=item.one("rule") or "",
        formula=item.one("formula") or "",
        repeated=item.iri in seen or depth < 0,
    )
    if head.repeated:
        return head
    seen.add(item.iri)
    inputs = [found for iri in item.more.get("input", ()) if (found := graph.statements.statement(iri))]
    below = [found for iri in item.more.get("derivedFrom", ()) if (found := graph.statements.statement(iri))]
    return replace(
        head,
        assumptions=item.more.get("assumption", ()),
        figures=item.more.get("figure", ()),
        claims=tuple(said(graph, claim, places) for claim in sorted(inputs, key=Statement.sort_key)),
        inputs=tuple(computed(graph, other, places, seen, depth - 1) for other in below),
        catalog=tuple(_figures(graph, item)),
    )


def _figures(graph: Graph, item: Statement) -> Iterator[Known]:
    """Yield the facts of the catalogue that went into a derived fact: those that its figures tell of."""
    figures = item.more.get("figure", ())
    for thing in item.more.get("catalogInput", ()):
        for fact in known_of(graph, thing):
            head = f"{graph.schema.relations[fact.relation].label} of {fact.label}:"
            if any(figure.startswith(head) for figure in figures):
                yield fact


def known_of(graph: Graph, thing: str) -> Iterator[Known]:
    """Yield what the catalogue says of a thing, in order of the ontology, each with the sources and credits that it names."""
    facts = graph.statements.facts(thing)
    sources, credits = (tuple(text_of(value) for iri, value in facts if iri == KG + name) for name in ("source", "credit"))
    label = graph.statements.label(thing) or thing
    for relation in graph.schema.relations.values():
        if relation.origin == "catalog" and relation.name not in {"source", "credit"}:
            for iri, value in facts:
                if iri == relation.iri:
                    yield Known(thing, label, relation.name, text_of(value), name_of(graph, value), sources, credits)


def _remarks(graph: Graph, fact: Fact) -> Iterator[Remark]:
    """Yield the findings about a fact: those that point at its words, and those about its relation."""
    for finding in graph.findings_about(fact.model, {claim.words.report for claim in fact.claims}):
        if _is_about(finding, fact):
            yield remark(finding)


def _is_about(finding: Finding, fact: Fact) -> bool:
    if finding.relation == fact.relation and finding.subject in {fact.subject, fact.model}:
        return True
    if finding.code.startswith("KG2"):  # what is missing points at what stands nearest, which may be anything
        return False
    quoted = [claim.words for claim in fact.claims]
    return any(
        label.report == place.report and label.start < place.end and place.start < label.end
        for label in finding.labels
        for place in quoted
    )


def remark(finding: Finding) -> Remark:
    """Return a finding as it stands beside a fact."""
    return Remark(finding.code, finding.severity, finding.message, finding.notes)
