"""Question -> reply over HTTP: from memory, as unchanged, whole, or in pieces; broken off where it cannot be ended."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kg.guard import Asked, Broken, Guard, Limits, Refused, Reply
from kg.serve._cache import Cache, Kept
from kg.serve._negotiation import media_types
from kg.serve._protocol import Problem
from kg.serve._quick import Quick

_LEAST = 16 << 10  # bytes a second that a reader takes at least, on the whole
_STATUS = {
    "request": 400,
    "missing": 404,
    "format": 406,
    "upstream": 502,
    **dict.fromkeys(("busy", "timeout", "cancelled", "crash", "memory", "limit"), 503),
}
_CHANGING = re.compile(r"\b(?:rand|now|uuid|struuid|bnode|service)\b|_:|\[", re.IGNORECASE)  # what differs when it is asked again


class Replies:
    """Ask the guard, and remember what it said."""

    def __init__(self, guard: Guard, cache: Cache[str, Kept], quick: Quick) -> None:
        self._guard, self._cache, self._quick = guard, cache, quick
        guard.on_swap(cache.clear)
        guard.on_swap(quick.cache.clear)

    async def reply(self, request: Request, asked: Asked) -> Response:
        """Return the response to a question; raise Problem."""
        id, receive = request.scope["kg.id"], request.receive
        if_none_match = ",".join(request.headers.getlist("if-none-match")) if request.method in {"GET", "HEAD"} else ""
        build = self._guard.current.id
        tag = self._tag(build, asked)
        about = _about(asked)
        headers = {"ETag": tag, "X-Build": build, "Cache-Control": "no-cache", **about}
        settled = self._guard.current.settled
        if settled and not if_none_match and (kept := self._cache.get(tag)):
            response = Response(kept.content, headers={**headers, "Content-Type": kept.media_type})
            self._quick.keep(request.scope, asked, response)
            return response
        if not settled or _CHANGING.search(str(asked.arguments.get("text", ""))):
            return _Answer(await self._ask(asked, id, receive), {"Cache-Control": "no-store", **about}, self._guard.limits)
        if tag in if_none_match:
            return Response(status_code=304, headers=headers)
        reply = await self._ask(asked, id, receive)
        headers = {"ETag": self._tag(reply.build, asked), "Cache-Control": "no-cache", **about}
        if reply.whole is not None and reply.build == self._guard.current.id:
            self._cache.put(headers["ETag"], Kept(reply.build, reply.media_type, reply.whole))
        return _Answer(reply, headers, self._guard.limits)

    def _tag(self, build: str, asked: Asked) -> str:
        """Return the ETag of a reply; another server may write the same rows in another order, so that it is a weak one then."""
        return f"W/{_tag(build, asked)}" if self._guard.current.elsewhere else _tag(build, asked)

    async def _ask(self, asked: Asked, id: str, receive: Receive) -> Reply:
        try:
            return await self._guard.ask(asked, id, lambda: _gone(receive))
        except Refused as error:
            raise _problem(error) from error


class _Answer(Response):
    """A reply of the guard as a response: with its length where that is known, else in pieces."""

    def __init__(self, reply: Reply, headers: Mapping[str, str], limits: Limits) -> None:
        super().__init__(reply.whole, headers={**headers, "X-Build": reply.build})
        self.headers["Content-Type"] = reply.media_type
        if reply.whole is None:
            del self.headers["Content-Length"]
        self._reply, self._limits = reply, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; leave the connection without an end where the reply has none."""
        if self._reply.whole is not None:
            await super().__call__(scope, receive, send)
            return
        gone = asyncio.ensure_future(_gone(receive))
        gone.add_done_callback(lambda done: self._reply.close())
        try:
            if scope["http_version"] == "1.0":  # whose only way to say where a reply ends is its length
                self.headers["Content-Length"] = str(await self._length())
            await self._stream(scope["method"] == "HEAD", send)
        except (Broken, TimeoutError) as error:
            raise BrokenOff(str(error) or "the client took nothing of the reply") from None
        finally:
            gone.cancel()
            self._reply.close()

    async def _length(self) -> int:
        try:
            return await self._reply.length()
        except Broken as error:
            raise Problem(503, str(error)) from error

    async def _stream(self, is_head: bool, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if not is_head:
            now, start, sent = asyncio.get_running_loop().time, asyncio.get_running_loop().time(), 0
            async for piece in self._reply.chunks():
                async with asyncio.timeout(self._limits.stalled):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                sent += len(piece)
                if now() - start > self._limits.timeout + self._limits.stalled + sent / _LEAST:
                    raise TimeoutError("the client takes too little of the reply")
        await send({"type": "http.response.body", "body": b""})


class BrokenOff(Exception):
    """A reply whose connection is to be closed because it cannot be sent to its end."""


def _tag(build: str, asked: Asked) -> str:
    return f'"{build}-{blake2b(asked.written, digest_size=12).hexdigest()}"'


def _about(asked: Asked) -> dict[str, str]:
    """Return the headers that tell how a reply is coded, and on what that depends."""
    if "coding" not in asked.arguments:
        return {"Vary": "Accept"}
    coding = asked.arguments["coding"]
    return {"Vary": "Accept, Accept-Encoding", **({"Content-Encoding": coding} if coding else {})}


async def _gone(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _problem(error: Refused) -> Problem:
    headers = {"Retry-After": "1"} if error.reason == "busy" else {}
    kind = error.members.get("kind") if error.reason == "format" else None
    members = {"formats": list(media_types(kind))} if kind else error.members
    return Problem(_STATUS[error.reason], error.detail, headers=headers, reason=error.reason, **members)
