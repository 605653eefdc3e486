"""Queries that nobody waits for any more."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.serve.attack.builds import look_up
from tests.serve.attack.endpoint import Endpoint, abandon, alive, request, serving, until
from tests.serve.attack.queries import ROWS, seconds


@pytest.fixture(scope="module")
def endpoint(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, "--workers", "4", "--timeout", "100s", "--memory", "1GB", "--waiting", "8") as found:
        yield found


def running(endpoint: Endpoint) -> Sequence[str]:
    """Return the ids of the queries that run or wait."""
    with endpoint.client() as client:
        found = client.get("/queries").raise_for_status().json()
    listed = found["queries"] if isinstance(found, dict) else found
    return [entry["id"] for entry in listed]


def stop(endpoint: Endpoint, id: str) -> int:
    with endpoint.client() as client:
        return client.delete(f"/queries/{id}").status_code


def idle(endpoint: Endpoint) -> bool:
    return endpoint.metric("kg_queries_running") == 0 and not running(endpoint)


@pytest.mark.parametrize("leave", [socket.socket.close, abandon])
@pytest.mark.parametrize("query", [seconds(1), ROWS], ids=["says nothing", "streams"])
def test_a_client_that_goes_takes_its_query_with_it(endpoint: Endpoint, query: str, leave: object) -> None:
    before, old = endpoint.metric("kg_workers_died_total", reason="cancelled"), endpoint.workers()
    connection = endpoint.connect()
    connection.sendall(request(query, "X-Request-Id: leaves"))
    assert until(lambda: "leaves" in running(endpoint))
    (abandon if leave is abandon else socket.socket.close)(connection)
    assert until(lambda: idle(endpoint), 5)
    assert until(lambda: endpoint.metric("kg_workers_died_total", reason="cancelled") == before + 1, 5)
    assert until(lambda: not all(map(alive, old)) and len(endpoint.workers()) == len(old))


def test_clients_that_go_while_they_wait(endpoint: Endpoint) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(endpoint.connect()) for _ in range(10)]
        for number, connection in enumerate(connections):
            connection.sendall(request(seconds(number, "waits"), f"X-Request-Id: waits-{number}"))
        assert until(lambda: len(running(endpoint)) >= 4)
    assert until(lambda: idle(endpoint), 10)
    assert until(lambda: endpoint.metric("kg_queries_waiting") == 0)
    assert endpoint.ask(look_up(11)).status_code == 200


def test_a_query_is_stopped_by_its_id(endpoint: Endpoint) -> None:
    with ThreadPoolExecutor(1) as threads:
        reply = threads.submit(endpoint.ask, seconds(2), {"X-Request-Id": "mine.1"})
        assert until(lambda: "mine.1" in running(endpoint))
        assert stop(endpoint, "Mine.1") == 404
        assert stop(endpoint, "mine.1") == 204
        found = reply.result(20)
    assert (found.status_code, found.headers["x-request-id"]) == (503, "mine.1")
    assert "stopped" in found.json()["detail"] or "cancelled" in found.json()["detail"]
    assert stop(endpoint, "mine.1") == 404


def test_a_stream_is_broken_off_by_its_id(endpoint: Endpoint) -> None:
    with (
        endpoint.client() as client,
        client.stream("GET", "/sparql", params={"query": ROWS}, headers={"X-Request-Id": "rows"}) as reply,
    ):
        chunks = reply.iter_raw()
        assert next(chunks)
        assert stop(endpoint, "rows") == 204
        with pytest.raises(httpx.HTTPError, match=r"incomplete|reset|peer closed"):
            for _ in chunks:
                pass


def test_one_that_is_finished_is_not_found(endpoint: Endpoint) -> None:
    assert endpoint.ask(look_up(3), {"X-Request-Id": "done"}).headers["x-request-id"] == "done"
    assert stop(endpoint, "done") == 404


@pytest.mark.parametrize(
    "id",
    [
        "no-such",
        "",
        "%00",
        "..%2f..%2fhealth",
        "..",
        "a" * 65,
        "a" * 5000,
        "%C3%A9",
        "a%0d%0ab",
        "%",
        "%zz",
        "1;drop",
        "*",
        "%2A",
        "a/b",
        "%FF",
    ],
)
def test_an_odd_id_stops_nothing(endpoint: Endpoint, id: str) -> None:
    reply = endpoint.send(f"DELETE /queries/{id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert reply.split()[1] in {b"400", b"404", b"405", b"414"}, reply[:200]


@pytest.mark.parametrize("id", ["", " ", "a b", "a" * 65, "\t", "{}", "a\x7fb", "é", "../../x", "a,b", '"'])
def test_an_odd_request_id_is_not_sent_back(endpoint: Endpoint, id: str) -> None:
    content = request(look_up(5)).replace(b"\r\n\r\n", b"\r\nX-Request-Id: " + id.encode() + b"\r\n\r\n")
    head = endpoint.send(content).partition(b"\r\n\r\n")[0].decode("latin-1")
    found = [line for line in head.split("\r\n") if line.lower().startswith("x-request-id:")]
    if head.startswith("HTTP/1.1 200"):
        (line,) = found
        value = line.partition(":")[2].strip()
        assert value and value != id and len(value) <= 64 and value.replace("-", "").replace(".", "").replace("_", "").isalnum()
    else:
        assert head.startswith("HTTP/1.1 400")


def test_two_with_one_id_can_both_be_stopped(endpoint: Endpoint) -> None:
    with ThreadPoolExecutor(2) as threads:
        replies = [threads.submit(endpoint.ask, seconds(number, "twin"), {"X-Request-Id": "twin"}) for number in range(2)]
        assert until(lambda: running(endpoint).count("twin") == 2 or any(reply.done() for reply in replies))
        assert stop(endpoint, "twin") == 204
        assert until(lambda: stop(endpoint, "twin") == 404)
        found = sorted(reply.result(20).status_code for reply in replies)
    assert found in ([503, 503], [409, 503], [400, 503])
    assert until(lambda: idle(endpoint))


def test_the_list_of_queries_has_no_texts(endpoint: Endpoint) -> None:
    with endpoint.connect() as connection, endpoint.client() as client:
        connection.sendall(request(seconds(9, "secret-words"), "X-Request-Id: listed"))
        assert until(lambda: "listed" in running(endpoint))
        assert "secret-words" not in client.get("/queries").text
    assert until(lambda: idle(endpoint))
