"""The two ways in: the reports of a build, and an RDF file of anybody's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from kg.model import Finding
from kg.schema import DEFAULT_BASE
from kg.terms import KG
from kg.validate.check import Result, check
from kg.validate.files import units
from kg.validate.findings import findings
from kg.validate.processes import in_processes
from kg.validate.report import of_build, of_file
from kg.validate.shapes import ShapesGraph

_BATCH = 64
_BATCH_ONE_BY_ONE = 12  # with shapes of the user's a report takes six times as long; Ctrl-C waits for the batches at work
_ALONE = 4  # batches: a further process imports pyshacl for as long as one checks two of them


class Graph(Protocol):
    """A report's graph, as triples without full stop: `facts` are checked, `evidence` holds the claims that carry them."""

    @property
    def facts(self) -> Collection[str]:
        """What the report says."""

    @property
    def evidence(self) -> Collection[str]:
        """Where it says it."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What a validation found: sorted findings, whether SHACL calls the data conforming, its sh:ValidationReport in Turtle."""

    findings: tuple[Finding, ...]
    conforms: bool
    report: bytes


@dataclass(frozen=True, slots=True)
class _Checked:
    results: tuple[Result, ...]
    findings: tuple[Finding, ...]


_Entry = tuple[str, tuple[str, ...], tuple[str, ...]]


def validate(reports: Iterable[tuple[str, Graph]], shapes: ShapesGraph, *, base: str = DEFAULT_BASE, jobs: int = 1) -> Validation:
    """Check the graph of each (report id, graph) on its own, in `jobs` processes; the order of the reports changes nothing.

    Raises ConfigError when a shape cannot be used, InputError when SHACL defines no answer for a graph, BuildError when one of the
    processes is stopped from outside.
    """
    entries = ((report, tuple(sorted(graph.facts)), tuple(_without_text(graph.evidence))) for report, graph in reports)
    return _joined(_checked(entries, shapes, jobs), partial(of_build, shapes=shapes, base=base))


def validate_file(path: str | Path, shapes: ShapesGraph, *, base: str = DEFAULT_BASE) -> Validation:
    """Check an RDF file: .ttl, .nt, .nq, .trig, .jsonld or .rdf. A named graph that holds a report's claims is checked on its own.

    Raises InputError when the file cannot be read, ConfigError when a shape cannot be used.
    """
    file = Path(path)
    parts = []
    for name, triples in units(file).items():
        results = check([(name, triples)], shapes)
        parts.append(_Checked(tuple(results), tuple(findings(str(file), results, triples, (), shapes))))
    return _joined(parts, partial(of_file, shapes=shapes, base=base))


def _without_text(evidence: Iterable[str]) -> Iterator[str]:
    return (triple for triple in evidence if triple.split(" ", 2)[1] != f"<{KG}text>")


def _checked(entries: Iterable[_Entry], shapes: ShapesGraph, jobs: int) -> Iterator[_Checked]:
    iterator = iter(entries)
    size = _BATCH if shapes.own else _BATCH_ONE_BY_ONE
    batches = iter(lambda: list(islice(iterator, size)), [])
    first = list(islice(batches, _ALONE)) if jobs > 1 else []
    work = partial(_check, shapes=shapes)
    every = chain(first, batches)
    return map(work, every) if len(first) < _ALONE else in_processes(work, every, jobs, "checked reports")


def _check(batch: list[_Entry], shapes: ShapesGraph) -> _Checked:
    results = check([(report, facts) for report, facts, _ in batch], shapes)
    of_report: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        of_report[result.unit].append(result)
    found: list[Finding] = []
    for report, facts, evidence in batch:
        if own := of_report.get(report):
            found += findings(report, own, facts, evidence, shapes)
    return _Checked(tuple(results), tuple(found))


def _joined(parts: Iterable[_Checked], written: Callable[[list[Result]], bytes]) -> Validation:
    results: list[Result] = []
    found: list[Finding] = []
    for part in parts:
        results += part.results
        found += part.findings
    return Validation(tuple(sorted(found, key=Finding.sort_key)), not results, written(results))
