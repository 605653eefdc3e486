"""A build -> its suggestions and claims under their ids: what reports may say and nobody asserts, and what is asserted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.decisions import claims_by_id, reported
from kg.errors import BuildError, UnknownName, UsageError
from kg.model import Claim
from kg.schema import load_schema
from kg.values import name_key

UNNAMED = "(no name)"
"""How a model without name is asked for."""

SHORTEST = 4
"""Characters of an id that are enough when no other one begins so."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims to show: those of a report (its id, or the end of it), a model, a relation; None is all."""

    report: str | None = None
    model: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A claim or a suggestion of a build, with its id."""

    id: str
    claim: Claim
    suggested: bool = False


def listed(folder: Path) -> list[Listed]:
    """Return the suggestions of a build, then its claims, both by place; raise BuildError when it is damaged."""
    suggested = list(_read(folder / "suggestions.jsonl"))
    every = claims_by_id((*suggested, *_read(folder / "claims.jsonl")))
    return [Listed(id, claim, number < len(suggested)) for number, (id, claim) in enumerate(every.items())]


def suggestions(folder: Path, manifest: Mapping[str, Any], wanted: Wanted) -> list[Listed]:
    """Return suggestions of a build, best score first, equal ones by place; raise UnknownName for what the build does not have."""
    every = claims_by_id(_read(folder / "suggestions.jsonl"))
    found = _chosen([Listed(id, claim, True) for id, claim in every.items()], manifest, wanted, folder)
    return sorted(found, key=lambda item: (-item.claim.score, item.claim.sort_key()))


def claims(folder: Path, manifest: Mapping[str, Any], wanted: Wanted) -> list[Listed]:
    """Return claims of a build by place; raise UnknownName for what the build does not have."""
    return _chosen([item for item in listed(folder) if not item.suggested], manifest, wanted, folder)


def found(every: Iterable[Listed], id: str) -> Listed:
    """Return what has an id, or begins with it as nothing else does; raise UnknownName or UsageError."""
    items = {item.id: item for item in every}
    if id in items:
        return items[id]
    begun = [name for name in items if name.startswith(id)] if len(id) >= SHORTEST else []
    if len(begun) == 1:
        return items[begun[0]]
    if begun:
        raise UsageError(f"'{id}' begins {len(begun)} ids: {', '.join(sorted(begun)[:3])}", hint="write more of it")
    alike = [name for name in items if name[:2] == id[:2]]  # all of them would be too many to compare
    raise UnknownName("claim or suggestion", id, alike or list(items)[:1000])


def report_named(name: str, manifest: Mapping[str, Any]) -> str:
    """Return the report of a build that has an id, or ends with it as no other does; raise UnknownName or UsageError."""
    meant = sorted(_reports(name, manifest))
    if len(meant) > 1:
        raise UsageError(f"'{name}' may be several reports: {', '.join(meant[:3])}", hint="write more of the path")
    return meant[0]


def _chosen(every: list[Listed], manifest: Mapping[str, Any], wanted: Wanted, folder: Path) -> list[Listed]:
    known = reported(load_schema())
    if wanted.relation is not None and wanted.relation not in known:
        raise UnknownName("relation", wanted.relation, known)
    reports = None if wanted.report is None else _reports(wanted.report, manifest)
    chosen = [
        item
        for item in every
        if wanted.relation in {None, item.claim.relation} and (reports is None or item.claim.report in reports)
    ]
    return chosen if wanted.model is None else _of_model(chosen, wanted.model, folder)


def _reports(report: str, manifest: Mapping[str, Any]) -> set[str]:
    ids = [entry["id"] for entry in manifest["inputs"]]
    meant = {id for id in ids if id == report} or {id for id in ids if f"/{id}".endswith(f"/{report}") or report.endswith(f"/{id}")}
    if not meant:
        raise UnknownName("report", report, ids)
    return meant


def _of_model(items: Iterable[Listed], model: str, folder: Path) -> list[Listed]:
    chosen = [item for item in items if _is_model(item.claim, model)]
    if not chosen:
        every = [item.claim for item in listed(folder)]
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
