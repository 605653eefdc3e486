"""The steps of a build one after the other on one machine: batches in a pool of processes, what lies between the steps on disk.

What grows with the number of reports is on disk: on the shelf beside the builds, which the next build uses again, and in the work
folder of the build that is being made. In memory are names, and what links models to each other.
"""

from __future__ import annotations

import marshal
import pickle
import re
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from kg.coverage import Covered, relation_names, text_of
from kg.decided import decide, decisions_of, undecided
from kg.export.jsonld import Nest
from kg.export.jsonld import chunks as jsonld_chunks
from kg.findings import Keys
from kg.graph import catalog_triples, derived_triples, ontology_triples
from kg.iris import report_iri
from kg.manifest import ManifestFile, Sources
from kg.model import Claim, Derived, Finding, Skipped
from kg.pieces import FindingsFiles, piece_of
from kg.processes import in_processes
from kg.resolve import ambiguous, resolve
from kg.review import STATES, Applied
from kg.review import findings as findings_of_decisions
from kg.runs import ModelReport
from kg.similar import similar
from kg.sorting import Sorter
from kg.steps.about import About
from kg.steps.facts import Known, Ranges, ranges_for
from kg.steps.models import derived_rows, of_all
from kg.steps.names import about, counted, meanings
from kg.steps.read import Met, Progress, processes
from kg.steps.reports import Given
from kg.steps.shelf import Shelf
from kg.steps.sqlite import key_of
from kg.steps.whole import SUMS, default_graph, named_graphs, turtle_chunks
from kg.steps.work import Asking, MergeWork, ModelsWork, ReportsWork, SumWork
from kg.store import MANIFEST
from kg.validate.parts import ReportFile
from kg.wire import line

if TYPE_CHECKING:
    from kg.config import Config
    from kg.decisions import Decisions
    from kg.names import Names
    from kg.schema import Schema
    from kg.store import Unpublished
    from kg.store._loading import Growing
    from kg.validate import ShapesGraph

_MODELS, _REPORTS = 200, 100  # reports about the models, and reports, in a batch
_AT_ONCE = 2000  # derived facts that are held
_IN_A_RANGE = 2000  # reports whose facts are sorted at once
_MOST_RANGES = 100  # of each kind of subject


class Disagreed(Exception):
    """Two SHACL engines do not find fault with the same reports."""

    def __init__(self, reports: tuple[str, ...]) -> None:
        super().__init__(*reports)
        self.reports = reports


