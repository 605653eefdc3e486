"""A build, or claims that will be one -> what it states: every fact once, and where each is said.

A fact is what the graph would hold of a claim, with the other end of a range and the unit; offsets are no part of it, so that text
that moves changes no fact. Only facts and the places of their claims are kept: claims are read again when they are shown.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path
from sys import intern
from typing import Any, Generic, NamedTuple, TypeVar

import pyoxigraph as ox

from kg.errors import BuildError
from kg.iris import claim_iri
from kg.model import Claim
from kg.schema import Schema
from kg.store import Build
from kg.terms import RDF, RDFS, path
from kg.values import slug

Where = TypeVar("Where")

CLAIMS = "claims.jsonl"
_SUBJECT = ox.NamedNode(f"{RDF}subject")
_LABEL = ox.NamedNode(f"{RDFS}label")


class Fact(NamedTuple):  # a tuple: hundreds of thousands of them are hashed
    """A model (its IRI below the base), a stage (None: the whole training), a relation, its value, and the end of a range."""

    model: str
    stage: str | None
    relation: str
    value: str
    high: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Stated(Generic[Where]):
    """The facts of a build, each with where its claims are, and the reports of each model."""

    facts: dict[Fact, list[Where]] = field(default_factory=dict)
    models: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, fact: Fact, report: str, where: Where) -> None:
        """Take in a claim."""
        self.facts.setdefault(fact, []).append(where)
        self.models[fact.model].add(report)


def _to_things(schema: Schema) -> frozenset[str]:
    """Return the relations whose values are things: a claim of one whose name is ambiguous is no fact."""
    return frozenset(name for name, relation in schema.relations.items() if not relation.range.startswith("xsd:"))


def stated_by_claims(claims: Iterable[Claim], model_of: Callable[[str, str | None], str], schema: Schema) -> Stated[Claim]:
    """Return what resolved claims state; `model_of` gives the IRI of a report's model."""
    to_things = _to_things(schema)
    found: Stated[Claim] = Stated()
    for claim in claims:
        if claim.thing or claim.relation not in to_things:
            model = model_of(claim.report, claim.model).removeprefix(schema.base)
            value = claim.thing.removeprefix(schema.base) if claim.thing else claim.value
            found.add(Fact(model, claim.stage, claim.relation, value, claim.value_max, claim.unit), claim.report, claim)
    return found


def stated_by_build(build: Build, schema: Schema, reports: Collection[str] | None = None) -> Stated[int]:
    """Return what a build states, or some of its reports do, each claim as its place in claims.jsonl, in bytes.

    Raises BuildError when the build is damaged.
    """
    found: Stated[int] = Stated()
    for fact, report, offset in facts_in(build, schema, reports):
        found.add(fact, report, offset)
    return found


def facts_in(build: Build, schema: Schema, reports: Collection[str] | None = None) -> Iterator[tuple[Fact, str, int]]:
    """Yield the fact of each claim of a build, or of some of its reports, with the report and the claim's place in claims.jsonl.

    Raises BuildError when the build is damaged.
    """
    to_things, base = _to_things(schema), build.manifest["versions"]["base"]
    models, texts = _Models(build, base), dict[str, str]()
    with reading(build.path / CLAIMS):
        for offset, row in _rows(build.path / CLAIMS) if reports is None else _rows_of(build.path / CLAIMS, reports):
            thing, relation, stage = row["thing"], intern(row["relation"]), row["stage"]
            if not thing and relation in to_things:
                continue
            value = thing.removeprefix(base) if thing else row["value"]
            stage, high, unit = stage and intern(stage), row.get("valueMax"), row.get("unit")
            yield Fact(models.of(row), stage, relation, texts.setdefault(value, value), high, unit), row["report"], offset


def claims_in(folder: Path, reports: Iterable[str]) -> Iterator[Claim]:
    """Yield the claims of some reports of a build; raise BuildError when it is damaged."""
    with reading(folder / CLAIMS):
        yield from (Claim.from_json(row) for _, row in _rows_of(folder / CLAIMS, reports))


def claims_at(build: Build, places: Iterable[int]) -> Iterator[Claim]:
    """Yield the claims of a build that begin at some bytes of claims.jsonl."""
    with reading(build.path / CLAIMS), (build.path / CLAIMS).open("rb") as file:
        for place in places:
            file.seek(place)
            yield Claim.from_json(json.loads(file.readline()))


def label_of(store: ox.Store, iri: str) -> str:
    """Return the label that a build gives a thing, its IRI when it has none."""
    quads = store.quads_for_pattern(ox.NamedNode(iri), _LABEL, None, ox.DefaultGraph())
    labels = sorted(str(getattr(quad.object, "value", "")) for quad in quads)
    return labels[0] if labels else iri


class _Models:
    """The models of a build's claims, which claims.jsonl names and the graph identifies."""

    def __init__(self, build: Build, base: str) -> None:
        self._store, self._base = build.store(), base
        self._known: dict[tuple[str, str | None], str] = {}

    def of(self, row: Mapping[str, Any]) -> str:
        """Return the IRI below the base of the model that a claim is about."""
        key = row["report"], row["model"]
        if key not in self._known:
            self._known[key] = self._looked_up(Claim.from_json(dict(row)))
        return self._known[key]

    def _looked_up(self, claim: Claim) -> str:
        node = ox.NamedNode(claim_iri(self._base, claim))
        quad = next(iter(self._store.quads_for_pattern(node, _SUBJECT, None, None)), None)
        if quad is None:  # made by a kg that named claims otherwise
            return f"model/{slug(claim.model)}" if claim.model else f"model/unnamed/{path(claim.report)}"
        kind, _, part = str(getattr(quad.object, "value", "")).removeprefix(self._base).partition("/")
        return f"model/{part.removesuffix(f'/{claim.stage}') if claim.stage and kind != 'model' else part}"


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line of JSON with the bytes before it."""
    offset = 0
    with file.open("rb") as lines:
        for line in lines:
            yield offset, json.loads(line.decode())  # of bytes, the encoding would be guessed each time
            offset += len(line)


def _rows_of(file: Path, reports: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines of some reports with the bytes before them, found by halves: lines are in order of report."""
    if not file.stat().st_size:
        return
    with file.open("rb") as lines, mmap(lines.fileno(), 0, access=ACCESS_READ) as text:
        for report in sorted(reports):
            offset = _first_of(text, report)
            while offset < len(text):
                end = text.find(b"\n", offset) + 1 or len(text)
                row = json.loads(text[offset:end])
                if row["report"] != report:
                    break
                yield offset, row
                offset = end


def _first_of(text: mmap, report: str) -> int:
    """Return where the first line begins whose report is not before this one."""
    low, high = 0, len(text)
    while low < high:
        start = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = text.find(b"\n", start) + 1 or len(text)
        if json.loads(text[start:end])["report"] < report:
            low = end
        else:
            high = start
    return low


@contextmanager
def reading(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildError(f"the build cannot be read: {error}", where=str(file), hint="build again") from error
