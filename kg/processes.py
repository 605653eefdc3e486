"""Batches -> results, in several processes: in the order of the batches, few of them in memory, no process outliving its parent."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kg.errors import BuildError, KgError

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_PATIENCE = 0.5  # seconds without a result after which it is asked whether all processes live
_AHEAD = 3  # batches in memory per process: one at work, one in its queue, one whose result waits for its turn

Batch = TypeVar("Batch")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Refused:
    """An error of ours in parts: with keyword-only arguments it cannot be unpickled."""

    kind: type[KgError]
    args: tuple[object, ...]
    fields: dict[str, object]


def in_processes(work: Callable[[Batch], Made], batches: Iterable[Batch], jobs: int, doing: str) -> Iterator[Made]:
    """Yield what `work` makes of each batch; `doing` completes "a process that …" when one is stopped from outside.

    With one job everything is done in this process. Whatever `work` holds is given to each process once, when it starts.
    Raises what `work` raises, BuildError when a process ends before its work does.
    """
    if jobs == 1:
        yield from map(work, batches)
        return
    # Forked before any thread starts, a process has the schema and its names already.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(work,))
    running: deque[Future[Any]] = deque()
    try:
        for batch in batches:
            running.append(pool.submit(_outcome, batch))
            if len(running) == _AHEAD * jobs:
                yield _made(running.popleft(), pool)
        while running:
            yield _made(running.popleft(), pool)
    except BrokenProcessPool as error:
        hint = "there may be too little memory: use fewer processes with --jobs"
        raise BuildError(f"a process that {doing} was stopped from outside", hint=hint) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _outcome(batch: Batch) -> Made | _Refused:
    try:
        made: Made = _work[0](batch)
        return made
    except KgError as error:
        return _Refused(type(error), error.args, vars(error))


def _made(future: Future[Made | _Refused], pool: ProcessPoolExecutor) -> Made:
    while not wait([future], _PATIENCE).done:
        _end_when_one_has(pool)
    outcome = future.result()
    if not isinstance(outcome, _Refused):
        return outcome
    error: Any = outcome.kind.__new__(outcome.kind, *outcome.args)
    vars(error).update(outcome.fields)
    raise error


def _end_when_one_has(pool: ProcessPoolExecutor) -> None:
    """End all processes of a pool when one has ended, so that the pool notices.

    One that is stopped while it writes a result leaves half of it: the pool would wait for the rest for ever, and the others for
    their turn to write.
    """
    own: Any = pool
    members = list((own._processes or {}).values())
    if not all(process.is_alive() for process in members):
        for process in members:
            process.kill()
        own._result_queue._writer.close()


_work: list[Callable[[Any], Any]] = []  # what this process does with each batch


def _begin(work: Callable[[Any], Any]) -> None:
    """Take over what is to be done."""
    gc.freeze()  # what was there before the fork stays: looking through it for garbage takes 5 to 9 % of the time
    _work[:] = [work]
    follow_parent()


def follow_parent() -> None:
    """End with the parent process, even when it is killed; leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
