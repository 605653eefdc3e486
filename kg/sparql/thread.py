"""A query in a thread of its own: its stack is deep enough for the deepest query, and whoever waits for it can go away.

The store cannot stop a query: its thread ends when it ends, or with the process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from traceback import format_exception
from typing import TypeVar

from kg.errors import KgError, OutOfTime

LONGEST = 64 * 1024
"""Characters of a query; a longer one could be nested too deeply for the stack."""

STACK = 256 << 20
"""Bytes of address space: the deepest query of LONGEST characters, parsed by recursion."""

_STEP = 0.1  # seconds after which a signal is seen at the latest


_Outcome = TypeVar("_Outcome")


def in_thread(work: Callable[[], _Outcome], timeout: float | None = None) -> _Outcome:
    """Return what `work` returns in a thread, or raise what it raises; raise OutOfTime after `timeout` seconds.

    The thread is a daemon: after OutOfTime or KeyboardInterrupt it runs on.
    """
    outcome: _Outcome | Exception = RuntimeError("the query ended without an answer")

    def run() -> None:
        nonlocal outcome
        try:
            outcome = work()
        except (KgError, OSError, RuntimeError, ValueError, TypeError) as error:
            error.add_note("".join(format_exception(error)))
            outcome = error.with_traceback(None)  # its frames hold the store's answer, to be dropped in this thread alone

    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=run, daemon=True, name="query")
        thread.start()
    finally:
        threading.stack_size(before)
    until = time.monotonic() + (float("inf") if timeout is None else timeout)
    while thread.is_alive():
        left = until - time.monotonic()
        if left <= 0:
            raise OutOfTime(f"the query took longer than {timeout:g} seconds", hint="ask for less, or give it a longer --timeout")
        thread.join(min(_STEP, left))
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
