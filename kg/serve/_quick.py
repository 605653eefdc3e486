"""What was asked in the same words before: a whole reply given again without being parsed, routed or looked up anew."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.guard import Asked
from kg.serve._cache import Cache

_SIZE = 16 << 20  # bytes of all replies
_LARGEST = 16 << 10  # bytes of a reply that is worth it
_LONGEST = 4096  # and of its query string

Key = tuple[str, bytes, bytes, bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class _Same:
    asked: Asked
    headers: list[tuple[bytes, bytes]]
    content: bytes


class Quick:
    """The application behind it, asked only for what is not a GET with the words of an earlier one."""

    def __init__(self) -> None:
        self.cache: Cache[Key, _Same] = Cache(_SIZE)

    def before(self, app: ASGIApp) -> ASGIApp:
        """Return the application that gives what is kept, and asks `app` for the rest."""

        async def quick(scope: Scope, receive: Receive, send: Send) -> None:
            key = _key(scope)
            same = self.cache.get(key) if key else None
            if same is None:
                await app(scope, receive, send)
                return
            scope["kg.asked"] = same.asked
            await send({"type": "http.response.start", "status": 200, "headers": same.headers})
            await send({"type": "http.response.body", "body": same.content})

        return quick

    def keep(self, scope: Scope, asked: Asked, response: Response) -> None:
        """Keep a whole reply for those who ask in the same words."""
        if len(response.body) <= _LARGEST and (key := _key(scope)):
            self.cache.put(key, _Same(asked, list(response.raw_headers), bytes(response.body)))


def _key(scope: Scope) -> Key | None:
    """Return all that the reply depends on, None where it is not a plain GET."""
    if scope["type"] != "http" or scope["method"] != "GET" or len(scope["query_string"]) > _LONGEST:
        return None
    accept = host = coding = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept += b"," + value
        elif name == b"host":
            host += value + b"\n"  # of several, the first is a part of answers
        elif name == b"accept-encoding":
            coding += b"," + value
        elif name == b"if-none-match":
            return None
    return scope["scheme"], scope["raw_path"], scope["query_string"], accept, host, coding
