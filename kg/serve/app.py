"""The routes of the endpoint as an ASGI application; every error is a JSON problem (RFC 9457)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kg.schema import DEFAULT_BASE
from kg.serve._access import Access
from kg.serve._description import description, write_description
from kg.serve._graphs import NoGraph, graph_of, graph_triples
from kg.serve._negotiation import choose, media_types
from kg.serve._openapi import openapi
from kg.serve._page import FILES, page
from kg.serve._protocol import Problem, endpoint_of, question_of
from kg.serve._threads import Asker
from kg.sparql.formats import FORMATS

_NEGOTIATED = {"Vary": "Accept"}


def create_app(asker: Asker, store: ox.Store, *, base: str = DEFAULT_BASE, started: Callable[[], None] = lambda: None) -> ASGIApp:
    """Return the application; `store` is read for the service description only, `started` is called when it is ready."""

    async def graphs(request: Request) -> Response:
        wanted = graph_of(request)
        if wanted is None:
            raise Problem(400, "no graph is named: ask for ?default or ?graph=IRI")
        try:
            found = sorted(graph_triples(store, wanted.graph), key=str)
        except NoGraph as error:
            raise Problem(404, error.what, hint=error.hint) from error
        media = str(FORMATS[wanted.format].media_type)
        return Response(write_description(found, wanted.format), media_type=media, headers=_NEGOTIATED)

    async def sparql(request: Request) -> Response:
        if request.method != "POST" and graph_of(request):
            return await graphs(request)
        question = await question_of(request)
        if question is None:
            return _describe(request, store, base)
        reply = await asker.ask(question)
        return Response(reply.content, headers={**_NEGOTIATED, "Content-Type": reply.media_type})

    async def start_page(request: Request) -> Response:
        endpoint = endpoint_of(request).rstrip("/") + "/sparql"
        return Response(page(endpoint, request.query_params.get("name")), media_type="text/html")

    async def file(request: Request) -> Response:
        media_type, content = FILES[request.url.path.removeprefix("/")]
        return Response(content, media_type=media_type)

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def document(request: Request) -> Response:
        return JSONResponse(openapi())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        started()
        yield

    routes = [
        Route("/", start_page),
        Route("/sparql", sparql, methods=["GET", "POST"]),
        Route("/sparql/", sparql, methods=["GET", "POST"]),
        Route("/graphs", graphs),
        Route("/graphs/{path:path}", graphs),
        Route("/openapi.json", document),
        Route("/health", health),
        *(Route(f"/{name}", file) for name in FILES),
    ]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={Problem: _problem, HTTPException: _http, 500: _bug})
    return Access(app, routes=routes)


def _describe(request: Request, store: ox.Store, base: str) -> Response:
    """Return the service description, or the page to ask from for those who would rather read."""
    endpoint, formats = endpoint_of(request), media_types("graph")
    media = choose(",".join(request.headers.getlist("accept")), ["text/turtle", *formats, "text/html"])
    if media is None:
        raise Problem(406, "the description cannot be had in a format that the request accepts", formats=[*formats, "text/html"])
    if media == "text/html":
        return Response(page(endpoint, None), media_type=media, headers=_NEGOTIATED)
    content = write_description(description(store, endpoint, base), formats[media])
    return Response(content, media_type=media, headers=_NEGOTIATED)


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return _json(error.status, error.detail, error.headers, error.members)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = {"Allow": "GET, HEAD, POST"} if error.status_code == 405 else error.headers or {}  # Starlette's own is in no order
    return _json(error.status_code, error.detail, headers, {})


async def _bug(request: Request, error: Exception) -> Response:
    return _json(500, "a bug in kg: the server's log says more", {}, {})


def _json(status: int, detail: str, headers: Mapping[str, str], members: Mapping[str, Any]) -> Response:
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **members}
    return JSONResponse(content, status, dict(headers), media_type="application/problem+json")
