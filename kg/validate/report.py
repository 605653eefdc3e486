"""SHACL results -> a sh:ValidationReport, equal bytes for equal results, in the RDF syntaxes that hold one graph.

In a build every node of it is an IRI below the base; about a file of anybody's it keeps that file's blank nodes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from itertools import count

from kg.terms import DCTERMS, KG, RDF, SH, TYPE, XSD, path, string
from kg.turtle import turtle
from kg.validate.check import Result
from kg.validate.findings import OTHER_CODE
from kg.validate.rdf import Triple, lexical, triples
from kg.validate.reading import PATHS
from kg.validate.shapes import ShapesGraph, shapes_by_term

SYNTAXES = {"nt": "N_TRIPLES", "jsonld": "JSON_LD", "rdfxml": "RDF_XML"}
"""Names of the syntaxes besides Turtle, with pyoxigraph's."""


_PATH, _FIRST = f"<{SH}resultPath>", f"<{RDF}first>"
_LIST = frozenset({_FIRST, f"<{RDF}rest>"})
_STEPS = frozenset(f"<{SH}{name}>" for name in PATHS)


def of_build(results: Iterable[Result], shapes: ShapesGraph, base: str) -> bytes:
    """Return the report in Turtle; results of several reports say which by dcterms:source, blank nodes get IRIs below `base`."""
    rows = _rows(sorted(results), shapes, base, f"<{base}validation>", lambda name: f"<{base}validation/{name}>")
    rows += described(rows, shapes)
    return _turtle((skolem(term, base) for term in row) for row in rows)


def of_file(results: Iterable[Result], shapes: ShapesGraph, base: str) -> bytes:
    """Return the report in Turtle, its own nodes blank; blank nodes of the data and the shapes stay what they are."""
    rows = _rows(sorted(results), shapes, base, "_:report", lambda name: f"_:result{name}")
    rows = list(_paths_copied(rows, shapes))
    return _turtle([*rows, *described(rows, shapes)])


def selected(report: bytes, keep: Callable[[str], bool]) -> bytes:
    """Return a report in Turtle with the results whose code is kept; sh:conforms says whether there is any."""
    rows = _parsed(report)
    results = {value for _, predicate, value in rows if predicate == f"<{SH}result>"}
    codes = {subject: lexical(value) for subject, predicate, value in rows if predicate == f"<{KG}code>"}
    gone = {node for node in results if not keep(codes.get(node, OTHER_CODE))}
    if not gone:
        return report
    conforms = f'"{"true" if gone == results else "false"}"^^<{XSD}boolean>'
    kept = [
        (subject, predicate, conforms if predicate == f"<{SH}conforms>" else value)
        for subject, predicate, value in rows
        if subject not in gone and value not in gone
    ]
    return _turtle(kept)


def written(report: bytes, syntax: str) -> bytes:
    """Return a report in Turtle in another syntax of `SYNTAXES`."""
    import pyoxigraph as ox

    output = BytesIO()
    parsed = (quad.triple for quad in ox.parse(report, format=ox.RdfFormat.TURTLE))
    ox.serialize(parsed, output, format=getattr(ox.RdfFormat, SYNTAXES[syntax]))
    return output.getvalue()


def _turtle(rows: Iterable[Iterable[str]]) -> bytes:
    return turtle(sorted({" ".join(row) for row in rows}), None)


def _parsed(report: bytes) -> list[Triple]:
    import pyoxigraph as ox

    quads = ox.parse(report, format=ox.RdfFormat.TURTLE)
    return [(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads]


def named(results: Iterable[Result]) -> Iterator[tuple[str, Result]]:
    """Yield results with the names of their nodes, which come from what they say."""
    times: Counter[Result] = Counter()
    for result in results:  # two of a kind are two results, as from two queries without a name
        yield sha256(f"{result!r}{times[result] or ''}".encode()).hexdigest()[:16], result
        times[result] += 1


def _rows(results: Sequence[Result], shapes: ShapesGraph, base: str, head: str, node: Callable[[str], str]) -> list[Triple]:
    rows = list(of_head(head, map(node, (name for name, _ in named(results)))))
    for name, result in named(results):
        rows += of_result(result, node(name), shapes, base)
    return rows


def of_head(head: str, results: Iterable[str]) -> Iterator[Triple]:
    """Yield what a report says of itself, and of which results it has."""
    yield head, TYPE, f"<{SH}ValidationReport>"
    conforms = "true"
    for result in results:
        yield head, f"<{SH}result>", result
        conforms = "false"
    yield head, f"<{SH}conforms>", f'"{conforms}"^^<{XSD}boolean>'


def of_result(result: Result, node: str, shapes: ShapesGraph, base: str) -> Iterator[Triple]:
    """Yield what a report says of a result."""
    yield node, TYPE, f"<{SH}ValidationResult>"
    terms = {
        "focusNode": result.focus,
        "resultPath": result.path,
        "value": result.value,
        "sourceShape": result.shape,
        "sourceConstraint": result.constraint,
        "sourceConstraintComponent": result.component,
        "resultSeverity": result.severity,
    }
    yield from ((node, f"<{SH}{name}>", term) for name, term in terms.items() if term)
    yield from ((node, f"<{SH}resultMessage>", message) for message in result.messages)
    about = shapes_by_term(shapes).get(result.shape)
    if about and about.code:
        yield node, f"<{KG}code>", string(about.code)
    if result.unit:
        yield node, f"<{DCTERMS}source>", f"<{base}report/{path(result.unit)}>"


def _paths_copied(rows: Iterable[Triple], shapes: ShapesGraph) -> Iterator[Triple]:
    """Yield the rows, each result with a copy of its own of a path that is a blank node (SHACL, section 3.6.2.2)."""
    said: dict[str, list[Triple]] = defaultdict(list)
    for row in triples(shapes.triples) if any(row[1] == _PATH and row[2].startswith("_:") for row in rows) else ():
        said[row[0]].append(row)
    labels = (f"_:path{number}" for number in count())

    def copied(node: str, label: str) -> Iterator[Triple]:
        is_list = any(predicate == _FIRST for _, predicate, _ in said[node])
        for _, predicate, value in said[node]:
            if predicate in (_LIST if is_list else _STEPS):
                inner = next(labels) if value.startswith("_:") else value
                yield label, predicate, inner
                yield from copied(value, inner) if inner != value else ()

    for subject, predicate, value in rows:
        if predicate == _PATH and value.startswith("_:"):
            label = next(labels)
            yield subject, predicate, label
            yield from copied(value, label)
        else:
            yield subject, predicate, value


def described(rows: Iterable[Triple], shapes: ShapesGraph) -> list[Triple]:
    """Return what the shapes say of the blank nodes that a report mentions: paths, and shapes without a name."""
    waiting = {term for row in rows for term in row if term.startswith("_:")}
    all_rows = list(triples(shapes.triples)) if waiting else []
    found: set[Triple] = set()
    while waiting:
        more = {row for row in all_rows if row[0] in waiting}
        waiting = {row[2] for row in more - found if row[2].startswith("_:")}
        found |= more
    return sorted(found)


def skolem(term: str, base: str) -> str:
    """Return a term as it stands in a build, where blank nodes have IRIs below the base."""
    return f"<{base}.well-known/genid/{term[2:]}>" if term.startswith("_:") else term
