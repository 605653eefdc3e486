"""The endpoint: SPARQL 1.1 Query over HTTP (SPARQL 1.1 Protocol, section 2.1) on one build, and a page to ask from.

_negotiation    Accept -> a format for each kind of answer
_protocol       HTTP request -> Question
_threads        Question -> Reply, off the event loop; what runs queries elsewhere takes its place
_description    what the endpoint says of itself
_page           the page to ask from
app             routes, and errors as JSON problems
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pyoxigraph as ox

from kg.errors import UsageError
from kg.schema import DEFAULT_BASE


def serve(
    store: ox.Store,
    *,
    host: str = "127.0.0.1",
    port: int = 7878,
    timeout: float = 30.0,
    base: str = DEFAULT_BASE,
    say: Callable[[str], None] = lambda text: None,
) -> None:
    """Answer queries until interrupted; `say` is told the address as soon as it answers. Port 0 takes a free one.

    `timeout` bounds each query in seconds. Raise UsageError when the address cannot be used.
    """
    import uvicorn

    from kg.serve._threads import Threads
    from kg.serve.app import create_app

    listening = listen(host, port)
    name, number = listening.getsockname()[:2]
    address = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
    asker = Threads(store, timeout=timeout, base=base)
    app = create_app(asker, store, base=base, started=lambda: say(f"{address}/ (queries go to {address}/sparql)"))
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2)
    with listening:
        asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that accepts connections; raise UsageError when the address cannot be used."""
    try:
        if not 0 <= port <= 65535:  # the resolver would take it modulo 65536
            raise OverflowError("a port is a number from 0 to 65535")
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address, family=family, backlog=256)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"cannot listen: {reason}", where=f"{host}:{port}", hint="choose another address with --host and --port"
        ) from error
