"""The two ways in: the reports of a build, and an RDF file of anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from kg.model import Finding
from kg.processes import in_processes
from kg.schema import DEFAULT_BASE
from kg.validate.batch import BATCH, BATCH_ONE_BY_ONE, Checked, Entry, Graph, by_reference, check_batch, entry
from kg.validate.check import Result, check
from kg.validate.files import units
from kg.validate.findings import findings
from kg.validate.report import of_build, of_file
from kg.validate.shapes import ShapesGraph

_ALONE = 4  # batches: a further process imports pyshacl for as long as one checks two of them


@dataclass(frozen=True, slots=True)
class Validation:
    """What a validation found: sorted findings, whether SHACL calls the data conforming, its sh:ValidationReport in Turtle.

    `missed` are the reports for which all were checked again, because pyrudof found nothing in them and pyshacl did.
    """

    findings: tuple[Finding, ...]
    conforms: bool
    report: bytes
    missed: tuple[str, ...] = ()


def validate(reports: Iterable[tuple[str, Graph]], shapes: ShapesGraph, *, base: str = DEFAULT_BASE, jobs: int = 1) -> Validation:
    """Check the graph of each (report id, graph) on its own, in `jobs` processes; the order of the reports changes nothing.

    Raises ConfigError when a shape cannot be used, InputError when SHACL defines no answer for a graph, BuildError when one of the
    processes is stopped from outside.
    """
    shared = partial(of_build, shapes=shapes, base=base)
    if shapes.engine == "pyshacl":
        return _joined(_checked((entry(*report) for report in reports), shapes, jobs), shared)
    entries = [entry(*report) for report in reports]  # all may be asked for twice
    parts = list(_checked(entries, shapes, jobs))
    missed = tuple(sorted(report for part in parts for report in part.missed))
    if missed:
        parts = list(_checked(entries, by_reference(shapes), jobs))
    return replace(_joined(parts, shared), missed=missed)


def validate_file(path: str | Path, shapes: ShapesGraph, *, base: str = DEFAULT_BASE) -> Validation:
    """Check an RDF file: .ttl, .nt, .nq, .trig, .jsonld or .rdf. A named graph that holds a report's claims is checked on its own.

    Raises InputError when the file cannot be read, ConfigError when a shape cannot be used.
    """
    file = Path(path)
    parts = []
    for name, triples in units(file).items():
        results = check([(name, triples)], shapes)
        parts.append(Checked(tuple(results), tuple(findings(str(file), results, triples, (), shapes))))
    return _joined(parts, partial(of_file, shapes=shapes, base=base))


def _checked(entries: Iterable[Entry], shapes: ShapesGraph, jobs: int) -> Iterator[Checked]:
    iterator = iter(entries)
    size = BATCH if shapes.own else BATCH_ONE_BY_ONE
    batches = iter(lambda: list(islice(iterator, size)), [])
    first = list(islice(batches, _ALONE)) if jobs > 1 else []
    work = partial(check_batch, shapes=shapes)
    every = chain(first, batches)
    return map(work, every) if len(first) < _ALONE else in_processes(work, every, jobs, "checked reports")


def _joined(parts: Iterable[Checked], written: Callable[[list[Result]], bytes]) -> Validation:
    results: list[Result] = []
    found: list[Finding] = []
    for part in parts:
        results += part.results
        found += part.findings
    return Validation(tuple(sorted(found, key=Finding.sort_key)), not results, written(results))
