"""A graph and the shapes of a profile, as its specification words them -> what is broken, by the reference engine."""

from __future__ import annotations

from pathlib import Path

import rdflib
from pyshacl import validate
from rdflib.namespace import SH

SHAPES = Path(__file__).parent / "shapes"


def broken(graph: rdflib.Graph, profile: str) -> set[tuple[str, str, str]]:
    """Return node, path and constraint of every violation of the shapes of a profile."""
    shapes = rdflib.Graph().parse(SHAPES / f"{profile}.ttl")
    _, report, _ = validate(graph, shacl_graph=shapes, inference="none", advanced=False)
    assert isinstance(report, rdflib.Graph)
    found = set()
    for result in report.subjects(rdflib.RDF.type, SH.ValidationResult):
        values = (report.value(result, predicate) for predicate in (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent))
        node, path, constraint = (str(value) for value in values)
        found.add((node, path, constraint.rpartition("#")[2].removesuffix("ConstraintComponent")))
    return found
