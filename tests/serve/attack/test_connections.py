"""Clients that open connections and do not behave: they leave, they are slow, they never come to an end."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.serve.attack.builds import look_up, name
from tests.serve.attack.endpoint import Endpoint, abandon, kill, open_files, read_all, request, resident, serving, status, until
from tests.serve.attack.queries import ROWS, seconds

_POST = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
CONNECTIONS = 2000
BATCH = 100
LONGEST = 25  # seconds: more than a request may take to arrive
LARGE = "SELECT ?a ?c ?d ?f { ?a rdfs:label ?c . ?d rdfs:label ?f } LIMIT 300000"
"""An answer of about 60 MB, made in a second or two."""


@pytest.fixture(scope="module")
def endpoint(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, "--workers", "4", "--timeout", "4s", "--memory", "1GB", "--waiting", "16") as found:
        yield found


def right(endpoint: Endpoint, number: int) -> bool:
    """Decide whether a look-up is answered as it should be."""
    rows = endpoint.ask(look_up(number)).json()["results"]["bindings"]
    return [row["name"]["value"] for row in rows] == [name(number)]


HALVES = {
    "nothing": b"",
    "one byte": b"G",
    "half a line": b"GET /sparql?query=AS",
    "half a head": b"GET /sparql HTTP/1.1\r\nHost: localhost\r\nAcc",
    "no body": _POST + b"Content-Length: 100\r\n\r\nASK",
    "half a chunk": _POST + b"Transfer-Encoding: chunked\r\n\r\n40\r\nASK",
    "a query": request(look_up(1)),
    "a query without end": request(ROWS),
}


def test_connections_that_are_abandoned_leave_nothing(endpoint: Endpoint) -> None:
    assert right(endpoint, 1)
    server = endpoint.process.pid
    before = len(open_files(server))
    contents = [HALVES["a query without end"], *[content for what, content in HALVES.items() if "end" not in what] * 3]
    for batch in range(CONNECTIONS // BATCH):
        opened = [endpoint.connect() for _ in range(BATCH)]
        for number, connection in enumerate(opened):
            connection.sendall(contents[number % len(contents)] if number > 3 else HALVES["half a head"])
        for number, connection in enumerate(opened):
            abandon(connection) if number % 2 else connection.close()
        assert right(endpoint, 10 + batch)
    assert until(lambda: len(open_files(server)) <= before + 5)
    assert until(lambda: endpoint.metric("kg_queries_running") == endpoint.metric("kg_queries_waiting") == 0)
    assert right(endpoint, 2)


def test_half_open_connections_keep_nobody_out(endpoint: Endpoint) -> None:
    with ExitStack() as stack:
        for number in range(200):
            connection = stack.enter_context(endpoint.connect())
            connection.sendall(list(HALVES.values())[number % 6])
        assert all(right(endpoint, number) for number in range(100, 120))


def test_a_reader_that_takes_nothing(endpoint: Endpoint) -> None:
    server = endpoint.process.pid
    before = resident(server)
    with ExitStack() as stack:
        readers = []
        for number in range(6):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(endpoint.address)
            reader.sendall(request(ROWS if number % 2 else f"{LARGE} # {number}", "Accept: text/csv"))
            readers.append(reader)
        assert until(lambda: endpoint.metric("kg_queries_running") >= 1)
        most = 0
        for number in range(200, 240):
            assert right(endpoint, number)
            most = max(most, resident(server))
        assert until(lambda: endpoint.metric("kg_queries_running") == endpoint.metric("kg_queries_waiting") == 0, LONGEST)
        assert max(most, resident(server)) - before < 100 << 20
        for reader in readers[1::2]:
            reader.settimeout(20)
            assert not read_all(reader).endswith(b"\r\n0\r\n\r\n")
    assert right(endpoint, 240)


def drip(connection: socket.socket, begin: bytes, more: Callable[[int], bytes], ended: threading.Event) -> bytes:
    """Send a request so slowly that it never ends; return what the server says when it has had enough, None when it never has."""
    connection.sendall(begin)
    connection.settimeout(0.2)
    count = 0
    while not ended.is_set():
        try:
            connection.sendall(more(count))
            reply = connection.recv(65536)
        except TimeoutError:
            count += 1
        except (BrokenPipeError, ConnectionResetError):
            return b"gone"
        else:
            return reply or b"gone"
    return b""


SLOW = {
    "request line": (b"GET /sparql?query=", lambda count: b"a"),
    "headers": (b"GET /sparql HTTP/1.1\r\nHost: localhost\r\n", lambda count: b"X-%d: a\r\n" % count),
    "empty lines": (b"", lambda count: b"\r\n"),
    "body": (_POST + b"Content-Length: 60000\r\n\r\nASK {", lambda count: b" "),
    "chunks": (_POST + b"Transfer-Encoding: chunked\r\n\r\n", lambda count: b"1\r\n \r\n"),
    "chunk extension": (_POST + b"Transfer-Encoding: chunked\r\n\r\n1;x=", lambda count: b"a"),
    "trailers": (_POST + b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n", lambda count: b"X-%d: a\r\n" % count),
    "body to another page": (b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", lambda count: b" "),
    "body of a get": (request("ASK {}").replace(b"\r\nHost", b"\r\nContent-Length: 60000\r\nHost"), lambda count: b" "),
    "second request": (request(look_up(5)).replace(b"Connection: close\r\n", b"") + b"GET /sparql?query=", lambda count: b"a"),
}


def test_slow_senders_are_sent_away(endpoint: Endpoint) -> None:
    ended = threading.Event()
    with ThreadPoolExecutor(len(SLOW)) as threads, ExitStack() as stack:
        connections = {what: stack.enter_context(endpoint.connect()) for what in SLOW}
        silent = [stack.enter_context(endpoint.connect()) for _ in range(2)]
        silent[1].sendall(request(look_up(6)).replace(b"Connection: close\r\n", b""))
        found = {what: threads.submit(drip, connections[what], begin, more, ended) for what, (begin, more) in SLOW.items()}
        try:
            assert all(right(endpoint, number) for number in range(300, 310))
            end = monotonic() + LONGEST
            replies = {what: until(reply.done, end - monotonic()) for what, reply in found.items()}
            for connection in silent:
                connection.settimeout(max(1.0, end - monotonic()))
                assert status(read_all(connection)) in {0, 200, 408}
        finally:
            ended.set()
    assert [what for what, done in replies.items() if not done] == []
    for what, reply in found.items():
        assert reply.result() == b"gone" or status(reply.result()) in {200, 400, 405, 408}, what


def test_requests_one_behind_the_other_are_answered_in_order(endpoint: Endpoint) -> None:
    heads = [request(look_up(number)) for number in (20, 21, 22)]
    content = b"".join(head.replace(b"Connection: close\r\n", b"") for head in heads[:-1]) + heads[-1]
    reply = endpoint.send(content)
    places = [reply.find(name(number).encode()) for number in (20, 21, 22)]
    assert -1 not in places and places == sorted(places)


def test_hundreds_of_requests_one_behind_the_other(endpoint: Endpoint) -> None:
    one = request(look_up(23)).replace(b"Connection: close\r\n", b"")
    reply = endpoint.send(one * 300 + request(look_up(24)))
    assert reply.count(name(23).encode()) == 300 and reply.count(name(24).encode()) == 1


def test_queries_behind_one_without_end_go_with_the_client(endpoint: Endpoint) -> None:
    with endpoint.connect() as connection:
        connection.sendall(request(seconds(1, "behind")).replace(b"Connection: close\r\n", b"") * 5)
        assert until(lambda: endpoint.metric("kg_queries_running") >= 1)
    assert until(lambda: endpoint.metric("kg_queries_running") == endpoint.metric("kg_queries_waiting") == 0, LONGEST)
    assert right(endpoint, 25)


def test_more_connections_than_there_are_descriptors(ring: Path) -> None:
    with serving(ring, "--workers", "2", "--timeout", "4s", "--memory", "1GB", files=256) as endpoint, ExitStack() as stack:
        for _ in range(400):
            stack.enter_context(endpoint.connect()).sendall(b"GET /hea")
        assert until(lambda: len(open_files(endpoint.process.pid)) >= 190)
        for pid in endpoint.workers():
            kill(pid, signal.SIGKILL)
        assert until(lambda: len(endpoint.workers()) == 2)  # there are descriptors left for new ones
        stack.close()
        assert until(lambda: len(open_files(endpoint.process.pid)) < 60)
        assert all(right(endpoint, number) for number in range(400, 410))
        assert endpoint.metric("kg_workers") == 2
        assert not endpoint.said("Traceback"), "".join(endpoint.talk)
