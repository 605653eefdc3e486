from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.serve._protocol import FORM, QUERY, Problem, Question, endpoint_of, question_of, timeout_in
from kg.sparql.formats import Kind
from kg.sparql.thread import LONGEST
from tests.serve.scopes import request_of

DIRECT = {"content-type": QUERY}


def asked(*arguments: object, patience: float = 20, **settings: object) -> Question | None:
    return asyncio.run(question_of(request_of(*arguments, **settings), patience=patience))  # type: ignore[arg-type]


# bad input ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "headers", "body", "status", "detail"),
    [
        ("/sparql", {**DIRECT, "content-encoding": "gzip"}, b"\x1f\x8b", 415, "without a Content-Encoding"),
        ("/sparql", {"content-type": f'{QUERY}; charset="latin-1"'}, b"ASK {}", 415, "not in latin-1"),
        ("/sparql", {"content-type": "multipart/form-data; boundary=x"}, b"--x", 415, "not as 'multipart/form-data'"),
        ("/sparql", {"content-type": ""}, b"ASK {}", 415, "the request has no Content-Type"),
        ("/sparql?update=DROP+ALL", DIRECT, b"ASK {}", 403, "read-only"),
        ("/sparql?update=", {"content-type": "text/turtle"}, b"", 403, "read-only"),
        ("/sparql", {"content-type": "application/sparql-update; charset=utf-16"}, b"DROP ALL", 403, "read-only"),
        ("/sparql", {"content-type": FORM}, b"query=ASK{}&update=DROP+ALL", 403, "read-only"),
        ("/sparql?query=ASK{}", {"content-type": FORM}, b"query=ASK{}", 400, "several queries"),
        ("/sparql", {**DIRECT, "content-length": str(4 * LONGEST + 1)}, b"", 413, "longer than 262144 bytes"),
        ("/sparql", {**DIRECT, "content-length": "9" * 5000}, b"", 413, "longer than 262144 bytes"),
        ("/sparql?" + "a" * 65_536, DIRECT, b"ASK {}", 414, "query string is longer"),
        ("/sparql?graph=x:y", DIRECT, b"ASK {}", 400, "a query and a graph"),
        ("/sparql", {"content-type": FORM}, b"query=ASK{}&default=", 400, "a query and a graph"),
        ("/sparql?timeout=1&timeout=2", DIRECT, b"ASK {}", 400, "several timeouts"),
        ("/sparql?timeout=soon", DIRECT, b"ASK {}", 400, "no number of seconds"),
        ("/sparql?format=cvs", DIRECT, b"ASK {}", 406, "no format is named 'cvs'"),
    ],
)
def test_a_wrong_request(address: str, headers: Mapping[str, str], body: bytes, status: int, detail: str) -> None:
    with pytest.raises(Problem) as caught:
        asked("POST", address, headers, [body])
    assert (caught.value.status, detail in caught.value.detail) == (status, True), caught.value.detail


def test_several_kinds_of_body_at_once() -> None:
    with pytest.raises(Problem, match="several Content-Type"):
        asked("POST", "/sparql", [("content-type", QUERY), ("content-type", FORM)], [b"ASK {}"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "0.0",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "1_0",
        "１",
        " 1",
        "1 ",
        "0x1",
        "1s",
        "1.",
        ".",
        "e3",
        "1" * 500,
        "1e-999",
    ],
)
def test_a_timeout_that_is_none(text: str) -> None:
    with pytest.raises(Problem, match="no number of seconds above 0") as caught:
        timeout_in([("timeout", text)])
    assert caught.value.status == 400


def test_a_sender_that_stops_is_not_waited_for() -> None:
    with pytest.raises(Problem, match=r"did not arrive within 0\.01 seconds") as caught:
        asked("POST", "/sparql", DIRECT, [b"ASK"], ends="never", patience=0.01)
    assert (caught.value.status, caught.value.headers) == (408, {"Connection": "close"})


def test_a_sender_that_goes_away() -> None:
    with pytest.raises(Problem, match="ends too early") as caught:
        asked("POST", "/sparql", DIRECT, [b"ASK"], ends="gone")
    assert caught.value.status == 400


def test_a_body_that_grows_too_long_is_not_read_to_its_end() -> None:
    with pytest.raises(Problem, match="longer than 262144 bytes") as caught:
        asked("POST", "/sparql", DIRECT, [b" " * 140000] * 2, ends="never")
    assert (caught.value.status, caught.value.headers) == (413, {"Connection": "close"})


