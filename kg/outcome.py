"""What a build has to say: its counts, its findings as far as they are wanted, the reports they are about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import manifest
from kg.codes import EVERYTHING, Selection
from kg.findings import findings_of, key
from kg.ingest import Input
from kg.model import Finding, Origin, Severity, Skipped
from kg.store import Build

if TYPE_CHECKING:
    from kg.findings import Findings
    from kg.render import ReportSource

Picked = Callable[["Findings"], Iterable[int]]
"""Picks findings of a build, by number."""

Told = tuple[Sequence[Finding], Mapping[str, "ReportSource"]]
"""Findings, and the reports that they are about by id."""

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "violation")

UNREAD = "KG400"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The build that is now current, whether it is new, and what there is to say about it.

    `told` reads the findings that a selection picks out of all of them; of those only the `chosen` are shown and count.
    """

    build: Build
    changed: bool
    failures: Sequence[Skipped]
    skipped: Sequence[Skipped]
    told: Callable[[Picked], Told]
    chosen: Selection = EVERYTHING

    @property
    def findings(self) -> Sequence[Finding]:
        """Return what is wrong with the reports and what they say, sorted by place."""
        return self._kept(self.told(_every)[0])

    def first(self, most: int) -> tuple[Sequence[Finding], Mapping[str, ReportSource], int]:
        """Return the first violations and warnings, the reports they are about, how many more there are; no other is read."""
        if not self.chosen.everything:
            wanted = [finding for finding in self.findings if finding.severity != "info"]
            return wanted[:most], self.sources, max(len(wanted) - most, 0)
        counts = self.severities
        return *self.told(partial(_severest, most)), max(counts["violation"] + counts["warning"] - most, 0)

    def _kept(self, findings: Iterable[Finding]) -> list[Finding]:
        return [finding for finding in findings if self.chosen.keeps(finding.code)]

    @property
    def severities(self) -> Mapping[str, int]:
        """Return how many findings there are of each severity."""
        counts: Mapping[str, int] = self.build.manifest["counts"]["severities"]
        if self.chosen.everything:
            return counts
        found = [finding.severity for finding in self.findings]
        return {name: found.count(name) for name in SEVERITIES}

    @property
    def sources(self) -> Mapping[str, ReportSource]:
        """Return the reports that findings are about, under the paths that the user gave."""
        return self.told(_every)[1]

    def exit_code(self, fail_on: Severity) -> int:
        """Return 3 when a document failed, 4 when a service did not read one, else what the findings call for."""
        if self.failures:
            return 3
        counts = self.severities
        return 4 if manifest.unasked(self.build.manifest) else exit_code((name for name in counts if counts[name]), fail_on)

    def to_json(self) -> dict[str, Any]:
        """Return what was built for a program to read."""
        listed = {
            name: [{"path": item.path, "reason": item.reason} for item in items]
            for name, items in (("failed", self.failures), ("skipped", [item for item in self.skipped if not item.failed]))
        }
        return {"build": self.build.path.name, "changed": self.changed, **self.build.manifest["counts"], **listed}


def exit_code(severities: Iterable[str], fail_on: Severity) -> int:
    """Return 1 when one of the severities is `fail_on` or worse, else 0."""
    severe = SEVERITIES[SEVERITIES.index(fail_on) :]
    return int(any(severity in severe for severity in severities))


def sources(build: Build, reports: Iterable[str], *, others: bool = False) -> Mapping[str, ReportSource]:
    """Return reports of a build with their texts, under their paths where they still are; `others` too, without texts."""
    from kg.stored import texts

    wanted = frozenset(reports)
    entries = (entry for entry in _entries(build) if others or entry["id"] in wanted)
    return sources_of(entries, _paths(build), texts(build.store(), sorted(wanted), build.manifest["versions"]["base"]))


def reports_of(findings: Iterable[Finding]) -> list[str]:
    """Return the reports that findings are about or point into, sorted."""
    about = {finding.report for finding in findings} | {label.report for finding in findings for label in finding.labels}
    return sorted(id for id in about if id)


def _paths(build: Build) -> dict[str, str]:
    """Return the path of each report that is still where the build found it, seen from the folder one stands in."""
    try:
        paths = json.loads((build.path / "run.json").read_text(encoding="utf-8"))["paths"]
        return {id: path for id, path in paths.items() if Path(path).is_file()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # the only file a build can do without
        return {}


def hinted(findings: Iterable[Finding], failures: Iterable[Skipped]) -> list[Finding]:
    """Return findings with the remedies that only hold here."""
    hints = {failure.path: failure.hint for failure in failures if failure.hint}
    return [
        replace(finding, notes=(hints[finding.report],)) if finding.code == UNREAD and finding.report in hints else finding
        for finding in findings
    ]


def _every(findings: Findings) -> Iterable[int]:
    """Pick all findings."""
    return range(len(findings))


def _severest(most: int, findings: Findings) -> Iterable[int]:
    """Pick the first violations and warnings."""
    numbers = (islice(findings.numbers([key("severity", name)]), most) for name in ("violation", "warning"))
    return sorted(number for some in numbers for number in some)[:most]


def cached(told: Callable[[Picked], Told]) -> Callable[[Picked], Told]:
    """Read the whole of the findings once; a selection is small."""
    whole = cache(partial(told, _every))
    return lambda picked: whole() if picked is _every else told(picked)


def told_of(build: Build, inputs: Iterable[Input], picked: Picked, failures: Iterable[Skipped] = ()) -> Told:
    """Return findings of a build, and the reports they are about under the paths that were given."""
    from kg.findings import opened
    from kg.stored import texts

    index = opened(build.path)
    listed = index.read(picked(index)) if index else findings_of(build.path)
    found = sorted(hinted(listed, failures), key=Finding.sort_key)
    about = reports_of(found)
    known = texts(build.store(), about, build.manifest["versions"]["base"])
    wanted = frozenset(about)
    said = [entry for entry in _entries(build) if entry["id"] in wanted]
    return found, sources_of(said, {input.id: input.display for input in inputs}, known)


def _entries(build: Build) -> Iterator[Mapping[str, Any]]:
    """Yield the reports of a build and the files that hold many, as the manifest lists them."""
    for kind in ("inputs", "failed", "files"):
        yield from build.manifest.get(kind, ())


def sources_of(entries: Iterable[Mapping[str, Any]], paths: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, ReportSource]:
    """Return reports by id, as findings show them: the paths of files by id, and texts by report."""
    return {entry["id"]: _source(entry, paths, texts.get(entry["id"], "")) for entry in entries}


def _source(entry: Mapping[str, Any], paths: Mapping[str, str], text: str) -> ReportSource:
    from kg.render import ReportSource

    id, file = entry["id"], entry.get("file")
    if file is None:
        return ReportSource(paths.get(id, id), text, paged=entry.get("paged", False))
    if "line" not in entry:  # its id is the file's and its path there, or the line that could not be read
        return ReportSource(paths.get(file, file) + id.removeprefix(file), text, paged=entry.get("paged", False))
    return ReportSource(paths.get(file, file), text, Origin(file, entry["line"], entry["offset"]), entry.get("paged", False))
