"""Inputs -> reports: documents and what was extracted from them, in several processes when there are many.

A document that cannot be read becomes a failure and stops nothing; what the build before knows is not extracted again. Of a file
of many reports only those are held that are being worked on.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.extract import Further, extract
from kg.ingest import Input, Piece, is_container, pieces, read, read_piece
from kg.model import Claim, Document, Extraction, Finding, Skipped
from kg.previous import Previous
from kg.validate.processes import in_processes

if TYPE_CHECKING:
    from kg.schema import Schema

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and of how many."""

FEW = 64
"""Up to this many documents one process is faster than starting others."""

_CHUNK = 16


@dataclass(frozen=True, slots=True)
class Reports:
    """What was read, by report id in sorted order: documents (without segments), claims, findings about how they are written.

    `findings` holds those about a file of many reports under its id. `files` counts the reports of each such file.
    """

    documents: Mapping[str, Document]
    claims: Mapping[str, tuple[Claim, ...]]
    suggestions: Mapping[str, tuple[Claim, ...]]
    findings: Mapping[str, tuple[Finding, ...]]
    failures: tuple[Skipped, ...]
    files: Mapping[str, int] = field(default_factory=dict)


_Source = Input | Piece
_Task = tuple[_Source, str | None]  # what to read, and the hash of the content whose claims are known
_Result = tuple[Document, Extraction | None] | Skipped


@dataclass(slots=True)
class _Tasks:
    """The reports of the inputs one after the other, `known` of them so far, and what is met on the way that is none."""

    inputs: Sequence[Input]
    hashes: Mapping[str, str]
    known: int = 0
    failures: list[Skipped] = field(default_factory=list)
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[_Task]:
        self.known = len(self.inputs)
        for input in self.inputs:
            if is_container(input):
                yield from self._pieces(input)
                self.known -= 1
            else:
                yield input, self.hashes.get(input.id)

    def _pieces(self, input: Input) -> Iterator[_Task]:
        self.files[input.id] = 0
        for found in pieces(input):
            if isinstance(found, Skipped):
                self.failures.append(found)
            elif isinstance(found, Finding):
                self.findings[input.id] = (*self.findings.get(input.id, ()), found)
            else:
                self.known += 1
                self.files[input.id] += 1
                yield found, self.hashes.get(found.id)


def read_reports(
    inputs: Sequence[Input], known: Previous, schema: Schema, jobs: int, progress: Progress, further: Further | None = None
) -> Reports:
    """Read all inputs, and extract from those that `known` does not hold. `jobs` 0 means one process per core.

    `further` is given what the rules read in each document.
    """
    documents: dict[str, Document] = {}
    claims, suggestions = dict(known.claims), dict(known.suggestions)
    findings: dict[str, tuple[Finding, ...]] = {}
    tasks = _Tasks(inputs, known.hashes)
    failures: list[Skipped] = []
    for done, result in enumerate(_all_results(tasks, schema, jobs, further), 1):
        progress("reading", done, tasks.known)
        if isinstance(result, Skipped):
            failures.append(result)
            continue
        document, extraction = result
        if document.id in documents:
            failures.append(Skipped(document.id, "another report has this id", failed=True, hint="rename its file"))
            continue
        documents[document.id] = document
        if extraction is None:
            findings[document.id] = known.of_reading(document.id)
        else:
            claims[document.id] = ordered(extraction.claims, document)
            suggestions[document.id] = ordered(extraction.suggestions, document)
            findings[document.id] = (*document.findings, *extraction.findings)
    progress("reading", tasks.known, tasks.known)
    documents = {id: documents[id] for id in sorted(documents)}
    said, suggested = ({id: of[id] for id in documents} for of in (claims, suggestions))
    told = dict(sorted({**findings, **tasks.findings}.items()))
    missed = sorted([*failures, *tasks.failures], key=lambda failure: failure.path)
    return Reports(documents, said, suggested, told, tuple(missed), tasks.files)


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


def _all_results(tasks: Iterable[_Task], schema: Schema, jobs: int, further: Further | None) -> Iterator[_Result]:
    if further is None:
        yield from _results(tasks, schema, jobs, whole=False)
        return
    results = list(_results(tasks, schema, jobs, whole=True))
    fresh = [result for result in results if not isinstance(result, Skipped) and result[1] is not None]
    # A row of a table says what its cells say: nobody else is asked about it.
    extracted = iter(further((document, extraction) for document, extraction in fresh if extraction and document.table is None))
    for result in results:
        if isinstance(result, Skipped):
            yield result
        else:
            document, extraction = result
            yield _slim(document), extraction if extraction is None or document.table is not None else next(extracted)


def _results(tasks: Iterable[_Task], schema: Schema, jobs: int, *, whole: bool) -> Iterator[_Result]:
    waiting = iter(tasks)
    # How many there are need not be known, only whether they keep all processes busy.
    first = list(islice(waiting, max(FEW + 1, _CHUNK * (jobs or _cores()))))
    jobs, waiting = processes(jobs, len(first)), chain(first, waiting)
    if jobs == 1:
        return (_read_one(task, schema, whole) for task in waiting)
    chunks = iter(lambda: list(islice(waiting, _CHUNK)), [])
    return chain.from_iterable(in_processes(partial(_read_some, schema=schema, whole=whole), chunks, jobs, "read documents"))


def _read_some(tasks: Sequence[_Task], schema: Schema, whole: bool) -> list[_Result]:
    return [_read_one(task, schema, whole) for task in tasks]


def _read_one(task: _Task, schema: Schema, whole: bool) -> _Result:
    source, known = task
    try:
        document = read_piece(source) if isinstance(source, Piece) else read(source)
        extraction = None if document.sha256 == known else extract(document, schema)
    except InputError as error:
        return Skipped(source.id, error.what, failed=True, hint=error.hint)
    return document if whole else _slim(document), extraction


def _slim(document: Document) -> Document:
    """Return what later stages use of a document: only that goes back over the pipe."""
    return replace(document, text="", segments=(), tags=(), moved=(), table=None)
