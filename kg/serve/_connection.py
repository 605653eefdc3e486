"""A connection as uvicorn handles it, that does not wait for ever: the head of a request has bounds in time and size."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from functools import cache
from types import FrameType
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.serve._problems import MEDIA_TYPE, problem, title

HEAD_TIME = 10.0
"""Seconds in which the head of a request must come."""
HEAD_SIZE = 256 << 10
"""Bytes of the head of a request."""
ADDRESS_SIZE = 65_535
"""Bytes of the address in it, as the parser counts them."""


STALLED = 45.0
"""Seconds for which the other side may read nothing while more waits to be sent."""
LINGER = 10.0
"""Seconds in which the other side must take what is left to send when a connection ends."""


class Server(uvicorn.Server):
    """uvicorn's server, which tells `stop` at once that it was asked to end: nobody then waits for what is still running."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        super().handle_exit(sig, frame)
        self._stop()


class Joining:
    """A transport that sends the head of a response with the body that follows at once: a system call and a packet less."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send bytes, the head of a response in a moment."""
        if not self._held and data.startswith(b"HTTP/1.1 2"):
            self._held = data
            self._loop.call_soon(self._send)
        else:
            data, self._held = self._held + data, b""
            self._transport.write(data)

    def close(self) -> None:
        """Close when all is sent, or when the other side has taken no notice for too long."""
        self._send()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(LINGER, self._transport.abort)
        self._transport.close()

    def _send(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            self._transport.write(data)


@cache
def _most_connections() -> int:
    """Return how many connections there may be: some descriptors stay free for workers and for replies on their way."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] * 3 // 4


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with a bound on the time and the size of what comes before a request's body."""

    _timer: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None
    _head = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.transport = cast(asyncio.Transport, Joining(transport, self.loop))
        self._wait()
        if len(self.connections) > _most_connections():
            self._refuse(503, "too many connections are open")

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        self._go_on()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for the other side to read."""
        super().pause_writing()
        self._stuck = self.loop.call_later(STALLED, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no more: it reads."""
        self._go_on()
        super().resume_writing()

    def _go_on(self) -> None:
        if self._stuck:
            self._stuck.cancel()
            self._stuck = None

    def data_received(self, data: bytes) -> None:
        """Read a piece; end the connection of a head that is too long, or of a body that goes on behind the answer."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if not self._timer:
                self._wait()
            if self._head > HEAD_SIZE:
                self._refuse(431, "the request's head is too long")
        elif not self._timer and self.cycle and self.cycle.response_complete:
            self._head = 0  # it comes to nobody: the request is answered
            self._wait()

    def on_message_begin(self) -> None:
        """Begin to wait for the head of a request."""
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """Wait no more: the head is there."""
        self._in_head = False
        self._stop()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_TIME, self._refuse, 408, "the request's head did not come")

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read; of an address that is too long, say so."""
        if len(self.url or b"") > ADDRESS_SIZE:
            self._refuse(414, f"the address is longer than {ADDRESS_SIZE} bytes: send the query with POST")
        else:
            self._refuse(400, "this is no HTTP request")

    def _refuse(self, status: int, detail: str) -> None:
        """End the connection, with a problem for one who has begun to ask and is in the middle of no other reply."""
        self._stop()
        if self.transport.is_closing():
            return
        if self._is_for_this() and (self._head or status in {400, 414, 503}):
            body = problem(status, detail)
            head = f"HTTP/1.1 {status} {title(status)}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()

    def _is_for_this(self) -> bool:
        """Decide whether a reply now would be taken as one to what cannot be read: nothing else is being answered."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return True
        return cycle.more_body and not cycle.response_started and not self.pipeline  # it stands in the body of a request
