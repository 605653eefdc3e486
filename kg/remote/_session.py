"""Many requests to one address over connections that are kept open: what `kg push` and `kg serve --upstream` speak through.

A request is repeated at once when a kept connection turns out to be closed; every request that is sent here may be.
Redirects are refusals: what is sent may change a store, and goes to the address that was given and to no other.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse

from kg import __version__
from kg.remote._address import address, with_parameter
from kg.remote._body import Body
from kg.remote._http import SILENCE, unreachable
from kg.remote._login import Credentials, Login
from kg.remote._proxy import way

_NOBODY = Login()


@dataclass(frozen=True, slots=True)
class Received:
    """A reply of whatever status: its headers and what follows them."""

    status: int
    headers: Message
    body: Body


class Session:
    """An address that is asked again and again; `timeout` is the longest silence in seconds."""

    def __init__(self, url: str, login: Login = _NOBODY, timeout: float | None = None) -> None:
        self._idle: list[HTTPConnection] = []
        self.url = address(url)
        self._timeout = timeout or SILENCE
        self._credentials = Credentials(login)
        self._way = way(self.url)
        self._context = ssl.create_default_context() if self._way.server.scheme == "https" else None

    def __del__(self) -> None:
        self.close()

    @property
    def secret(self) -> str | None:
        """Return what no message may show."""
        return self._credentials.secret

    @contextmanager
    def reply(
        self, method: str, parameters: str = "", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[Received]:
        """Open the reply to a request; `parameters` are percent-encoded. Raise RemoteError when nobody answers.

        A reply that is not read to its end takes its connection with it, so that the server need not go on.
        """
        url = with_parameter(self.url, parameters) if parameters else self.url
        connection, response = self._exchange(method, url, body, dict(headers or {}))
        whole = False
        try:
            yield Received(response.status, response.headers, Body(response, self.url))
            whole = response.isclosed()
        finally:
            if whole and not response.will_close:
                self._idle.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        """Close the connections that are open."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[HTTPConnection, HTTPResponse]:
        connection, response = self._send(method, url, body, headers)
        if response.status == 401:
            with ExitStack() as stack:
                stack.callback(connection.close)
                if self._credentials.learn(response.headers, self.url):
                    return self._send(method, url, body, headers)
                stack.pop_all()
        return connection, response

    def _send(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[HTTPConnection, HTTPResponse]:
        own = {"Accept-Encoding": "gzip", "User-Agent": f"kg/{__version__}", **headers}
        if authorization := self._credentials.header(method, url):
            own["Authorization"] = authorization
        path, more = self._way.target(url)
        own |= more
        while True:
            kept = bool(self._idle)
            connection = self._idle.pop() if kept else self._way.connection(self._timeout, self._context)
            try:
                connection.request(method, path, body, own)
                return connection, connection.getresponse()
            except (OSError, HTTPException, ValueError) as error:
                connection.close()
                if not kept or isinstance(error, TimeoutError):
                    raise unreachable(error, self.url, self._timeout) from error
