"""A thing -> everything the graph says of it as JSON values: its facts by run and stage with their words, gaps, contradictions.

A thing is a model, a dataset, an organization, an accelerator, a run, a report, or a term of the ontology. What is
given is bounded: `leftOut` says how many facts are missing and how to get them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyoxigraph as ox

from kg.errors import UnknownName
from kg.model import Finding
from kg.sparql.statements import DOMAINS, SHORTCUTS, STRUCTURE, Statement, wide
from kg.terms import KG, RDF, RDFS, SKOS
from kg.why._asked import Asked, read_thing
from kg.why._facts import known_of, text_of
from kg.why._graph import Graph
from kg.why._heads import CATALOGUE, DERIVED, REPORTED, head_of, term_of
from kg.why._told import WORDS, Key, fact_row, finding_row

ORIGINS = (REPORTED, DERIVED, CATALOGUE)
WHOLE = "training as a whole"
BY_CATALOGUE = "the catalogue"

_OF_MODELS = frozenset({"model", "run", "hardware"})
_UNTOLD = {f"{RDF}type", f"{RDFS}label", f"{SKOS}altLabel", *STRUCTURE, *SHORTCUTS, f"{KG}describedIn", f"{KG}stage"}
_EVIDENCE = frozenset({"Claim", "DerivedFact"})  # what leads from these to a thing is no fact about it
_FINDINGS = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts of a thing are wanted: of a stage, a relation, an origin; from the `offset`th on, at most `limit`.

    `characters` bounds them as JSON; the first one is always given.
    """

    stage: str | None = None
    relation: str | None = None
    origin: str | None = None
    offset: int = 0
    limit: int = 100
    characters: int = 40_000

    @property
    def everything(self) -> bool:
        """Return whether no fact is unwanted, though not all may fit."""
        return (self.stage, self.relation, self.origin, self.offset) == (None, None, None, 0)


def describe(graph: Graph, text: str, wanted: Wanted) -> dict[str, Any]:
    """Return what the graph says of the thing that an IRI, a name, a report's id or a term of the ontology means.

    Raise UnknownName with near names when there is no such thing, relation or stage; UsageError when a name means several things.
    """
    if wanted.relation is not None and wanted.relation not in graph.schema.relations:
        raise UnknownName("relation", wanted.relation, graph.schema.relations)
    if wanted.stage is not None and wanted.stage not in graph.schema.stages:
        raise UnknownName("stage", wanted.stage, graph.schema.stages)
    asked = read_thing(graph, text)
    if asked.kind in {"relation", "class", "stage"}:
        return {"thing": term_of(graph, asked), "groups": [], "facts": 0, "findings": []}
    keys = [*_catalogue(graph, asked.iri), *_own(graph, asked), *_naming(graph, asked)]
    chosen = [key for key in keys if _is_wanted(graph, key, wanted)]
    rows, taken = _read(graph, chosen, wanted)
    found: dict[str, Any] = {"thing": head_of(graph, asked), "groups": rows, "facts": len(chosen)}
    if asked.kind == "model" and graph.statements.reports_of(asked.iri) and wanted.everything:
        found["notStated"] = _unstated(graph, keys)
    about = _findings(graph, asked, wanted)
    found["findings"] = [finding_row(item) for item in about[:_FINDINGS]]
    missing = len(chosen) - wanted.offset - taken
    if missing > 0 or wanted.offset or len(about) > _FINDINGS:
        found["leftOut"] = _left_out(wanted, taken, max(missing, 0), len(about) - _FINDINGS)
    return found


def _left_out(wanted: Wanted, taken: int, missing: int, findings: int) -> dict[str, Any]:
    after = wanted.offset + taken
    parts = [f"for the next facts, describe it again with offset {after}"] if missing else []
    parts += ["or narrow it by stage, relation or origin"] if missing else []
    parts += [f"{findings:,} more findings: narrow it by relation"] if findings > 0 else []
    how = ", ".join(parts) or "nothing after these"
    return {"before": min(wanted.offset, after), "after": missing, "findings": max(findings, 0), "how": how}


# Which facts there are ----------------------------------------------------------------------------------------------------------


def _catalogue(graph: Graph, iri: str) -> list[Key]:
    return [Key(iri, fact.relation, fact.value, CATALOGUE) for fact in known_of(graph, iri)]


def _own(graph: Graph, asked: Asked) -> list[Key]:
    """Return the facts of a model, a run or hardware, those that a report states, or the one of a claim, in order."""
    together: dict[Key, list[Statement]] = {}
    for item in _statements(graph, asked):
        key = Key(item.subject, item.name, text_of(item.value), DERIVED if item.derived else REPORTED)
        together.setdefault(key, []).append(item)
    keys = [Key(key.subject, key.relation, key.value, key.origin, True, tuple(same)) for key, same in together.items()]
    return sorted(keys, key=_order(graph))


def _statements(graph: Graph, asked: Asked) -> Iterator[Statement]:
    statements = graph.statements
    if asked.kind in _OF_MODELS:
        for subject in statements.below(asked.iri):
            yield from statements.about(subject)
    elif asked.kind == "report":
        id = statements.label(asked.iri)
        for model in dict.fromkeys(statements.subjects_of(f"{KG}describedIn", asked.iri)):
            subjects = statements.below(model)
            yield from (item for subject in subjects for item in statements.about(subject) if item.report == id)
    elif found := statements.statement(asked.iri):
        yield found
        yield from statements.resting_on(asked.iri)


