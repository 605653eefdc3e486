"""What goes over the wire, and every way in which it fails: each is one error that says what, where and what to do."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from kg.errors import CutShort, KgError, QueryRefused, Refused, RemoteError, UsageError
from kg.remote import Endpoint, answered, bound
from kg.remote._http import LONGEST_GET
from kg.sparql.formats import Layout
from tests.remote.canned import CERTIFICATE, ROWS, TRIPLE, Canned, canned, chunked, moved, reply

SELECT = "SELECT ?x { ?x ?y ?z }"
CONSTRUCT = "CONSTRUCT WHERE { ?x ?y ?z }"
CSV = b"x\r\n1\r\n"
TOKEN = "secret-1234"  # noqa: S105 - that is what must never be seen
NTRIPLES = "application/n-triples"


def ask(url: str, text: str = SELECT, format: str | None = None, token: str | None = None, timeout: float | None = None) -> bytes:
    sent = bound(text, "query", base="https://w3id.org/kg/", known={}, bindings={})
    with answered(Endpoint(url, token, timeout), sent, format or ("nt" if text == CONSTRUCT else "csv"), Layout({})) as file:
        return file.read()


def head(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


@contextmanager
def failing(kind: type[KgError], match: str) -> Iterator[None]:
    with pytest.raises(kind, match=match) as error:
        yield
    assert error.value.hint and error.value.where
    assert TOKEN not in str(error.value) + repr(error.value)


# nobody there, or somebody else ---------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_refused_connection() -> None:
    url = f"http://127.0.0.1:{free_port()}/sparql"
    with failing(RemoteError, f"^{url}: nobody answers there: the connection is refused\n  hint: is the server running"):
        ask(url)


def test_an_unknown_host() -> None:
    with failing(RemoteError, "^http://no-such-host.invalid/: the host is not known: .*\n  hint: check the address"):
        ask("http://no-such-host.invalid/")


def test_a_host_that_makes_no_name() -> None:
    with failing(RemoteError, "does not speak HTTP|host is not known|cannot be reached"):
        ask(f"http://{'a' * 64}.invalid/")


@pytest.mark.parametrize("content", [b"220 ready\r\n", b"", b"\x15\x03\x01\x00\x02\x02\x16", b"HTTP/1.1 wrong\r\n\r\n"])
def test_what_speaks_no_http(content: bytes) -> None:
    with (
        canned(content) as server,
        failing(RemoteError, "what answers there does not speak HTTP, or broke off\n  hint: .*https://"),
    ):
        ask(server.url)


def test_a_proxy_of_the_environment_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with failing(RemoteError, r"^http://example\.invalid/sparql: nobody answers there"):
        ask("http://example.invalid/sparql")


def test_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with canned(reply()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/sparql"))
        monkeypatch.delenv("no_proxy", raising=False)
        assert ask("http://example.invalid/sparql") == CSV
    assert proxy.requests[0].startswith(b"GET http://example.invalid/sparql?query=")


def test_a_proxy_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with canned(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.removesuffix("/sparql"))
        monkeypatch.delenv("no_proxy", raising=False)
        with failing(
            RemoteError, "cannot be reached: Tunnel connection failed: 403 Forbidden\n  hint: check the address, and the network"
        ):
            ask("https://example.invalid/sparql")


def test_a_server_that_says_nothing() -> None:
    with canned(None) as server, failing(RemoteError, "has not answered within 0.2 seconds\n  hint: .*longer --timeout"):
        ask(server.url, timeout=0.2)


def test_a_certificate_that_nobody_trusts() -> None:
    with (
        canned(reply(), tls=True) as server,
        failing(RemoteError, "certificate is not trusted: self-signed .*\n  hint: .*SSL_CERT_FILE"),
    ):
        ask(server.url, token=TOKEN)
    assert server.requests == []


def test_a_certificate_that_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with canned(reply(), tls=True) as server:
        assert ask(server.url) == CSV


def test_a_certificate_of_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with canned(reply(), tls=True) as server, failing(RemoteError, "certificate is not trusted: Hostname mismatch"):
        ask(server.url.replace("127.0.0.1", "localhost"))


def test_https_where_http_is_spoken() -> None:
    with canned(reply()) as server, failing(RemoteError, "no secure connection can be made: .*\n  hint: .*http://"):
        ask(server.url.replace("http:", "https:"))


# how a query goes -----------------------------------------------------------------------------------------------------------------


def test_a_short_query_goes_in_the_address() -> None:
    with canned(reply(), path="/sparql?default-graph-uri=urn:a") as server:
        assert ask(server.url) == CSV
    line = server.requests[0].split(b"\r\n")[0].decode()
    assert line.startswith("GET ")
    assert parse_qs(urlsplit(line.split()[1]).query) == {"default-graph-uri": ["urn:a"], "query": [SELECT]}
    sent = head(server.requests[0])
    assert sent["accept"].startswith("application/sparql-results+json, ") and sent["accept-encoding"] == "gzip"
    assert sent["user-agent"].startswith("kg/") and "authorization" not in sent


def test_a_long_query_goes_as_a_form() -> None:
    long = f"{SELECT} # {'é' * LONGEST_GET}"
    with canned(reply(), path="/sparql?default-graph-uri=urn:a") as server:
        assert ask(server.url, long) == CSV
    lines, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert lines.startswith(b"POST /sparql?default-graph-uri=urn:a HTTP/1.1")
    assert head(server.requests[0])["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode()) == {"query": [long]}


@pytest.mark.parametrize(("text", "media"), [(SELECT, "application/sparql-results+json"), (CONSTRUCT, NTRIPLES)])
def test_what_is_asked_for_fits_the_query(text: str, media: str) -> None:
    with canned(reply(TRIPLE, media=NTRIPLES) if text == CONSTRUCT else reply()) as server:
        ask(server.url, text)
    assert head(server.requests[0])["accept"].split(",")[0] == media


def test_what_no_text_tells_may_be_either() -> None:
    with canned(reply(TRIPLE, media=NTRIPLES)) as server:
        assert ask(server.url, "WITH-EXTENSION {}", "nt") == TRIPLE
    assert {"application/sparql-results+json", NTRIPLES} <= set(head(server.requests[0])["accept"].split(", "))


# the token ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", " ", "a\nb", "a\r\nX: y", "é"])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(UsageError, match=r"the token has characters that no header can hold, or none\n  hint: .*KG_URL_TOKEN"):
        Endpoint("http://127.0.0.1/", token)


def test_the_token_is_not_in_what_is_printed_of_an_endpoint() -> None:
    assert TOKEN not in repr(Endpoint("http://127.0.0.1/", TOKEN))


def test_the_token_goes_to_the_endpoint() -> None:
    with canned(reply()) as server:
        ask(server.url, token=TOKEN)
    assert head(server.requests[0])["authorization"] == f"Bearer {TOKEN}"


def test_the_token_follows_to_another_path_of_the_same_server() -> None:
    with canned(moved("/other"), reply()) as server:
        assert ask(server.url, token=TOKEN) == CSV
    assert [head(request).get("authorization") for request in server.requests] == [f"Bearer {TOKEN}"] * 2
    assert server.requests[1].startswith(b"GET /other ")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_does_not_follow_to_another_server(status: int) -> None:
    with canned(reply()) as other, canned(moved(other.url, status)) as server:
        assert ask(server.url, token=TOKEN) == CSV
    assert "authorization" not in head(other.requests[0])


def test_a_token_that_is_not_accepted_is_not_shown() -> None:
    refused = reply(f"who is {TOKEN}?".encode(), "401 Unauthorized", "text/plain")
    with canned(refused) as server, failing(Refused, r"the token is not accepted: who is …\?\n  hint: check it"):
        ask(server.url, token=TOKEN)


def test_a_missing_token() -> None:
    with (
        canned(reply(b"", "401 Unauthorized")) as server,
        failing(Refused, "endpoint wants a token\n  hint: .*--token or in KG_URL_TOKEN"),
    ):
        ask(server.url)


# redirects ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_long_query_is_sent_on(status: int) -> None:
    long = f"{SELECT} # {'x' * LONGEST_GET}"
    with canned(moved("/there", status), reply()) as server:
        assert ask(server.url, long) == CSV
    assert server.requests[1].startswith(b"POST /there ")
    assert server.requests[1].partition(b"\r\n\r\n")[2] == server.requests[0].partition(b"\r\n\r\n")[2]


def test_an_answer_that_is_elsewhere_is_fetched() -> None:
    with canned(moved("/answer/1", 303), reply()) as server:
        assert ask(server.url, f"{SELECT} # {'x' * LONGEST_GET}") == CSV
    assert server.requests[1].startswith(b"GET /answer/1 ")


def test_a_circle() -> None:
    with (
        canned(moved("/sparql?again")) as server,
        failing(RemoteError, "redirects more than 5 times, at last to http://127.0.0.1:[0-9]+/sparql\n"),
    ):
        ask(server.url)
    assert len(server.requests) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"])
def test_a_redirect_to_what_is_no_server(target: str) -> None:
    with canned(moved(target)) as server, failing(RemoteError, "redirects to .*, which is not as well protected"):
        ask(server.url)


@pytest.mark.parametrize("target", ["http://[::1", "http://127.0.0.1:99999/x", "http://127.0.0.1:abc/x"])
def test_a_redirect_to_what_is_no_address(target: str) -> None:
    with canned(moved(target)) as server, failing(RemoteError, "redirects to what is no address: .*\n  hint: give the address"):
        ask(server.url, token=TOKEN)


def test_a_redirect_out_of_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with canned(reply()) as other, canned(moved(other.url), tls=True) as server:
        with failing(RemoteError, f"redirects to {other.url}, which is not as well protected\n  hint: give that address yourself"):
            ask(server.url, token=TOKEN)
    assert other.requests == []


def test_a_redirect_to_nowhere() -> None:
    with canned(reply(b"", "302 Found")) as server, failing(Refused, r"no SPARQL endpoint answers there \(302\)"):
        ask(server.url)


# what breaks off ------------------------------------------------------------------------------------------------------------------

MANY = b'{"head":{"vars":["x"]},"results":{"bindings":[' + b",".join(
    b'{"x":{"type":"literal","value":"%d"}}' % n for n in range(9999)
)
PACKED = gzip.compress(MANY + b"]}}")


@pytest.mark.parametrize(
    "content",
    [
        reply(ROWS, "200 OK", "application/sparql-results+json")[:-1],
        reply(MANY + b"]}}")[:-100_000],
        chunked(ROWS, last=b""),
        chunked(ROWS[:20], last=b""),
        chunked(ROWS[:20], last=b"fff\r\nabc"),
        chunked(ROWS[:20], last=b"no number\r\n"),
        chunked(MANY, b"]}}", last=b""),
        reply(PACKED, "200 OK", "application/sparql-results+json", "Content-Encoding: gzip")[:-9000],
        reply(PACKED[:-9000], "200 OK", "application/sparql-results+json", "Content-Encoding: gzip"),
        reply(PACKED[:-4], "200 OK", "application/sparql-results+json", "Content-Encoding: gzip"),
    ],
)
def test_a_reply_that_breaks_off_is_no_answer(content: bytes) -> None:
    with (
        canned(content) as server,
        failing(CutShort, "the reply broke off before its end: this is no whole answer\n  hint: ask again"),
    ):
        ask(server.url)


@pytest.mark.parametrize("last", [b"", b"29\r\n<http://e/a> <http://e/b>"])
def test_a_graph_that_breaks_off_is_no_answer(last: bytes) -> None:
    with canned(chunked(TRIPLE, TRIPLE, media=NTRIPLES, last=last)) as server, failing(CutShort, "broke off before its end"):
        ask(server.url, CONSTRUCT)


def test_a_reply_that_stops() -> None:
    with stopping(chunked(ROWS[:20], last=b"")) as server, failing(CutShort, "the reply stopped before its end"):
        ask(server.url, timeout=0.2)


@contextmanager
def stopping(content: bytes) -> Iterator[Canned]:
    """Send a part of a reply and nothing more, with the connection left open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield from _stopping(listening, content)


