"""A build's store -> one file: RDF syntaxes, JSON-LD, CSV. A build -> tables for analysis: `kg.export.tables`.

Triples (`turtle`, `nt`, `rdfxml`, `jsonld`) are what graph.ttl shows, the facts; quads (`nq`, `trig`) tell which graph says what,
claims and texts included; `csv` shows the words of every claim. A file here whose name begins with no underscore is a format: its
`write(Selection)` yields pieces of bytes. Equal stores give equal bytes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from tempfile import gettempdir

import pyoxigraph as ox

from kg.errors import OutputError, UnknownName
from kg.export._file import write_file
from kg.export._rdf import SYNTAXES, write_rdf
from kg.export._selection import selected
from kg.schema import DEFAULT_BASE

__all__ = ["TABLES", "export", "formats", "write_file"]

_BLOCK = 1 << 20

TABLES = ("duckdb", "parquet")
"""The formats that `kg.export.tables` writes: several tables, from a whole build."""


def formats() -> tuple[str, ...]:
    """Return the names of the formats, sorted."""
    files = (module.name for module in pkgutil.iter_modules(__path__) if not (module.ispkg or module.name.startswith("_")))
    return tuple(sorted({*SYNTAXES, *TABLES, *files}))


def export(
    store: ox.Store,
    format: str,
    model: str | None = None,
    base: str = DEFAULT_BASE,
    *,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[bytes]:
    """Return the pieces of a file of a format with what a store holds; of one model (IRI or name) only, with its runs and hardware.

    `say` is told when no report describes the model. Raise UnknownName for a format or model, UsageError for a model without a
    name.
    """
    if format not in formats() or format in TABLES:
        raise UnknownName("export format", format, formats())
    selection = selected(store, model, base, say)
    if format in SYNTAXES:
        return _blocks(write_rdf(selection, format))
    return _blocks(import_module(f"kg.export.{format}").write(selection))


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces put together to some size; raise OutputError when what waits on the disk finds no room there."""
    block = bytearray()
    try:
        for piece in pieces:
            block += piece
            if len(block) >= _BLOCK:
                yield bytes(block)
                block.clear()
    except OSError as error:
        hint = "free some space, or name another folder for temporary files in TMPDIR"
        raise OutputError(f"cannot be written: {error.strerror or error}", where=gettempdir(), hint=hint) from error
    if block:
        yield bytes(block)
