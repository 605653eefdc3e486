"""Reports -> a published build: the whole flow. Nothing else puts stages together.

What deciding that nothing has changed takes is imported at the top, everything else where the flow gets to it.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import manifest
from kg.codes import EVERYTHING, UNASKED, Selection, selection
from kg.config import Config
from kg.errors import BuildError, InputError
from kg.findings import findings_of
from kg.ingest import Input, walk
from kg.model import Claim, Finding, Origin, Severity, Skipped
from kg.previous import Previous, joined_report, previous
from kg.store import Build, locked, open_build, write_build

if TYPE_CHECKING:
    from kg.contents import Facts
    from kg.graph import ReportGraph
    from kg.reading import Reports
    from kg.render import ReportSource

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and of how many."""

Say = Callable[[str], None]
"""Writes a line to the user."""

Told = tuple[Sequence[Finding], Mapping[str, "ReportSource"]]
"""Findings, and the reports that they are about by id."""

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "violation")


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The build that is now current, whether it is new, and what there is to say about it; `told` is read when it is wanted.

    Of the findings only those `chosen` are shown and count.
    """

    build: Build
    changed: bool
    failures: Sequence[Skipped]
    skipped: Sequence[Skipped]
    told: Callable[[], Told]
    chosen: Selection = EVERYTHING

    @property
    def findings(self) -> Sequence[Finding]:
        """Return what is wrong with the reports and what they say, sorted by place."""
        return [finding for finding in self.told()[0] if self.chosen.keeps(finding.code)]

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
        return self.told()[1]

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


@dataclass(frozen=True, slots=True)
class Extracted:
    """What reports say, without a build: claims with their things and suggestions, sorted."""

    claims: Sequence[Claim]
    suggestions: Sequence[Claim]
    findings: Sequence[Finding]
    sources: Mapping[str, ReportSource]
    failures: Sequence[Skipped]

    @property
    def exit_code(self) -> int:
        """Return 3 when a document failed, 4 when a service did not read one, else 0."""
        return 3 if self.failures else 4 if any(finding.code == UNASKED for finding in self.findings) else 0


def build(
    paths: Sequence[Path | str], out: Path, *, config: Config, progress: Progress, say: Say, accept_shrink: bool = False
) -> BuildResult:
    """Read the reports below the paths and publish what they say at `out`, unless the build there says it already.

    A document that fails is left out and told. Raises UsageError or InputError when there is no report at all, ConfigError for
    shapes or an ontology that cannot be used, BuildError when nothing can be written or, without `accept_shrink`, when models or
    more than a tenth of the facts that are published would be lost; the last build then stays.
    """
    times: dict[str, float] = {}
    chosen = chosen_by(config)
    with _timed(times, "compare"):
        inputs, skipped = _inputs(paths, config)
        made_of = manifest.sources({input.id: input.path for input in inputs}, skipped, paths, config)
        last = _last(out)
        if last and made_of.match(last.manifest):
            failures = [*manifest.failures(last.manifest), *_failed(skipped)]
            return BuildResult(last, False, failures, skipped, cache(partial(_told_before, last, inputs)), chosen)
    with locked(out, say=say):
        return replace(_build(inputs, skipped, made_of, out, config, progress, say, times, accept_shrink), chosen=chosen)


def _build(
    inputs: Sequence[Input],
    skipped: Sequence[Skipped],
    made_of: manifest.Sources,
    out: Path,
    config: Config,
    progress: Progress,
    say: Say,
    times: dict[str, float],
    accept_shrink: bool,
) -> BuildResult:
    from kg.contents import consequences, facts_of, files, manifest_of
    from kg.contradict import told_once
    from kg.decided import decisions_of
    from kg.extract import further
    from kg.reading import read_reports
    from kg.schema import load_schema

    known = _known(out, made_of)
    with _timed(times, "read"):
        schema = load_schema(config.base_iri, catalog=config.catalog)
        decisions = decisions_of(config, schema)
        reports = read_reports(inputs, known, schema, config.jobs, progress, further(schema, config, say, progress))
    if not reports.documents:
        reasons = "\n        ".join(f"{failure.path}: {failure.reason}" for failure in reports.failures[:5])
        raise InputError(f"none of {len(inputs)} reports could be read", hint=reasons)
    with _timed(times, "resolve"):
        facts = facts_of(reports, schema, decisions)
    with _timed(times, "derive"):
        following = consequences(facts, config)
    with _timed(times, "validate"):
        checked, shacl = _judge(facts, known, config, progress)
    findings = sorted(told_once([*checked, *following.findings], facts.all_claims), key=Finding.sort_key)
    description = manifest_of(facts, following, findings, made_of)
    if not accept_shrink and (last := _last(out)):
        from kg.diff import refuse_shrink

        refuse_shrink(last, description, facts.all_claims, facts.names, schema, str(out), _unread(reports, inputs))
    writing = time.perf_counter()
    run = partial(_run, times, writing, inputs, config)
    published = write_build(out, manifest.build_id(description), files(facts, following, findings, shacl, description, run))
    told = partial(_told, findings, reports, inputs)
    return BuildResult(published, True, [*reports.failures, *_failed(skipped)], skipped, cache(told))


def _unread(reports: Reports, inputs: Iterable[Input]) -> list[str]:
    """Return which documents could not be read and why, each under the path that was given."""
    paths = {input.id: input.display for input in inputs}
    return [
        f"{paths.get(item.path, item.path)}: {item.reason}{f' ({item.hint})' if item.hint else ''}" for item in reports.failures
    ]


def _judge(facts: Facts, known: Previous, config: Config, progress: Progress) -> tuple[list[Finding], bytes]:
    """Return the findings of all reports and the sh:ValidationReport; only reports whose facts are new are checked."""
    from kg.contents import findings_before_shapes
    from kg.reading import processes
    from kg.validate import load_shapes, validate

    same = [id for id, digest in facts.hashes.items() if known.holds(facts.reports.documents[id], digest)]
    fresh = sorted(set(facts.hashes).difference(same))

    def graphs() -> Iterator[tuple[str, ReportGraph]]:
        for done, id in enumerate(fresh, 1):
            progress("checking", done, len(fresh))
            yield id, facts.graph(id)

    jobs = processes(config.jobs, len(fresh))
    checked = validate(graphs(), load_shapes(config.shapes, engine=config.engine), base=config.base_iri, jobs=jobs)
    found = [*findings_before_shapes(facts), *checked.findings, *(finding for id in same for finding in known.of_shapes(id))]
    return found, joined_report(checked.report, known.shacl, same, config.base_iri)


def extract_only(paths: Sequence[Path | str], *, config: Config, progress: Progress, say: Say | None = None) -> Extracted:
    """Return what the reports below the paths say, as a build of them would hold it."""
    from kg.contents import facts_of, findings_before_shapes
    from kg.decided import decisions_of
    from kg.extract import further
    from kg.reading import read_reports
    from kg.schema import load_schema

    inputs, skipped = _inputs(paths, config)
    schema = load_schema(config.base_iri, catalog=config.catalog)
    reports = read_reports(inputs, Previous(), schema, config.jobs, progress, further(schema, config, say or _unsaid, progress))
    facts = facts_of(reports, schema, decisions_of(config, schema))
    suggestions = [claim for claims in facts.reports.suggestions.values() for claim in claims]
    findings = sorted(findings_before_shapes(facts), key=Finding.sort_key)
    return Extracted(
        list(facts.all_claims()), suggestions, *_told(findings, reports, inputs), [*reports.failures, *_failed(skipped)]
    )


def _unsaid(text: str) -> None:
    """Say nothing."""


def exit_code(severities: Iterable[str], fail_on: Severity) -> int:
    """Return 1 when one of the severities is `fail_on` or worse, else 0."""
    severe = SEVERITIES[SEVERITIES.index(fail_on) :]
    return int(any(severity in severe for severity in severities))


def chosen_by(config: Config, further: Iterable[str] = ()) -> Selection:
    """Return which findings the settings want; codes may be those of the user's shapes and `further` ones."""

    def of_the_users() -> Iterable[str]:
        from kg.validate import codes_of

        return (*further, *codes_of(config.shapes))

    return selection(config.select, config.ignore, of_the_users)


