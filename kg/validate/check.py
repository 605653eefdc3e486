"""Triples and shapes -> SHACL results, by pyshacl with inference off: RDFS inference would hide a wrong class.

Every report is judged on its own: a neighbour's types or values neither satisfy nor violate its shapes. With kg's own shapes many
reports are checked in one go, the nodes of each renamed to be its own; that takes a sixth of the time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.terms import KG, SH
from kg.validate.rdf import add, graph, quiet, text
from kg.validate.shapes import ShapesGraph, ill_formed, prepared

if TYPE_CHECKING:
    from rdflib import Graph

_MARK = "#report-"  # and a number: behind an IRI, while several reports are checked together

Unit = tuple[str, tuple[str, ...]]
"""A name and the triples to be judged together: `<s> <p> <o>`, without full stop."""


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """A sh:ValidationResult of a unit; terms in N-Triples, empty where there is none."""

    unit: str
    focus: str
    path: str
    value: str
    shape: str
    component: str
    severity: str
    messages: tuple[str, ...]


def check(units: Sequence[Unit], shapes: ShapesGraph) -> list[Result]:
    """Return the sorted results of units, each judged on its own.

    Raises ConfigError when a shape cannot be used, InputError when SHACL defines no answer for the data.
    """
    if shapes.own and len(units) > 1:
        return sorted(_unmarked(result, units) for result in _results("", _run(_marked(units), shapes, "the reports")))
    return sorted(
        result for name, triples in units for result in _results(name, _run(graph(_lines(triples)), shapes, name or "the file"))
    )


def _lines(triples: Iterable[str]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)


def _marked(units: Sequence[Unit]) -> Graph:
    """Return one graph of all units, in which every node but those of the ontology carries its unit's number."""
    data = graph()
    for number, (_, triples) in enumerate(units):
        mark = f"{_MARK}{number}"
        add(data, _lines(triples), lambda iri, mark=mark: iri if iri.startswith(KG) else iri + mark)  # type: ignore[misc]
    return data


def _unmarked(result: Result, units: Sequence[Unit]) -> Result:
    focus, _, number = result.focus.removesuffix(">").rpartition(_MARK)
    value, mark, _ = result.value.rpartition(f"{_MARK}{number}>")
    return replace(result, unit=units[int(number)][0], focus=f"{focus}>", value=f"{value}>" if mark else result.value)


def _run(data: Graph, shapes: ShapesGraph, where: str) -> Graph:
    """Return the validation report of a graph as pyshacl writes it."""
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError
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
    except (ShapeLoadError, ConstraintLoadError) as error:
        raise ill_formed(error) from error
    except ReportableRuntimeError as error:
        raise InputError(
            f"SHACL has no answer: {error}", where=where, hint="give every node that is compared an IRI or a literal"
        ) from error


def _results(unit: str, report: Graph) -> Iterator[Result]:
    from rdflib import URIRef

    for node in report.objects(None, URIRef(f"{SH}result")):
        terms = {str(predicate).removeprefix(SH): text(value) for predicate, value in report.predicate_objects(node)}
        messages = sorted(str(message) for message in report.objects(node, URIRef(f"{SH}resultMessage")))
        yield Result(
            unit,
            terms["focusNode"],
            terms.get("resultPath", ""),
            terms.get("value", ""),
            terms["sourceShape"],
            terms["sourceConstraintComponent"],
            terms["resultSeverity"],
            tuple(messages),
        )
