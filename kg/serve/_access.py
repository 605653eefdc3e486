"""Who may read what from where: an ASGI layer around the routes that buffers nothing.

On every response stand the security headers; on those to readers of the graph the CORS headers that let any page of the web read,
without credentials. OPTIONS is answered here. With a token (RFC 6750) only /health and /ready answer those who do not bring it;
a browser asks its user for it, and brings it as the password of any user (RFC 7617).
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from hmac import compare_digest

from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.errors import UsageError
from kg.serve._problems import MEDIA_TYPE, problem

OPEN = frozenset({"/health", "/ready"})
METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS")
"""All that any path takes, in the order of Allow headers."""

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",  # the address of a page may hold a query
    "X-Content-Type-Options": "nosniff",
}
READING = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, X-Request-Id, X-Build, Retry-After",
}
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, X-Request-Id, Authorization",
    "Access-Control-Max-Age": "86400",
}

Headers = list[tuple[bytes, bytes]]
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class Access:
    """The application behind it, with headers; `routes` are its routes, `token` what a client has to bring (None: nothing)."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[BaseRoute], token: str | None = None) -> None:
        if token is not None and not _TOKEN.fullmatch(token):
            raise UsageError(
                "the token is none that a client can send", hint="take one of letters, digits and - . _ ~ + /, such as a UUID"
            )
        self._app = app
        self._routes = routes
        self._token = token.encode() if token is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _EVERY if scope["method"] == "DELETE" or _is_own(scope) else _READERS

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        if scope["method"] == "OPTIONS" and (allow := allowed(self._routes, scope)):
            await _options(scope, allow, send)
        elif (refusal := self._refusal(scope)) is not None:
            await _refuse(refusal, send_with)
        else:
            await self._app(scope, receive, send_with)

    def _refusal(self, scope: Scope) -> str | None:
        """Return the challenge to a client that does not bring the token, None to one that need not or does."""
        if self._token is None or scope["path"] in OPEN:
            return None
        sent = [value for name, value in scope["headers"] if name == b"authorization"]
        if not sent:
            return "Bearer"
        scheme, _, token = sent[0].partition(b" ")
        brought = token.strip() if scheme.lower() == b"bearer" else _password(token) if scheme.lower() == b"basic" else b""
        return None if len(sent) == 1 and compare_digest(brought, self._token) else 'Bearer error="invalid_token"'


def _password(credentials: bytes) -> bytes:
    """Return the password of RFC 7617's credentials, nothing when they are none."""
    try:
        return b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except ValueError:
        return b""


def allowed(routes: Sequence[BaseRoute], scope: Scope) -> str | None:
    """Return the methods that the routes of a path take, as an Allow header lists them; None when there is no such path."""
    fitting = [route for route in routes if isinstance(route, Route) and route.matches(scope)[0] != Match.NONE]
    methods = {method for route in fitting for method in route.methods or ()} | {"OPTIONS"}
    return ", ".join(method for method in METHODS if method in methods) if fitting else None


def _is_own(scope: Scope) -> bool:
    """Decide whether a path is for those who run the service: a page that they look at in their browser must not read it."""
    return str(scope["path"]).startswith("/queries")


async def _options(scope: Scope, allow: str, send: Send) -> None:
    preflight = any(name == b"access-control-request-method" for name, _ in scope["headers"])
    headers = [(b"allow", allow.encode()), *_raw({**SECURITY, **({} if _is_own(scope) else PREFLIGHT if preflight else READING)})]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(challenge: str, send: Send) -> None:
    detail = "the token is wrong" if "error" in challenge else "a token is needed"
    hint = "send the header Authorization: Bearer TOKEN"
    content = problem(401, detail, {"hint": hint})
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(content)), "WWW-Authenticate": challenge}
    await send({"type": "http.response.start", "status": 401, "headers": [_BROWSERS, *_raw(headers)]})
    await send({"type": "http.response.body", "body": content})


def _raw(headers: Mapping[str, str]) -> Headers:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_BROWSERS = (b"www-authenticate", b'Basic realm="kg: any user, the token as the password", charset="UTF-8"')
_EVERY = _raw(SECURITY)
_READERS = _raw({**SECURITY, **READING})
