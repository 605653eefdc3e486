"""Workers that die, are stopped or starve: whoever asked is told, another takes the place, and nothing outlives the server."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.serve.attack.builds import look_up, name
from tests.serve.attack.endpoint import Endpoint, alive, cpu, descendants, kill, limit, request, serving, until
from tests.serve.attack.queries import GROWTH, ROWS, seconds

OPTIONS = ("--workers", "3", "--timeout", "20s", "--memory", "1GB")
COUNT = 3
FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM}  # which no query makes its worker end with


@pytest.fixture(scope="module")
def endpoint(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, *OPTIONS) as found:
        yield found


def whole(endpoint: Endpoint) -> bool:
    """Decide whether as many workers are there as there should be, and ready."""
    return len(endpoint.workers()) == COUNT == endpoint.metric("kg_workers")


def names(reply: httpx.Response) -> list[str]:
    return [row["name"]["value"] for row in reply.json()["results"]["bindings"]]


def working(endpoint: Endpoint) -> int:
    """Return the worker that has taken the most time of the processor lately."""
    before = {pid: cpu(pid) for pid in endpoint.workers()}
    assert until(lambda: any(cpu(pid) > spent + 0.1 for pid, spent in before.items()))
    return max(before, key=lambda pid: cpu(pid) - before[pid])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGABRT])
def test_idle_workers_that_die_are_replaced(endpoint: Endpoint, number: signal.Signals, ring: Path) -> None:
    assert until(lambda: whole(endpoint))
    old = endpoint.workers()[: 1 if number in FROM_OUTSIDE else COUNT]  # a question is tried once more, not twice
    started, died = endpoint.metric("kg_workers_started_total"), endpoint.metric("kg_workers_died_total")
    for pid in old:
        kill(pid, number)
    replies = {index: endpoint.ask(look_up(index)) for index in range(50 * number, 50 * number + 20)}
    assert all(names(reply) == [name(index)] for index, reply in replies.items() if reply.status_code == 200)
    failed = [reply.status_code for reply in replies.values() if reply.status_code != 200]
    assert failed == [] if number in FROM_OUTSIDE else set(failed) <= {503} and len(failed) <= COUNT
    assert until(lambda: whole(endpoint) and not any(map(alive, old)))
    assert endpoint.metric("kg_workers_started_total") == started + len(old)
    assert endpoint.metric("kg_workers_died_total") == died + len(old)
    assert not list(ring.glob("core*"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_dies_over_a_query(endpoint: Endpoint, number: signal.Signals) -> None:
    assert until(lambda: whole(endpoint))
    with ThreadPoolExecutor(1) as threads:
        id = f"dies-{number}"
        reply = threads.submit(endpoint.ask, seconds(number, "dies"), {"X-Request-Id": id})
        for _ in range(3):  # it may be tried once more
            if reply.done():
                break
            kill(working(endpoint), number)
            until(reply.done, 1)
        found = reply.result(30)
    assert found.status_code == 503
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["hint"]
    assert until(lambda: whole(endpoint))


def test_a_worker_that_dies_over_a_stream(endpoint: Endpoint) -> None:
    with (
        endpoint.client() as client,
        client.stream("GET", "/sparql", params={"query": ROWS}, headers={"Accept": "text/csv"}) as reply,
    ):
        chunks = reply.iter_raw()
        assert next(chunks)
        kill(working(endpoint), signal.SIGKILL)
        with pytest.raises(httpx.HTTPError, match=r"incomplete|reset|peer closed"):
            for _ in chunks:
                pass
    assert until(lambda: whole(endpoint))


def test_workers_killed_under_load(endpoint: Endpoint) -> None:
    def ask(first: int) -> list[int]:
        with endpoint.client() as client:
            found = []
            for number in range(first, first + 80):
                reply = client.get("/sparql", params={"query": look_up(number)})
                found.append(reply.status_code)
                if reply.status_code == 200:
                    assert names(reply) == [name(number)]
            return found

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(ask, 1000 + 100 * index) for index in range(4)]
        killed = 0
        while not all(some.done() for some in asked):
            kill((endpoint.workers() or [endpoint.process.pid + (1 << 30)])[-1], signal.SIGKILL)
            killed += 1
            until(lambda: whole(endpoint), 0.2)
        statuses = [status for some in asked for status in some.result()]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 0.9 * len(statuses), killed
    assert until(lambda: whole(endpoint))


def test_a_worker_that_is_stopped_holds_nobody_up_for_longer_than_the_timeout(endpoint: Endpoint) -> None:
    assert until(lambda: whole(endpoint))
    stopped = endpoint.workers()
    for pid in stopped:
        kill(pid, signal.SIGSTOP)
    try:
        with endpoint.client() as client:
            assert client.get("/health").status_code == 200
            reply = client.get("/sparql", params={"query": look_up(77), "timeout": "1"})
        assert reply.status_code == 503
        assert until(lambda: sum(map(alive, stopped)) < COUNT)  # the one that did not answer is no longer there
    finally:
        for pid in stopped:
            kill(pid, signal.SIGCONT)
    assert until(lambda: whole(endpoint))
    assert names(endpoint.ask(look_up(78))) == [name(78)]


def test_known_answers_need_no_worker(endpoint: Endpoint) -> None:
    assert until(lambda: whole(endpoint))
    first = endpoint.ask(look_up(79))
    tag = first.headers["etag"]
    assert tag.startswith('"')
    hits = endpoint.metric("kg_reply_cache_hits_total")
    stopped = endpoint.workers()
    for pid in stopped:
        kill(pid, signal.SIGSTOP)
    try:
        again = endpoint.ask(look_up(79), timeout="3")
        unchanged = endpoint.ask(look_up(79), {"If-None-Match": f'"other", W/{tag}'}, timeout="3")
        of_unknown = endpoint.ask(look_up(81), {"If-None-Match": tag}, timeout="1")
    finally:
        for pid in stopped:
            kill(pid, signal.SIGCONT)
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, tag)
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    assert of_unknown.status_code == 503  # another query's tag
    assert endpoint.metric("kg_reply_cache_hits_total") >= hits + 1
    assert until(lambda: whole(endpoint))


def test_too_much_memory_ends_the_query_only(endpoint: Endpoint, ring: Path) -> None:
    died = endpoint.metric("kg_workers_died_total", reason="memory")
    for number in range(2):
        reply = endpoint.ask(f"{GROWTH} # {number}")
        assert reply.status_code == 503
        assert "memory" in reply.json()["detail"] and reply.json()["hint"]
        assert names(endpoint.ask(look_up(600 + number))) == [name(600 + number)]
    assert endpoint.metric("kg_workers_died_total", reason="memory") == died + 2
    assert {limit(pid, "Max core file size") for pid in endpoint.workers()} == {"0"}
    assert not list(ring.glob("core*"))
    assert until(lambda: whole(endpoint))


def test_any_process_of_the_server_may_die(endpoint: Endpoint) -> None:
    others = set(descendants(endpoint.process.pid)) - set(endpoint.workers())
    for pid in others:
        kill(pid, signal.SIGKILL)
    assert until(lambda: whole(endpoint) and not any(map(alive, others)))
    assert names(endpoint.ask(look_up(90))) == [name(90)]


@pytest.mark.parametrize("both", [False, True], ids=["alone", "with the process that starts workers"])
def test_nothing_survives_a_server_that_is_killed(ring: Path, both: bool) -> None:
    with serving(ring, *OPTIONS) as endpoint, endpoint.connect() as connection:
        connection.sendall(request(seconds(1, "survives")))
        working(endpoint)
        below = descendants(endpoint.process.pid)
        assert len(below) >= COUNT
        for pid in set(below) - set(endpoint.workers()) if both else ():
            kill(pid, signal.SIGKILL)
        endpoint.process.kill()
        endpoint.process.wait(10)
        assert until(lambda: not any(map(alive, below)), 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_though_queries_run(ring: Path, number: signal.Signals) -> None:
    with serving(ring, *OPTIONS) as endpoint, endpoint.connect() as silent, endpoint.connect() as streams, endpoint.connect():
        silent.sendall(request(seconds(2, "ends")))
        streams.sendall(request(ROWS))
        assert until(lambda: endpoint.metric("kg_queries_running") == 2)
        below = descendants(endpoint.process.pid)
        endpoint.process.send_signal(number)
        endpoint.process.wait(10)  # far less than the timeout of the queries
        assert endpoint.process.returncode in {0, 130, -number}
        assert until(lambda: not any(map(alive, below)), 5)
        assert not endpoint.said("Traceback")
