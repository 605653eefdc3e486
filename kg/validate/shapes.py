"""Shapes files -> one shapes graph: kg's own, and those that a user adds. SHACL Core; any RDF syntax."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import ConfigError
from kg.schema import shapes_dir
from kg.terms import KG, SH
from kg.validate.rdf import graph, lexical, quads_of, quiet, text, triples

if TYPE_CHECKING:
    from rdflib import Graph

_OF_OTHERS = ("KG4", "KG5")
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")


@dataclass(frozen=True, slots=True)
class ShapesGraph:
    """Shapes as canonical N-Triples (equal files give equal blank node labels); `own` when no file of the user's is among them."""

    triples: str = field(repr=False)
    own: bool


def load_shapes(files: Iterable[str | Path] = ()) -> ShapesGraph:
    """Return kg's own shapes together with those of `files`.

    Raises ConfigError when a file cannot be read, is no RDF, holds no shape, or a shape breaks the rules of SHACL or has a code
    of another stage's.
    """
    users = [Path(file) for file in files]
    for file in users:
        shapes = _graph_text([file])
        _refuse_ill_formed(file, shapes)
        _refuse_codes_of_others(file, shapes)
    return ShapesGraph(_graph_text([*sorted(shapes_dir().glob("*.ttl")), *users]), not users)


def _graph_text(files: Iterable[Path]) -> str:
    import pyoxigraph as ox

    quads = (quad for file in files for quad in quads_of(file, ConfigError))
    dataset = ox.Dataset(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad.triple} .\n" for quad in dataset))


def _refuse_ill_formed(file: Path, triples: str) -> None:
    """Raise ConfigError unless the file holds shapes, and pyshacl and SHACL's own shapes for shapes (appendix C) accept them."""
    from pyparsing.exceptions import ParseBaseException
    from pyshacl.entrypoints import meta_validate
    from pyshacl.errors import ReportableRuntimeError

    quiet()
    if not any(f"<{SH}{word}>" in triples for word in ("NodeShape", "PropertyShape", "property", *_TARGETS)):
        raise ConfigError("no shape is in the file", where=str(file), hint="SHACL shapes are expected, not data")
    shapes = graph(triples)
    try:
        conforms, report, _ = meta_validate(shapes, inference="none")
        if conforms:
            _try_every_shape(shapes)
    except (ReportableRuntimeError, NotImplementedError, ParseBaseException, re.error) as error:
        raise ill_formed(error, where=str(file)) from error
    if not conforms:
        node, message = min((text(node), str(message)) for node, message in report.query(_WRONG))
        raise ConfigError(f"{node} is no shape as SHACL defines it: {message}", where=str(file), hint="mend the shape")


def _refuse_codes_of_others(file: Path, shapes: str) -> None:
    """Raise ConfigError when a shape has a code by which a later build would take its findings for those of another stage."""
    for shape, predicate, value in triples(shapes):
        if predicate == f"<{KG}code>" and lexical(value).startswith(_OF_OTHERS):
            what = (
                f"the shape {lexical(shape)} has the code {lexical(value)}, which is for what reading and linking find, not shapes"
            )
            raise ConfigError(what, where=str(file), hint="give it a code of your own that does not begin with KG4 or KG5, or none")


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


_WRONG = f"SELECT ?node ?message {{ ?result <{SH}focusNode> ?node ; <{SH}resultMessage> ?message }}"


def ill_formed(error: Exception, where: str | None = None) -> ConfigError:
    """Return the error for shapes that pyshacl refuses."""
    what = str(getattr(error, "message", error))
    return ConfigError(f"a shape cannot be used: {what}", where=where, hint="mend the shape; its rules are at w3.org/TR/shacl")


@lru_cache(maxsize=2)
def prepared(shapes: ShapesGraph) -> Any:
    """Return the shapes as pyshacl keeps them, once per process.

    In kg's own shapes the targets of node shapes are handed down to their property shapes, which gives the same results, but lets
    pyshacl check all nodes of a batch at once (1/6 of the time).
    """
    from pyshacl.shapes_graph import ShapesGraph as Prepared

    found = graph(shapes.triples)
    if shapes.own:
        _hand_targets_down(found)
    return Prepared(found)


def _hand_targets_down(shapes: Graph) -> None:
    from rdflib import URIRef

    members = URIRef(f"{SH}property")
    for node, member in list(shapes.subject_objects(members)):
        for target in (URIRef(SH + name) for name in _TARGETS):
            for value in list(shapes.objects(node, target)):
                shapes.add((member, target, value))
        shapes.remove((node, members, member))


@dataclass(frozen=True, slots=True)
class About:
    """What findings need to know of a shape: its code (None when it has none) and the predicate it compares its values with."""

    code: str | None
    compared: str | None


@lru_cache(maxsize=2)
def shapes_by_term(shapes: ShapesGraph) -> Mapping[str, About]:
    """Return what is known of each shape, by its term in N-Triples."""
    codes: dict[str, str] = {}
    compared: dict[str, str] = {}
    for subject, predicate, value in triples(shapes.triples):
        if predicate == f"<{KG}code>":
            codes[subject] = lexical(value)
        elif predicate in {f"<{SH}lessThan>", f"<{SH}lessThanOrEquals>", f"<{SH}equals>", f"<{SH}disjoint>"}:
            compared[subject] = value
    return {shape: About(codes.get(shape), compared.get(shape)) for shape in {*codes, *compared}}
