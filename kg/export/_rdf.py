"""The RDF syntaxes that the store's own library writes, with prefixes where they have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO

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
_PIECE = 1 << 20


def write_rdf(selection: Selection, name: str, *, derived: bool = True) -> Iterator[bytes]:
    """Yield the triples or quads of a selection in one of SYNTAXES; with `derived` false, triples that reports state alone."""
    syntax = SYNTAXES[name]
    lines = selection.quads() if syntax.supports_datasets else selection.triples(derived=derived)
    if name in {"nt", "nq"}:
        yield from (f"{line} .\n".encode() for line in lines)
        return
    with TemporaryFile() as sorted_, TemporaryFile() as written:
        prefixes = _kept(lines, sorted_)
        quads = ox.parse(sorted_, format=ox.RdfFormat.N_QUADS)
        found = quads if syntax.supports_datasets else (quad.triple for quad in quads)
        relative = selection.base if name in {"turtle", "trig"} else None  # as in graph.ttl; N-Triples has no relative IRIs
        ox.serialize(found, written, format=syntax, prefixes=prefixes, base_iri=relative)
        size = written.seek(0, 2)
        written.seek(0)
        yield from iter(lambda: written.read(_PIECE), b"")
        if size:
            written.seek(-1, 2)
            yield b"" if written.read() == b"\n" else b"\n"


def _kept(lines: Iterable[str], file: IO[bytes]) -> dict[str, str]:
    """Write lines to a file, which is then read from its beginning; return the prefixes whose namespaces stand in them."""
    waiting, used = dict(PREFIXES), dict[str, str]()
    for line in lines:
        file.write(f"{line} .\n".encode())
        for name in [name for name, namespace in waiting.items() if f"<{namespace}" in line]:
            used[name] = waiting.pop(name)
    file.seek(0)
    return {name: namespace for name, namespace in PREFIXES.items() if name in used}