class Building:
    """A build that is being made of what lies on a shelf; the seconds that each step takes go into `times`."""

    def __init__(
        self, new: Unpublished, shelf: Shelf, schema: Schema, config: Config, progress: Progress, times: dict[str, float]
    ) -> None:
        self._new, self._shelf, self._schema, self._config = new, shelf, schema, config
        self._progress, self._times = progress, times
        self._size = shelf.size()
        self._jobs = processes(config.jobs, self._size)
        self._counts: Counter[str] = Counter(reports=self._size)
        self.names: Names
        self._about: About
        self._ranges: Ranges

    def write(self, met: Met, decisions: Decisions, made_of: Sources, shapes: ShapesGraph) -> str:
        """Write all files but run.json, and return the build's id; raise Disagreed when SHACL's engines do."""
        work = self._new.work
        with self._timed("resolve"):
            applied = decide(self._shelf, decisions, self._schema)
            self.names = meanings(self._shelf, self._schema, decisions)
            self._about = About(work / "about.sqlite")
            self._about.put(self._pairs())
            self._ranges = self._sampled(work)
        with ExitStack() as open_:
            told, computed, derived = (open_.enter_context(Sorter(work)) for _ in range(3))
            findings = open_.enter_context(FindingsFiles(work))
            shacl = open_.enter_context(ReportFile(self._schema.base, work))
            manifest = open_.enter_context(ManifestFile({"versions": dict(made_of.versions)}, work))
            with self._timed("derive"):
                self._derive(told, computed, derived)
            with self._new.graph() as graph:
                with self._timed("validate"):
                    others = [*_besides(met), *findings_of_decisions(decisions, applied.outcomes)]
                    asked = Asking(self._shelf, told, computed, others, met)
                    self._reports(asked, shapes, findings, shacl, manifest, graph)
                with self._timed("sum up"):
                    self._whole(graph)
            with self._timed("write"):
                self._others()
                self._new.write("undecided.jsonl", map(line, undecided(self._shelf)))
                self._new.write("findings.json", findings.json())
                self._new.write("findings.index", findings.index())
                self._new.write("findings.sarif", findings.sarif())
                self._new.write("findings.ttl", shacl.chunks())
                after = self._after(met, made_of, findings, decisions, applied)
                self._new.write(MANIFEST, manifest.chunks(after))
        self._about.close()
        return manifest.id(after)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self._times[name] = perf_counter() - start

    # Names ----------------------------------------------------------------------------------------------------------------------

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for report, counts in counted(self._shelf, self._schema):
            for model in about(counts, report, self.names):
                yield model, report

    def _sampled(self, folder: Path) -> Ranges:
        """Return ranges that some models and some reports, evenly drawn, begin."""
        models = self._counts["models"] = sum(1 for _ in self._about.models())
        parts = min(-(-self._size // _IN_A_RANGE), _MOST_RANGES)
        drawn = [iri for iri, _ in _every(self._about.models(), models // parts)] if parts > 1 else []
        reports = [report_iri(self._schema.base, id) for id in _every(self._shelf.ids(), self._size // parts)] if parts > 1 else []
        return ranges_for(folder, drawn, reports, self._schema.base)

    # Models ---------------------------------------------------------------------------------------------------------------------

    def _derive(self, told: Sorter, computed: Sorter, derived: Sorter) -> None:
        work = ModelsWork(self._shelf, self._about, self.names, self._schema, self._config, self._ranges)
        facts: list[Derived] = []
        links: list[ModelReport] = []
        done = 0
        with self._new.opened("undetermined.jsonl") as undetermined:
            for count, made in in_processes(work, _batches(self._about.models()), self._jobs, "derived facts"):
                done += count
                self._progress("deriving", done, self._counts["models"])
                undetermined.write(made.undetermined)
                facts += made.linking
                links += made.links
                for owner, packed in made.told.items():
                    told.add(key_of(owner), packed)
                for report, model, relation in made.computed:
                    computed.add(key_of(report), marshal.dumps((model, relation)))
                for key, row in made.derived:
                    derived.add(key, row)
        together = of_all(facts, links, self._schema, self._config)
        while some := list(islice(together, _AT_ONCE)):
            self._ranges.spill("computed", derived_triples(some, self._schema))
            for key, row in derived_rows(some, self._schema):
                derived.add(key, row)
        self._new.write("derived.jsonl", self._noted("derived", (row for _, row in derived)))

    def _noted(self, name: str, rows: Iterable[bytes]) -> Iterator[bytes]:
        for row in rows:
            self._counts[name] += 1
            yield row

    # Reports --------------------------------------------------------------------------------------------------------------------

    def _reports(
        self,
        asked: Asking,
        shapes: ShapesGraph,
        findings: FindingsFiles,
        shacl: ReportFile,
        manifest: ManifestFile,
        graph: Growing,
    ) -> None:
        keys = Keys(self._schema.base, self._schema.stages)
        work = ReportsWork(self._shelf, self._ranges, Given(self.names, self.names.own(), self._schema, shapes, keys))
        waiting = iter(asked)
        batches = iter(lambda: list(islice(waiting, _REPORTS)), [])
        done = 0
        with ExitStack() as open_:
            files = {name: open_.enter_context(self._new.opened(f"{name}.jsonl")) for name in ("claims", "suggestions", "coverage")}
            for made in in_processes(work, batches, self._jobs, "checked reports"):
                if made.missed:
                    raise Disagreed(made.missed)
                done += made.numbers["reports"]
                self._progress("checking", done, self._size)
                graph.write(made.graph)
                files["claims"].write(made.claims)
                files["suggestions"].write(made.suggestions)
                files["coverage"].write(made.coverage)
                manifest.add(made.inputs)
                shacl.add(made.results)
                for piece in made.pieces:
                    findings.add(piece)
                self._shelf.put_checked(((id, hash, pickle.dumps(said)) for id, hash, said in made.checked), shapes.engine)
                self._counts.update({name: made.numbers[name] for name in ("claims", "suggestions")})
            files["coverage"].writelines(text_of(Covered(id, lost=True), relation_names(self._schema)) for id in asked.lost)
        for owner, found in asked.elsewhere.items():
            findings.add(piece_of(owner, found, asked.sources, keys))

    # All together ---------------------------------------------------------------------------------------------------------------

    def _whole(self, graph: Growing) -> None:
        base, ranges = self._schema.base, self._ranges
        named = filter(None, map(self._schema.thing, sorted(filter(None, set(self.names.iris.values())))))
        used = catalog_triples(self._schema, named)
        known = Known(catalog_triples(self._schema), used, sorted(ontology_triples()))
        numbers = range(ranges.count)
        jobs = min(self._jobs, ranges.count)
        stated = in_processes(MergeWork(ranges, known), numbers, jobs, "sorted facts")
        for done, count in enumerate(stated, 1):
            self._progress("sorting", done, ranges.count)
            self._counts["facts"] += count
            graph.load(ranges.path("default", done - 1))
        deque(in_processes(SumWork(ranges, base), SUMS, min(self._jobs, len(SUMS)), "summed up facts"), maxlen=0)
        graph.load(ranges.folder / "build")
        for lines in default_graph(ranges):
            graph.copy(lines)
        for lines in named_graphs(ranges, known, base):
            graph.write(lines)

    def _others(self) -> None:
        """Write the facts in other forms."""
        base, ranges = self._schema.base, self._ranges
        jobs = min(self._jobs, ranges.count)
        self._new.write("graph.ttl", turtle_chunks(ranges, base, partial(in_processes, jobs=jobs, doing="wrote Turtle")))
        with Nest(self._new.work) as nest:
            nest.add(f"{triple} .\n" for triple in ranges.lines("view"))
            self._new.write("graph.jsonld", jsonld_chunks(nest, partial(in_processes, jobs=jobs, doing="wrote JSON-LD")))

    def _after(self, met: Met, made_of: Sources, findings: FindingsFiles, decisions: Decisions, applied: Applied) -> dict[str, Any]:
        """Return what stands in the manifest behind the inputs."""
        counts = {name: self._counts[name] for name in ("reports", "models", "claims", "suggestions", "facts", "derived")}
        states = Counter(outcome.state for outcome in applied.outcomes)
        return {
            "files": [{"id": id, "sha256": made_of.hashes.get(id), "reports": count} for id, count in sorted(met.files.items())],
            "failed": [  # a file of its own may be called like an entry in a file of many
                {
                    "id": item.path,
                    "sha256": made_of.hashes.get(item.path),
                    "reason": item.reason,
                    **({"hint": item.hint} if item.hint else {}),
                    **({} if item.path in made_of.hashes else file_of(item, met.files)),
                }
                for item in met.failures
            ],
            "skipped": list(made_of.skipped),
            "counts": {
                **counts,
                "severities": {name: findings.severities[name] for name in ("violation", "warning", "info")},
                "codes": dict(sorted(findings.codes.items())),
                **({"decisions": {name: states[name] for name in STATES}} if decisions.file else {}),
            },
        }


def file_of(failure: Skipped, files: Collection[str]) -> dict[str, Any]:
    """Return the file of many in which a report stands that could not be read."""
    path = failure.path
    before = (path[: found.start()] for found in re.finditer("[:/]", path))
    return next(({"file": file} for file in before if file in files), {})


def _besides(met: Met) -> Iterator[Finding]:
    """Yield findings about what could not be read, and about files of many reports."""
    for failure in met.failures:
        yield Finding("KG400", "violation", failure.reason, report=failure.path)
    for findings in met.findings.values():
        yield from findings


def _every(items: Iterable[Any], step: int) -> Iterator[Any]:
    return islice(items, max(step, 1), None, max(step, 1))


def _batches(models: Iterable[tuple[str, list[str]]]) -> Iterator[list[tuple[str, list[str]]]]:
    """Yield models with the reports about them, so many at a time that there are about `_MODELS` reports."""
    batch: list[tuple[str, list[str]]] = []
    size = 0
    for model, reports in models:
        batch.append((model, reports))
        size += len(reports)
        if size >= _MODELS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_only(shelf: Shelf, met: Met, schema: Schema, config: Config) -> tuple[list[Claim], list[Claim], list[Finding]]:
    """Return what lies on a shelf without building anything: claims with their things, suggestions, findings, sorted."""
    decisions = decisions_of(config, schema)
    applied = decide(shelf, decisions, schema)
    names = meanings(shelf, schema, decisions)
    own = names.own()
    claims: list[Claim] = []
    suggestions: list[Claim] = []
    findings = [*_besides(met), *findings_of_decisions(decisions, applied.outcomes)]
    for record in map(shelf.record, shelf.ids()):
        said = resolve(record.claims, schema, names)
        claims += said
        suggestions += record.suggestions
        findings += (*record.findings, *ambiguous(said, schema), *similar(said, schema, names, own))
    return claims, suggestions, sorted(findings, key=Finding.sort_key)
