"""Answers that do not end in time: the connection is broken off, and no client takes what it got for the whole."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which
from urllib.parse import quote

import httpx
import pytest

from tests.lacking import lacking
from tests.serve.attack.builds import look_up, name
from tests.serve.attack.endpoint import Endpoint, request, serving, status, until
from tests.serve.attack.queries import FOREVER, ROWS, TRIPLES

SLOW = "SELECT ?a ?d { ?a rdfs:label ?c . ?d rdfs:label ?f FILTER(REGEX(CONCAT(?c, ?f), '17.*17.*17')) }"
"""Rows that come a few at a time, for minutes."""

END = b"\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def endpoint(ring: Path) -> Iterator[Endpoint]:
    options = ("--workers", "4", "--timeout", "3s", "--memory", "1GB", "--max-bytes", "100GB", "--max-rows", "99999999999")
    with serving(ring, *options) as found:
        yield found


def drain(connection: socket.socket) -> tuple[bytes, bytes, bool]:
    """Return the beginning and the last bytes of what comes, and whether a reset ended it."""
    head, tail = b"", b""
    try:
        while part := connection.recv(1 << 20):
            head, tail = (head + part)[:4096], (tail + part)[-64:]
    except ConnectionResetError:
        return head, tail, True
    return head, tail, False


def stream(endpoint: Endpoint, content: bytes) -> tuple[bytes, bytes, bool]:
    with endpoint.connect() as connection:
        connection.sendall(content)
        return drain(connection)


def test_rows_without_end_are_broken_off(endpoint: Endpoint) -> None:
    formats = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv")
    with ThreadPoolExecutor(len(formats)) as threads:  # as many as there are places for long queries
        replies = threads.map(lambda accept: stream(endpoint, request(ROWS, f"Accept: {accept}")), formats)
    for head, tail, _ in replies:
        assert status(head) == 200, head
        assert re.search(rb"(?i)\r\ntransfer-encoding: chunked\r\n", head)
        assert not tail.endswith(END)


def httpx_fails(endpoint: Endpoint) -> None:
    with pytest.raises(httpx.HTTPError, match=r"incomplete|without sending|reset|peer closed"):
        endpoint.ask(ROWS, headers={"Accept": "application/json"})


def the_standard_library_fails(endpoint: Endpoint) -> None:
    connection = http.client.HTTPConnection(*endpoint.address, timeout=30)
    connection.request("GET", f"/sparql?query={quote(ROWS)}", headers={"Accept": "text/csv"})
    with (
        connection.getresponse() as reply,
        pytest.raises((http.client.IncompleteRead, ConnectionResetError), match=r"IncompleteRead|reset"),
    ):
        reply.read()
    connection.close()


def curl_fails(endpoint: Endpoint) -> None:
    if not which("curl"):
        lacking("curl is not installed")
    command = ["curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-H", "Accept: text/tab-separated-values"]
    done = subprocess.run([*command, f"{endpoint.url}/sparql?query={quote(ROWS)}"], capture_output=True, text=True, timeout=60)
    assert done.returncode in {18, 56}, done.stderr  # a partial file, a failure in receiving


def test_clients_see_an_error(endpoint: Endpoint) -> None:
    clients = (httpx_fails, the_standard_library_fails, curl_fails)
    with ThreadPoolExecutor(len(clients)) as threads:
        for one in [threads.submit(client, endpoint) for client in clients]:
            one.result()


@pytest.mark.parametrize("accept", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"])
@pytest.mark.parametrize("query", [SLOW, TRIPLES], ids=["slow", "triples"])
def test_other_answers_are_refused_or_broken_off(endpoint: Endpoint, query: str, accept: str) -> None:
    head, tail, _ = stream(endpoint, request(query, f"Accept: {accept}, text/csv;q=0.1", timeout="0.5"))
    if status(head) == 503:
        assert b"application/problem+json" in head and b"0.5 seconds" in head
    else:
        assert status(head) == 200
        assert not tail.endswith(END)


def test_an_old_client_for_whom_the_end_of_the_connection_is_the_end_of_the_answer(endpoint: Endpoint) -> None:
    head, _, reset = stream(endpoint, request(ROWS, "Accept: text/csv", version="1.0", timeout="0.5"))
    assert b"chunked" not in head.partition(b"\r\n\r\n")[0].lower()
    assert status(head) == 503 or (status(head) == 200 and reset)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("query", [ROWS, FOREVER], ids=["rows", "forever"])
def test_head_has_no_body_and_ends(endpoint: Endpoint, query: str, version: str) -> None:
    reply = endpoint.send(request(query, method="HEAD", version=version, timeout="0.5"))
    assert status(reply) in {200, 503}
    assert reply.endswith(b"\r\n\r\n") and reply.count(b"\r\n\r\n") == 1


def test_the_timeout_of_a_request_is_at_most_the_servers(endpoint: Endpoint) -> None:
    for asked, words in (("0.3", "0.3 seconds"), ("1000", "3 seconds")):
        reply = endpoint.ask(f"{FOREVER} #{asked}", timeout=asked)
        assert reply.status_code == 503
        assert words in reply.json()["detail"]


def test_what_was_broken_off_is_in_no_cache(endpoint: Endpoint) -> None:
    for _ in range(2):
        head, tail, _ = stream(endpoint, request(ROWS, "Accept: text/csv", timeout="0.5"))
        assert status(head) == 503 or (status(head) == 200 and not tail.endswith(END))
    assert endpoint.metric("kg_reply_cache_hits_total") == 0
    assert endpoint.ask(look_up(7)).json()["results"]["bindings"][0]["name"]["value"] == name(7)
    assert until(lambda: endpoint.metric("kg_queries_running") == 0)


@pytest.mark.parametrize("asked", ["0", "-1", "soon", "nan", "inf", "1e999", "", "1,5", "0x1", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_timeout_that_is_none(endpoint: Endpoint, asked: str) -> None:
    reply = endpoint.ask(look_up(1), timeout=asked)
    assert reply.status_code == 400
    assert "timeout" in reply.json()["detail"]