def _stopping(listening: socket.socket, content: bytes) -> Iterator[Canned]:
    import threading

    kept: list[socket.socket] = []

    def serve() -> None:
        connection, _ = listening.accept()
        kept.append(connection)
        connection.recv(65536)
        connection.sendall(content)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Canned(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    finally:
        thread.join()
        for connection in kept:
            connection.close()


def test_without_a_length_rows_end_with_their_own_end() -> None:
    content = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
    with canned(content + ROWS) as server:
        assert ask(server.url) == CSV
    with (
        canned(content + ROWS[:-1]) as server,
        failing(RemoteError, "the reply is no application/json that can be read: "),
    ):
        ask(server.url)


def test_without_a_length_a_graph_has_no_end() -> None:
    content = f"HTTP/1.0 200 OK\r\nContent-Type: {NTRIPLES}\r\n\r\n".encode() + TRIPLE
    with (
        canned(content) as server,
        failing(RemoteError, "the reply does not say where it ends, and application/n-triples does not"),
    ):
        ask(server.url, CONSTRUCT)


def test_what_virtuoso_gives_when_it_runs_out_of_time_is_no_answer() -> None:
    content = reply(ROWS, "200 OK", "application/sparql-results+json", "X-SQL-State: S1TAT", "X-SQL-Message: Anytime limit")
    with canned(content) as server, failing(CutShort, "the endpoint gives a part of the answer: Anytime limit"):
        ask(server.url)


@pytest.mark.parametrize(("value", "truth"), [("1", b"true\n"), ("0", b"false\n")])
def test_what_virtuoso_answers_an_ask_with_is_a_truth(value: str, truth: bytes) -> None:
    body = ROWS.replace(b'"x"', b'"__ASK_RETVAL"').replace(b'"1"', f'"{value}"'.encode())
    with canned(reply(body)) as server:
        assert ask(server.url, "ASK {}", "table") == truth


# gzip -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [PACKED, gzip.compress(MANY) + gzip.compress(b"]}}"), gzip.compress(b"") + PACKED])
@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_what_is_packed_is_unpacked(packed: bytes, coding: str) -> None:
    with canned(reply(packed, "200 OK", "application/sparql-results+json", f"Content-Encoding: {coding}")) as server:
        assert ask(server.url).count(b"\r\n") == 10_000


def test_what_is_packed_in_chunks() -> None:
    content = chunked(*(PACKED[at : at + 100] for at in range(0, len(PACKED), 100)))
    with canned(content.replace(b"Transfer", b"Content-Encoding: gzip\r\nTransfer", 1)) as server:
        assert ask(server.url).count(b"\r\n") == 10_000


@pytest.mark.parametrize(("coding", "message"), [("br", "packed as br, which was not asked for"), ("gzip", "cannot be unpacked: ")])
def test_what_cannot_be_unpacked(coding: str, message: str) -> None:
    with canned(reply(ROWS, "200 OK", "application/json", f"Content-Encoding: {coding}")) as server, failing(RemoteError, message):
        ask(server.url)


def test_a_bomb_is_unpacked_bit_by_bit() -> None:
    import tracemalloc

    bomb = gzip.compress(b'{"head":{"vars":["x"]},"results":{"bindings":[' + b" " * 40_000_000 + b"]}}", 1)
    with canned(reply(bomb, "200 OK", "application/json", "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        assert ask(server.url) == b"x\r\n"
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000


# what is no answer ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", ["text/html", "text/html; charset=utf-8", "image/png", "text/csv", ""])
def test_another_kind_of_reply(media: str) -> None:
    name = media.partition(";")[0] or "of no stated kind"
    with canned(reply(b"<html>", media=media)) as server:
        with failing(
            RemoteError, f"^{server.url}: no SPARQL endpoint answers there: the reply is {name}, not an answer\n  hint: .*/sparql"
        ):
            ask(server.url)


def test_rows_where_a_graph_is_asked_for() -> None:
    with (
        canned(reply()) as server,
        failing(RemoteError, r"a graph was asked for, and the reply is application/sparql-results\+json"),
    ):
        ask(server.url, CONSTRUCT)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"head":{}}', b"<html>", ROWS + b"x", ROWS.replace(b"literal", b"nothing")])
def test_rows_that_cannot_be_read(body: bytes) -> None:
    with (
        canned(reply(body)) as server,
        failing(RemoteError, r"the reply is no application/sparql-results\+json that can be read: "),
    ):
        ask(server.url)


@pytest.mark.parametrize("body", [b"Error", b"<http://e/a> <http://e/b>", TRIPLE + b"<html>", TRIPLE + b"\xff"])
def test_a_graph_that_cannot_be_read(body: bytes) -> None:
    with (
        canned(reply(body, media=NTRIPLES)) as server,
        failing(RemoteError, "the reply is no application/n-triples that can be read"),
    ):
        ask(server.url, CONSTRUCT)


# refusals -------------------------------------------------------------------------------------------------------------------------

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        ("400 Bad Request", b"", QueryRefused, "the query is refused\n  hint: correct the query"),
        ("400 Bad Request", b'{"detail":"no","hint":"yes"}', QueryRefused, "the query is refused: no\n  hint: yes"),
        ("400 Bad Request", b'{"detail":"no","line":"x","column":null}', QueryRefused, "the query is refused: no"),
        ("400 Bad Request", b'{"detail":"no","line":0,"column":1}', QueryRefused, "the query is refused: no"),
        ("400 Bad Request", b'{"detail":3}', QueryRefused, "the query is refused: {.detail.:3}"),
        ("400 Bad Request", b"[" * 200_000, QueryRefused, r"the query is refused: \[+…"),
        ("400 Bad Request", b"\xff\xfe", QueryRefused, "the query is refused: "),
        ("403 Forbidden", b"", Refused, "the request is refused\n"),
        (
            "404 Not Found",
            b"<html><style>a{}</style><h1>Nothing</h1> here",
            Refused,
            r"no SPARQL endpoint answers there \(404\): .*Nothing.* here\n  hint: .*/sparql",
        ),
        ("405 Method Not Allowed", b"", Refused, r"no SPARQL endpoint answers there \(405\)"),
        ("406 Not Acceptable", b"none", RemoteError, r"has not answered the query \(406\): none"),
        ("413 Too Large", b"", Refused, r"the query is too long for it \(413\)\n  hint: ask in several queries"),
        ("429 Too Many", b"slowly", RemoteError, r"cannot answer now \(429\): slowly\n  hint: ask again in 7 seconds"),
        (
            "500 Broken",
            b'{"exception":"Bad Luck"}',
            RemoteError,
            r"has not answered the query \(500\): Bad Luck\n  hint: ask again later",
        ),
        (
            "503 Busy",
            b'{"detail":"30 seconds are over","hint":"ask for less"}',
            RemoteError,
            r"\(503\): 30 seconds are over\n  hint: ask for less",
        ),
        ("204 No Content", b"", RemoteError, r"has not answered the query \(204\)"),
        ("206 Partial Content", b"", RemoteError, r"has not answered the query \(206\)"),
    ],
)
def test_a_refusal(status: str, body: bytes, kind: type[KgError], message: str) -> None:
    content = reply(body, status, "text/html" if b"<html" in body else "text/plain", "Retry-After: 7")
    with canned(content) as server, failing(kind, message):
        ask(server.url)


