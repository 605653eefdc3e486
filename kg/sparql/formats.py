"""An answer -> bytes: SPARQL 1.1 Results (JSON, XML, CSV, TSV), JSON Lines, RDF syntaxes, and a table to read.

A format fits some kinds of answer: `rows` (SELECT), `truth` (ASK), `graph` (CONSTRUCT, DESCRIBE). Graphs are written sorted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import pyoxigraph as ox

from kg.errors import UnknownName, UsageError
from kg.sparql.table import table
from kg.sparql.text import Answer
from kg.terms import XSD

Kind = Literal["rows", "truth", "graph"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a reader wants an answer: the prefixes that shorten its IRIs, the columns of the terminal (None: as many as needed)."""

    prefixes: Mapping[str, str]
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write an answer; `media_type` is None for what is no format of the web."""

    name: str
    media_type: str | None
    kinds: tuple[Kind, ...]
    write: Callable[[Answer, Layout], bytes]


def kind_of(answer: Answer) -> Kind:
    """Return which kind of answer this is."""
    return "rows" if isinstance(answer, ox.QuerySolutions) else "truth" if isinstance(answer, ox.QueryBoolean) else "graph"


def write(answer: Answer, name: str | None, layout: Layout) -> bytes:
    """Return an answer in a format, by default a table or Turtle; raise UsageError with the formats that fit when it does not."""
    return _fitting(kind_of(answer), name).write(answer, layout)


def write_triples(triples: Iterable[ox.Triple], name: str | None, layout: Layout) -> bytes:
    """Return a graph in a format as `write` does with the store's own."""
    return _serialized(triples, ox.RdfFormat.from_media_type(str(_fitting("graph", name).media_type)), layout)


def check_format(answer: Answer, name: str | None) -> None:
    """Raise what `write` would raise, before anything is written."""
    _fitting(kind_of(answer), name)


def _fitting(kind: Kind, name: str | None) -> Format:
    name = name or ("turtle" if kind == "graph" else "table")
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    if kind not in FORMATS[name].kinds:
        asked = {"rows": "a SELECT", "truth": "an ASK", "graph": "a CONSTRUCT or DESCRIBE"}[kind]
        fitting = ", ".join(other.name for other in FORMATS.values() if kind in other.kinds)
        raise UsageError(f"the answer to {asked} cannot be written as {name}", hint=f"choose one of: {fitting}")
    return FORMATS[name]


def _results(format: ox.QueryResultsFormat) -> Callable[[Answer, Layout], bytes]:
    def write_results(answer: Answer, layout: Layout) -> bytes:
        if isinstance(answer, ox.QueryTriples):
            raise TypeError("a graph has no rows")
        content = answer.serialize(format=format) or b""
        return content if content.endswith(b"\n") else content + b"\n"

    return write_results


def _graph(format: ox.RdfFormat) -> Callable[[Answer, Layout], bytes]:
    def write_graph(answer: Answer, layout: Layout) -> bytes:
        if not isinstance(answer, ox.QueryTriples):
            raise TypeError("rows are no graph")
        return _serialized(answer, format, layout)

    return write_graph


def _serialized(triples: Iterable[ox.Triple], format: ox.RdfFormat | None, layout: Layout) -> bytes:
    content = ox.serialize(sorted(set(triples), key=str), format=format, prefixes=dict(layout.prefixes)) or b""
    return content if content.endswith(b"\n") or not content else content + b"\n"


def _json_lines(answer: Answer, layout: Layout) -> bytes:
    if not isinstance(answer, ox.QuerySolutions):
        return (json.dumps({"boolean": bool(answer)}) + "\n").encode()
    names = [variable.value for variable in answer.variables]
    rows = ({name: value_of(row[name]) for name in names} for row in answer)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def value_of(term: object) -> object:
    """Return a term as a JSON value: numbers and booleans as such, IRIs and other literals as text, null where unbound."""
    if isinstance(term, ox.Literal):
        read = _READ.get(term.datatype.value)
        try:
            return read(term.value) if read else term.value
        except ValueError:
            return term.value
    return term.value if isinstance(term, ox.NamedNode) else None if term is None else str(term)


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):  # JSON has no number for them
        raise ValueError(text)
    return number


_READ: Mapping[str, Callable[[str], object]] = {
    XSD + "integer": int,
    XSD + "decimal": _number,
    XSD + "double": _number,
    XSD + "boolean": lambda text: ("false", "true").index(text) == 1,
}


def _table(answer: Answer, layout: Layout) -> bytes:
    if isinstance(answer, ox.QuerySolutions):
        return table(answer, layout.prefixes, layout.width).encode()
    return b"true\n" if answer else b"false\n"


FORMATS: Mapping[str, Format] = {
    format.name: format
    for format in (
        Format("table", None, ("rows", "truth"), _table),
        Format("json", "application/sparql-results+json", ("rows", "truth"), _results(ox.QueryResultsFormat.JSON)),
        Format("xml", "application/sparql-results+xml", ("rows", "truth"), _results(ox.QueryResultsFormat.XML)),
        Format("csv", "text/csv", ("rows",), _results(ox.QueryResultsFormat.CSV)),
        Format("tsv", "text/tab-separated-values", ("rows",), _results(ox.QueryResultsFormat.TSV)),
        Format("jsonl", None, ("rows", "truth"), _json_lines),
        Format("turtle", "text/turtle", ("graph",), _graph(ox.RdfFormat.TURTLE)),
        Format("nt", "application/n-triples", ("graph",), _graph(ox.RdfFormat.N_TRIPLES)),
        Format("nq", "application/n-quads", ("graph",), _graph(ox.RdfFormat.N_QUADS)),
        Format("trig", "application/trig", ("graph",), _graph(ox.RdfFormat.TRIG)),
        Format("rdfxml", "application/rdf+xml", ("graph",), _graph(ox.RdfFormat.RDF_XML)),
        Format("jsonld", "application/ld+json", ("graph",), _graph(ox.RdfFormat.JSON_LD)),
    )
}
