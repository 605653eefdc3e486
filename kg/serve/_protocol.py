"""HTTP request -> Question (SPARQL 1.1 Protocol, section 2.1), and problems as RFC 9457 wants them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, quote

import pyoxigraph as ox
from starlette.requests import ClientDisconnect, Request

from kg.errors import UnknownName
from kg.serve._negotiation import formats_for, media_types
from kg.sparql.formats import Kind
from kg.sparql.thread import LONGEST

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
PATIENCE = 10.0
"""Seconds in which a request's body has to arrive."""

_PARAMETERS = "kg.parameters"  # where a request keeps what was read of its query string
_LONGEST_BODY = 4 * LONGEST  # bytes of as many characters in UTF-8
_LONGEST_FORM = 3 * _LONGEST_BODY  # where a byte may be written %XX
_LONGEST_ADDRESS = 65_535  # bytes that parsers of HTTP count
_UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii"})
_SECONDS = re.compile(r"(?:[0-9]{1,400}(?:\.[0-9]{1,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_IN_PATH = "%/:@!$&'()*+,;=~"  # what a path holds that is not encoded, or already is

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """A query with what the protocol says beside it.

    `endpoint` is the URL that was asked, without its query: the base of relative IRIs. `formats` names the format that the client
    wants for each kind of answer, None where it takes none of them. `timeout` is the client's own, in seconds.
    """

    text: str
    endpoint: str
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    formats: Mapping[Kind, str | None] = field(default_factory=dict)
    timeout: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return as JSON all that the answer depends on: not the timeout, which is for who waits."""
        return {
            "text": self.text,
            "endpoint": self.endpoint,
            "default_graphs": list(self.default_graphs),
            "named_graphs": list(self.named_graphs),
            "formats": dict(self.formats),
        }


class Problem(Exception):
    """A request that is not answered: HTTP status, what is wrong, and members (if not None) and headers that say more."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = {name: value for name, value in members.items() if value is not None}


def endpoint_of(request: Request) -> str:
    """Return the URL that was asked, without its query: the base of relative IRIs."""
    scope = request.scope
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return _endpoint(scope["scheme"], host or _address(scope["server"]), path)


def parameters_of(request: Request) -> Parameters:
    """Return the names and values of the query string; raise Problem when it is too long or no UTF-8."""
    known: Parameters | None = request.scope.get(_PARAMETERS)
    if known is not None:
        return known
    content = request.scope["query_string"]
    if len(content) > _LONGEST_ADDRESS:
        raise Problem(414, f"the query string is longer than {_LONGEST_ADDRESS} bytes", hint="send the query with POST")
    found = request.scope[_PARAMETERS] = _form(content, "the query string")
    return found


def accepted(request: Request, parameters: Parameters) -> Mapping[Kind, str | None]:
    """Return the format that the client wants for each kind of answer; raise Problem for one that it names and nobody knows."""
    return _formats(",".join(request.headers.getlist("accept")), parameters)


def named_format(request: Request, kind: Kind) -> str | None:
    """Return the format for a kind of answer that a parameter names, whatever the request accepts; None when none does."""
    return _formats("no/thing", parameters_of(request))[kind]


def _formats(accept: str, parameters: Parameters) -> Mapping[Kind, str | None]:
    named = [value for wanted in ("format", "output") for value in values(parameters, wanted)]
    try:
        return formats_for(accept, named)
    except UnknownName as error:
        formats = sorted({*media_types("rows"), *media_types("graph")})
        raise Problem(406, error.what, hint=error.hint, formats=formats) from error


def values(parameters: Parameters, wanted: str) -> list[str]:
    """Return the values of a parameter."""
    return [value for name, value in parameters if name == wanted]


async def question_of(request: Request, *, patience: float = PATIENCE) -> Question | None:
    """Return what is asked, None when a GET asks nothing; raise Problem for a request that is no query.

    A body has to arrive within `patience` seconds.
    """
    parameters = parameters_of(request)
    if request.method == "POST":
        _refuse_update(parameters)
        parameters = [*parameters, *await _posted(request, patience)]
    _refuse_update(parameters)
    default_graphs, named_graphs = (_iris(values(parameters, f"{kind}-graph-uri")) for kind in ("default", "named"))
    timeout = timeout_in(parameters)
    formats = accepted(request, parameters)
    queries = values(parameters, "query")
    if not queries and request.method != "POST":
        return None
    if len(queries) != 1:
        raise Problem(400, "there are several queries, send one" if queries else "there is no query: send one as `query`")
    if any(name in {"default", "graph"} for name, _ in parameters):
        raise Problem(
            400, "a query and a graph are asked for at once, ask for one", hint="the graphs of a query: default-graph-uri"
        )
    if len(queries[0]) > LONGEST:
        raise Problem(413, f"the query is longer than {LONGEST} characters")
    return Question(queries[0], endpoint_of(request), default_graphs, named_graphs, formats, timeout)


def timeout_in(parameters: Parameters) -> float | None:
    """Return the seconds that a client wants to wait, None when it does not say; raise Problem when they are no such number."""
    given = values(parameters, "timeout")
    if not given:
        return None
    if len(given) > 1:
        raise Problem(400, "there are several timeouts, send one")
    seconds = float(given[0]) if _SECONDS.fullmatch(given[0]) else 0.0
    if not (seconds > 0 and isfinite(seconds)):
        raise Problem(400, "the timeout is no number of seconds above 0", hint="send for example timeout=2.5")
    return seconds


def _iris(names: list[str]) -> list[str]:
    try:
        return [ox.NamedNode(name).value for name in names]
    except ValueError as error:
        raise Problem(400, "a graph's name is no IRI") from error


def _refuse_update(parameters: Iterable[tuple[str, str]]) -> None:
    if any(name == "update" for name, _ in parameters):
        raise _read_only()


def _read_only() -> Problem:
    return Problem(403, "the graph is read-only: updates are refused", hint="change the reports and run kg build")


async def _posted(request: Request, patience: float) -> Parameters:
    types = request.headers.getlist("content-type")
    if len(types) > 1:
        raise Problem(400, "the request has several Content-Type headers, send one")
    media, charset = _content_type("".join(types))
    if media == UPDATE:
        raise _read_only()
    if media not in {FORM, QUERY}:
        sent = f"not as '{media[:80]}'" if media else "and the request has no Content-Type"
        raise Problem(415, f"a query is sent as {QUERY} or {FORM}, {sent}", headers={"Accept-Post": f"{QUERY}, {FORM}"})
    if charset not in _UTF_8:
        raise Problem(415, f"a query is sent in UTF-8, not in {charset[:80]}")
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise Problem(415, "a query is sent without a Content-Encoding", headers={"Accept-Encoding": "identity"})
    if media == FORM:
        return _form(await _body(request, _LONGEST_FORM, patience), "the form")
    return [("query", _decode(await _body(request, _LONGEST_BODY, patience), "the query"))]


def _content_type(header: str) -> tuple[str, str]:
    media, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = (parameter[8:].strip("\"' ") for parameter in parameters if parameter.startswith("charset="))
    return media, next(charsets, "")


async def _body(request: Request, longest: int, patience: float) -> bytes:
    announced = request.headers.get("content-length", "")
    too_long = Problem(413, f"the request is longer than {longest} bytes", headers={"Connection": "close"})
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > longest):
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(patience):
            async for chunk in request.stream():
                body += chunk
                if len(body) > longest:
                    raise too_long
    except TimeoutError as error:
        detail = f"the request did not arrive within {patience:g} seconds"
        raise Problem(408, detail, headers={"Connection": "close"}) from error
    except ClientDisconnect as error:
        raise Problem(400, "the request ends too early") from error
    return bytes(body)


def _form(content: bytes, what: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(content.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise Problem(400, f"{what} is not UTF-8 text, percent-encoded") from error


def _decode(content: bytes, what: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, f"{what} is not UTF-8 text: byte {error.start + 1}") from error


def _address(server: tuple[str, int | None] | None) -> bytes:
    host, port = server or ("localhost", None)
    return f"{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}".encode()


@lru_cache(maxsize=64)
def _endpoint(scheme: str, host: bytes, path: bytes) -> str:
    try:
        return ox.NamedNode(f"{scheme}://{host.decode('ascii')}{quote(path, safe=_IN_PATH)}").value
    except ValueError as error:
        raise Problem(400, "the Host header makes no IRI") from error
