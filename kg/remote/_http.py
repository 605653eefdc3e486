"""Request -> reply: an endpoint asked by GET or, when the query is long, by POST (SPARQL 1.1 Protocol, section 2.1).

A token goes to the server that the address names and to no other, wherever a redirect points. The only module that opens
connections; every way in which that fails is a RemoteError here.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException, HTTPResponse
from socket import gaierror
from urllib.error import URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from kg import __version__
from kg.errors import Refused, RemoteError, UsageError
from kg.remote._address import address, same_place, with_parameter
from kg.remote._body import Body
from kg.remote._refusal import refusal
from kg.remote._text import Form, Sent

LONGEST_GET = 2000
"""Characters of an address with its query: what every server and proxy takes; a longer query is sent by POST."""

SILENCE = 120.0
"""Seconds without a byte after which a server counts as gone, when nobody says how long a query may take."""

_HOPS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_LARGEST_COMPLAINT = 65536  # bytes of a refusal that are read
_FORM = "application/x-www-form-urlencoded"
_ROWS = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
_GRAPH = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.6, application/ld+json;q=0.4"
_ACCEPT: Mapping[Form, str] = {"rows": _ROWS, "graph": _GRAPH, "any": f"{_ROWS}, {_GRAPH}"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answers a query with: headers, the address that answered, and the bytes."""

    url: str
    headers: Message
    body: Body


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint by its address; `timeout` is the longest silence in seconds, None for the usual one."""

    url: str
    token: str | None = field(default=None, repr=False)
    timeout: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", address(self.url))
        if self.token is not None and not (self.token.isascii() and self.token.isprintable() and self.token.strip()):
            raise UsageError("the token has characters that no header can hold, or none", hint="check --token and KG_URL_TOKEN")

    @contextmanager
    def ask(self, sent: Sent) -> Iterator[Reply]:
        """Open the reply to a query; raise RemoteError when there is none: nobody answers, or answers with a refusal."""
        encoded = urlencode({"query": sent.text})
        url, body = with_parameter(self.url, encoded), None
        if len(url) > LONGEST_GET:
            url, body = self.url, encoded.encode()
        response, url = self._follow(url, body, _ACCEPT[sent.form])
        with response:
            content = Body(response, self.url)
            if response.status != 200:
                said = content.read(_LARGEST_COMPLAINT)
                raise refusal(response.status, response.headers, said, sent, self.url, self.token)
            yield Reply(url, response.headers, content)

    def _follow(self, url: str, body: bytes | None, accept: str) -> tuple[HTTPResponse, str]:
        """Return the first reply that points nowhere else, and its address; a query stays the query that it is on the way."""
        for _ in range(_HOPS + 1):
            response = self._send(url, body, accept)
            target = response.headers.get("Location")
            if response.status not in _MOVED or target is None:
                return response, url
            response.close()
            url = self._hop(url, target)
            if response.status == 303:  # the answer is there, to be fetched
                body = None
        hint = "give the address that it should lead to"
        raise RemoteError(f"redirects more than {_HOPS} times, at last to {_shown(url)}", where=self.url, hint=hint)

    def _hop(self, before: str, target: str) -> str:
        """Return the address that a redirect points to."""
        try:
            url = urljoin(before, target)
            parts = urlsplit(url)
            schemes = urlsplit(before).scheme, parts.scheme
            _ = parts.port  # it is read, and may be none, when it is first asked for
        except ValueError as error:
            what = f"redirects to what is no address: {error}"
            raise RemoteError(what, where=self.url, hint="give the address that it should lead to") from error
        if schemes[1] not in {"http", "https"} or schemes == ("https", "http"):
            what = f"redirects to {_shown(url)}, which is not as well protected"
            raise RemoteError(what, where=self.url, hint="give that address yourself if you trust it")
        return url

    def _send(self, url: str, body: bytes | None, accept: str) -> HTTPResponse:
        headers = {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": f"kg/{__version__}"}
        if body is not None:
            headers["Content-Type"] = _FORM
        if self.token and same_place(self.url, url):
            headers["Authorization"] = f"Bearer {self.token}"
        request = Request(url, body, headers)  # noqa: S310 - http or https: checked for the address and for every redirect
        try:
            response: HTTPResponse = _opener().open(request, timeout=self.timeout or SILENCE)
            return response
        except (URLError, OSError, HTTPException, ValueError) as error:
            cause = error.reason if isinstance(error, URLError) else error
            raise unreachable(cause, self.url, self.timeout or SILENCE) from error


def _opener() -> OpenerDirector:
    """Return what sends requests, through the proxies of the environment, and follows nothing by itself."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(context=ssl.create_default_context())):
        opener.add_handler(handler)
    return opener


def unreachable(cause: object, where: str, silence: float) -> RemoteError:
    """Return what to say of a request that got no reply."""
    if isinstance(cause, TimeoutError):
        hint = "ask for less, or give it a longer --timeout"
        return RemoteError(f"has not answered within {silence:g} seconds", where=where, hint=hint)
    if isinstance(cause, ssl.SSLCertVerificationError):
        hint = "check the address; SSL_CERT_FILE names a file of certificates to trust beside the usual ones"
        return Refused(f"its certificate is not trusted: {cause.verify_message}", where=where, hint=hint)
    if isinstance(cause, ssl.SSLError):
        hint = "check the address: perhaps it begins with http://"
        return RemoteError(f"no secure connection can be made: {cause.reason or cause}", where=where, hint=hint)
    if isinstance(cause, gaierror):
        return RemoteError(f"the host is not known: {cause.strerror}", where=where, hint="check the address, and the network")
    if isinstance(cause, ConnectionRefusedError):
        return RemoteError("nobody answers there: the connection is refused", where=where, hint="is the server running there?")
    if isinstance(cause, HTTPException | ConnectionResetError | ValueError):
        what = "what answers there does not speak HTTP, or broke off"
        return RemoteError(what, where=where, hint="check the address: perhaps it begins with https://")
    reason = getattr(cause, "strerror", None) or str(cause)
    return RemoteError(f"cannot be reached: {reason}", where=where, hint="check the address, and the network")


def _shown(url: str) -> str:
    """Return an address without its query, which may be long, and without names and passwords."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
