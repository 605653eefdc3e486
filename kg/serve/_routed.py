"""Routes as an ASGI application in which every error is a JSON problem.

Starlette's router without its layers around it, which take longer than a look-up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from kg.serve._problems import MEDIA_TYPE, problem
from kg.serve._protocol import Problem

STARTED = "kg.started"
"""Where the scope of a request says that its response has begun."""


class Endpoint:
    """The end of a route: a request is given its response."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await self._answer(Request(scope, receive, send))
        await response(scope, receive, send)


class Routed:
    """The routes, and what is said when there is none or one fails; what a bug raises is raised again after that."""

    def __init__(self, router: Router) -> None:
        router.redirect_slashes = False  # to an address made of the Host header
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        scope["app"] = self  # so that the routes raise what is wrong
        try:
            await self._router(scope, receive, send)
        except Problem as error:
            await _said(error.status, error.detail, error.headers, error.members)(scope, receive, send)
        except HTTPException as error:
            headers = dict(error.headers or {})
            if "Allow" in headers:  # Starlette's are in no order
                headers["Allow"] = ", ".join(sorted({*headers["Allow"].split(", "), "OPTIONS"}))
            await _said(error.status_code, error.detail, headers)(scope, receive, send)
        except Exception:  # a bug: whoever asked is told so before it goes on to the log
            if scope["type"] == "http" and not scope.get(STARTED):
                await _said(500, "a bug in kg: the server's log says more")(scope, receive, send)
            raise


def _said(status: int, detail: str, headers: Mapping[str, str] | None = None, members: Mapping[str, Any] | None = None) -> Response:
    content = problem(status, detail, members)
    return Response(content, status, {"Cache-Control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE)
