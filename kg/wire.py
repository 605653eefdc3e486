"""Claims as they go over the wire: one JSON object a line, one array, or lines for people; derived facts as JSON objects.

Of suggestions the score is told too: claims are asserted, whatever speaks for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kg.errors import UnknownName
from kg.iris import claim_iri
from kg.model import Claim, Derived, Undetermined
from kg.terminal import visible

_DERIVED = "id model label subject relation stage rule formula unit low value high assumptions report".split()
_UNDETERMINED = "model label subject relation stage rule reason report".split()
_INPUT = {name: name for name in "report model relation value unit stage approximate mention start end".split()}
_INPUT["valueMax"] = "value_max"
_encode = json.JSONEncoder(ensure_ascii=False).encode


def line(row: Mapping[str, Any]) -> bytes:
    """Return a JSON object as a line of UTF-8; half a surrogate pair, as JSON input can hold it, becomes JSON's own escape."""
    return (_encode(row) + "\n").encode("utf-8", "backslashreplace")


def claims_of(folder: Path) -> Iterator[Claim]:
    """Yield the claims of a build, in their order."""
    with (folder / "claims.jsonl").open(encoding="utf-8") as file:
        yield from map(Claim.from_json, map(json.loads, file))


def scored(claim: Claim) -> dict[str, Any]:
    """Return a suggestion as a JSON object: the claim with its score, rounded to three digits."""
    return {**claim.to_json(), "score": round(claim.score, 3)}


def derived_row(fact: Derived, base: str) -> dict[str, Any]:
    """Return a derived fact as a JSON object, its claims by IRI and place."""
    named = {name: getattr(fact, name) for name in _DERIVED}
    inputs = [
        {"claim": claim_iri(base, claim), **{key: getattr(claim, name) for key, name in _INPUT.items()}} for claim in fact.inputs
    ]
    return {**named, "inputs": inputs, "figures": [asdict(item) for item in fact.figures], "derived": list(fact.derived)}


def undetermined_row(gap: Undetermined) -> dict[str, Any]:
    """Return what could not be derived as a JSON object."""
    return {**{name: getattr(gap, name) for name in _UNDETERMINED}, "missing": list(gap.missing)}


def write(claims: Iterable[Claim], format: str, *, scores: bool = False) -> bytes:
    """Return claims as `jsonl`, `json` or `text`, with `scores` for suggestions; raise UnknownName for another format."""
    if format not in FORMATS:
        raise UnknownName("format of claims", format, FORMATS)
    return FORMATS[format](claims, scores)


def _rows(claims: Iterable[Claim], scores: bool) -> Iterator[dict[str, Any]]:
    return (scored(claim) if scores else claim.to_json() for claim in claims)


def _jsonl(claims: Iterable[Claim], scores: bool) -> bytes:
    return b"".join(map(line, _rows(claims, scores)))


def _json(claims: Iterable[Claim], scores: bool) -> bytes:
    rows = list(_rows(claims, scores))
    return (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _text(claims: Iterable[Claim], scores: bool) -> bytes:
    rows = [
        (
            *([f"{claim.score:.3f}"] if scores else []),
            f"{claim.report}:{claim.start}-{claim.end}",
            claim.model or "(no name)",
            f"{claim.stage}/{claim.relation}" if claim.stage else claim.relation,
            claim.value + (f" {claim.unit}" if claim.unit else ""),
            json.dumps(claim.mention, ensure_ascii=False),
        )
        for claim in claims
    ]
    shown = [tuple(map(visible, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)][:-1]  # nothing stands after the words
    lines = ("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in shown)
    return "".join(f"{text}\n" for text in lines).encode("utf-8", "backslashreplace")


FORMATS: Mapping[str, Callable[[Iterable[Claim], bool], bytes]] = MappingProxyType({"json": _json, "jsonl": _jsonl, "text": _text})
