"""HTTP request -> Question (SPARQL 1.1 Protocol, section 2.1), and problems as RFC 9457 wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pyoxigraph as ox
from starlette.requests import Request

from kg.serve._negotiation import formats_for
from kg.sparql.formats import Kind
from kg.sparql.thread import LONGEST

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"


@dataclass(frozen=True, slots=True)
class Question:
    """A query with what the protocol says beside it; all of it can cross to another process.

    `formats` names the format that the client wants for each kind of answer, None where it takes none of them.
    """

    text: str
    endpoint: str
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    formats: Mapping[Kind, str | None] = field(default_factory=dict)


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
    url = str(request.url.replace(query="", fragment=""))
    try:
        return ox.NamedNode(url).value
    except ValueError as error:
        raise Problem(400, "the Host header makes no IRI") from error


async def question_of(request: Request) -> Question | None:
    """Return what is asked, None when a GET asks nothing; raise Problem for a request that is no query."""
    parameters = _form(request.scope["query_string"], "the query string")
    if request.method == "POST":
        parameters += await _posted(request)
    queries = [value for name, value in parameters if name == "query"]
    if any(name == "update" for name, _ in parameters):
        raise Problem(403, "the graph is read-only: updates are refused")
    if not queries and request.method != "POST":
        return None
    if len(queries) != 1:
        raise Problem(400, "there are several queries, send one" if queries else "there is no query: send one as `query`")
    if len(queries[0]) > LONGEST:
        raise Problem(413, f"the query is longer than {LONGEST} characters")
    return Question(
        queries[0],
        endpoint_of(request),
        [value for name, value in parameters if name == "default-graph-uri"],
        [value for name, value in parameters if name == "named-graph-uri"],
        formats_for(",".join(request.headers.getlist("accept"))),
    )


async def _posted(request: Request) -> list[tuple[str, str]]:
    media, charset = _content_type(request.headers.get("content-type", ""))
    if media == UPDATE:
        raise Problem(403, "the graph is read-only: updates are refused")
    if media not in {FORM, QUERY}:
        raise Problem(415, f"a query is sent as {QUERY} or {FORM}, not as '{media}'", headers={"Accept-Post": f"{QUERY}, {FORM}"})
    if charset not in {"", "utf-8", "utf8"}:
        raise Problem(415, f"a query is sent in UTF-8, not in {charset}")
    if media == FORM:
        return _form(await _body(request, 3 * LONGEST), "the form")  # where a byte may be written %XX
    return [("query", _decode(await _body(request, LONGEST), "the query"))]


def _content_type(header: str) -> tuple[str, str]:
    media, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = (parameter[8:].strip('" ') for parameter in parameters if parameter.startswith("charset="))
    return media, next(charsets, "")


async def _body(request: Request, longest: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise Problem(413, f"the request is longer than {longest} bytes")
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
