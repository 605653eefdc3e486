"""More queries than there are places, and answers longer than is given."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.serve.attack.builds import MODELS, look_up, name
from tests.serve.attack.endpoint import Endpoint, request, serving, status, until
from tests.serve.attack.queries import seconds


@pytest.fixture(scope="module")
def narrow(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, "--workers", "2", "--timeout", "3s", "--memory", "1GB", "--waiting", "4") as found:
        yield found


def names(reply: httpx.Response) -> list[str]:
    return [row["name"]["value"] for row in reply.json()["results"]["bindings"]]


def test_beyond_those_who_wait_is_503_at_once_and_look_ups_pass(narrow: Endpoint) -> None:
    with ThreadPoolExecutor(16) as threads:
        asked = [threads.submit(narrow.ask, seconds(number, "queue")) for number in range(16)]
        assert until(lambda: narrow.metric("kg_queries_running", lane="heavy") == 1)
        assert until(lambda: narrow.metric("kg_queries_waiting") <= 2)  # the long ones are told from the others
        for number in range(100, 130):
            reply = narrow.ask(look_up(number))
            assert reply.status_code == 200 and names(reply) == [name(number)]
        replies = [reply.result() for reply in asked]
    assert {reply.status_code for reply in replies} == {503}
    busy = [reply for reply in replies if "retry-after" in reply.headers and "second" not in reply.json()["detail"]]
    assert len(busy) >= 16 - 1 - 4 - 1
    assert all(int(reply.headers["retry-after"]) > 0 and reply.json()["hint"] for reply in busy)
    assert any("3 seconds" in reply.json()["detail"] for reply in replies)
    assert until(lambda: narrow.metric("kg_queries_running") == narrow.metric("kg_queries_waiting") == 0)


def test_a_flood_of_look_ups_is_answered_or_told_to_come_again(narrow: Endpoint) -> None:
    def ask(number: int) -> httpx.Response:
        return narrow.ask(look_up(number))

    with ThreadPoolExecutor(32) as threads:
        replies = list(threads.map(ask, range(2000, 2200)))
    assert {reply.status_code for reply in replies} <= {200, 503}
    assert all("retry-after" in reply.headers for reply in replies if reply.status_code == 503)
    for number, reply in enumerate(replies, 2000):
        assert reply.status_code == 503 or names(reply) == [name(number)]
    assert sum(reply.status_code == 200 for reply in replies) > 20


@pytest.fixture(scope="module")
def short(ring: Path) -> Iterator[Endpoint]:
    options = ("--workers", "2", "--timeout", "10s", "--memory", "1GB", "--max-rows", "500", "--max-bytes", "200000")
    with serving(ring, *options) as found:
        yield found


def labels(limit: int) -> str:
    return f"SELECT ?model ?name {{ ?model rdfs:label ?name }} LIMIT {limit}"


WIDE = f"SELECT (CONCAT({', '.join(['?a'] * 20)}) AS ?b) {{ ?m rdfs:label ?a }} LIMIT "
"""Rows of about 800 bytes: fewer than are given, and still too many bytes."""


@pytest.mark.parametrize("accept", ["application/json", "application/xml", "text/csv", "text/tab-separated-values"])
@pytest.mark.parametrize("query", [labels(MODELS), WIDE + "450"], ids=["rows", "bytes"])
def test_too_long_an_answer_is_a_problem_or_broken_off(short: Endpoint, accept: str, query: str) -> None:
    reply = short.send(request(query, f"Accept: {accept}"))
    if status(reply) == 200:
        assert b"chunked" in reply and not reply.endswith(b"0\r\n\r\n")
        assert len(reply) < 300000
    else:
        assert status(reply) in {400, 413, 503}
        assert b"application/problem+json" in reply and b'"hint"' in reply


@pytest.mark.parametrize("accept", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"])
def test_too_large_a_graph_is_a_problem_or_broken_off(short: Endpoint, accept: str) -> None:
    reply = short.send(request("CONSTRUCT WHERE { ?s ?p ?o }", f"Accept: {accept}"))
    if status(reply) == 200:
        assert b"chunked" in reply and not reply.endswith(b"0\r\n\r\n")
        assert len(reply) < 300000
    else:
        assert status(reply) in {400, 413, 503}
        assert b"application/problem+json" in reply and b'"hint"' in reply


@pytest.mark.parametrize("rows", [499, 500])
def test_an_answer_of_the_longest_length_is_whole(short: Endpoint, rows: int) -> None:
    for accept, count in (("text/csv", rows + 1), ("text/tab-separated-values", rows + 1)):
        reply = short.ask(labels(rows), {"Accept": accept})
        assert (reply.status_code, len(reply.text.splitlines())) == (200, count)
    assert len(short.ask(labels(rows)).json()["results"]["bindings"]) == rows


def test_one_row_more_is_too_many(short: Endpoint) -> None:
    reply = short.ask(labels(501), {"Accept": "text/csv"})
    assert reply.status_code in {400, 413, 503}
    assert "500" in reply.text or "longer" in reply.text
    assert short.ask(look_up(4)).status_code == 200
