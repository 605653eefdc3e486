"""What is refused before it is a request: heads that are too long, come too slowly, or are none."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import httpx
import pyoxigraph as ox
import pytest

from kg.serve import _connection
from tests.serve.server import running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running(ox.Store()) as client:
        yield client


def sent(client: httpx.Client, content: bytes) -> tuple[bytes, bytes]:
    """Send bytes and return head and body of what comes until the server closes the connection."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=20) as connection:
        connection.sendall(content)
        parts = iter(lambda: connection.recv(65536), b"")
        head, _, body = b"".join(parts).partition(b"\r\n\r\n")
        return head, body


@pytest.mark.parametrize(
    ("content", "status", "detail"),
    [
        (b"this is no request\r\n\r\n", 400, "this is no HTTP request"),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400, "this is no HTTP request"),
        (b"GET /\xff HTTP/1.1\r\nhost: h\r\n\r\n", 400, "this is no HTTP request"),
        (b"GET /sparql?query=" + b"a" * 65_536 + b" HTTP/1.1\r\nhost: h\r\n\r\n", 414, "send the query with POST"),
        (b"GET / HTTP/1.1\r\nx: ".ljust(_connection.HEAD_SIZE + 1, b"y"), 431, "the request's head is too long"),
    ],
    ids=["text", "TLS", "no ASCII", "address", "headers"],
)
def test_what_is_no_request_is_a_problem(client: httpx.Client, content: bytes, status: int, detail: str) -> None:
    head, body = sent(client, content)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json" in head and b"connection: close" in head
    problem = json.loads(body)
    assert problem["status"] == status and detail in problem["detail"]


def test_a_head_that_does_not_come_is_not_waited_for(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connection, "HEAD_TIME", 0.1)
    head, body = sent(client, b"GET /health HTTP/1.1\r\nhost")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["detail"] == "the request's head did not come"
    assert sent(client, b"") == (b"", b"")


@pytest.mark.parametrize("method", [b"GET", b"PUT"])
def test_a_body_that_goes_on_behind_the_answer_is_not_waited_for(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, method: bytes
) -> None:
    monkeypatch.setattr(_connection, "HEAD_TIME", 0.1)
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=20) as connection:
        connection.sendall(method + b" /health HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\n\r\n")
        with connection.makefile("rb") as reply:
            head = b"".join(iter(reply.readline, b"\r\n"))
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            assert len(reply.read(length)) == length
            connection.sendall(b"x")
            assert reply.read() == b""
