"""Reports as they were read, and decisions of people -> the same reports with what was decided; what is kept to decide anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kg.decisions import Decisions, read_decisions, spelled
from kg.reading import Reports, ordered
from kg.review import Applied, Read, apply
from kg.wire import scored

if TYPE_CHECKING:
    from kg.config import Config
    from kg.schema import Schema


def decisions_of(config: Config, schema: Schema) -> Decisions:
    """Return the decisions that the settings name, none without a file; raise ConfigError with its line."""
    return read_decisions(config.decisions, schema) if config.decisions else Decisions()


def decide(reports: Reports, decisions: Decisions, schema: Schema) -> tuple[Reports, Applied]:
    """Return reports with decisions applied to what was read in them, and what became of the decisions."""
    if not decisions.every:
        return reports, Applied()
    applied = apply(decisions, read_in(reports), _spellings(reports, decisions, schema))
    claims = {id: ordered(said, reports.documents[id]) for id, said in applied.claims.items()}
    suggestions = {**reports.suggestions, **applied.suggestions}
    return replace(reports, claims={**reports.claims, **claims}, suggestions=suggestions), applied


def read_in(reports: Reports) -> dict[str, Read]:
    """Return what was read in each report, for decisions."""
    found = {}
    for id, document in reports.documents.items():
        file = document.origin.file if document.origin else None
        found[id] = Read(id, document.source, reports.claims[id], reports.suggestions[id], file)
    return found


def undecided(reports: Reports, applied: Applied) -> Iterator[Mapping[str, Any]]:
    """Yield what was read in each report that decisions changed: a build from these reports decides anew upon it."""
    for id in applied.claims:
        claims = [replace(claim, thing=None).to_json() for claim in reports.claims[id]]  # what names mean is found out anew
        yield {"report": id, "claims": claims, "suggestions": [scored(claim) for claim in reports.suggestions[id]]}


def _spellings(reports: Reports, decisions: Decisions, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield kinds and keys of the names in all reports, and of those names in decisions that the catalogue knows."""
    for claims in (*reports.claims.values(), *reports.suggestions.values()):
        for claim in claims:
            range_ = schema.relation(claim.relation).range
            if not range_.startswith("xsd:"):
                yield range_.lower(), spelled(claim.value)
            if claim.model:
                yield "model", spelled(claim.model)
    for decision in decisions.of_names:
        yield from ((decision.kind, spelled(name)) for name in decision.names if schema.find(name, decision.kind))
