"""A server that has nothing to do does nothing, and one that has done much has nothing left of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.attack.builds import look_up, name
from tests.serve.attack.endpoint import Endpoint, open_files, resident, serving, until

REQUESTS = 1000
GROWS = 8 << 20  # bytes of memory, in 1,000 requests whose answers are kept


@pytest.fixture(scope="module")
def endpoint(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, "--workers", "3", "--timeout", "5s", "--memory", "1GB") as found:
        yield found


def test_an_idle_server_takes_no_time(endpoint: Endpoint) -> None:
    assert until(lambda: endpoint.busy(0.2) < 0.05)
    assert endpoint.busy(2.0) < 0.1


def ask(endpoint: Endpoint, first: int, count: int) -> None:
    with endpoint.client() as client:
        for number in range(first, first + count):
            kinds = (look_up(number), f"SELECT * {{ bad {number}", f"CONSTRUCT WHERE {{ ?s <x:mark> {number} }}")
            reply = client.get("/sparql", params={"query": kinds[number % 3]})
            assert reply.status_code == (400 if number % 3 == 1 else 200)
            assert number % 3 or name(number) in reply.text


def test_nothing_grows(endpoint: Endpoint) -> None:
    ask(endpoint, 0, 300)
    pids = endpoint.tree()
    files = {pid: len(open_files(pid)) for pid in pids}
    memory = {pid: resident(pid) for pid in pids}
    ask(endpoint, 300, REQUESTS)
    assert endpoint.tree() == pids  # no process ended, none was added
    assert until(lambda: all(len(open_files(pid)) <= files[pid] for pid in pids)), files
    assert {pid: resident(pid) - memory[pid] for pid in pids if resident(pid) - memory[pid] > GROWS} == {}
