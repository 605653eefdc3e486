"""Question -> Reply in threads: the event loop stays free, no more run at once than the machine has use for.

A query that runs out of time is answered with 503 but not stopped, because the store cannot: its thread ends when it ends, and
counts until then.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass
from traceback import format_exception
from typing import Protocol

import pyoxigraph as ox

from kg.errors import UsageError
from kg.schema import DEFAULT_BASE
from kg.serve._negotiation import media_types
from kg.serve._protocol import Problem, Question
from kg.sparql.formats import FORMATS, Layout, kind_of, write
from kg.sparql.text import QueryError, answer, prefixes
from kg.sparql.thread import STACK


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is sent."""

    media_type: str
    content: bytes


class Asker(Protocol):
    """What answers questions; raises Problem."""

    async def ask(self, question: Question) -> Reply:
        """Return the answer in the format that the client wants."""
        ...


class Threads:
    """Answer questions in at most `running` threads of this process, while at most `waiting` more wait; `timeout` in seconds."""

    def __init__(
        self, store: ox.Store, *, timeout: float = 30.0, running: int = 4, waiting: int = 64, base: str = DEFAULT_BASE
    ) -> None:
        self._store = store
        self._timeout = timeout
        self._prefixes = prefixes(base)
        self._free = asyncio.Semaphore(running)
        self._places = waiting

    async def ask(self, question: Question) -> Reply:
        """Return the answer; raise Problem, with 503 when too many are waiting or the time is over."""
        if self._free.locked() and self._places == 0:
            raise Problem(503, "too many queries are running", headers={"Retry-After": "1"})
        try:
            async with asyncio.timeout(self._timeout):
                self._places -= 1
                try:
                    await self._free.acquire()
                finally:
                    self._places += 1
                return await self._start(question)
        except TimeoutError as error:
            detail = f"the query took longer than {self._timeout:g} seconds"
            raise Problem(503, detail, headers={"Retry-After": f"{max(1, round(self._timeout))}"}) from error

    def _start(self, question: Question) -> asyncio.Future[Reply]:
        """Start a thread for a question whose place is taken; it gives the place back when it ends, asked for or not."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()

        def finish(outcome: Reply | Exception) -> None:
            self._free.release()
            if future.cancelled():
                return
            if isinstance(outcome, Reply):
                future.set_result(outcome)
            else:
                future.set_exception(outcome)

        def run() -> None:
            outcome: Reply | Exception = RuntimeError("the query ended without an answer")
            try:
                outcome = respond(self._store, question, self._prefixes)
            except (Problem, OSError, RuntimeError, ValueError) as error:
                if not isinstance(error, Problem):
                    error.add_note("".join(format_exception(error)))
                outcome = error.with_traceback(None)  # its frames hold the store's answer, to be dropped in this thread alone
            finally:
                with suppress(RuntimeError):  # the loop is closed: the server has ended
                    loop.call_soon_threadsafe(finish, outcome)

        before = threading.stack_size(STACK)
        try:
            threading.Thread(target=run, daemon=True, name="query").start()
        except RuntimeError as error:
            self._free.release()
            raise Problem(503, "no thread can be started", headers={"Retry-After": "1"}) from error
        finally:
            threading.stack_size(before)
        return future


def respond(store: ox.Store, question: Question, known: dict[str, str]) -> Reply:
    """Return the reply to a question; raise Problem for a query that is refused or an answer that the client does not take."""
    try:
        found = answer(
            store,
            question.text,
            base=question.endpoint,
            known=known,
            default_graphs=question.default_graphs,
            named_graphs=question.named_graphs,
        )
    except QueryError as error:
        raise Problem(400, error.reason, line=error.line, column=error.column, hint=error.hint) from error
    except UsageError as error:
        raise Problem(400, error.what) from error
    kind = kind_of(found)
    name = question.formats.get(kind)
    if name is None:
        raise Problem(406, "the answer cannot be had in a format that the request accepts", formats=list(media_types(kind)))
    media = str(FORMATS[name].media_type)
    return Reply(f"{media}; charset=utf-8" if media.startswith("text/") else media, write(found, name, Layout(known)))
