"""The data of a page -> Turtle, JSON-LD, CSV, its text, or JSON by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pyoxigraph as ox

from kg.pages.errors import NoData
from kg.pages.render import FORMATS, Page, Query, page_at
from kg.sparql.text import prefixes
from kg.why import Graph

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "txt": "text/plain; charset=utf-8",
}
JSON = "application/json"
_SYNTAX = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
}

NAMED = {"column": ("kg.pages.compare", "column"), "links": ("kg.pages.graph", "links"), "suggest": ("kg.pages.search", "suggest")}
"""JSON by name -> the module and the function (graph, arguments) that gives it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under the names of their columns."""

    columns: tuple[str, ...]
    rows: Iterable[tuple[str, ...]]


def data(graph: Graph, path: str, format: str, query: Query | None = None) -> tuple[str, bytes]:
    """Return the data of the page at a path with its media type; raise Missing, or NoData for a format."""
    page = page_at(graph, path, query or {})
    if format in NAMED:
        module, function = NAMED[format]
        found = getattr(import_module(module), function)(graph, page.arguments)
        return JSON, json.dumps(found, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")
    if _like(format) not in page.formats:
        offered = ", ".join(page.formats) or "none"
        raise NoData(f"this page has no data as {format}", hint=f"its formats: {offered}")
    return MEDIA[format], _written(graph, page, format)


def _like(format: str) -> str:
    """Return the format that a page offers where it can be had in this one too."""
    return "ttl" if format in _SYNTAX else format


def _written(graph: Graph, page: Page, format: str) -> bytes:
    found = getattr(page.module, FORMATS[_like(format)])(graph, page.arguments)
    if isinstance(found, Table):
        return as_csv(found)
    if isinstance(found, str):
        return found.encode("utf-8", "replace")
    triples: list[ox.Triple] = sorted(set(found), key=str)
    return ox.serialize(triples, format=_SYNTAX[format], prefixes=dict(_used(triples, graph.base))) or b""


def as_csv(table: Table) -> bytes:
    """Return a table as RFC 4180 has it."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return output.getvalue().encode("utf-8", "backslashreplace")


def _used(triples: Iterable[ox.Triple], base: str) -> Mapping[str, str]:
    terms = {getattr(term, "value", "") for triple in triples for term in (triple.subject, triple.predicate, triple.object)}
    terms |= {literal.datatype.value for literal in (triple.object for triple in triples) if isinstance(literal, ox.Literal)}
    known: Mapping[str, Any] = prefixes(base)
    return {name: iri for name, iri in known.items() if any(term.startswith(iri) for term in terms)}
