"""Answers of different engines -> sets that can be compared: numbers by value, durations in seconds, rows in no order.

Virtuoso answers in datatypes of its own (a duration is a number of seconds, a boolean 0 or 1) and rounds some numbers. What is
compared is what an answer says, to six digits.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pyoxigraph as ox

from kg.terms import XSD

ROWS = "application/sparql-results+json"
TRIPLES = "application/n-triples"
Answer = Counter[Any]
"""Rows (pairs of variable and value, sorted) or triples, and how often each stands in the answer."""

_NUMBERS = frozenset({"integer", "decimal", "double", "float", "int", "long"})
_DURATIONS = frozenset({"duration", "dayTimeDuration"})
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")
_PARTS = (86400, 3600, 60, 1)


def read(media_type: str, content: bytes) -> Answer:
    """Return what an answer says."""
    if media_type.startswith(TRIPLES):
        return Counter({tuple(map(_term, triple.triple)) for triple in ox.parse(content, format=ox.RdfFormat.N_TRIPLES)})
    found = json.loads(content)
    if "boolean" in found:
        return Counter([found["boolean"]])
    return Counter(
        tuple(sorted((name, _value(term["value"], term.get("datatype"))) for name, term in row.items()))
        for row in found["results"]["bindings"]
    )


def differs(one: Answer, other: Answer) -> str | None:
    """Return how two answers differ, None when they say the same."""
    if set(one) == set(other):
        return None
    missing, added = set(one) - set(other), set(other) - set(one)
    first = min(missing or added, key=repr)
    return f"{len(missing):,} of {len(set(one)):,} rows are missing, {len(added):,} are added, such as {first}"


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    if isinstance(term, ox.Literal):
        return _value(term.value, term.datatype.value)
    return str(term)


def _value(text: str, datatype: str | None) -> str:
    kind = (datatype or "").removeprefix(XSD)
    if kind == "boolean":
        return {"true": "1", "false": "0"}.get(text, text)
    if kind in _DURATIONS and (parts := _DURATION.fullmatch(text)):
        return f"{sum(float(part) * size for part, size in zip(parts.groups(), _PARTS, strict=True) if part):.6g}"
    return f"{float(text):.6g}" if kind in _NUMBERS | _DURATIONS else text
