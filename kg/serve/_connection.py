"""A connection as uvicorn handles it, that does not wait for ever: the head of a request has bounds in time and size."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_TIME = 10.0
"""Seconds in which the head of a request must come."""
HEAD_SIZE = 256 << 10
"""Bytes of the head: a query of the longest length fits into the address, percent-encoded."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with a bound on the time and the size of what comes before a request's body."""

    _timer: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a piece; end the connection of a head that is too long."""
        super().data_received(data)
        if self._timer:
            self._head += len(data)
            if self._head > HEAD_SIZE:
                self._refuse(b"431 Request Header Fields Too Large", b"the request's head is too long\n")

    def on_message_begin(self) -> None:
        """Begin to wait for the head of a request."""
        super().on_message_begin()
        if not self._timer:
            self._wait()

    def on_headers_complete(self) -> None:
        """Wait no more: the head is there."""
        self._stop()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._head = 0
        self._timer = self.loop.call_later(HEAD_TIME, self._refuse, b"408 Request Timeout", b"the request's head did not come\n")

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: bytes, text: bytes) -> None:
        self._stop()
        if self.transport.is_closing():
            return
        if self._head:  # one who sent nothing is not waiting for a word
            head = b"HTTP/1.1 %b\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (
                status,
                len(text),
            )
            self.transport.write(head + text)
        self.transport.close()
