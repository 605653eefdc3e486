"""Inputs -> reports: documents and what was extracted from them, in several processes when there are many.

A document that cannot be read becomes a failure and stops nothing; what the build before knows is not extracted again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.extract import extract
from kg.ingest import Input, read
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
    """What was read, by report id in sorted order: documents (without segments), claims, findings about how they are written."""

    documents: Mapping[str, Document]
    claims: Mapping[str, tuple[Claim, ...]]
    suggestions: Mapping[str, tuple[Claim, ...]]
    findings: Mapping[str, tuple[Finding, ...]]
    failures: tuple[Skipped, ...]


_Task = tuple[Input, str | None]  # an input, and the hash of the content whose claims are known
_Result = tuple[Document, Extraction | None] | Skipped


def read_reports(inputs: Sequence[Input], known: Previous, schema: Schema, jobs: int, progress: Progress) -> Reports:
    """Read all inputs, and extract from those that `known` does not hold. `jobs` 0 means one process per core."""
    documents: dict[str, Document] = {}
    claims, suggestions = dict(known.claims), dict(known.suggestions)
    findings: dict[str, tuple[Finding, ...]] = {}
    failures: list[Skipped] = []
    tasks = [(input, known.hashes.get(input.id)) for input in inputs]
    for done, (input, result) in enumerate(zip(inputs, _results(tasks, schema, jobs), strict=True), 1):
        progress("reading", done, len(tasks))
        if isinstance(result, Skipped):
            failures.append(result)
            continue
        documents[input.id], extraction = result
        if extraction is None:
            findings[input.id] = known.of_reading(input.id)
        else:
            claims[input.id] = tuple(sorted(extraction.claims, key=Claim.sort_key))
            suggestions[input.id] = tuple(sorted(extraction.suggestions, key=Claim.sort_key))
            findings[input.id] = (*documents[input.id].findings, *extraction.findings)
    said, suggested = ({id: of[id] for id in documents} for of in (claims, suggestions))
    return Reports(documents, said, suggested, findings, tuple(failures))


def processes(jobs: int, documents: int) -> int:
    """Return how many processes are worth starting."""
    # Only Linux tells which of the cores this process may use.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    most = min(jobs or cores, -(-documents // _CHUNK))
    return most if documents > FEW else 1


def _results(tasks: Sequence[_Task], schema: Schema, jobs: int) -> Iterator[_Result]:
    jobs = processes(jobs, len(tasks))
    if jobs == 1:
        return (_read_one(task, schema) for task in tasks)
    chunks = (tasks[start : start + _CHUNK] for start in range(0, len(tasks), _CHUNK))
    return chain.from_iterable(in_processes(partial(_read_some, schema=schema), chunks, jobs, "read documents"))


def _read_some(tasks: Sequence[_Task], schema: Schema) -> list[_Result]:
    return [_read_one(task, schema) for task in tasks]


def _read_one(task: _Task, schema: Schema) -> _Result:
    input, known = task
    try:
        document = read(input)
        extraction = None if document.sha256 == known else extract(document, schema)
    except InputError as error:
        return Skipped(input.id, error.what, failed=True, hint=error.hint)
    # Only what later stages use goes back over the pipe.
    return replace(document, text="", segments=(), tags=(), moved=()), extraction
