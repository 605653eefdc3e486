"""The endpoint as an OpenAPI 3.1 document: paths, parameters, media types, and every status with what comes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kg import __version__
from kg.pages.data import MEDIA
from kg.serve._negotiation import KINDS, NAMES, media_types
from kg.serve._problems import MEDIA_TYPE as PROBLEM
from kg.serve._problems import title
from kg.serve._protocol import FORM, QUERY
from kg.sparql.thread import LONGEST

Json = dict[str, Any]

RESULTS = "application/sparql-results+json"
_QUERY = "SELECT ?model ?name { ?model a kg:Model ; rdfs:label ?name } LIMIT 3"
_REPORT = "https://w3id.org/kg/graph/report/000_instructblip.txt"

_PROBLEMS: Mapping[int, str] = {
    400: "What is sent is no query, or names a parameter wrongly; a syntax error comes with its line and column.",
    401: "The token is missing or wrong.",
    403: "Updates are refused.",
    404: "There is no such thing.",
    405: "The path does not take this method.",
    406: "Nothing that the request accepts fits the answer; `formats` lists what does.",
    408: "The request's body did not arrive in time.",
    409: "A query with the same X-Request-Id is running.",
    413: "The query is too long.",
    414: "The address is too long.",
    415: "The body is of a kind that is no query.",
    431: "The headers of the request are too long.",
    503: "The query took too long or too much memory, or too many are waiting.",
}
_THINGS = ("accelerator", "country", "dataset", "model", "organization", "report", "software")
_BUILDS = frozenset({"query", "graphs", "pages"})
_OF_GRAPHS = ("ttl", "jsonld", "nt", "rdfxml")
_EARLY = frozenset({400, 408, 414, 431})  # of a request that could not be read, the name is not known
_READING = (400, 401, 404, 405, 406, 409, 414, 431, 503)
_POSTING = (400, 401, 403, 405, 406, 408, 409, 413, 414, 415, 431, 503)


def openapi(*, token: bool = False) -> Json:
    """Return the document; with `token`, all but /health and /ready need one."""
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "kg",
            "version": __version__,
            "summary": "How AI models were trained, as SPARQL and as pages",
            "description": "A read-only SPARQL 1.1 endpoint about one build of kg, and pages; errors are JSON problems (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in ("query", "graphs", "pages", "running", "service")],
        "paths": _paths(),
        "components": {"schemas": _schemas(), "headers": _headers(), "responses": dict(map(_problem, _PROBLEMS))},
    }
    if token:
        document["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "password": {"type": "http", "scheme": "basic", "description": "Any user; the token is the password."},
        }
        document["security"] = [{"token": []}, {"password": []}]
    return document


def _paths() -> Json:
    text = _content({"text/plain": "string"})
    is_open: Json = {"security": []}
    return {
        "/sparql": _sparql(),
        "/graphs": _graphs(),
        "/queries": {"get": _operation("running", "The queries that are being answered", _json_of("Running"), (401, 405))},
        "/queries/{id}": {
            "parameters": [_parameter("id", "The X-Request-Id of the query.", _id(), where="path", example="report-7")],
            "delete": _operation("stop", "Stop a query", {}, (401, 404, 405), status=204, tag="running"),
        },
        "/health": {"get": _operation("health", "Whether the service lives", _json_of("Health"), (405,)) | is_open},
        "/ready": {"get": _operation("ready", "Whether queries are answered", _json_of("Ready"), (405, 503)) | is_open},
        "/metrics": {"get": _operation("metrics", "Counts and times, as Prometheus reads them", text, (401, 405))},
        "/openapi.json": {"get": _operation("openapi", "This document", _content({"application/json": "object"}), (401, 405))},
        "/": _page("overview", "The overview: a page, or its data", "csv"),
        "/{kind}/{name}": {
            "parameters": [
                _parameter("kind", "What it is.", {"type": "string", "enum": list(_THINGS)}, where="path", example="model"),
                _parameter("name", "The rest of its IRI.", _id(), where="path", example="instructblip-13b"),
            ],
            **_page("thing", "What the graph says of a thing, at its IRI's path: a page, or its data", "csv", *_OF_GRAPHS),
        },
    }


def _page(id: str, summary: str, *formats: str) -> Json:
    content = {MEDIA[name].partition(";")[0]: "array" if name == "jsonld" else "string" for name in formats}
    get = _operation(id, summary, {"text/html": {"schema": _text()}, **_content(content)}, _READING, tag="pages")
    schema = {"type": "string", "enum": ["html", *formats]}
    format = _parameter("format", "A format by name, before what Accept says; not all pages have data in all of them.", schema)
    get["parameters"] = [format, *_conditional()]
    return {"get": get, "head": _head(get)}


def _sparql() -> Json:
    rows = _content({media: "string" for kind in KINDS for media in media_types(kind)})
    rows = rows | _json_of("Results", RESULTS) | _content({"application/ld+json": "array", "text/html": "string"})
    sent = [*_graph_lists(), _timeout(), _format()]
    query = _parameter("query", "A SPARQL 1.1 query; without one the service describes itself.", _text("sparql"), example=_QUERY)
    get = _operation("get", "Ask a query, read a graph, or have the service described", rows, _READING, tag="query")
    get["parameters"] = [query, *sent, *_naming(), *_conditional()]
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {item["name"]: item["schema"] for item in (query, *sent)},
    }
    post = _operation("post", "Ask a query", rows, _POSTING, tag="query")
    post["parameters"] = [*sent, *_conditional()]
    post["requestBody"] = {
        "required": True,
        "content": {
            FORM: {"schema": form, "example": {"query": _QUERY}},
            QUERY: {"schema": _text("sparql"), "example": _QUERY},
        },
    }
    return {"get": get, "head": _head(get), "post": post, "options": _options("query")}


def _graphs() -> Json:
    graphs = _content({media: "string" for media in media_types("graph")}) | _content({"application/ld+json": "array"})
    get = _operation("read", "Read a graph (SPARQL 1.1 Graph Store Protocol)", graphs, _READING, tag="graphs")
    get["parameters"] = [*_naming(), _timeout(), _format(), *_conditional()]
    return {"get": get, "head": _head(get), "options": _options("graphs")}


def _operation(id: str, summary: str, content: Json, problems: Iterable[int], *, status: int = 200, tag: str | None = None) -> Json:
    """Return an operation: what comes when all is well, and the problems that can come instead."""
    own = {"running": "running", "get": "query", "post": "query"}
    headers = ("X-Request-Id", *(("ETag", "X-Build", "Vary") if tag in _BUILDS else ()))
    well = {"description": title(status), "headers": {name: _ref("headers", name) for name in headers}}
    answers: Json = {str(status): well | ({"content": content} if content else {})}
    if tag in _BUILDS:
        answers["304"] = {"description": "Not modified since the ETag that was sent.", "headers": answers["200"]["headers"]}
    answers |= {str(number): _ref("responses", _name(number)) for number in problems}
    return {"operationId": id, "tags": [tag or own.get(id, "service")], "summary": summary, "responses": answers}


def _head(get: Json) -> Json:
    """Return the operation that gives the head of what another gives."""
    answers = {status: {key: answer[key] for key in answer if key != "content"} for status, answer in get["responses"].items()}
    return get | {"operationId": f"{get['operationId']}-head", "summary": f"{get['summary']}: the head", "responses": answers}


def _options(tag: str) -> Json:
    allow = {"Allow": _ref("headers", "Allow")}
    answers = {"204": {"description": "The methods that the path takes.", "headers": allow}}
    return {"operationId": f"{tag}-options", "tags": [tag], "summary": "The methods", "responses": answers, "security": []}


def _parameter(name: str, description: str, schema: Json, *, where: str = "query", example: object = None) -> Json:
    found = {"name": name, "in": where, "description": description, "schema": schema}
    return found | ({"required": True} if where == "path" else {}) | ({} if example is None else {"example": example})


def _graph_lists() -> list[Json]:
    schema = {"type": "array", "items": _text("iri")}
    return [
        _parameter("default-graph-uri", "Graphs that make up the default graph.", schema, example=[_REPORT]),
        _parameter("named-graph-uri", "Graphs that GRAPH can name.", schema, example=[_REPORT]),
    ]


def _naming() -> list[Json]:
    graph = "The graph to read, not together with a query; a relative IRI is resolved against this address."
    default = "The default graph is to be read; whatever the value. Neither with `graph` nor with a query."
    return [
        _parameter("graph", graph, _text("iri-reference"), example=_REPORT),
        _parameter("default", default, _text()) | {"allowEmptyValue": True},
    ]


def _timeout() -> Json:
    schema = {"type": "number", "exclusiveMinimum": 0}
    return _parameter("timeout", "Seconds to wait at most; the service's own limit stays.", schema, example=2.5)


def _format() -> Json:
    schema = {"type": "string", "enum": ["", "auto", *sorted(NAMES)]}
    return _parameter("format", "A format by name or media type, before what Accept says; `output` is the same.", schema)


def _conditional() -> list[Json]:
    text = {"type": "string"}
    return [
        _parameter("If-None-Match", "ETags of replies that the client has.", text, where="header"),
        _parameter("X-Request-Id", "A name to stop the query by: 1 to 64 of A-Z a-z 0-9 . _ -", text, where="header"),
    ]


def _problem(status: int) -> tuple[str, Json]:
    more = {405: ["Allow"], 401: ["WWW-Authenticate"], 503: ["Retry-After"]}.get(status, [])
    headers = {name: _ref("headers", name) for name in more}
    if status not in _EARLY:
        headers["X-Request-Id"] = _ref("headers", "X-Request-Id")
    example = {"type": "about:blank", "title": title(status), "status": status, "detail": _PROBLEMS[status]}
    content = {PROBLEM: {"schema": _ref("schemas", "Problem"), "example": example}}
    return _name(status), {"description": _PROBLEMS[status], "headers": headers, "content": content}


def _schemas() -> Json:
    term = _object(
        {"type": {"enum": ["uri", "literal", "bnode"]}, "value": _text(), "xml:lang": _text(), "datatype": _text("iri")},
        ["type", "value"],
    )
    names = {"type": "array", "items": _text()}
    rows = {"type": "array", "items": {"type": "object", "additionalProperties": term}}
    number, whole = {"type": "number"}, {"type": "integer"}
    problem = {"type": _text(), "title": _text(), "status": whole, "detail": _text()}
    more = {"line": whole, "column": whole, "hint": _text(), "reason": _text(), "formats": names}
    query = {"id": _text(), "task": _text(), "seconds": number, "lane": _text(), "state": _text(), "query": _text()}
    return {
        "Problem": _object(problem | more, [*problem]),
        "Results": _object(
            {
                "head": _object({"vars": names, "link": names}, []),
                "results": _object({"bindings": rows}, ["bindings"]),
                "boolean": {"type": "boolean"},
            },
            ["head"],
        ),
        "Health": _object({"status": {"const": "ok"}}, ["status"]),
        "Ready": _object({"status": {"const": "ok"}, "build": _text(), "workers": whole}, ["status"]),
        "Running": _object({"queries": {"type": "array", "items": _object(query, ["id", "seconds", "lane"])}}, ["queries"]),
    }


def _headers() -> Json:
    said = {
        "X-Request-Id": "The name of the request: the one that was sent, or a new one.",
        "ETag": "What the reply depends on: the build and the query.",
        "X-Build": "The build that has answered.",
        "Vary": "What beside the address decides on the reply.",
        "Allow": "The methods that the path takes.",
        "WWW-Authenticate": "What is to be sent.",
        "Retry-After": "Seconds after which it may be worth asking again.",
    }
    always = {"X-Request-Id", "Allow", "WWW-Authenticate"}
    return {name: {"description": text, "schema": _text(), "required": name in always} for name, text in said.items()}


def _id() -> Json:
    return {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"}


def _name(status: int) -> str:
    return f"Problem{status}"


def _text(format: str | None = None) -> Json:
    long = {"maxLength": LONGEST} if format == "sparql" else {}
    return {"type": "string", **({"format": format} if format else {}), **long}


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required}


def _content(types: Mapping[str, str]) -> Json:
    return {media: {"schema": {"type": kind}} for media, kind in types.items()}


def _json_of(schema: str, media: str = "application/json") -> Json:
    return {media: {"schema": _ref("schemas", schema)}}


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}
