"""Inputs -> reports: documents and what was extracted from them, in several processes when there are many.

A document that cannot be read becomes a failure and stops nothing; what the build before knows is not extracted again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kg.errors import BuildError, InputError
from kg.extract import extract
from kg.ingest import Input, read
from kg.model import Claim, Document, Extraction, Finding, Skipped
from kg.previous import Previous

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

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
    most = min(jobs or len(os.sched_getaffinity(0)), -(-documents // _CHUNK))
    return most if documents > FEW else 1


def _results(tasks: Sequence[_Task], schema: Schema, jobs: int) -> Iterator[_Result]:
    work = partial(_read_one, schema=schema)
    jobs = processes(jobs, len(tasks))
    return map(work, tasks) if jobs == 1 else _in_processes(work, tasks, jobs)


def _read_one(task: _Task, schema: Schema) -> _Result:
    input, known = task
    try:
        document = read(input)
        extraction = None if document.sha256 == known else extract(document, schema)
    except InputError as error:
        return Skipped(input.id, error.what, failed=True, hint=error.hint)
    # Only what later stages use goes back over the pipe.
    return replace(document, text="", segments=(), tags=(), moved=()), extraction


def _in_processes(work: Callable[[_Task], _Result], tasks: Iterable[_Task], jobs: int) -> Iterator[_Result]:
    # Forked before any thread starts, a process has the schema and its names already.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_follow_parent)
    try:
        yield from pool.map(work, tasks, chunksize=_CHUNK)
    except BrokenProcessPool as error:
        hint = "there may be too little memory: use fewer processes with --jobs"
        raise BuildError("a process that read documents was stopped from outside", hint=hint) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _follow_parent() -> None:
    """End with the parent process, even when it is killed; leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
