"""Requests without a server: what an ASGI server hands on, made of a method, an address, headers and pieces of a body."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import Message, Scope


def scope_of(method: str, address: str, headers: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> Scope:
    """Return the scope of a request to a server at h:80."""
    path, _, query = address.partition("?")
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode(),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"h"), *((name.lower().encode(), value.encode("latin-1")) for name, value in pairs)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


def request_of(
    method: str,
    address: str,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    pieces: Sequence[bytes] = (b"",),
    *,
    ends: str = "whole",
) -> Request:
    """Return a request whose body comes in pieces; it `ends` whole, with the client gone, or never."""
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.disconnect"} if ends == "gone" else {"type": "http.request", "body": b"", "more_body": False})
    waiting = iter(messages[:-1] if ends == "never" else messages)

    async def receive() -> Message:
        message = next(waiting, None)
        return message if message is not None else await asyncio.get_running_loop().create_future()

    return Request(scope_of(method, address, headers), receive)
