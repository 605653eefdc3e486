"""Requests that are no requests, or not quite: each is refused, none gets two answers, the next one is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.serve.attack.builds import look_up, model, name
from tests.serve.attack.endpoint import Endpoint, read_all, resident, serving, status

LOOK_UP = quote(look_up(1))
POST = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n"
FORM = POST.replace(b"sparql-query", b"x-www-form-urlencoded")
STARTS = re.compile(rb"HTTP/1\.1 \d{3} ")


@pytest.fixture(scope="module")
def endpoint(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, "--workers", "2", "--timeout", "5s", "--memory", "1GB") as found:
        yield found


@pytest.fixture(autouse=True)
def _answers_afterwards(endpoint: Endpoint) -> Iterator[None]:
    yield
    assert name(2) in endpoint.ask(look_up(2)).text
    assert endpoint.process.poll() is None
    assert not endpoint.said("Traceback"), "".join(endpoint.talk)


def get(target: str, *headers: str) -> bytes:
    lines = (f"GET {target} HTTP/1.1", "Host: localhost", "Connection: close", *headers)
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n"


REFUSED = {
    "a huge address": (get("/sparql?query=" + "a" * (300 << 10)), {400, 414, 431}),
    "a long path": (get("/" + "a" * 60000), {404, 414, 431}),
    "a huge header": (get("/health", "X-Long: " + "a" * (1 << 20)), {400, 431}),
    "a header without end": (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * (2 << 20), {400, 431}),
    "many headers": (get("/health", *(f"X-{number}: {number}" for number in range(30000))), {400, 431}),
    "no headers end": (b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 100000, {400, 431}),
    "a huge body": (POST + b"Content-Length: 1000000000\r\n\r\n" + b" " * 100000, {413}),
    "a body longer than a query": (POST + b"Content-Length: 100000\r\n\r\n" + b" " * 100000, {413}),
    "a huge form": (FORM + b"Content-Length: 1000000\r\n\r\nquery=" + b"a" * 999994, {413}),
    "chunks without end": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 5,
        {413},
    ),
    "many parameters": (get("/sparql?" + "&".join(f"p{number}=1" for number in range(10000))), {200, 400, 414}),
    "many queries": (get("/sparql?" + "&".join(["query=ASK%7B%7D"] * 10000)), {400, 414}),
    "many parameters in a form": (FORM + b"Content-Length: 80000\r\n\r\n" + b"&a=1234" * 11428 + b"abcd", {400, 413}),
    "many graphs": (
        get(f"/sparql?query={LOOK_UP}&" + "&".join(f"default-graph-uri=x:{number}" for number in range(5000))),
        {200, 400, 414},
    ),
    "not HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", {400}),
    "HTTP 2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 405, 505}),
    "HTTP 0.9": (b"GET /health\r\n\r\n", {200, 400}),
    "HTTP 9.9": (b"GET /health HTTP/9.9\r\n\r\n", {400, 505}),
    "no method": (b" /health HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "a method of its own": (b"BREW /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 405, 501}),
    "trace": (b"TRACE /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 405, 501}),
    "connect": (b"CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404, 405, 501}),
    "null in the path": (get("/hea\x00lth"), {400}),
    "null in a header": (get("/health", "X-Null: a\x00b"), {400}),
    "null in the query": (get("/sparql?query=ASK%7B%7D%00"), {400}),
    "a bare carriage return": (get("/health", "X-Return: a\rX-Other: b"), {400}),
    "a folded header": (get("/health", "X-Folded: a", " b"), {400, 200}),
    "a space before the colon": (get("/health", "Content-Length : 5"), {400}),
    "an empty name": (get("/health", ": value"), {400}),
    "a name with a space": (get("/health", "X Y: value"), {400}),
    "a chunk that is none": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nASK {}\r\n0\r\n\r\n", {400}),
    "a chunk of negative size": (POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nASK {}\r\n0\r\n\r\n", {400}),
    "a chunk larger than all": (POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nASK {}\r\n0\r\n\r\n", {400, 413}),
    "a chunk longer than it says": (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nASK {}\r\n0\r\n\r\n", {400}),
    "an unknown coding": (POST + b"Transfer-Encoding: gzip\r\nContent-Length: 6\r\n\r\nASK {}", {400, 501}),
    "a length that is none": (POST + b"Content-Length: six\r\n\r\nASK {}", {400}),
    "a negative length": (POST + b"Content-Length: -6\r\n\r\nASK {}", {400}),
    "a length with a sign": (POST + b"Content-Length: +6\r\n\r\nASK {}", {400}),
    "an endless length": (POST + b"Content-Length: 99999999999999999999999\r\n\r\nASK {}", {400, 413}),
    "two lengths": (POST + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\nASK {} ", {400}),
    "a list of lengths": (POST + b"Content-Length: 6, 7\r\n\r\nASK {} ", {400}),
    "an encoded body": (POST + b"Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\nASK {}", {400, 415}),
    "half a percent sign": (get("/sparql?query=%"), {400}),
    "percent and no UTF-8": (get("/sparql?query=%C3%28"), {400}),
    "no UTF-8 in the address": (get("/sparql?query=\xff\xfe"), {400}),
    "a semicolon for an ampersand": (get("/sparql?query=ASK%7B%7D;query=ASK%7B%7D"), {400}),
    "dots": (get("/../../../../etc/passwd"), {404, 400}),
    "encoded dots": (get("/%2e%2e/%2e%2e/etc/passwd"), {404, 400}),
    "an asterisk": (b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404}),
    "a host with a path": (get(f"/sparql?query={LOOK_UP}").replace(b"Host: localhost", b"Host: a/b c"), {400, 421}),
    "a host with a user": (get(f"/sparql?query={LOOK_UP}").replace(b"Host: localhost", b"Host: <script>"), {400, 421}),
    "an accept without end": (get("/sparql?query=ASK%7B%7D", "Accept: " + ",".join(["a/b;q=0.1"] * 6000)), {200, 400, 406, 431}),
    "an accept of semicolons": (get("/sparql?query=ASK%7B%7D", "Accept: a/b" + ";" * 60000), {200, 400, 406, 431}),
    "etags without end": (get(f"/sparql?query={LOOK_UP}", "If-None-Match: " + ",".join(['"a"'] * 15000)), {200, 400, 431}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(endpoint: Endpoint, what: str) -> None:
    content, statuses = REFUSED[what]
    with endpoint.connect() as connection:
        try:
            connection.sendall(content)
        except (BrokenPipeError, ConnectionResetError):
            content = b""  # it has had enough of it: what it said may be lost
        reply = read_all(connection)
    assert status(reply) in statuses or (not reply and len(content) != len(REFUSED[what][0])), reply[:300]
    assert len(STARTS.findall(reply)) <= 1


SMUGGLED = b"GET /health HTTP/1.1\r\nHost: smuggled\r\n\r\n"
SHAPES = {
    "length and chunks": (b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunks and length": (b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n"),
    "chunks and a short length": (b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"),
    "two codings": (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    "a coding with a space": (b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    "a coding that is none": (b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "a coding behind a tab": (b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n"),
    "chunked twice": (b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    "a coding after chunked": (b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    "two lengths": (b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n"),
    "a folded length": (b"Content-Length:\r\n 0\r\n\r\n"),
    "a bare line feed": (b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"),
    "a length in base 16": (b"Content-Length: 0x0\r\n\r\n"),
}


@pytest.mark.parametrize("what", SHAPES)
def test_no_request_hides_in_another(endpoint: Endpoint, what: str) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
    with endpoint.connect() as connection:
        connection.sendall(head + SHAPES[what] + SMUGGLED)
        reply = read_all(connection)
    assert len(STARTS.findall(reply)) == 1, reply[:600]
    assert status(reply) in {400, 415, 501}
    assert b'"ok"' not in reply


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_whole_address_is_an_address(endpoint: Endpoint, version: str) -> None:
    target = f"http://elsewhere.example/sparql?query={LOOK_UP}"
    reply = endpoint.send(f"GET {target} HTTP/{version}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert status(reply) in {200, 400, 404, 421}
    assert b"elsewhere.example" not in reply


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "169.254.169.254", "[::1]:99", "localhost.", "LOCALHOST", "xn--a", "a" * 255]
)
def test_another_host_gives_the_same_answer_or_none(endpoint: Endpoint, host: str) -> None:
    reply = endpoint.ask(look_up(3), headers={"Host": host})
    assert reply.status_code in {200, 400, 421}
    if reply.status_code == 200:
        assert name(3) in reply.text


def test_an_answer_for_one_host_is_not_given_to_another(endpoint: Endpoint) -> None:
    query = "SELECT (STR(<x>) AS ?iri) {}"
    found = {host: endpoint.ask(query, headers={"Host": host}).text for host in ("one.example", "two.example")}
    assert all(host in text for host, text in found.items())


def test_expect_continue(endpoint: Endpoint) -> None:
    body = look_up(4).encode()
    with endpoint.connect() as connection:
        connection.sendall(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert name(4).encode() in read_all(connection)


def test_the_deepest_and_the_longest_queries(endpoint: Endpoint) -> None:
    deep = (
        "SELECT * {" + "{" * 32000 + "}" * 32000 + "}",
        "ASK { FILTER(" + "(" * 32000 + "1" + ")" * 32000 + ") }",
        "ASK { FILTER(" + "!" * 60000 + "true) }",
        "ASK { FILTER(" + "-" * 60000 + "1 > 0) }",
        f"ASK {{ <{model(1)}> {'^' * 1000}rdfs:label ?n }}",
        "ASK { ?s " + "(" * 20000 + "rdfs:label" + ")" * 20000 + " ?o }",
        "ASK { ?s rdfs:label" + "/rdfs:label" * 5000 + " ?o }",
        "ASK { ?s rdfs:label" + "|rdfs:label" * 5000 + " ?o }",
        "ASK { " + "[ rdfs:label " * 4000 + "1" + "]" * 4000 + " rdfs:label 2 }",
        "ASK { ?s ?p " + "(" * 30000 + ")" * 30000 + " }",
        "ASK { FILTER(" + "EXISTS {" * 3000 + "}" * 3000 + ") }",
        "ASK { " + "OPTIONAL { " * 5000 + "} " * 5000 + "}",
        "SELECT * { " + "{} UNION " * 7000 + "{} }",
        "SELECT " + " ".join(f"?v{number}" for number in range(8000)) + " {} LIMIT 1",
        "ASK { FILTER(1 IN (" + "1," * 30000 + "1)) }",
        "ASK { ?s ?p '" + "\\u0041" * 10000 + "' }",
    )
    with endpoint.client() as client:
        for query in deep:
            reply = client.post("/sparql", data={"query": query, "timeout": "1"})
            assert reply.status_code in {200, 400, 413, 503}, query[:40]
    assert resident(endpoint.process.pid) < 300 << 20