def _naming(graph: Graph, asked: Asked) -> list[Key]:
    """Return the facts of others whose value is the thing: read from the default graph, which has each fact once."""
    if asked.kind in {"report", "run", "hardware", "claim", "derivedfact", "derived"}:
        return []
    quads = graph.store.quads_for_pattern(None, None, ox.NamedNode(asked.iri), ox.DefaultGraph())
    found = {(text_of(quad.subject), quad.predicate.value) for quad in quads}
    told = sorted(pair for pair in found if pair[1].startswith(KG) and pair[1] not in _UNTOLD)
    schema = graph.schema.relations
    names = ((subject, iri.removeprefix(KG)) for subject, iri in told)
    return [
        Key(subject, name, asked.iri, CATALOGUE if schema[name].origin == "catalog" else REPORTED, False)
        for subject, name in names
        if name in schema and schema[name].domain not in _EVIDENCE
    ]


def _order(graph: Graph) -> Callable[[Key], tuple[str, int, str, int, str]]:
    """Return the order of facts: by model, its own first, then by run, stage and the ontology's order of relations."""
    stages = {stage: number for number, stage in enumerate([None, *graph.schema.stages])}
    relations = {name: number for number, name in enumerate(graph.schema.relations)}

    def place(key: Key) -> tuple[str, int, str, int, str]:
        model = graph.statements.model_of(key.subject) or key.subject
        part = 0 if key.subject == model else 1 + stages.get(graph.statements.stage_of(key.subject), len(stages))
        return (model, part, key.origin if key.origin != REPORTED else "", relations.get(key.relation, len(relations)), key.value)

    return place


def _is_wanted(graph: Graph, key: Key, wanted: Wanted) -> bool:
    if wanted.origin is not None and key.origin != wanted.origin:
        return False
    if wanted.relation is not None and f"{KG}{key.relation}" not in {*wide(f"{KG}{wanted.relation}"), f"{KG}{wanted.relation}"}:
        return False
    return wanted.stage is None or graph.statements.stage_of(key.subject) == wanted.stage


def _unstated(graph: Graph, keys: Iterable[Key]) -> list[str]:
    stated = {key.relation for key in keys if key.own}
    relations = graph.schema.relations.values()
    return [item.name for item in relations if item.origin == "report" and item.domain in DOMAINS and item.name not in stated]


# What each fact says ------------------------------------------------------------------------------------------------------------


def _read(graph: Graph, chosen: list[Key], wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
    """Return the wanted facts, those of one run or stage together, and how many they are."""
    keys = chosen[wanted.offset : wanted.offset + wanted.limit]
    stated = {key: key.statements or _stating(graph, key) for key in keys}
    shown = {claim.report or "" for items in stated.values() for claim in items[:WORDS]}
    places = graph.sources(sorted(shown - {""}))
    disputed = _disputed(graph, chosen)
    rows: list[tuple[Key, dict[str, Any]]] = []
    size = 0
    for key in keys:
        row = fact_row(graph, key, stated[key], places) | ({"disputed": True} if (key.subject, key.relation) in disputed else {})
        size += len(json.dumps(row, ensure_ascii=False))
        if rows and size > wanted.characters:
            break
        rows.append((key, row))
    groups = groupby(rows, key=lambda pair: _part(graph, pair[0]))
    return [_group(graph, about, part, [row for _, row in some]) for (about, part), some in groups], len(rows)


def _part(graph: Graph, key: Key) -> tuple[str, str]:
    """Return what a fact is told of, and of which part of it: a stage, the training as a whole, the thing itself."""
    about = graph.statements.model_of(key.subject) or key.subject
    if key.origin == CATALOGUE and key.own:
        return about, BY_CATALOGUE
    return about, "itself" if key.subject == about else graph.statements.stage_of(key.subject) or WHOLE


def _group(graph: Graph, about: str, part: str, facts: list[dict[str, Any]]) -> dict[str, Any]:
    found = {"about": about, "label": graph.statements.label(about) or about, "part": part}
    stage = {"stage": part} if part in graph.schema.stages else {}
    return found | stage | {"facts": facts} | (_sources(graph, about) if part == BY_CATALOGUE else {})


def _sources(graph: Graph, thing: str) -> dict[str, list[str]]:
    """Return on whose word the catalogue says what it says of a thing."""
    known = next(known_of(graph, thing), None)
    told = {"sources": known.sources, "credits": known.credits} if known else {}
    return {name: list(texts) for name, texts in told.items() if texts}


def _stating(graph: Graph, key: Key) -> tuple[Statement, ...]:
    found = graph.statements.about(key.subject, frozenset({f"{KG}{key.relation}"}))
    return tuple(item for item in found if text_of(item.value) == key.value)


def _disputed(graph: Graph, keys: Iterable[Key]) -> set[tuple[str, str]]:
    """Return the subjects and relations that have several stated values where one report can give one only."""
    values: dict[tuple[str, str], set[str]] = {}
    for key in keys:
        relation = graph.schema.relations.get(key.relation)
        if key.own and key.origin == REPORTED and relation and relation.functional:
            values.setdefault((key.subject, key.relation), set()).add(key.value)
    return {pair for pair, some in values.items() if len(some) > 1}


# What is wrong or missing -------------------------------------------------------------------------------------------------------


def _findings(graph: Graph, asked: Asked, wanted: Wanted) -> list[Finding]:
    if asked.kind == "report":
        id = graph.statements.label(asked.iri)
        known = graph.findings_about(None, [id or asked.iri])
        found = [item for item in known if id in {item.report, *(label.report for label in item.labels)}]
    elif asked.kind in _OF_MODELS:
        subjects = {asked.iri, *graph.statements.below(asked.iri)}
        known = graph.findings_about(graph.statements.model_of(asked.iri) or asked.iri)
        found = [item for item in known if item.subject in subjects]
    else:
        return []
    return [item for item in found if wanted.relation is None or item.relation == wanted.relation]
