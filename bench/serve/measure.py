"""Engines that run -> how long each takes for each question; one engine is under load at a time, the others stand idle."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from bench.serve import answers
from bench.serve.cases import Case
from bench.serve.engines import Engine
from bench.serve.load import Load, load
from bench.serve.processes import Failed

MOST = 60_000  # texts of a question for one load, and of a slow one
FEW, SLOW = 1000, 0.3
PATIENCE = 25.0  # seconds that a load may take
SAMPLES = 7
CHECKS = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one load: the case, whether each text was new, the engine, the clients; processors' seconds a request."""

    case: str
    fresh: bool
    engine: str
    clients: int
    load: Load
    cpu: float


@dataclass(frozen=True, slots=True)
class Checked:
    """What an engine answers to a case: how many rows or triples, in which seconds, and what is wrong with it, if anything."""

    rows: int
    seconds: float
    wrong: str | None = None


def check(case: Case, engines: Sequence[Engine], like: Case | None = None) -> dict[str, Checked]:
    """Ask every engine the same questions; what differs from the first engine's answer, or is none, is wrong.

    With `like`, the first engine's answer to that case is the right one.
    """
    found: dict[str, Checked] = {}
    expected = [engines[0].answer(text, like.media_type) for text in like.texts(0, CHECKS)] if like else []
    for engine in engines:
        given, seconds, wrong = [], 0.0, None
        try:
            for text in case.texts(0, CHECKS):
                content, seconds = engine.ask(text, case.media_type)
                given.append(answers.read(case.media_type, content))
        except Failed as error:
            wrong = str(error)
        if expected:
            wrong = wrong or next(filter(None, map(answers.differs, expected, given)), None)
        elif not wrong:
            expected = given
        found[engine.name] = Checked(sum(len(answer) for answer in given) // CHECKS, seconds, wrong)
    return found


def settle(engines: Sequence[Engine]) -> None:
    """Wait until no engine works: what is dropped at the end of a load may go on for a while."""
    for _ in range(150):
        before = sum(engine.used().seconds for engine in engines)
        time.sleep(0.2)
        if sum(engine.used().seconds for engine in engines) - before <= 0.02:
            return


def loads(
    case: Case,
    checked: Mapping[str, Checked],
    engines: Sequence[Engine],
    clients: Sequence[int],
    seconds: float,
    numbers: count[int],
) -> Iterator[Measured]:
    """Yield a load of each engine with so many clients, with texts that are new and with one text."""
    for connections in clients:
        for fresh in (True, False):
            start = next(numbers) * MOST
            for engine in engines:
                once = checked[engine.name].seconds
                time_ = max(seconds, 4 * once * max(1.0, connections / 2))
                if time_ > PATIENCE or checked[engine.name].wrong:
                    continue
                texts = case.texts(start, MOST if once < SLOW else FEW) if fresh else case.texts(0, 1)
                settle(engines)
                before = engine.used().seconds
                found = load(engine.url, texts, case.media_type, further=dict(engine.further), clients=connections, seconds=time_)
                spent = engine.used().seconds - before
                yield Measured(case.name, fresh, engine.name, connections, found, spent / max(1, found.requests))


def timed(case: Case, engine: Engine, numbers: count[int], patience: float = 10.0) -> list[float]:
    """Return the seconds that an engine takes for a question, asked one time after the other, each time in a new text."""
    found: list[float] = []
    while len(found) < SAMPLES and sum(found) < patience:
        found.append(engine.ask(case.text(next(numbers)), case.media_type)[1])
    return found