def sources(build: Build, reports: Iterable[str], *, others: bool = False) -> Mapping[str, ReportSource]:
    """Return reports of a build with their texts, under their paths where they still are; `others` too, without texts."""
    from kg.stored import texts

    wanted = frozenset(reports)
    entries = (entry for entry in _entries(build) if others or entry["id"] in wanted)
    return _sources(entries, _paths(build), texts(build.store(), sorted(wanted), build.manifest["versions"]["base"]))


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


def _told(findings: Iterable[Finding], reports: Reports, inputs: Iterable[Input]) -> Told:
    """Return findings with the remedies that only hold here, and the reports they are about under the paths that were given."""
    from kg.contents import UNREAD, entries

    hints = {failure.path: failure.hint for failure in reports.failures if failure.hint}
    told = [
        replace(finding, notes=(hints[finding.report],)) if finding.code == UNREAD and finding.report in hints else finding
        for finding in findings
    ]
    texts = {id: document.source for id, document in reports.documents.items()}
    return told, _sources(entries(reports), {input.id: input.display for input in inputs}, texts)


def _told_before(build: Build, inputs: Iterable[Input]) -> Told:
    """Return the findings of a build that need not be made again, and the reports they are about."""
    from kg.stored import texts

    found = findings_of(build.path)
    about = reports_of(found)
    known = texts(build.store(), about, build.manifest["versions"]["base"])
    said = [entry for entry in _entries(build) if entry["id"] in about]
    return found, _sources(said, {input.id: input.display for input in inputs}, known)


