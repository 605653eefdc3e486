"""A fact that is not there -> what was looked for, what a rule lacks, and what comes near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.chain import Absent, Fact, Said, words
from kg.schema import Relation
from kg.sparql.statements import Statement, wide
from kg.values import name_key
from kg.why._facts import facts_of, remark
from kg.why._graph import Graph

NEAR = {
    "acceleratorHours": ("impliedAcceleratorHours",),
    "trainingCompute": ("computeByHardware", "computeByOperations", "runCompute", "cumulativeCompute"),
    "warmupFraction": ("impliedWarmupFraction",),
}
"""Relations that say much the same, beside `implied...` of each."""


def absent(graph: Graph, model: str, relation: Relation, stage: str | None) -> Absent:
    """Return what there is to say of a fact that nobody states and no rule computes."""
    hanging = set(graph.statements.below(model))
    known = graph.findings_about(model)
    about = (finding for finding in known if finding.relation == relation.name and finding.subject in {model, *hanging})
    return Absent(
        model=model,
        label=graph.statements.label(model) or model,
        stage=stage,
        relation=relation.name,
        origin=relation.origin,
        looked_for=relation.definition,
        example=relation.example,
        reports=tuple(graph.statements.reports_of(model)),
        remarks=tuple(remark(finding) for finding in about),
        instead=_instead(graph, hanging, relation),
        suggestions=tuple(_suggestions(graph, model, relation)),
    )


def _instead(graph: Graph, hanging: Iterable[str], relation: Relation) -> tuple[Fact, ...]:
    """Return facts that say much the same: of another stage, derived instead of stated, or stated instead of derived."""
    near = {relation.name, *_similar(relation.name)}
    found: list[Statement] = [item for subject in sorted(hanging) for item in graph.statements.about(subject) if item.name in near]
    return tuple(facts_of(graph, found, remarks=False))


def _similar(name: str) -> Iterator[str]:
    yield f"implied{name[:1].upper()}{name[1:]}"
    if name.startswith("implied"):
        stated = name.removeprefix("implied")
        yield stated[:1].lower() + stated[1:]
    yield from NEAR.get(name, ())
    yield from (stated for stated, others in NEAR.items() if name in others)


def _suggestions(graph: Graph, model: str, relation: Relation) -> Iterator[Said]:
    """Yield what reports may say of it and nobody asserts, the best first."""
    names, reports = _names(graph, model), graph.statements.reports_of(model)
    iris = wide(relation.iri)
    found = [
        claim
        for claim in graph.suggestions
        if graph.schema.relation(claim.relation).iri in iris
        and claim.report in reports
        and (claim.model is None or name_key(claim.model) in names)
    ]
    places = graph.sources({claim.report for claim in found})
    for claim in sorted(found, key=lambda claim: (-claim.score, claim.sort_key())):
        yield Said(
            claim=None,
            relation=claim.relation,
            value=claim.thing or claim.value,
            name=claim.value if claim.thing else None,
            value_max=claim.value_max,
            unit=claim.unit,
            approximate=claim.approximate,
            method=claim.method,
            words=words(claim.report, claim.start, claim.end, places),
            score=round(claim.score, 3),
        )


def _names(graph: Graph, model: str) -> set[str]:
    return {key for kind in ("model", "part") for key, iris in graph.names.get(kind, {}).items() if model in iris}
