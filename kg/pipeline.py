"""Reports -> a published build: the whole flow; its steps one after the other stand in `kg.building`.

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
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kg import manifest
from kg.codes import UNASKED, Selection, selection
from kg.config import Config
from kg.errors import BuildError, DamagedError, InputError
from kg.ingest import Input, walk
from kg.model import Claim, Finding, Skipped
from kg.outcome import BuildResult, cached, hinted, sources_of, told_of
from kg.store import MANIFEST, Build, locked, new_build, open_build, publish
from kg.wire import claims_of

if TYPE_CHECKING:
    from kg.render import ReportSource
    from kg.schema import Schema
    from kg.steps.read import Met, Progress
    from kg.steps.shelf import Shelf

Say = Callable[[str], None]
"""Writes a line to the user."""

_MOST_CHANGED = 5  # times as many reports must there be, for changing a store to be faster than making one

_RUN = "run.json"

SHELF = ".records.sqlite"
"""What a build keeps beside the builds of a folder for the next one."""


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
        if last and _matches(made_of, last):
            failures = [*manifest.failures(last.manifest), *_failed(skipped)]
            return BuildResult(last, False, failures, skipped, cached(partial(told_of, last, inputs)), chosen)

    def read(shelf: Shelf, schema: Schema) -> Met:
        met = _read(inputs, made_of, shelf, schema, config, progress, say)
        if not shelf.size():
            reasons = "\n        ".join(_told(failure, failure.path) for failure in met.failures[:5])
            raise InputError(f"none of {len(inputs)} reports could be read", hint=reasons)
        return met

    with locked(out, say=say):
        return replace(_build(read, inputs, skipped, made_of, out, config, progress, say, times, accept_shrink), chosen=chosen)


def load(
    parts: Sequence[Path], out: Path, *, config: Config, progress: Progress, say: Say, accept_shrink: bool = False
) -> BuildResult:
    """Publish at `out` what the parts that a cluster made say, as if the reports had been read here.

    Raises UsageError for a folder without parts, BuildError for parts of another version or settings, and as `build` does.
    """
    from kg.spark import stored
    from kg.validate import load_shapes

    found = stored(parts, config)
    times: dict[str, float] = {}

    def read(shelf: Shelf, schema: Schema) -> Met:
        return found.onto(shelf, load_shapes(config.shapes, engine=config.engine).engine)

    with locked(out, say=say):
        built = _build(read, found.inputs, (), found.sources, out, config, progress, say, times, accept_shrink)
        return replace(built, chosen=chosen_by(config))


def _build(*given: Any) -> BuildResult:
    """Make and publish a build; when the records of the build before turn out to be damaged, without them."""
    from kg.steps.shelf import remove_shelf

    try:
        return _built(*given)
    except DamagedError as error:
        remove_shelf(Path(error.where or ""))
        return _built(*given)


def _built(
    read: Callable[[Shelf, Schema], Met],
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
    from kg.building import Disagreed
    from kg.schema import load_schema

    schema = load_schema(config.base_iri, catalog=config.catalog)
    with _shelf(out / SHELF, made_of) as shelf:
        with _timed(times, "read"):
            met = read(shelf, schema)
        try:
            published = _made(inputs, met, made_of, shelf, schema, out, config, progress, say, times, accept_shrink)
        except Disagreed as found:
            from kg.validate import disagreement

            say(disagreement(found.reports))
            shelf.forget_checked()
            by_reference = replace(config, engine="pyshacl")
            published = _made(inputs, met, made_of, shelf, schema, out, by_reference, progress, say, times, accept_shrink)
    told = cached(partial(told_of, published, inputs, failures=met.failures))
    return BuildResult(published, True, [*met.failures, *_failed(skipped)], skipped, told)


def _made(
    inputs: Sequence[Input],
    met: Met,
    made_of: manifest.Sources,
    shelf: Shelf,
    schema: Schema,
    out: Path,
    config: Config,
    progress: Progress,
    say: Say,
    times: dict[str, float],
    accept_shrink: bool,
) -> Build:
    """Make a build of what lies on the shelf, and publish it."""
    from kg.building import Building
    from kg.decided import decisions_of
    from kg.validate import load_shapes

    decisions = decisions_of(config, schema)
    shapes = load_shapes(config.shapes, engine=config.engine)
    with new_build(out, _like(_last(out), made_of, met, shelf)) as new:
        building = Building(new, shelf, schema, config, progress, times)
        id = building.write(met, decisions, made_of, shapes)
        if not accept_shrink and (last := _last(out)):
            from kg.diff import refuse_shrink

            description = manifest.read(new.path / MANIFEST)
            claims = partial(claims_of, new.path)
            refuse_shrink(last, description, claims, building.names, schema, str(out), _unread(met, inputs), folder=new.path)
        with _timed(times, "load"):
            new.loaded()
        new.write(_RUN, [_run(times, inputs, config)])
        return publish(out, id, new)


def _matches(made_of: manifest.Sources, last: Build) -> bool:
    """Decide whether a build is what building again would give, with the libraries that are here now."""
    try:
        return made_of.match(last.manifest) and manifest.libraries() == json.loads((last.path / _RUN).read_bytes())["libraries"]
    except (BuildError, OSError, ValueError, LookupError, TypeError):  # it is damaged: what is built replaces it
        return False


def _like(last: Build | None, made_of: manifest.Sources, met: Met, shelf: Shelf) -> Build | None:
    """Return the published build when the new one will hold most of what it holds."""
    if last is None or met.changed * _MOST_CHANGED > shelf.size():
        return None
    return last if manifest.reading_versions(last.manifest["versions"]) == manifest.reading_versions(made_of.versions) else None


@contextmanager
def _shelf(path: Path, made_of: manifest.Sources) -> Iterator[Shelf]:
    """Open the records of the build before; those of other versions, of kg or a library, and a damaged file, are forgotten."""
    from kg.steps.shelf import opened_shelf

    decide = [manifest.libraries(), manifest.reading_versions(made_of.versions)]
    versions = json.dumps(decide).encode()
    with opened_shelf(path, versions) as shelf:
        yield shelf


def _read(
    inputs: Sequence[Input], made_of: manifest.Sources, shelf: Shelf, schema: Schema, config: Config, progress: Progress, say: Say
) -> Met:
    from kg.extract import further
    from kg.steps.read import read_inputs

    return read_inputs(inputs, made_of.hashes, shelf, schema, config.jobs, progress, further(schema, config, say, progress))


def _unread(met: Met, inputs: Iterable[Input]) -> list[str]:
    """Return which documents could not be read and why, each under the path that was given."""
    paths = {input.id: input.display for input in inputs}
    return [_told(item, paths.get(item.path, item.path)) for item in met.failures]


def _told(failure: Skipped, path: str) -> str:
    return f"{path}: {failure.reason}{f' ({failure.hint})' if failure.hint else ''}"


def extract_only(paths: Sequence[Path | str], *, config: Config, progress: Progress, say: Say | None = None) -> Extracted:
    """Return what the reports below the paths say, as a build of them would hold it."""
    from kg.building import file_of, read_only
    from kg.schema import load_schema

    inputs, skipped = _inputs(paths, config)
    made_of = manifest.sources({input.id: input.path for input in inputs}, skipped, paths, config)
    schema = load_schema(config.base_iri, catalog=config.catalog)
    with TemporaryDirectory(prefix="kg-") as folder, _shelf(Path(folder, SHELF), made_of) as shelf:
        met = _read(inputs, made_of, shelf, schema, config, progress, say or _unsaid)
        claims, suggestions, findings = read_only(shelf, met, schema, config)
        texts = {id: shelf.read(id).document.source for id in shelf.ids()}
        lost = ({"id": item.path, **file_of(item, met.files)} for item in met.failures)
        entries = [*shelf.places(), *lost, *({"id": id} for id in met.files)]
        told = hinted(findings, met.failures), sources_of(entries, {input.id: input.display for input in inputs}, texts)
        return Extracted(claims, suggestions, *told, [*met.failures, *_failed(skipped)])


def _unsaid(text: str) -> None:
    """Say nothing."""


def chosen_by(config: Config, further: Iterable[str] = ()) -> Selection:
    """Return which findings the settings want; codes may be those of the user's shapes and `further` ones."""

    def of_the_users() -> Iterable[str]:
        from kg.validate import codes_of

        return (*further, *codes_of(config.shapes))

    return selection(config.select, config.ignore, of_the_users)


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


def _failed(skipped: Sequence[Skipped]) -> list[Skipped]:
    return [item for item in skipped if item.failed]


@contextmanager
def _timed(times: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    times[name] = time.perf_counter() - start


def _run(times: Mapping[str, float], inputs: Iterable[Input], config: Config) -> bytes:
    """Return run.json: the only file with a clock and with paths."""
    run = {
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": {name: round(value, 4) for name, value in times.items()},
        "jobs": config.jobs,
        "paths": {input.id: input.display for input in inputs},
        "libraries": manifest.libraries(),
        "machine": {"system": platform.platform(), "python": platform.python_version(), "cpus": os.cpu_count()},
    }
    return (json.dumps(run, indent=1) + "\n").encode()
