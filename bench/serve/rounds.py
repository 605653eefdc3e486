"""A build and engines that serve it -> everything that is measured, as JSON values: medians over the rounds."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from bench.serve.cases import Case, cases, pairs, shipped_cases
from bench.serve.engines import Engine
from bench.serve.measure import Checked, Measured, check, loads, timed
from kg.query import run
from kg.store import Build

LOADED = ("by-country-year", "hours")
"""Shipped queries that are put under load as well; all are asked one time after the other."""

STORE = "store"
"""Stands for an engine: the query asked of the store in this process, as `kg query` does."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds, seconds of a load, numbers of clients, names of cases (None: all)."""

    rounds: int
    seconds: float
    clients: Sequence[int]
    only: Sequence[str] | None = None

    def wants(self, name: str) -> bool:
        """Decide whether a case is measured."""
        return self.only is None or name in self.only


def measured(build: Build, engines: Sequence[Engine], plan: Plan) -> dict[str, Any]:
    """Check and time everything; the first engine's answers are what the others' are compared with."""
    base = build.manifest["versions"]["base"]
    queries = {case.name: case for case in shipped_cases(base) if plan.wants(case.name)}
    both = [(facts, summary) for facts, summary in pairs(base) if plan.wants(facts.name.partition(",")[0])]
    loaded = [case for case in cases(build.store(), base) if plan.wants(case.name)]
    loaded += [queries[name] for name in LOADED if name in queries]
    checked = {case.name: check(case, engines) for case in (*loaded, *(queries[name] for name in queries if name not in LOADED))}
    asked: list[Case] = list(queries.values())
    for facts, summary in both:
        checked[facts.name] = check(facts, engines)
        asked.append(facts)
        if summary:
            checked[summary.name] = check(summary, engines, facts)
            asked.append(summary)
    numbers = count(1)
    found: list[Measured] = []
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for turn in range(plan.rounds):
        order = [*engines[turn % len(engines) :], *engines[: turn % len(engines)]]
        for case in loaded:
            found += loads(case, checked[case.name], order, plan.clients, plan.seconds, numbers)
        for case in asked:
            for engine in order:
                if not checked[case.name][engine.name].wrong:
                    times[case.name, engine.name] += timed(case, engine, numbers)
        for name in queries:
            times[name, STORE] += _in_store(build, name)
    return {
        "checked": _checked(checked),
        "loads": [_joined(items) for items in _grouped(found)],
        "times": [{"case": case, "engine": engine, "p50": _milliseconds(values)} for (case, engine), values in times.items()],
        "memory": {engine.name: {"pss": used.pss, "rss": used.rss} for engine in engines for used in [engine.used()]},
    }


def _in_store(build: Build, name: str) -> list[float]:
    """Return the seconds of a shipped query in this process, from its text to the last byte of JSON."""
    store, base = build.store(), build.manifest["versions"]["base"]
    found = []
    for _ in range(3):
        start = time.perf_counter()
        run(store, name, format="json", base=base)
        found.append(time.perf_counter() - start)
    return found


def _milliseconds(values: Sequence[float]) -> float:
    return round(1000 * statistics.median(values), 3)


def _checked(checked: Mapping[str, Mapping[str, Checked]]) -> list[dict[str, Any]]:
    return [
        {"case": case, "engine": engine, "rows": said.rows, "wrong": said.wrong}
        for case, by_engine in checked.items()
        for engine, said in by_engine.items()
    ]


def _grouped(found: Iterable[Measured]) -> Iterable[list[Measured]]:
    """Return the loads of all rounds that are the same but for the round."""
    groups: dict[tuple[str, bool, str, int], list[Measured]] = defaultdict(list)
    for item in found:
        groups[item.case, item.fresh, item.engine, item.clients].append(item)
    return groups.values()


def _joined(items: Sequence[Measured]) -> dict[str, Any]:
    first = items[0]
    return {
        "case": first.case,
        "texts": "new" if first.fresh else "repeated",
        "engine": first.engine,
        "clients": first.clients,
        "rate": round(statistics.median(item.load.rate for item in items), 1),
        "p50": round(statistics.median(item.load.p50 for item in items), 3),
        "p99": round(statistics.median(item.load.p99 for item in items), 3),
        "cpu": round(1000 * statistics.median(item.cpu for item in items), 4),
        "bytes": round(sum(item.load.bytes for item in items) / max(1, sum(item.load.requests for item in items))),
        "requests": sum(item.load.requests for item in items),
        "errors": sum(item.load.errors for item in items),
    }
