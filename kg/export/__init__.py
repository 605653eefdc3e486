"""A build's store -> one file: RDF syntaxes, JSON-LD, and tables with a row for each claim.

Triples (`turtle`, `nt`, `rdfxml`, `jsonld`) are what graph.ttl shows, the facts; quads (`nq`, `trig`) tell which graph says what,
claims and texts included; tables (`csv`, `parquet`) show the words of every claim. A file here whose name begins with no underscore
is a format: its `write(Selection) -> bytes`. Equal stores give equal bytes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module

import pyoxigraph as ox

from kg.errors import UnknownName, UsageError
from kg.export._file import write_file
from kg.export._rdf import SYNTAXES, write_rdf
from kg.export._selection import Selection
from kg.schema import DEFAULT_BASE
from kg.sparql.things import find_thing

__all__ = ["export", "formats", "write_file"]


def formats() -> tuple[str, ...]:
    """Return the names of the formats, sorted."""
    files = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(sorted({*SYNTAXES, *files}))


def export(
    store: ox.Store,
    format: str,
    model: str | None = None,
    base: str = DEFAULT_BASE,
    *,
    say: Callable[[str], None] = lambda text: None,
) -> bytes:
    """Return what a store holds as a file of a format; of one model (IRI or name) only, with its runs and hardware.

    `say` is told when no report describes the model. Raise UnknownName for a format or model, UsageError for a model without a
    name and when a format needs a package that is not installed.
    """
    if format not in formats():
        raise UnknownName("export format", format, formats())
    if model is not None and not model.strip():
        raise UsageError("the model's name is empty", hint="kg query models lists the models of the build")
    selection = Selection(store, base, None if model is None else find_thing(store, "Model", model, base))
    if model is not None and not selection.report_graphs():
        say(f"no report of this build has facts about {model}")
    if format in SYNTAXES:
        return write_rdf(selection, format)
    content: bytes = import_module(f"kg.export.{format}").write(selection)
    return content
