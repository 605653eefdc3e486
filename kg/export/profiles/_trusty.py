"""Quads -> the code of a trusty URI of module RA (http://trustyuri.net, specification version 1): a name that proves its content.

The code takes part in what it is computed from: IRIs are given with PLACEHOLDER where it will stand.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

import pyoxigraph as ox

PLACEHOLDER = " "

Value = str | ox.Literal
"""An IRI as text, or a literal."""

Row = tuple[str, str, str, Value]
"""Graph, subject, predicate, object."""


def trusty_code(rows: Iterable[Row]) -> str:
    """Return `RA` and 43 characters: SHA-256 over the sorted quads, a line for each of their terms."""
    lines = (
        f"{graph}\n{subject}\n{predicate}\n{_line(value)}\n" for graph, subject, predicate, value in sorted(set(rows), key=_order)
    )
    digest = hashlib.sha256("".join(lines).encode()).digest()
    return "RA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _order(row: Row) -> tuple[bytes, bytes, bytes, bool, bytes, bytes, bytes]:
    """Order by the bytes of UTF-8, IRIs before literals, and these by text, datatype and language."""
    graph, subject, predicate, value = row
    places = (graph.encode(), subject.encode(), predicate.encode())
    if isinstance(value, str):
        return (*places, False, value.encode(), b"", b"")
    datatype = b"" if value.language else value.datatype.value.encode()
    return (*places, True, value.value.encode(), datatype, (value.language or "").encode())


def _line(value: Value) -> str:
    if isinstance(value, str):
        return value
    text = value.value.replace("\\", "\\\\").replace("\n", "\\n")
    return f"@{value.language.lower()} {text}" if value.language else f"^{value.datatype.value} {text}"
