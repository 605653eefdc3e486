"""A build, or an RDF file of anybody's -> what is wrong with it, as far as that is wanted: findings and a sh:ValidationReport."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.codes import Selection, of_shapes
from kg.config import Config
from kg.findings import findings_of
from kg.model import Finding
from kg.outcome import reports_of, sources
from kg.pipeline import chosen_by
from kg.wire import claims_of

if TYPE_CHECKING:
    from kg.render import ReportSource
    from kg.store import Build


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking found: the findings that are wanted, sorted, the reports they point into, and the report in Turtle.

    `missed` are reports in which only one of two engines found fault; what it found counts.
    """

    findings: Sequence[Finding]
    sources: Mapping[str, ReportSource]
    report: Callable[[], bytes]
    missed: Sequence[str] = ()


def check_file(file: Path, config: Config, *, alone: bool = False) -> Checked:
    """Check an RDF file against kg's shapes and the user's, or those `alone`; raise InputError when it cannot be read."""
    from kg.validate import load_shapes, validate_file

    chosen = chosen_by(config)
    engine = "pyshacl" if config.engine == "auto" else config.engine  # of one file nothing tells how large its graphs are
    checked = validate_file(file, load_shapes(config.shapes, alone=alone, engine=engine), base=config.base_iri)
    return Checked(_kept(checked.findings, chosen), {}, lambda: _report(checked.report, chosen))


def check(build: Build, config: Config, *, alone: bool = False) -> Checked:
    """Return the findings of a build and the texts they point into; with shapes of the user's it is checked anew."""
    from kg.contradict import told_once
    from kg.steps.read import processes
    from kg.stored import reports
    from kg.validate import load_shapes, validate

    counts = build.manifest["counts"]
    chosen = chosen_by(config, counts["codes"])
    found, shacl = findings_of(build.path), (build.path / "findings.ttl").read_bytes
    missed: Sequence[str] = ()
    if config.shapes or alone:
        shapes = load_shapes(config.shapes, alone=alone, engine=config.engine)
        graphs = ((report.id, report) for report in reports(build.store()))
        jobs = processes(config.jobs, counts["reports"])
        checked = validate(graphs, shapes, base=build.manifest["versions"]["base"], jobs=jobs)
        missed = checked.missed
        others = (finding for finding in found if not of_shapes(finding.code))
        found = told_once([*others, *checked.findings], partial(claims_of, build.path))
        shacl = partial(bytes, checked.report)
    kept = _kept(found, chosen)
    return Checked(kept, sources(build, reports_of(kept), others=True), lambda: _report(shacl(), chosen), missed)


def _kept(findings: Iterable[Finding], chosen: Selection) -> list[Finding]:
    return sorted((finding for finding in findings if chosen.keeps(finding.code)), key=Finding.sort_key)


def _report(shacl: bytes, chosen: Selection) -> bytes:
    """Return a sh:ValidationReport with the results that are wanted."""
    from kg.validate import selected

    return shacl if chosen.everything else selected(shacl, chosen.keeps)
