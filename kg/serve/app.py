"""The routes of the endpoint as an ASGI application."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.guard import Asked, Guard
from kg.serve._access import Access
from kg.serve._cache import Cache, Kept
from kg.serve._graphs import graph_of
from kg.serve._log import Log
from kg.serve._metrics import MEDIA_TYPE, Metrics
from kg.serve._negotiation import choose, media_types
from kg.serve._openapi import openapi
from kg.serve._pages import Elsewhere, asset, for_people, page_asked, redirect
from kg.serve._protocol import Problem, endpoint_of, named_format, question_of
from kg.serve._quick import Quick
from kg.serve._replies import BrokenOff, Replies
from kg.serve._routed import STARTED, Endpoint, Routed

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Service:
    """What the routes share."""

    def __init__(self, guard: Guard, *, log: Log, started: Callable[[], None] = lambda: None, token: str | None = None) -> None:
        self.needs_token = token is not None
        self.guard, self.log, self.started = guard, log, started
        self.quick = Quick()
        kept: Cache[str, Kept] = Cache()
        self.replies = Replies(guard, kept, self.quick)
        self.metrics = Metrics(guard, kept, self.quick.cache)

    async def sparql(self, request: Request) -> Response:
        """Answer a query, give a graph, or describe the service."""
        wanted = graph_of(request) if request.method != "POST" else None
        if wanted:
            return await self._reply(request, Asked("graph", wanted.to_json(), wanted.timeout))
        question = await question_of(request)
        if question is None:
            return await self._describe(request)
        return await self._reply(request, Asked("query", question.to_json(), question.timeout))

    async def graphs(self, request: Request) -> Response:
        """Give a graph."""
        wanted = graph_of(request)
        if wanted is None:
            raise Problem(400, "no graph is named: ask for ?default or ?graph=IRI")
        return await self._reply(request, Asked("graph", wanted.to_json(), wanted.timeout))

    async def running(self, request: Request) -> Response:
        """List the queries that are being answered; their ids, with which they can be stopped, to those who may do that."""
        now = asyncio.get_running_loop().time()
        found = [
            {
                **({"id": job.id} if self._may_stop(request) else {}),
                "task": job.asked.task,
                "seconds": round(now - job.arrived, 3),
                "lane": "heavy" if job.heavy else "light",
                "state": "running" if job.worker else "waiting",
                **({"query": job.asked.arguments.get("text")} if self.log.queries else {}),
            }
            for job in self.guard.lanes.all()
        ]
        return JSONResponse({"queries": found}, headers={"Cache-Control": "no-store"})

    async def cancel(self, request: Request) -> Response:
        """Stop a query."""
        id = request.path_params["id"]  # nobody guesses it: who knows it has sent it, or may see it
        if not self.guard.cancel(id):
            raise Problem(404, "no such query is running")
        return Response(status_code=204)

    async def page(self, request: Request) -> Response:
        """Give a page, or its data."""
        try:
            return redirect(request) or await self._reply(request, page_asked(request))
        except Problem as error:
            shown = for_people(request, error, self.guard.current.about)
            if shown is None:
                raise
            return shown

    async def asset(self, request: Request) -> Response:
        """Give a file that pages load."""
        return asset(request)

    async def health(self, request: Request) -> Response:
        """Say that this process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Say whether queries are answered."""
        if not self.guard.workers:
            raise Problem(503, "no worker is ready", headers={"Retry-After": "1"})
        return JSONResponse({"status": "ok", "build": self.guard.current.id, "workers": self.guard.workers})

    async def document(self, request: Request) -> Response:
        """Give the OpenAPI document."""
        return JSONResponse(openapi(token=self.needs_token))

    async def show_metrics(self, request: Request) -> Response:
        """Give the counts and times."""
        return Response(self.metrics.text(), headers={"Content-Type": MEDIA_TYPE})

    def _may_stop(self, request: Request) -> bool:
        """Decide whether a client may stop queries of others: with the token, or, where there is none, from this machine."""
        if self.needs_token:
            return True
        is_here = request.client is not None and request.client.host in {"127.0.0.1", "::1"}
        return is_here and not any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))

    async def _reply(self, request: Request, asked: Asked) -> Response:
        id = request.scope["kg.id"]
        if any(job.id == id for job in self.guard.lanes.all()):
            raise Problem(409, "a query with this X-Request-Id is running", hint="give each request an id of its own")
        asked = replace(asked, client=request.client.host if request.client else "")
        request.scope["kg.asked"] = asked
        return await self.replies.reply(request, asked)

    async def _describe(self, request: Request) -> Response:
        """Return the service description, or the page to ask from for those who would rather read."""
        endpoint, formats = endpoint_of(request), media_types("graph")
        if name := named_format(request, "graph"):
            return await self._reply(request, Asked("description", {"endpoint": endpoint, "format": name}))
        media = choose(",".join(request.headers.getlist("accept")), ["text/turtle", *formats, "text/html"])
        if media is None:
            raise Problem(
                406, "the description cannot be had in a format that the request accepts", formats=[*formats, "text/html"]
            )
        if media == "text/html":
            return redirect(request) or await self._reply(request, page_asked(request, "query"))
        return await self._reply(request, Asked("description", {"endpoint": endpoint, "format": formats[media]}))


def create_app(
    guard: Guard, *, token: str | None = None, log: Log | None = None, started: Callable[[], None] = lambda: None
) -> ASGIApp:
    """Return the application; with a `token` for those only who send it; `started` is called when it is ready."""
    service = Service(guard, log=log or Log(), started=started, token=token)

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        await guard.start()
        await guard.settled()
        started()
        yield
        await guard.close()

    routes = [
        _route("/sparql", service.sparql, "GET", "POST"),
        _route("/sparql/", service.sparql, "GET", "POST"),
        _route("/graphs", service.graphs),
        _route("/graphs/{path:path}", service.graphs),
        _route("/queries", service.running),
        _route("/queries/{id}", service.cancel, "DELETE"),
        _route("/health", service.health),
        _route("/ready", service.ready),
        _route("/metrics", service.show_metrics),
        _route("/openapi.json", service.document),
        _route("/assets/{path:path}", service.asset),
    ]
    routes.append(Elsewhere(routes, "/{path:path}", Endpoint(service.page)))
    inner = service.quick.before(Routed(Router(routes, lifespan=lifespan)))
    return Watched(Access(inner, routes=routes, token=token), service)


def _route(path: str, answer: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
    return Route(path, Endpoint(answer), methods=methods or ("GET",))


class Watched:
    """The application with an id for each request, counted and, if wanted, logged."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._ids = _ids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id, status, length, start = self._id(scope), 0, 0, time.perf_counter()
        scope["kg.id"] = id
        header = (b"x-request-id", id.encode())

        async def sending(message: Message) -> None:
            nonlocal status, length
            if message["type"] == "http.response.start":
                scope[STARTED] = True
                status = message["status"]
                message["headers"] = [*message["headers"], header]
            else:
                length += len(message.get("body", b""))
            await send(message)

        broken = None
        try:
            await self._app(scope, receive, sending)
        except BrokenOff as error:
            broken = str(error)
            raise
        finally:
            self._note(scope, status, length, time.perf_counter() - start, broken)

    def _id(self, scope: Scope) -> str:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
        return given if _ID.fullmatch(given) else next(self._ids)

    def _note(self, scope: Scope, status: int, length: int, seconds: float, broken: str | None) -> None:
        asked: Asked | None = scope.get("kg.asked")
        self._service.metrics.count(asked.task if asked else "other", status, seconds)
        if self._service.log.requests:
            self._service.log.write(
                "request",
                id=scope["kg.id"],
                method=scope["method"],
                path=scope["path"],
                client=scope["client"][0] if scope["client"] else None,
                status=status,
                bytes=length,
                seconds=round(seconds, 6),
                broken=broken,
                task=asked.task if asked else None,
                query=asked.arguments.get("text") if asked and self._service.log.queries else None,
            )


def _ids() -> Iterator[str]:
    """Yield names for requests that nobody guesses, drawn many at a time."""
    while True:
        drawn = os.urandom(8 * 512).hex()
        yield from (drawn[at : at + 16] for at in range(0, len(drawn), 16))
