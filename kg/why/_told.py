"""A fact or a finding that is described -> JSON values: its value, where it comes from, the words that state it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kg.findings import kind_of
from kg.model import Finding
from kg.sparql.statements import Statement
from kg.why._facts import Places, known_of, name_of, said
from kg.why._graph import Graph
from kg.why._heads import CATALOGUE, DERIVED

WORDS = 3
"""Claims that a fact shows; the others are counted."""

_QUOTE = 240  # characters of a quote


@dataclass(frozen=True, slots=True)
class Key:
    """A fact before it is read: what it hangs on, its relation's local name, its value, and whether it is the thing's own."""

    subject: str
    relation: str
    value: str
    origin: str
    own: bool = True
    statements: tuple[Statement, ...] = field(default=(), compare=False)


def fact_row(graph: Graph, key: Key, statements: tuple[Statement, ...], places: Places) -> dict[str, Any]:
    """Return a fact with what it rests on: the words of claims, the formula of a rule, the sources of the catalogue."""
    head: dict[str, Any] = {"relation": key.relation, "value": key.value, "origin": key.origin}
    if key.origin == CATALOGUE:
        return head | _known(graph, key)
    if not statements:
        return head
    first = statements[0]
    if name := name_of(graph, first.value):
        head["name"] = name
    if key.origin == DERIVED:
        terms = {"unit": "measuredIn", "low": "lowerBound", "high": "upperBound", "formula": "formula", "rule": "rule"}
        return head | {name: value for name, term in terms.items() if (value := first.one(term)) is not None} | {"fact": first.iri}
    claims = [said(graph, item, places) for item in statements[:WORDS]]
    more = {"unit": claims[0].unit, "valueMax": claims[0].value_max, "approximate": claims[0].approximate or None}
    head |= {name: value for name, value in more.items() if value is not None}
    head["evidence"] = [
        {
            "report": claim.words.report,
            "start": claim.words.start,
            "end": claim.words.end,
            "place": claim.words.spot,
            "quote": _clipped(claim.words.mention or ""),
        }
        for claim in claims
    ]
    return head | ({"moreEvidence": len(statements) - WORDS} if len(statements) > WORDS else {})


def _known(graph: Graph, key: Key) -> dict[str, Any]:
    same = (item.name for item in known_of(graph, key.subject) if (item.relation, item.value) == (key.relation, key.value))
    name = next(same, None)
    return {"name": name} if name else {}


def _clipped(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _QUOTE else f"{plain[:_QUOTE]}…"


def finding_row(item: Finding) -> dict[str, Any]:
    """Return a finding: a gap, a contradiction or another remark."""
    head = {"code": item.code, "kind": kind_of(item.code), "severity": item.severity, "message": item.message}
    return head | ({"relation": item.relation} if item.relation else {}) | {"notes": list(item.notes)}