def test_a_busy_endpoint_without_a_time() -> None:
    with canned(reply(b"", "503 Busy")) as server, failing(RemoteError, "hint: ask again later, or for less"):
        ask(server.url)


TEXT = "SELECT ?x\n{ ?x kg:y 'é' ; bad }"


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (PROBLEM, b'{"detail":"syntax error","line":2,"column":17}'),
        ("text/plain", b"Parse error: Encountered bad at line 2, column 17.\nWas expecting one of: ..."),
        ("text/plain", b"MalformedQueryException at Line 2 col 17"),
        ("text/plain; charset=utf-8", b"error at 2:17: expected one of"),
        ("application/json", b'{"exception":"no such thing at line 2, column 17"}'),
    ],
)
def test_the_place_of_an_error_is_shown(media: str, body: bytes) -> None:
    with canned(reply(body, "400 Bad Request", media)) as server, pytest.raises(QueryRefused) as error:
        ask(server.url, TEXT)
    lines = str(error.value).splitlines()
    assert lines[0].startswith("query:2:17: ")
    assert lines[1:3] == ["  2 | { ?x kg:y 'é' ; bad }", "    |                 ^^^"]
    assert lines[3] == f"  hint: so says {server.url}"


def test_a_hint_of_the_endpoint_is_told_with_who_says_it() -> None:
    body = b'{"detail":"the prefix zz: is not declared","line":1,"column":1,"hint":"begin with PREFIX zz:"}'
    with canned(reply(body, "400 Bad Request", PROBLEM)) as server, pytest.raises(QueryRefused) as error:
        ask(server.url)
    assert str(error.value).endswith(f"\n  hint: begin with PREFIX zz: (so says {server.url})")
