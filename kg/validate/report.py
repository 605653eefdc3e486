"""SHACL results -> a sh:ValidationReport in Turtle, equal bytes for equal results: no blank node, sorted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any

from kg.terms import DCTERMS, KG, RDF, SH, TYPE, XSD, path, string
from kg.validate.check import Result
from kg.validate.rdf import Triple, triples
from kg.validate.shapes import ShapesGraph, shapes_by_term

_PREFIXES = {"dcterms": DCTERMS, "kg": KG, "rdf": RDF, "sh": SH, "shape": "https://w3id.org/kg/shapes#", "xsd": XSD}


def turtle(results: Iterable[Result], shapes: ShapesGraph, base: str) -> bytes:
    """Return the report; results of several reports say which by dcterms:source, blank nodes get IRIs below `base`."""
    import pyoxigraph as ox

    ordered = sorted(set(results))
    rows = [*_head(ordered, base), *(row for result in ordered for row in _rows(result, shapes, base))]
    rows += _described({term for row in rows for term in row if term.startswith("_:")}, shapes)
    text = "".join(f"{' '.join(_skolem(term, base) for term in row)} .\n" for row in sorted(set(rows)))
    parsed = ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
    output = BytesIO()
    ox.serialize((quad.triple for quad in parsed), output, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
    return output.getvalue()


def _head(results: Sequence[Result], base: str) -> Iterator[Triple]:
    report = f"<{base}validation>"
    yield report, TYPE, f"<{SH}ValidationReport>"
    yield report, f"<{SH}conforms>", f'"{"false" if results else "true"}"^^<{XSD}boolean>'
    yield from ((report, f"<{SH}result>", _iri(result, base)) for result in results)


def _iri(result: Result, base: str) -> str:
    return f"<{base}validation/{sha256(repr(result).encode()).hexdigest()[:16]}>"


def _rows(result: Result, shapes: ShapesGraph, base: str) -> Iterator[Triple]:
    node = _iri(result, base)
    yield node, TYPE, f"<{SH}ValidationResult>"
    terms = {
        "focusNode": result.focus,
        "resultPath": result.path,
        "value": result.value,
        "sourceShape": result.shape,
        "sourceConstraintComponent": result.component,
        "resultSeverity": result.severity,
    }
    yield from ((node, f"<{SH}{name}>", term) for name, term in terms.items() if term)
    yield from ((node, f"<{SH}resultMessage>", string(message)) for message in result.messages)
    about = shapes_by_term(shapes).get(result.shape)
    if about and about.code:
        yield node, f"<{KG}code>", string(about.code)
    if result.unit:
        yield node, f"<{DCTERMS}source>", f"<{base}report/{path(result.unit)}>"


def _described(nodes: set[str], shapes: ShapesGraph) -> list[Triple]:
    """Return what the shapes say of the blank nodes that a report mentions: paths, and shapes without a name."""
    if not nodes:
        return []
    all_rows = list(triples(shapes.triples))
    rows: set[Any] = set()
    waiting = set(nodes)
    while waiting:
        more = {row for row in all_rows if row[0] in waiting}
        waiting = {row[2] for row in more - rows if row[2].startswith("_:")}
        rows |= more
    return sorted(rows)


def _skolem(term: str, base: str) -> str:
    return f"<{base}.well-known/genid/{term[2:]}>" if term.startswith("_:") else term
