"""The RDF syntaxes that the store's own library writes, with prefixes where they have them."""

from __future__ import annotations

import pyoxigraph as ox

from kg.export._selection import Selection
from kg.terms import PREFIXES

SYNTAXES = {
    "turtle": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
}


def write_rdf(selection: Selection, name: str, *, derived: bool = True) -> bytes:
    """Return the triples or quads of a selection in one of SYNTAXES; with `derived` false, triples that reports state alone."""
    syntax = SYNTAXES[name]
    found: list[ox.Quad] | list[ox.Triple] = selection.quads() if syntax.supports_datasets else selection.triples(derived=derived)
    relative = selection.base if name in {"turtle", "trig"} else None  # as in graph.ttl; N-Triples has no relative IRIs
    content = ox.serialize(found, format=syntax, prefixes=_used("".join(map(str, found))), base_iri=relative) or b""
    return content if content.endswith(b"\n") or not content else content + b"\n"


def _used(text: str) -> dict[str, str]:
    """Return the prefixes whose namespaces stand in N-Triples or N-Quads."""
    return {name: namespace for name, namespace in PREFIXES.items() if f"<{namespace}" in text}
