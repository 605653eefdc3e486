"""A shapes file of the user's -> ConfigError when its answers would not be right: ill-formed, beyond the engine, a code taken."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.codes import of_shapes
from kg.errors import ConfigError
from kg.sparql.text import tokens
from kg.terms import KG, RDF, SH
from kg.validate.rdf import graph, lexical, quiet, text, triples
from kg.validate.reading import TARGETS, lists_as_lists, shapes_graph
from kg.validate.subset import beyond_both

if TYPE_CHECKING:
    from rdflib import Graph

# What pyshacl passes over without a word, and what it would take.
_IGNORED = {
    "entailment": "kg draws no conclusions before it checks",
    "expression": "node expressions are not part of SHACL Core or SHACL-SPARQL",
    "js": "kg runs no JavaScript",
    "target": "targets by query are not part of SHACL Core or SHACL-SPARQL",
}
_QUERIES = frozenset(f"<{SH}{name}>" for name in ("ask", "construct", "select", "update"))
_KNOWN_PREFIXES = frozenset({"_", "owl", "rdf", "rdfs"})


def refuse(file: Path, shapes: str, engine: str) -> None:
    """Raise ConfigError unless the shapes of a file (N-Triples) can be checked as SHACL defines it, with the engine."""
    if not any(f"<{SH}{word}>" in shapes for word in ("NodeShape", "PropertyShape", "property", *TARGETS)):
        raise ConfigError("no shape is in the file", where=str(file), hint="SHACL shapes are expected, not data")
    _refuse_ignored(file, shapes)
    _refuse_endless_lists(file, shapes)
    _refuse_ill_formed(file, shapes)
    _refuse_codes_of_others(file, shapes)
    if engine == "pyrudof":
        _refuse_beyond_both(file, shapes)


def ill_formed(error: Exception, where: str | None = None) -> ConfigError:
    """Return the error for shapes that pyshacl refuses."""
    what = str(getattr(error, "message", error))
    return ConfigError(f"a shape cannot be used: {what}", where=where, hint="mend the shape; its rules are at w3.org/TR/shacl")


def _refuse_ignored(file: Path, shapes: str) -> None:
    for shape, predicate, _ in triples(shapes):
        name = lexical(predicate).removeprefix(SH)
        if name in _IGNORED and predicate == f"<{SH}{name}>":
            what = f"sh:{name} of {_named(shape)} would be passed over: {_IGNORED[name]}"
            raise ConfigError(what, where=_place(file, name), hint="take it out, or say it with SHACL Core or sh:sparql")


def _refuse_endless_lists(file: Path, shapes: str) -> None:
    """Raise ConfigError for a list that comes back to itself: rdflib has no error of its own for that."""
    rest = {subject: value for subject, predicate, value in triples(shapes) if predicate == f"<{RDF}rest>"}
    for node in sorted(rest):
        seen = {node}
        while (node := rest.get(node, "")) and node not in seen:
            seen.add(node)
        if node:
            raise ConfigError(
                "a list has no end: one of its parts is followed by an earlier one", where=str(file), hint="mend the list"
            )


def _refuse_beyond_both(file: Path, shapes: str) -> None:
    for name, shape, why in beyond_both(shapes):
        what = f"the engine pyrudof may miss what {name} of {_named(shape)} says: {why}"
        raise ConfigError(what, where=_place(file, name.split()[0].partition(":")[2]), hint="use --engine pyshacl")


def _refuse_ill_formed(file: Path, shapes: str) -> None:
    """Raise ConfigError unless pyshacl and SHACL's own shapes for shapes (appendix C) accept the shapes."""
    from pyparsing.exceptions import ParseBaseException
    from pyshacl.entrypoints import meta_validate
    from pyshacl.errors import ReportableRuntimeError, ShapeRecursionWarning

    quiet()
    judged = graph(shapes)
    lists_as_lists(judged)
    try:
        conforms, report, _ = meta_validate(judged, inference="none")
        if conforms:
            _refuse_undeclared_prefixes(file, shapes)
            _try_every_shape(shapes_graph(shapes))
    except (ReportableRuntimeError, NotImplementedError, ParseBaseException, ShapeRecursionWarning, re.error) as error:
        raise ill_formed(error, where=str(file)) from error
    if not conforms:
        node, message = min((text(node), str(message)) for node, message in report.query(_WRONG))
        raise ConfigError(f"{node} is no shape as SHACL defines it: {message}", where=str(file), hint="mend the shape")


_WRONG = f"SELECT ?node ?message {{ ?result <{SH}focusNode> ?node ; <{SH}resultMessage> ?message }}"


def _refuse_undeclared_prefixes(file: Path, shapes: str) -> None:
    """Raise ConfigError for a query with a prefix that nothing declares: rdflib has no error of its own for that."""
    rows = list(triples(shapes))
    declared = {lexical(value) for _, predicate, value in rows if predicate == f"<{SH}prefix>"}
    for _, predicate, value in rows:
        if predicate in _QUERIES and (unknown := next(_undeclared(lexical(value), declared), None)):
            what = f"a query has the prefix {unknown}:, which is not declared"
            raise ConfigError(what, where=str(file), hint="declare it with sh:prefixes and sh:declare, or PREFIX in the query")


def _undeclared(query: str, declared: set[str]) -> Iterator[str]:
    known = {*declared, *_KNOWN_PREFIXES}
    before = ""
    for token in tokens(query):
        if token.kind == "name":
            name = token.text.partition(":")[0]
            if before == "PREFIX":
                known.add(name)
            elif name not in known:
                yield name
        before = token.text.upper()


def _refuse_codes_of_others(file: Path, shapes: str) -> None:
    """Raise ConfigError when a shape has a code by which a later build would take its findings for those of another stage."""
    for shape, predicate, value in triples(shapes):
        if predicate == f"<{KG}code>" and not of_shapes(lexical(value)):
            what = f"{_named(shape)} has the code {lexical(value)}, which is for what other stages than shapes find"
            raise ConfigError(what, where=str(file), hint="give it a code of your own that does not begin with KG2 to KG5, or none")


def _try_every_shape(shapes: Graph) -> None:
    """Judge a node that is nowhere by every shape: only then does pyshacl read patterns, lists and queries."""
    from pyshacl.graph_abstraction import DataGraph
    from pyshacl.validator import Validator
    from rdflib import URIRef

    data = DataGraph.from_rdflib(graph())
    validator = Validator(data, shacl_graph=shapes, options={"logger": logging.getLogger("pyshacl")})
    executor: Any = validator.make_executor()
    for shape in validator.shacl_graph.shapes:
        shape.validate(executor, data, focus=URIRef("urn:kg:nowhere"))


def _named(shape: str) -> str:
    return "a shape without a name" if shape.startswith("_:") else f"the shape {lexical(shape)}"


def _place(file: Path, name: str) -> str:
    """Return the file with the first line that writes a name of SHACL's, or alone when none does as Turtle or N-Triples would."""
    lines = file.read_text("utf-8", "replace").splitlines()
    number = next((number for number, line in enumerate(lines, 1) if re.search(rf"[:#]{name}\b", line)), None)
    return f"{file}:{number}" if number else str(file)
