"""A batch of reports and shapes -> SHACL results and findings: pure, picklable, the same whatever the batches.

With pyrudof only the reports in which it finds fault, and some in which it finds none, are given to pyshacl: what is published is
pyshacl's. A report that only pyshacl finds fault in is `missed`; then nothing that pyrudof said counts (`by_reference`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from kg.model import Finding
from kg.terms import KG
from kg.validate.check import Result, by_pyshacl
from kg.validate.findings import findings
from kg.validate.screen import with_fault
from kg.validate.shapes import ShapesGraph

BATCH = 200
BATCH_ONE_BY_ONE = 12  # with shapes of the user's a report takes six times as long; Ctrl-C waits for the batches at work

_SAMPLE = 200  # of so many reports in which pyrudof finds nothing, pyshacl looks at one

Entry = tuple[str, tuple[str, ...], tuple[str, ...]]
"""A report's id, its sorted facts, and the triples of its claims: `<s> <p> <o>`, without full stop."""


class Graph(Protocol):
    """A report's graph, as triples without full stop: `facts` are checked, `evidence` holds the claims that carry them."""

    @property
    def facts(self) -> Collection[str]:
        """What the report says."""

    @property
    def evidence(self) -> Collection[str]:
        """Where it says it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Of a batch: sorted results, findings report by report, and the reports whose faults pyrudof missed."""

    results: tuple[Result, ...]
    findings: tuple[Finding, ...]
    missed: tuple[str, ...] = ()


def entry(report: str, graph: Graph) -> Entry:
    """Return what is to be checked of a report; its text is not looked at."""
    evidence = (triple for triple in graph.evidence if triple.split(" ", 2)[1] != f"<{KG}text>")
    return report, tuple(sorted(graph.facts)), tuple(evidence)


def check_batch(entries: Sequence[Entry], shapes: ShapesGraph) -> Checked:
    """Check reports, each on its own.

    Raises ConfigError when a shape cannot be used, InputError when SHACL defines no answer for a report.
    """
    units = [(report, facts) for report, facts, _ in entries]
    faulty = with_fault(units, shapes) if shapes.engine == "pyrudof" else frozenset(range(len(units)))
    looked_at = [unit for number, unit in enumerate(units) if number in faulty or sampled(unit[0])]
    results = by_pyshacl(looked_at, shapes)
    of_report: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        of_report[result.unit].append(result)
    found: list[Finding] = []
    for report, facts, evidence in entries:
        if own := of_report.get(report):
            found += findings(report, own, facts, evidence, shapes)
    return Checked(tuple(results), tuple(found), tuple(sorted(of_report.keys() - {units[number][0] for number in faulty})))


def sampled(report: str) -> bool:
    """Decide whether pyshacl looks at a report in which pyrudof finds nothing."""
    return int.from_bytes(sha256(report.encode("utf-8", "surrogatepass")).digest()[:4]) % _SAMPLE == 0


def by_reference(shapes: ShapesGraph) -> ShapesGraph:
    """Return the shapes to be checked by pyshacl alone."""
    return replace(shapes, engine="pyshacl")


def disagreement(missed: Iterable[str]) -> str:
    """Return what to tell the user of reports that pyrudof called sound and pyshacl did not."""
    names = sorted(missed)
    others = f" and in {len(names) - 1} others" if len(names) > 1 else ""
    return (
        f"warning: pyshacl finds fault in {names[0]}{others} where pyrudof finds none: all reports are checked by pyshacl alone; "
        "please report this, and use --engine pyshacl until then"
    )
