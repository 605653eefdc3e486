"""An address -> a connection to its server, through the proxy that the environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from kg.errors import UsageError


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is reached: itself, or a proxy, to which `headers` say who asks."""

    server: SplitResult
    proxy: SplitResult | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def connection(self, timeout: float, context: ssl.SSLContext | None) -> HTTPConnection:
        """Return a connection that is opened with the first request; `context` is there for https."""
        host, port = _place(self.server)
        at, at_port = _place(self.proxy or self.server)
        if context is None:
            return HTTPConnection(at, at_port, timeout=timeout)
        found = HTTPSConnection(at, at_port, timeout=timeout, context=context)
        if self.proxy is not None:
            found.set_tunnel(host, port, dict(self.headers))
        return found

    def target(self, url: str) -> tuple[str, Mapping[str, str]]:
        """Return what stands in the request's first line, and headers that go with it: all of the address for a proxy of http."""
        if self.proxy is not None and self.server.scheme == "http":
            return url, self.headers
        parts = urlsplit(url)
        return parts._replace(scheme="", netloc="", path=parts.path or "/").geturl(), {}


def _place(parts: SplitResult) -> tuple[str, int]:
    """Return a host and its port, which http.client would look for in an address of IPv6."""
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def way(url: str) -> Way:
    """Return how a server is reached; raise UsageError for a proxy that is none."""
    server = urlsplit(url)
    text = getproxies().get(server.scheme)
    if not text or proxy_bypass(server.netloc):
        return Way(server)
    try:
        proxy = urlsplit(text if "://" in text else f"http://{text}")
        named = proxy.scheme == "http" and proxy.hostname and proxy.port != 0
    except ValueError:
        named = None
    if not named:
        name = f"{server.scheme.upper()}_PROXY"
        raise UsageError(f"the environment names no proxy of HTTP in {name}", where=url, hint="write it as http://host:3128")
    if proxy.username is None:
        return Way(server, proxy)
    who = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return Way(server, proxy, {"Proxy-Authorization": f"Basic {b64encode(who.encode()).decode('ascii')}"})
