"""A finished build -> what it says of each model: claims.jsonl, suggestions.jsonl, coverage.jsonl, derived.jsonl and the store."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox

from kg.errors import BuildError
from kg.gaps.told import Told, told
from kg.iris import claim_iri
from kg.model import Claim, Derivation, Derived, Undetermined
from kg.names import OWN, Names
from kg.runs import said
from kg.schema import Schema
from kg.terms import RDF, RDFS

_SUBJECT = ox.NamedNode(f"{RDF}subject")
_LABEL = ox.NamedNode(f"{RDFS}label")
_UNREADABLE = '"unreadable"'
_FACT = "id model label subject relation stage rule formula unit low value high report".split()
_GAP = "model label subject relation stage rule reason report".split()
_Item = TypeVar("_Item")


def read(folder: Path, store: ox.Store, schema: Schema) -> list[Told]:
    """Return what a build says of each model, sorted by IRI; raise BuildError when the build is damaged."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    for row in _rows(folder / "claims.jsonl"):
        claim = _given(row, folder / "claims.jsonl", _claim)
        claims[claim.report].append(claim)
    names = _names(claims, store, schema)
    suggestions = [_given(row, folder / "suggestions.jsonl", _claim) for row in _rows(folder / "suggestions.jsonl")]
    models = said({report: None for report in sorted(claims)}, claims, names, schema)
    return told(models, _derivation(folder), suggestions, _unreadable(folder))


def _rows(path: Path, holding: str = "") -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a file of JSON lines that hold a text."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if holding in line:
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise _damaged(path)
                    yield row
    except (OSError, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> BuildError:
    return BuildError("the build cannot be read, or is of another version of kg", where=str(path), hint="build again")


def _names(claims: Mapping[str, Iterable[Claim]], store: ox.Store, schema: Schema) -> Names:
    """Return the IRIs and labels that the build gave to the models of its reports, as its store holds them."""
    iris: dict[tuple[str, str], str | None] = {}
    labels: dict[str, str] = {}
    for said_ in claims.values():
        for claim in said_:
            if claim.model and iris.get((OWN, claim.model)) is None:
                iris[OWN, claim.model] = _model(claim, store, schema)
    for iri in iris.values():
        for quad in store.quads_for_pattern(ox.NamedNode(iri), _LABEL, None, ox.DefaultGraph()) if iri else ():
            labels[iri or ""] = quad.object.value if isinstance(quad.object, ox.Literal) else ""
    return Names(schema.base, iris, labels)


def _model(claim: Claim, store: ox.Store, schema: Schema) -> str | None:
    """Return the IRI of the model that a claim is about, by the subject that its node in the store has."""
    node = ox.NamedNode(claim_iri(schema.base, claim))
    for quad in store.quads_for_pattern(node, _SUBJECT, None):
        if isinstance(quad.object, ox.NamedNode):
            path = quad.object.value.removeprefix(schema.base).partition("/")[2]
            return f"{schema.base}model/{path.removesuffix(f'/{claim.stage}') if claim.stage else path}"
    return None


def _unreadable(folder: Path) -> dict[tuple[str, str], str]:
    """Return why relations could not be read, by report and relation, as coverage.jsonl tells."""
    path = folder / "coverage.jsonl"
    found: dict[tuple[str, str], str] = {}
    try:
        for row in _rows(path, _UNREADABLE):
            if row["status"] == "unreadable":
                found[row["report"], row["relation"]] = "the report says something there that could not be read"
    except (KeyError, TypeError) as error:
        raise _damaged(path) from error
    return found


def _derivation(folder: Path) -> Derivation:
    """Return what a build derived, and what it could not derive and why."""
    paths = folder / "derived.jsonl", folder / "undetermined.jsonl"
    facts = tuple(_given(row, paths[0], _fact) for row in _rows(paths[0]))
    return Derivation(facts, tuple(_given(row, paths[1], _gap) for row in _rows(paths[1])))


def _given(row: Mapping[str, Any], path: Path, read: Callable[[Mapping[str, Any]], _Item]) -> _Item:
    try:
        return read(row)
    except (KeyError, TypeError) as error:
        raise _damaged(path) from error


def _fact(row: Mapping[str, Any]) -> Derived:
    given: dict[str, Any] = {name: row[name] for name in _FACT}
    return Derived(**given, assumptions=tuple(row["assumptions"]), derived=tuple(row["derived"]))


def _gap(row: Mapping[str, Any]) -> Undetermined:
    return Undetermined(**{name: row[name] for name in _GAP}, missing=tuple(row["missing"]))


def _claim(row: Mapping[str, Any]) -> Claim:
    return Claim.from_json(dict(row))
