"""A build -> its suggestions, what speaks most for them first: what reports may say, and nobody asserts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import BuildError, UnknownName
from kg.model import Claim
from kg.schema import load_schema
from kg.values import name_key

UNNAMED = "(no name)"
"""How a model without name is asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which suggestions to show: those of a report (its id, or the end of it), a model, a relation; None is all."""

    report: str | None = None
    model: str | None = None
    relation: str | None = None


def suggestions(folder: Path, manifest: Mapping[str, Any], wanted: Wanted) -> list[Claim]:
    """Return suggestions of a build, best score first, equal ones by place; raise UnknownName for what the build does not have."""
    every = list(_read(folder / "suggestions.jsonl"))
    found = _of_model(_of_report(_of_relation(every, wanted.relation), wanted.report, manifest), wanted.model, folder)
    return sorted(found, key=lambda claim: (-claim.score, claim.sort_key()))


def _of_relation(claims: Iterable[Claim], relation: str | None) -> Iterable[Claim]:
    if relation is None:
        return claims
    known = [item.name for item in load_schema().relations.values() if item.origin == "report"]
    if relation not in known:
        raise UnknownName("relation", relation, known)
    return (claim for claim in claims if claim.relation == relation)


def _of_report(claims: Iterable[Claim], report: str | None, manifest: Mapping[str, Any]) -> Iterable[Claim]:
    if report is None:
        return claims
    ids = [entry["id"] for entry in manifest["inputs"]]
    meant = {id for id in ids if id == report} or {id for id in ids if f"/{id}".endswith(f"/{report}") or report.endswith(f"/{id}")}
    if not meant:
        raise UnknownName("report", report, ids)
    return (claim for claim in claims if claim.report in meant)


def _of_model(claims: Iterable[Claim], model: str | None, folder: Path) -> Iterable[Claim]:
    if model is None:
        return claims
    chosen = [claim for claim in claims if _is_model(claim, model)]
    if not chosen:
        every = [*_read(folder / "suggestions.jsonl"), *_read(folder / "claims.jsonl")]
        if not any(_is_model(claim, model) for claim in every):
            raise UnknownName("model", model, {claim.model or UNNAMED for claim in every})
    return chosen


def _is_model(claim: Claim, name: str) -> bool:
    return name == UNNAMED if claim.model is None else name_key(claim.model) == name_key(name)


def _read(path: Path) -> Iterator[Claim]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from map(Claim.from_json, map(json.loads, file))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BuildError(f"the build cannot be read: {error}", where=str(path), hint="build again") from error