@given(st.binary(max_size=60))
def test_any_query_string_is_a_question_or_a_problem(content: bytes) -> None:
    request = request_of("GET", "/sparql")
    request.scope["query_string"] = content
    try:
        found = asyncio.run(question_of(request))
    except Problem as problem:
        assert 400 <= problem.status < 500
    else:
        assert found is None or found.text is not None


# questions ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "seconds"), [("1", 1), ("2.5", 2.5), (".5", 0.5), ("1e1", 10), ("5E-3", 0.005), ("007", 7)])
def test_a_timeout(text: str, seconds: float) -> None:
    assert timeout_in([("timeout", text)]) == seconds


def test_a_request_that_asks_nothing() -> None:
    assert asked("GET", "/sparql") is None
    assert asked("GET", "/sparql?default-graph-uri=x:y") is None


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8", '; charset="utf-8"', ";charset=us-ascii", "; q=1"])
def test_a_query_in_pieces(charset: str) -> None:
    text = "ASK { ?s ?p 'é' }".encode()
    found = asked("POST", "/sparql?timeout=3", {"content-type": f"{QUERY}{charset}"}, [text[:14], text[14:]])
    assert found and found.text == "ASK { ?s ?p 'é' }"
    assert (found.endpoint, found.timeout) == ("http://h/sparql", 3)


def test_all_that_a_form_can_say() -> None:
    form = [
        ("query", "ASK {}"),
        ("default-graph-uri", "x:a"),
        ("default-graph-uri", "x:b"),
        ("named-graph-uri", "x:c"),
        ("format", "xml"),
        ("timeout", "2"),
    ]
    found = asked("POST", "/sparql/", {"content-type": FORM}, [urlencode(form).encode()])
    assert found == asked("GET", f"/sparql/?{urlencode(form)}")
    formats: Mapping[Kind, str | None] = {"rows": "xml", "truth": "xml", "graph": "rdfxml"}
    assert found == Question("ASK {}", "http://h/sparql/", ["x:a", "x:b"], ["x:c"], formats, 2.0)


def test_a_question_crosses_as_json_without_its_timeout() -> None:
    found = asked("GET", "/sparql?query=ASK{}&timeout=1&named-graph-uri=x:y", {"accept": "text/csv"})
    assert found and json.loads(json.dumps(found.to_json())) == {
        "text": "ASK{}",
        "endpoint": "http://h/sparql",
        "default_graphs": [],
        "named_graphs": ["x:y"],
        "formats": {"rows": "csv", "truth": None, "graph": None},
    }


@pytest.mark.parametrize(
    ("path", "host", "endpoint"),
    [
        ("/sparql", b"h", "http://h/sparql"),
        ("/sparql", b"h:7878", "http://h:7878/sparql"),
        ("/sparql", b"[::1]:80", "http://[::1]:80/sparql"),
        ("/graphs/a%20b", b"h", "http://h/graphs/a%20b"),
        ("/graphs/%C3%A9", b"h", "http://h/graphs/%C3%A9"),
        ('/graphs/<">', b"h", "http://h/graphs/%3C%22%3E"),
        ("/sparql", None, "http://127.0.0.1:80/sparql"),
    ],
)
def test_the_endpoint_is_the_address_that_was_asked(path: str, host: bytes | None, endpoint: str) -> None:
    request = request_of("GET", f"{path}?query=x")
    request.scope["headers"] = [] if host is None else [(b"host", host)]
    assert endpoint_of(request) == endpoint


def test_the_endpoint_of_a_server_without_a_name() -> None:
    request = request_of("GET", "/sparql")
    request.scope.update(headers=[], server=("::1", 7878))
    del request.scope["raw_path"]
    assert endpoint_of(request) == "http://[::1]:7878/sparql"
    request.scope["server"] = None
    assert endpoint_of(request) == "http://localhost/sparql"


@pytest.mark.parametrize("host", [b"%zz", b"a b", b"\xff", b"<h>"])
def test_a_host_that_makes_no_iri(host: bytes) -> None:
    request = request_of("GET", "/sparql")
    request.scope["headers"] = [(b"host", host)]
    with pytest.raises(Problem, match="the Host header makes no IRI"):
        endpoint_of(request)
