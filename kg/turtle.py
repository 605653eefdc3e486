"""Triples in N-Triples, without full stop -> Turtle with prefixes, in the order given."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import pyoxigraph as ox

from kg.terms import PREFIXES


def turtle(triples: Iterable[str], base: str | None) -> bytes:
    """Return triples as a Turtle document whose IRIs below `base` are relative; only the prefixes in use are declared.

    >>> print(turtle(["<x:/m> <x:/p> <x:/o>"], "x:/").decode(), end="")
    @base <x:/> .
    <m> <p> <o> .
    """
    lines = "".join(f"{triple} .\n" for triple in triples)
    used = {name: namespace for name, namespace in PREFIXES.items() if f"<{namespace}" in lines}
    output = BytesIO()
    parsed = (quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))
    ox.serialize(parsed, output, format=ox.RdfFormat.TURTLE, prefixes=used, base_iri=base)
    return output.getvalue()
