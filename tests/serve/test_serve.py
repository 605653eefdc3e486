"""`serve` as a process: it says where it answers, answers, and ends when it is interrupted."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from kg.errors import UsageError
from kg.guard import Limits
from kg.serve import listen, serve
from kg.tasks import guarded
from tests.serve.server import published, started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = ox.Store()
    store.extend(ox.Quad(ox.NamedNode(f"x:{i}"), ox.NamedNode("x:p"), ox.Literal(i)) for i in range(3000))
    folder = tmp_path_factory.mktemp("serve")
    published(store, folder)
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_interrupted(number: signal.Signals, folder: Path) -> None:
    with started(folder) as (process, address):
        assert httpx.get(f"{address}/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
        process.send_signal(number)
        process.wait(20)
        assert httpx_refused(address)


def test_a_query_that_does_not_end_does_not_keep_it(folder: Path) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with started(folder, "--timeout", "200ms") as (process, address):
        response = httpx.get(f"{address}/sparql", params={"query": query}, timeout=20)
        assert (response.status_code, response.json()["detail"]) == (503, "the query took longer than 0.2 seconds")
        process.send_signal(signal.SIGINT)
        process.wait(20)


def httpx_refused(address: str) -> bool:
    try:
        httpx.get(address)
    except httpx.ConnectError:
        return True
    return False


def test_a_port_that_is_taken(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            UsageError, match=rf"127\.0\.0\.1:{port}: cannot listen: Address already in use\n  hint: choose another"
        ):
            serve(guarded(folder, Limits()), port=port)


@pytest.mark.parametrize(("host", "port"), [("no such host", 0), ("127.0.0.1", 70000), ("203.0.113.7", 0)])
def test_an_address_that_is_none(host: str, port: int) -> None:
    with pytest.raises(UsageError, match=rf"^{host}:{port}: cannot listen: "):
        listen(host, port)
