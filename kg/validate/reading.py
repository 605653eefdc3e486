"""A shapes graph -> an rdflib graph that pyshacl reads as SHACL means it, where it would read it otherwise.

Also what both take from it: the shapes that are judged on their own (`prepared`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kg.terms import OWL, RDF, SH, XSD
from kg.validate.rdf import graph

if TYPE_CHECKING:
    from rdflib import Graph

    from kg.validate.shapes import ShapesGraph

TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
PATHS = ("inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")

_FLAGS = ("closed", "deactivated", "uniqueLang", "qualifiedValueShapesDisjoint")


def shapes_graph(triples: str) -> Graph:
    """Return shapes in N-Triples as a graph for pyshacl."""
    shapes = graph(triples)
    _declare_what_is_imported(shapes)
    _only_true_is_true(shapes)
    return shapes


def lists_as_lists(shapes: Graph) -> None:
    """Take from each path that is a list what makes it another path too: sequences come first (SHACL, section 2.3.1)."""
    from rdflib import URIRef

    for node in set(shapes.subjects(URIRef(f"{RDF}first"))):
        for name in PATHS:
            shapes.remove((node, URIRef(SH + name), None))


def _declare_what_is_imported(shapes: Graph) -> None:
    """Hand prefixes down along sh:prefixes/owl:imports*/sh:declare (SHACL, section 5.2.1); pyshacl does not follow imports."""
    from rdflib import URIRef

    declare, imports = URIRef(f"{SH}declare"), URIRef(f"{OWL}imports")
    for collection in set(shapes.objects(None, URIRef(f"{SH}prefixes"))):
        for imported in shapes.transitive_objects(collection, imports):
            for declaration in list(shapes.objects(imported, declare)):
                shapes.add((collection, declare, declaration))


def _only_true_is_true(shapes: Graph) -> None:
    """Write flags that are not `true` as `false`: SHACL compares terms, and "1" is another term."""
    from rdflib import Literal, URIRef

    boolean = URIRef(f"{XSD}boolean")
    false = Literal("false", datatype=boolean)
    for name in _FLAGS:
        flag = URIRef(SH + name)
        for node, value in list(shapes.subject_objects(flag)):
            if isinstance(value, Literal) and value.datatype == boolean and str(value) != "true":
                shapes.remove((node, flag, value))
                shapes.add((node, flag, false))


@lru_cache(maxsize=2)
def prepared(shapes: ShapesGraph) -> Any:
    """Return the shapes as pyshacl keeps them, once per process.

    In kg's own shapes the targets of node shapes are handed down to their property shapes, which gives the same results, but lets
    pyshacl check all nodes of a batch at once (1/6 of the time).
    """
    from pyshacl.shapes_graph import ShapesGraph as Prepared

    found = shapes_graph(shapes.triples)
    if shapes.own:
        _hand_targets_down(found)
    return Prepared(found)


def _hand_targets_down(shapes: Graph) -> None:
    from rdflib import URIRef

    members = URIRef(f"{SH}property")
    for node, member in list(shapes.subject_objects(members)):
        for target in (URIRef(SH + name) for name in TARGETS):
            for value in list(shapes.objects(node, target)):
                shapes.add((member, target, value))
        shapes.remove((node, members, member))
