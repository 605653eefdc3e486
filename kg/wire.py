"""Claims as they go over the wire: one JSON object a line, one array, or lines for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from kg.errors import UnknownName
from kg.model import Claim
from kg.terminal import visible


def line(row: Mapping[str, Any]) -> bytes:
    """Return a JSON object as a line of UTF-8; half a surrogate pair, as JSON input can hold it, becomes JSON's own escape."""
    return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def write(claims: Iterable[Claim], format: str) -> bytes:
    """Return claims as `jsonl`, `json` or `text`; raise UnknownName for another format."""
    if format not in FORMATS:
        raise UnknownName("format of claims", format, FORMATS)
    return FORMATS[format](claims)


def _jsonl(claims: Iterable[Claim]) -> bytes:
    return b"".join(line(claim.to_json()) for claim in claims)


def _json(claims: Iterable[Claim]) -> bytes:
    rows = [claim.to_json() for claim in claims]
    return (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _text(claims: Iterable[Claim]) -> bytes:
    rows = [
        (
            f"{claim.report}:{claim.start}-{claim.end}",
            claim.model or "(no name)",
            f"{claim.stage}/{claim.relation}" if claim.stage else claim.relation,
            claim.value + (f" {claim.unit}" if claim.unit else ""),
            json.dumps(claim.mention, ensure_ascii=False),
        )
        for claim in claims
    ]
    shown = [tuple(map(visible, row)) for row in rows]
    widths = [max((len(row[column]) for row in shown), default=0) for column in range(4)]
    lines = ("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) for row in shown)
    return "".join(f"{text}\n" for text in lines).encode("utf-8", "backslashreplace")


FORMATS: Mapping[str, Callable[[Iterable[Claim]], bytes]] = MappingProxyType({"json": _json, "jsonl": _jsonl, "text": _text})
