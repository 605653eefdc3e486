"""Why a fact is in the graph: a build and what is asked -> an `Answer` (see `kg.chain`), from value to formula to claims to words.

Everything is read from the build's store; only what a build says beside its graph (findings, suggestions) comes from its files.
"""

from __future__ import annotations

from collections.abc import Iterable

from kg.chain import Answer, Fact, Thing
from kg.sparql.evidence import Cited
from kg.sparql.statements import STRUCTURE, Statement, wide
from kg.terms import KG
from kg.why._absent import absent
from kg.why._asked import Asked, kind_of, read_fact
from kg.why._described import ORIGINS, Wanted, describe
from kg.why._facts import computed, facts_of, known_of, name_of, said, text_of
from kg.why._graph import Graph
from kg.why._rows import cited_in_lines

__all__ = [
    "ORIGINS",
    "Graph",
    "Wanted",
    "computed",
    "describe",
    "kind_of",
    "known_of",
    "name_of",
    "read_fact",
    "said",
    "text_of",
    "why",
    "why_cited",
    "why_lines",
]

_OF_MODELS = frozenset({"model", "run", "hardware"})


def why(graph: Graph, text: str, stage: str | None = None) -> Answer:
    """Return what a fact rests on: of a model, `model.relation`, `model.stage.relation`, the IRI or name of anything in the graph.

    Raise UnknownName with near names when there is no such thing, UsageError for what is unclear or no fact.
    """
    asked = read_fact(graph, text, stage)
    if asked.kind in {"claim", "derived"}:
        return _statement(graph, text, asked)
    if asked.kind in _OF_MODELS:
        return _of_model(graph, text, asked)
    if asked.kind == "report":
        return _report(graph, text, asked)
    return _of_thing(graph, text, asked)


def why_lines(graph: Graph, text: str) -> Answer:
    """Return what the facts rest on that rows state, as `kg query --format jsonl` writes them; raise UsageError for others."""
    return why_cited(graph, "-", cited_in_lines(graph.statements, text))


def why_cited(graph: Graph, text: str, cited: Iterable[Cited]) -> Answer:
    """Return what the facts rest on that rows of an answer state."""
    cited = list(cited)
    unsure = {item.statement.iri for item in cited if not item.certain}
    return Answer(text, facts=tuple(facts_of(graph, (item.statement for item in cited), uncertain=unsure)))


def _of_model(graph: Graph, text: str, asked: Asked) -> Answer:
    """Answer about a model or one of its runs: all of its facts, or those of a relation, a stage."""
    statements = graph.statements
    subjects = statements.below(asked.iri)
    if asked.stage:
        subjects = [subject for subject in subjects if subject != asked.iri and statements.stage_of(subject) == asked.stage]
    found: list[Statement] = [item for subject in subjects for item in statements.about(subject)]
    thing = _thing(graph, asked)
    if asked.relation is None:
        facts = facts_of(graph, found, remarks=False)
        if not facts and asked.kind == "model" and not asked.stage:
            return _of_thing(graph, text, asked)
        unstated = () if asked.stage or asked.kind != "model" else _unstated(graph, facts)
        return Answer(text, (thing,), tuple(facts), unstated=unstated, whole=True)
    relations = wide(asked.relation.iri)
    facts = facts_of(graph, (item for item in found if item.relation in relations))
    lacking = () if facts else (absent(graph, asked.iri, asked.relation, asked.stage),)
    return Answer(text, (thing,), tuple(facts), lacking)


def _unstated(graph: Graph, facts: Iterable[Fact]) -> tuple[str, ...]:
    stated = {fact.relation for fact in facts}
    return tuple(name for name, relation in graph.schema.relations.items() if relation.origin == "report" and name not in stated)


def _statement(graph: Graph, text: str, asked: Asked) -> Answer:
    """Answer about a claim or a derived fact, and what was computed from it."""
    found = graph.statements.statement(asked.iri)
    same = [found] if found else []
    resting = facts_of(graph, graph.statements.resting_on(asked.iri), remarks=False)
    return Answer(text, facts=tuple(facts_of(graph, same)), resting=tuple(resting))


def _report(graph: Graph, text: str, asked: Asked) -> Answer:
    """Answer about a report: the facts that it states."""
    id = graph.statements.label(asked.iri)
    models = graph.statements.subjects_of(f"{KG}describedIn", asked.iri)
    subjects = [subject for model in models for subject in graph.statements.below(model)]
    said = [item for subject in subjects for item in graph.statements.about(subject) if item.report == id]
    return Answer(text, (_thing(graph, asked),), tuple(facts_of(graph, said, remarks=False)), whole=True)


def _of_thing(graph: Graph, text: str, asked: Asked) -> Answer:
    """Answer about what is no model of a report: what the catalogue knows of it, and which facts name it."""
    thing = _thing(graph, asked)
    if asked.relation:
        known = tuple(fact for fact in thing.known if fact.relation == asked.relation.name)
        return Answer(text, (Thing(thing.iri, thing.kind, thing.label, known=known),))
    naming = [item for item in graph.statements.naming(asked.iri) if item.relation not in STRUCTURE]
    used = graph.statements.using(asked.iri)
    return Answer(text, (thing,), tuple(facts_of(graph, (*naming, *used), remarks=False)), whole=True)


def _thing(graph: Graph, asked: Asked) -> Thing:
    label = graph.statements.label(asked.iri) or asked.iri
    names = tuple(name for name in graph.statements.names(asked.iri) if name != label)
    reports = tuple(graph.statements.reports_of(asked.iri))
    return Thing(asked.iri, asked.kind, label, names, reports, tuple(known_of(graph, asked.iri)))
