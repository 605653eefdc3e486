"""What one report says -> its graph: facts about models, runs and hardware, and the claims that show where each stands.

`facts` go to the default graph as well; `evidence` (claims and the text they point into) stands in the report's graph alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.graph.quads import quads
from kg.iris import claim_iri, hardware_iri, report_iri, run_iri
from kg.model import Claim, Document
from kg.names import Names
from kg.terms import DCTERMS, KG, LABEL, OA, RDF, TYPE, XSD, integer, path, string, typed
from kg.values import literal

if TYPE_CHECKING:
    from kg.schema import Relation, Schema

TRAINED_ON = "trainingDataset"
"""The relation of a run that its model repeats as `trainedOn`; `hasBackbone` follows from the ontology's super-properties."""

_IS_CLAIM = f"{TYPE} <{KG}Claim>"
_SUBJECT, _PREDICATE, _OBJECT = f"<{RDF}subject>", f"<{RDF}predicate>", f"<{RDF}object>"
_START, _END = f"<{OA}start>", f"<{OA}end>"
_DATES = {4: "gYear", 7: "gYearMonth", 10: "date"}
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_TRUE = f'"true"^^<{XSD}boolean>'


@dataclass(frozen=True, slots=True)
class ReportGraph:
    """The triples of a report: what it says, and where it says it."""

    iri: str
    facts: frozenset[str]
    evidence: tuple[str, ...]


def report_graph(document: Document, claims: Sequence[Claim], names: Names, schema: Schema) -> ReportGraph:
    """Return the graph of one report from its resolved claims; a name that may mean several things gives no fact."""
    report = report_iri(schema.base, document.id)
    facts = set(_about_report(document, report))
    evidence = [f"<{report}> {_kg('text')} {string(document.source)}"]
    subjects: dict[tuple[str | None, str | None, str], tuple[str, str]] = {}
    for claim in claims:
        relation = schema.relation(claim.relation)
        if claim.thing is None and not relation.range.startswith("xsd:"):
            continue
        place = (claim.model, claim.stage, relation.domain)
        if place not in subjects:
            model = names.model(claim.report, claim.model)
            label = names.label(model, f"unnamed model of {claim.report}")
            subject, structure = _structure(schema, model, label, claim.stage, relation.domain)
            subjects[place] = model, subject
            facts.update(structure)
            facts.add(f"<{model}> {_kg('describedIn')} <{report}>")
        model, subject = subjects[place]
        value = f"<{claim.thing}>" if claim.thing else _literal(relation.range, claim.value)
        facts.add(f"{subject} <{relation.iri}> {value}")
        facts.update(_shortcuts(schema, relation, model, subject, value))
        if claim.thing:
            facts.add(f"{value} {TYPE} {_kg(relation.range)}")
            facts.add(f"{value} {LABEL} {string(names.label(claim.thing, claim.value))}")
        evidence += _evidence(schema, claim, relation, subject, value)
    return ReportGraph(f"{schema.base}graph/report/{path(document.id)}", frozenset(facts), tuple(evidence))


def report_quads(graph: ReportGraph) -> list[str]:
    """Return the sorted N-Quads lines of a report's graph."""
    return quads((*graph.facts, *graph.evidence), graph.iri)


def _kg(name: str) -> str:
    return f"<{KG}{name}>"


def _about_report(document: Document, report: str) -> Iterator[str]:
    yield f"<{report}> {TYPE} {_kg('Report')}"
    yield f"<{report}> {LABEL} {string(document.id)}"
    yield f"<{report}> {_kg('sha256')} {string(document.sha256)}"
    if document.origin:
        yield f"<{report}> {_kg('path')} {string(document.origin.file)}"
        if document.origin.line is not None:
            yield f"<{report}> {_kg('line')} {integer(document.origin.line)}"
    for field in document.fields:
        if field.name == "title":
            yield f"<{report}> <{DCTERMS}title> {string(field.value)}"
        elif field.name == "arxivId":
            yield f"<{report}> {_kg('arxivId')} {string(field.value)}"
        elif field.name == "published" and _DATE.fullmatch(field.value):
            yield f"<{report}> <{DCTERMS}issued> {typed(field.value, XSD + _DATES[len(field.value)])}"


@lru_cache(maxsize=1 << 14)
def _literal(range: str, value: str) -> str:
    try:
        return typed(*literal(range, value))
    except ValueError:  # kept as it is: the shapes say that its datatype is wrong, and where it stands
        return string(value)


def _structure(schema: Schema, model: str, label: str, stage: str | None, domain: str) -> tuple[str, list[str]]:
    """Return the subject that a relation of this domain hangs on, and the triples that lead to it from the model."""
    triples = [f"<{model}> {TYPE} {_kg('Model')}", f"<{model}> {LABEL} {string(label)}"]
    if domain == "Model":
        return f"<{model}>", triples
    whole = run = f"<{run_iri(schema.base, model, None)}>"
    triples += _run(model, run, f"{label}, training")
    if stage:
        run = f"<{run_iri(schema.base, model, stage)}>"
        triples += _run(model, run, f"{label}, {stage}")
        triples += [f"{run} {_kg('stage')} <{schema.stages[stage]}>", f"{run} {_kg('partOf')} {whole}"]
    if domain == "TrainingRun":
        return run, triples
    hardware = f"<{hardware_iri(schema.base, model, stage)}>"
    triples += [f"{run} {_kg('hardware')} {hardware}", f"{hardware} {TYPE} {_kg('HardwareConfig')}"]
    return hardware, triples


def _run(model: str, run: str, label: str) -> list[str]:
    return [f"<{model}> {_kg('hasRun')} {run}", f"{run} {TYPE} {_kg('TrainingRun')}", f"{run} {LABEL} {string(label)}"]


def _shortcuts(schema: Schema, relation: Relation, model: str, subject: str, value: str) -> Iterator[str]:
    for parent in relation.parents:
        yield f"{subject} <{schema.relation(parent).iri}> {value}"
    if relation.name == TRAINED_ON:
        yield f"<{model}> {_kg('trainedOn')} {value}"


def _evidence(schema: Schema, claim: Claim, relation: Relation, subject: str, value: str) -> list[str]:
    node = f"<{claim_iri(schema.base, claim)}>"
    found = [
        f"{node} {_IS_CLAIM}",
        f"{node} {_SUBJECT} {subject}",
        f"{node} {_PREDICATE} <{relation.iri}>",
        f"{node} {_OBJECT} {value}",
        f"{node} {_START} {integer(claim.start)}",
        f"{node} {_END} {integer(claim.end)}",
    ]
    if claim.page is not None:
        found.append(f"{node} {_kg('page')} {integer(claim.page)}")
    if claim.approximate:
        found.append(f"{node} {_kg('approximate')} {_TRUE}")
    if claim.value_max is not None:
        found.append(f"{node} {_kg('valueMax')} {_literal(relation.range, claim.value_max)}")
    if claim.unit is not None:
        found.append(f"{node} {_kg('unit')} {string(claim.unit)}")
    if not claim.method.startswith("rule"):
        found.append(f"{node} {_kg('method')} {string(claim.method)}")
    return found
