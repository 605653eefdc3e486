"""Triples and shapes -> SHACL results, by pyshacl with inference off: RDFS inference would hide a wrong class.

Every report is judged on its own: a neighbour's types or values neither satisfy nor violate its shapes. With kg's own shapes many
reports are checked in one go, the nodes of each renamed to be its own; that takes a sixth of the time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.terms import SH
from kg.validate.rdf import graph, quiet, text
from kg.validate.reading import prepared
from kg.validate.refused import ill_formed
from kg.validate.screen import with_fault
from kg.validate.shapes import ShapesGraph
from kg.validate.together import Unit, marked, parted, unmarked

if TYPE_CHECKING:
    from rdflib import Graph

_TOGETHER = 64  # reports: with more of them each takes longer


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """A sh:ValidationResult of a unit; terms in N-Triples, empty where there is none.

    `constraint` is the sh:sourceConstraint of a query; `messages` keep their languages.
    """

    unit: str
    focus: str
    path: str
    value: str
    shape: str
    component: str
    severity: str
    messages: tuple[str, ...]
    constraint: str = ""


def check(units: Sequence[Unit], shapes: ShapesGraph) -> list[Result]:
    """Return the sorted results of units, each judged on its own.

    With the engine pyrudof only the units in which it finds fault are given to pyshacl. Raises ConfigError when a shape cannot be
    used, InputError when SHACL defines no answer for the data.
    """
    if shapes.engine == "pyrudof":
        units = [units[number] for number in sorted(with_fault(units, shapes))]
    return by_pyshacl(units, shapes)


def by_pyshacl(units: Sequence[Unit], shapes: ShapesGraph) -> list[Result]:
    """Return the sorted results of units, each judged on its own; raises as `check` does."""
    together, alone = parted(units) if shapes.own else ([], list(range(len(units))))
    found: list[Result] = []
    for start in range(0, len(together), _TOGETHER):
        part = [units[number] for number in together[start : start + _TOGETHER]]
        report = _run(graph("".join(marked(part))), shapes, "the reports")
        found += (_of_its_unit(result, part) for result in _results("", report))
    for name, triples in (units[number] for number in alone):
        data = graph("".join(f"{triple} .\n" for triple in triples))
        found += _results(name, _run(data, shapes, name or "the file"))
    return sorted(found)


def _of_its_unit(result: Result, units: Sequence[Unit]) -> Result:
    focus, number = unmarked(result.focus)
    unit = units[number or 0][0]
    return replace(result, unit=unit, focus=focus, value=unmarked(result.value)[0])


def _run(data: Graph, shapes: ShapesGraph, where: str) -> Graph:
    """Return the validation report of a graph as pyshacl writes it."""
    from pyparsing.exceptions import ParseBaseException
    from pyshacl.errors import (
        ConstraintLoadError,
        ReportableRuntimeError,
        ShapeLoadError,
        ShapeRecursionWarning,
        ValidationFailure,
    )
    from pyshacl.graph_abstraction import DataGraph
    from pyshacl.validator import Validator
    from rdflib import Graph

    quiet()
    options = {"inplace": True, "inference": "none", "logger": logging.getLogger("pyshacl")}
    validator = Validator(DataGraph.from_rdflib(data), shacl_graph=Graph(), options=options)
    try:
        validator.shacl_graph = prepared(shapes)  # read once: most of the time of a small report went into reading shapes
        run: Callable[[], tuple[bool, Graph, str]] = validator.run
        return run()[1]
    except (
        ShapeLoadError,
        ConstraintLoadError,
        ValidationFailure,
        ShapeRecursionWarning,
        NotImplementedError,
        ParseBaseException,
    ) as error:
        raise ill_formed(error) from error
    except ReportableRuntimeError as error:
        raise InputError(
            f"SHACL has no answer: {error}", where=where, hint="give every node that is compared an IRI or a literal"
        ) from error


def _results(unit: str, report: Graph) -> Iterator[Result]:
    from rdflib import URIRef

    for node in report.objects(None, URIRef(f"{SH}result")):
        said = report.predicate_objects(node)
        terms = {str(predicate).removeprefix(SH): text(value) for predicate, value in said}
        yield Result(
            unit,
            terms["focusNode"],
            terms.get("resultPath", ""),
            terms.get("value", ""),
            terms["sourceShape"],
            terms["sourceConstraintComponent"],
            terms["resultSeverity"],
            tuple(sorted(text(message) for message in report.objects(node, URIRef(f"{SH}resultMessage")))),
            terms.get("sourceConstraint", ""),
        )
