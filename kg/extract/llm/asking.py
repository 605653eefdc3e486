"""Questions -> answers, several at a time, within a budget; what is known already is not asked.

Which parts of which documents are asked about is decided before the first request, in order of the documents: it depends neither on
the order in which answers come nor on how many are asked for at a time.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.config import Config
from kg.errors import Refused, RemoteError
from kg.extract.llm.cache import Cache, key_of
from kg.extract.llm.chunks import Chunk
from kg.extract.llm.client import endpoint, service
from kg.extract.llm.form import Answer

GIVE_UP = 12
"""After so many failed questions in a row, each tried several times, no further one is asked."""

THREADS = "ask"
"""What the names of the threads begin with that wait for a service."""

Progress = Callable[[str, int, int], None]
Answers = Mapping[str, Answer | RemoteError]
"""By the name of the question: its answer, or why there is none."""


@dataclass(frozen=True, slots=True)
class Question:
    """A part of a document, and the request body that asks about it; equal bodies have one name."""

    chunk: Chunk
    request: Mapping[str, Any]
    name: str

    @classmethod
    def of(cls, chunk: Chunk, request: Mapping[str, Any]) -> Question:
        """Return a question under its name."""
        return cls(chunk, request, key_of(request))


@dataclass(slots=True)
class Budget:
    """How many requests may be made, and how many are; shared by all threads. Those that are planned count from the start."""

    most: int
    spent: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def may_retry(self) -> bool:
        """Take one more request, if there is one left."""
        with self.lock:
            self.spent += (left := self.spent < self.most)
            return left

    def ended(self, well: bool) -> None:
        """Count a question that has, or has not, been answered."""
        with self.lock:
            self.failed = 0 if well else self.failed + 1


def answers(documents: Sequence[Sequence[Question]], config: Config, say: Callable[[str], None], progress: Progress) -> Answers:
    """Return what is answered to the questions about each document, all of a document or none of it being asked.

    Raises Refused when the service takes no request, UsageError when httpx is missing, OutputError when answers cannot be kept.
    """
    cache = Cache.at(cache_folder(config))
    known = {question.name: answer for questions in documents for question in questions if (answer := cache.get(question.name))}
    found: dict[str, Answer | RemoteError] = dict(known)
    planned: dict[str, Question] = {}
    for questions in documents:
        missing = {question.name: question for question in questions if question.name not in found}
        if len(planned.keys() | missing.keys()) <= config.max_requests:
            planned |= missing
        else:
            found |= dict.fromkeys(missing.keys() - planned.keys(), _beyond(config))
    if planned or len(found) > len(known):
        say(_estimate(planned.values(), len(known), len(found) - len(known), config))
    if planned:
        found |= _ask(list(planned.values()), config, cache, progress)
    return found


def cache_folder(config: Config) -> Path:
    """Return the folder of answers: that of the settings, else one below the user's caches (XDG Base Directory)."""
    return config.llm_cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kg" / "llm"


def tokens(questions: Iterable[Question]) -> int:
    """Return about how many tokens the questions have, at four bytes each."""
    return sum(len(json.dumps(question.request, ensure_ascii=False).encode("utf-8", "replace")) for question in questions) // 4


def _beyond(config: Config) -> RemoteError:
    return RemoteError(f"it is beyond the budget of {config.max_requests:,} requests", hint="raise --max-requests, and build again")


def _estimate(planned: Iterable[Question], known: int, beyond: int, config: Config) -> str:
    planned = list(planned)
    parts = [f"{len(planned):,} request{'' if len(planned) == 1 else 's'}, about {tokens(planned):,} tokens"]
    if known:
        parts.append(f"{known:,} answered before")
    if beyond:
        parts.append(f"{beyond:,} beyond --max-requests {config.max_requests:,}")
    return f"asking {config.llm_model} at {endpoint(config.llm_url)}: {'; '.join(parts)}"


def _ask(questions: Sequence[Question], config: Config, cache: Cache, progress: Progress) -> dict[str, Answer | RemoteError]:
    stop = threading.Event()
    budget = Budget(config.max_requests, spent=len(questions))
    found: dict[str, Answer | RemoteError] = {}

    def wait(seconds: float) -> None:
        if stop.wait(seconds):
            raise RemoteError("it was not waited for")

    with service(config.llm_url, config.llm_key, config.llm_timeout, wait, budget.may_retry) as asked:

        def one(question: Question) -> Answer | RemoteError:
            if budget.failed >= GIVE_UP:
                return RemoteError(f"it was not asked about: {GIVE_UP} questions in a row had failed")
            try:
                answer = asked.ask(question.request)
            except Refused:
                raise
            except RemoteError as error:
                budget.ended(well=False)
                return error
            budget.ended(well=True)
            cache.put(question.name, answer)
            return answer

        pool = ThreadPoolExecutor(config.llm_jobs, thread_name_prefix=THREADS)
        try:
            waiting = {pool.submit(one, question): question.name for question in questions}
            for done, future in enumerate(as_completed(waiting), 1):
                progress("asking", done, len(questions))
                found[waiting[future]] = future.result()
        finally:  # after Ctrl-C or a refusal nobody waits for the requests that are under way
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
    return found
