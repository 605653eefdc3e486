"""Inputs -> records on the shelf, in several processes when there are many.

A document that cannot be read becomes a failure and stops nothing; what the shelf holds of the same bytes is not extracted again.
Of a file of many reports only those are held that are being worked on.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from kg.codes import UNASKED
from kg.errors import InputError
from kg.extract import Further, extract
from kg.ingest import Input, Piece, is_container, origin_of, piece_key, pieces, read, read_piece
from kg.model import Claim, Document, Extraction, Finding, Origin, Skipped
from kg.processes import in_processes
from kg.records import Record, findings_packed, findings_unpacked, pack, spellings
from kg.steps.shelf import Head, Shelf, names_packed

if TYPE_CHECKING:
    from kg.schema import Schema

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and of how many."""

FEW = 64
"""Up to this many documents one process is faster than starting others."""

_CHUNK = 16
_HELD = 4_000_000  # bytes of files in archives that a batch holds, and one file more
_FIRST = 64_000_000  # as much of them is looked at to tell whether others are to be started


@dataclass(slots=True)
class Met:
    """What reading met besides records: what failed, findings about files of many reports, and how many each of these holds.

    `changed` counts the reports that are not on the shelf as they were.
    """

    failures: list[Skipped] = field(default_factory=list)
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    changed: int = 0

    def add(self, id: str, count: int, failures: Iterable[Skipped], findings: Sequence[Finding]) -> None:
        """Add what is known of a file of many."""
        self.files[id] = count
        self.failures += failures
        if findings:
            self.findings[id] = tuple(findings)


_Source = Input | Piece
_Task = tuple[_Source, str | None]  # what to read, and the hash of the content whose record is known


@dataclass(frozen=True, slots=True)
class _Same:
    """A report whose record is known; it may stand elsewhere in its file than it did."""

    id: str
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class _Whole:
    """A document as it was read, and what the rules found in it: somebody else is asked too."""

    document: Document
    extraction: Extraction
    key: str


@dataclass(frozen=True, slots=True)
class _Lost:
    """A report that cannot be read, and the file of many that it stands in."""

    failure: Skipped
    file: str | None


_Result = Head | _Same | _Whole | _Lost


def read_inputs(
    inputs: Sequence[Input],
    hashes: Mapping[str, str | None],
    shelf: Shelf,
    schema: Schema,
    jobs: int,
    progress: Progress,
    further: Further | None = None,
) -> Met:
    """Read all inputs (with the hashes of their bytes) onto the shelf. `jobs` 0 means one process per core.

    `further` is given what the rules read in each document.
    """
    tasks = _Tasks(inputs, hashes, shelf)
    done = 0
    for results in _results(tasks, schema, jobs, further):
        done += len(results)
        progress("reading", done + tasks.same, tasks.known)
        for result in results:
            if isinstance(result, _Lost):
                tasks.lose(result.failure, result.file)
        heads = [result for result in results if isinstance(result, Head)]
        tasks.met.changed += len(heads)
        twice = shelf.put(heads, ((result.id, result.origin) for result in results if isinstance(result, _Same)))
        for id, file in twice:
            tasks.lose(_twice(id), file)
    tasks.met.changed += shelf.end(tasks.files())
    progress("reading", tasks.known, tasks.known)
    tasks.met.failures.sort(key=lambda failure: failure.path)
    return tasks.met


@dataclass(slots=True)
class _Tasks:
    """The reports of the inputs one after the other, `known` of them so far; what is met on the way that is none."""

    inputs: Sequence[Input]
    hashes: Mapping[str, str | None]
    shelf: Shelf
    known: int = 0
    same: int = 0
    unchanged: list[str] = field(default_factory=list)
    met: Met = field(default_factory=Met)
    _read: dict[str, _File] = field(default_factory=dict)

    def lose(self, failure: Skipped, file: str | None) -> None:
        """Take note of a report that could not be read, and of the file of many that it stands in."""
        self.met.failures.append(failure)
        if file is not None and file in self._read:
            self._read[file].failed.append(failure)

    def files(self) -> Iterator[tuple[str, str | None, Any]]:
        """Yield what is known of the files of many that were read: id, hash, and all but their reports as plain data."""
        for id, file in self._read.items():
            failed = [(item.path, item.reason, item.failed, item.hint) for item in file.failed]
            yield id, self.hashes.get(id), (file.count, failed, findings_packed(file.told))

    def __iter__(self) -> Iterator[_Task]:
        self.known = len(self.inputs)
        for input in self.inputs:
            if is_container(input):
                yield from self._pieces(input)
                self.known -= 1
            elif (known := self.shelf.hash(input.id)) is not None and known == self.hashes.get(input.id):
                self.unchanged.append(input.id)
            else:
                yield input, known
        for id, file in self.shelf.put((), ((id, None) for id in self.unchanged)):
            self.lose(_twice(id), file)
        self.same += len(self.unchanged)

    def _pieces(self, input: Input) -> Iterator[_Task]:
        if (before := self.shelf.same_file(input.id, self.hashes.get(input.id))) is not None:
            count, failures, findings = before
            self.met.add(input.id, count, (Skipped(*failure) for failure in failures), findings_unpacked(findings))
            self.known += count
            self.same += count
            return
        file = self._read[input.id] = _File()
        for found in pieces(input):
            if isinstance(found, Skipped):
                self.lose(found, input.id)
            elif isinstance(found, Finding):
                file.told.append(found)
            else:
                self.known += 1
                file.count += 1
                yield found, self.shelf.hash(found.id)
        self.met.add(input.id, file.count, (), file.told)


