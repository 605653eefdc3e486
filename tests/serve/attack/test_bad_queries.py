"""Bad queries all at once, and whoever only looks something up meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.serve.attack.builds import MODELS, look_up, name
from tests.serve.attack.endpoint import Endpoint, limit, serving, until
from tests.serve.attack.queries import BAD

WORKERS = 3
MEMORY = 1 << 30
PARENT = 300 << 20  # bytes that the process may have which holds no data


@dataclass(slots=True)
class Seen:
    """What was seen while the bad queries ran."""

    replies: dict[str, httpx.Response] = field(default_factory=dict)
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    most: int = 0
    workers: set[int] = field(default_factory=set)
    busy: float = 0.0
    before: int = 0


def look_things_up(endpoint: Endpoint, first: int, seen: Seen, ended: threading.Event) -> None:
    with endpoint.client() as client:
        number = first
        while not ended.is_set():
            number = (number + 7) % MODELS  # another one each time: not from a cache
            try:
                found = client.get("/sparql", params={"query": look_up(number)}).json()
                names = [row["name"]["value"] for row in found["results"]["bindings"]]
            except (httpx.HTTPError, ValueError, KeyError) as error:
                names = [repr(error)]
            if names == [name(number)]:
                seen.right += 1
            else:
                seen.wrong += names


def watch(endpoint: Endpoint, seen: Seen, ended: threading.Event) -> None:
    while not ended.wait(0.05):
        seen.workers |= set(endpoint.workers())
        seen.most = max(seen.most, endpoint.memory())


def attack(endpoint: Endpoint) -> Seen:
    """Ask all bad queries at once, and look things up until the last of them is answered."""
    found, ended = Seen(before=len(endpoint.workers())), threading.Event()
    with ThreadPoolExecutor(len(BAD) + 4) as threads:
        others = [threads.submit(look_things_up, endpoint, 3 * index, found, ended) for index in range(3)]
        others.append(threads.submit(watch, endpoint, found, ended))
        try:
            bad = {what: threads.submit(endpoint.ask, query) for what, query in BAD.items()}
            found.replies = {what: reply.result() for what, reply in bad.items()}
        finally:
            ended.set()
        for other in others:
            other.result()
    quiet = until(lambda: endpoint.busy(0.25) < 0.1, 1.0)
    found.busy = 0.0 if quiet else endpoint.busy(0.25)
    return found


def test_bad_queries_all_at_once(ring: Path) -> None:
    options = ("--workers", str(WORKERS), "--timeout", "3s", "--memory", "1GB", "--waiting", "32")
    with serving(ring, *options) as endpoint:
        seen = attack(endpoint)
        assert seen.busy < 0.1  # a second later nothing of them runs
        assert until(lambda: len(endpoint.workers()) == seen.before)
        after = endpoint.workers()
        assert {(limit(pid, "Max address space"), limit(pid, "Max core file size")) for pid in after} == {(str(MEMORY), "0")}
    for what, reply in seen.replies.items():
        assert (reply.status_code, reply.headers["content-type"]) == (503, "application/problem+json"), (what, reply.text)
        problem = reply.json()
        assert problem["status"] == 503 and problem["hint"], what
        assert "longer than 3 seconds" in problem["detail"] or "memory" in problem["detail"], what
    assert seen.right >= 9  # look-ups go on; how many in a second is for `bench.serve`
    assert seen.right / (seen.right + len(seen.wrong)) >= 0.95, seen.wrong[:5]
    assert PARENT // 30 < seen.most < WORKERS * MEMORY + PARENT
    assert len(seen.workers - set(after)) >= len(BAD) // 2  # those that were stopped took their queries with them
    assert not list(ring.glob("core*"))