def _entries(build: Build) -> Iterator[Mapping[str, Any]]:
    """Yield the reports of a build and the files that hold many, as the manifest lists them."""
    for kind in ("inputs", "failed", "files"):
        yield from build.manifest.get(kind, ())


def _sources(entries: Iterable[Mapping[str, Any]], paths: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, ReportSource]:
    """Return reports by id, as findings show them: the paths of files by id, and texts by report."""
    return {entry["id"]: _source(entry, paths, texts.get(entry["id"], "")) for entry in entries}


def _source(entry: Mapping[str, Any], paths: Mapping[str, str], text: str) -> ReportSource:
    from kg.render import ReportSource

    id, file = entry["id"], entry.get("file")
    if file is None:
        return ReportSource(paths.get(id, id), text, paged=entry.get("paged", False))
    if "line" not in entry:  # it could not be read; its id is the file's and the line
        return ReportSource(paths.get(file, file) + id.removeprefix(file), text)
    return ReportSource(paths.get(file, file), text, Origin(file, entry["line"], entry["offset"]), entry.get("paged", False))


def _inputs(paths: Sequence[Path | str], config: Config) -> tuple[list[Input], list[Skipped]]:
    """Return what there is to read below the paths, and what is not read; raise InputError when there is nothing to read."""
    inputs, skipped = walk(paths, config.exclude)
    if skipped and not inputs:
        first = next((item for item in skipped if item.failed), skipped[0])
        others = f", and {len(skipped) - 1:,} more that cannot be read" if len(skipped) > 1 else ""
        raise InputError(f"{first.reason}{others}", where=first.path, hint=first.hint)
    return inputs, skipped


def _last(out: Path) -> Build | None:
    try:
        return open_build(out)
    except BuildError:  # none, or one that is damaged: what is built replaces it
        return None


def _known(out: Path, made_of: manifest.Sources) -> Previous:
    last = _last(out)
    try:
        return previous(last.path, last.manifest, made_of.versions, made_of.hashes) if last else Previous()
    except (OSError, ValueError, KeyError, SyntaxError):  # damaged: everything is asked again
        return Previous()


def _failed(skipped: Sequence[Skipped]) -> list[Skipped]:
    return [item for item in skipped if item.failed]


@contextmanager
def _timed(times: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    times[name] = time.perf_counter() - start


def _run(times: Mapping[str, float], writing: float, inputs: Iterable[Input], config: Config) -> bytes:
    """Return run.json: the only file with a clock and with paths. `writing` is when the first file was begun."""
    seconds = {**times, "write": time.perf_counter() - writing}
    run = {
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "jobs": config.jobs,
        "paths": {input.id: input.display for input in inputs},
        "machine": {"system": platform.platform(), "python": platform.python_version(), "cpus": os.cpu_count()},
    }
    return (json.dumps(run, indent=1) + "\n").encode()