@dataclass(slots=True)
class _File:
    """What is met in a file of many reports: how many, those that cannot be read, findings about the whole."""

    count: int = 0
    failed: list[Skipped] = field(default_factory=list)
    told: list[Finding] = field(default_factory=list)


def _twice(id: str) -> Skipped:
    return Skipped(id, "another report has this id", failed=True, hint="rename its file")


def ordered(claims: Iterable[Claim], document: Document) -> tuple[Claim, ...]:
    """Return claims in the order of every output, with their pages where the document has pages."""
    found = sorted(claims, key=Claim.sort_key)
    if not document.paged:
        return tuple(found)
    starts = [0, *(match.end() for match in re.finditer("\f", document.source))]
    pages = [bisect_right(starts, claim.start) for claim in found]
    return tuple(
        replace(claim, page=page, page_start=claim.start - starts[page - 1]) for claim, page in zip(found, pages, strict=True)
    )


def processes(jobs: int, documents: int) -> int:
    """Return how many processes are worth starting."""
    most = min(jobs or _cores(), -(-documents // _CHUNK))
    return most if documents > FEW else 1


def _cores() -> int:
    # Only Linux tells which of the cores this process may use.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _results(tasks: Iterable[_Task], schema: Schema, jobs: int, further: Further | None) -> Iterator[list[_Result]]:
    if further is None:
        yield from _chunks(tasks, schema, jobs, whole=False)
        return
    results = [result for chunk in _chunks(tasks, schema, jobs, whole=True) for result in chunk]
    fresh = [result for result in results if isinstance(result, _Whole)]
    # A row of a table says what its cells say: nobody else is asked about it.
    asked = ((item.document, item.extraction) for item in fresh if item.document.table is None)
    extracted = iter(further(asked))
    ranges = things(schema)
    yield [
        head_of(result.document, result.extraction if result.document.table else next(extracted), ranges, result.key)
        if isinstance(result, _Whole)
        else result
        for result in results
    ]


def _chunks(tasks: Iterable[_Task], schema: Schema, jobs: int, *, whole: bool) -> Iterator[list[_Result]]:
    waiting = iter(tasks)
    # How many there are need not be known, only whether they keep all processes busy.
    most = max(FEW + 1, _CHUNK * (jobs or _cores()))
    first = _some(waiting, most, _FIRST)
    after = list(islice(waiting, 1))
    jobs, waiting = processes(jobs, most if after else len(first)), chain(first, after, waiting)
    chunks = iter(lambda: _some(waiting, _CHUNK, _HELD), [])
    return in_processes(partial(_read_some, schema=schema, whole=whole), chunks, jobs, "read documents")


def _some(tasks: Iterator[_Task], most: int, held: int) -> list[_Task]:
    """Return the next tasks: at most so many, and fewer when they hold much."""
    taken: list[_Task] = []
    for task in tasks:
        taken.append(task)
        held -= task[0].held if isinstance(task[0], Piece) else 0
        if len(taken) == most or held <= 0:
            break
    return taken


def _read_some(tasks: Sequence[_Task], schema: Schema, whole: bool) -> list[_Result]:
    ranges = things(schema)
    return [_read_one(task, schema, ranges, whole) for task in tasks]


def _read_one(task: _Task, schema: Schema, ranges: Mapping[str, str], whole: bool) -> _Result:
    source, known = task
    try:
        if isinstance(source, Piece):
            if (key := piece_key(source)) == known:
                return _Same(source.id, origin_of(source))
            document = read_piece(source)
        else:
            document = read(source)
            if (key := document.sha256) == known:
                return _Same(document.id, document.origin)
        extraction = extract(document, schema)
    except InputError as error:
        file = source.file.id if isinstance(source, Piece) else None
        return _Lost(Skipped(source.id, error.what, failed=True, hint=error.hint), file)
    return _Whole(document, extraction, key) if whole else head_of(document, extraction, ranges, key)


def head_of(document: Document, extraction: Extraction, ranges: Mapping[str, str], key: str | None = None) -> Head:
    """Return the record of a document for the shelf; `ranges` are those of `things`, only equal documents share a `key`."""
    findings = (*document.findings, *extraction.findings)
    slim = replace(document, text="", segments=(), tags=(), moved=(), table=None, findings=())
    record = Record(slim, ordered(extraction.claims, document), ordered(extraction.suggestions, document), findings)
    names = names_packed(spellings(record.claims, ranges), spellings(record.suggestions, ranges))
    again = any(finding.code == UNASKED for finding in findings)
    file = document.origin.file if document.origin else None
    return Head(document.id, key or document.sha256, file, names, pack(record), again)


def things(schema: Schema) -> dict[str, str]:
    """Return the kinds of things that the values of relations name, by relation."""
    return {name: relation.range.lower() for name, relation in schema.relations.items() if not relation.range.startswith("xsd:")}
