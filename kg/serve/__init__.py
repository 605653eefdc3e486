"""The endpoint: SPARQL 1.1 Query and Graph Store reads over HTTP on one build, and its pages.

_connection     bytes -> HTTP requests, within bounds of time and size
_negotiation    Accept -> a format for each kind of answer
_protocol       HTTP request -> Question
_graphs         HTTP request -> a graph that is wanted
_replies        Question -> reply, by the guard's workers, or from memory
_cache          replies in memory
_problems       errors as JSON problems
_pages          pages for people, their data and their files
_metrics _log   what it did
_routed         routes as an application; errors as JSON problems
app             what stands at each address
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable

from kg.errors import UsageError
from kg.guard import Guard
from kg.serve._log import Log

__all__ = ["Log", "listen", "new_loop", "serve"]


def serve(
    guard: Guard,
    *,
    host: str = "127.0.0.1",
    port: int = 7878,
    token: str | None = None,
    log: Log | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> None:
    """Answer queries until interrupted; `say` is told the address as soon as it answers. Port 0 takes a free one.

    With a `token`, only those who send it are answered. Raise UsageError when the address cannot be used.
    """
    import uvicorn

    from kg.serve._connection import Connection, Server
    from kg.serve.app import create_app

    listening = listen(host, port)
    name, number = listening.getsockname()[:2]
    address = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
    _take_descriptors()
    logging.getLogger("uvicorn.error").addFilter(_is_no_broken_reply)
    app = create_app(guard, token=token, log=log, started=lambda: say(f"{address}/ (queries go to {address}/sparql)"))
    config = uvicorn.Config(
        app, log_level="error", access_log=False, server_header=False, timeout_graceful_shutdown=2, http=Connection, ws="none"
    )
    signal.signal(signal.SIGTERM, lambda number, place: sys.exit(0))  # uvicorn raises it again at its end
    with listening:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(Server(config, guard.stop).serve(sockets=[listening]))


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that accepts connections; raise UsageError when the address cannot be used."""
    try:
        if not 0 <= port <= 65535:  # the resolver would take it modulo 65536
            raise OverflowError("a port is a number from 0 to 65535")
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(address, family=family, backlog=2048)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body of a reply go out one after the other
        return listening
    except (OSError, OverflowError) as error:
        known = isinstance(error, OSError) and not isinstance(error, socket.gaierror) and error.errno  # else its text says more
        reason = os.strerror(known) if known else getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"cannot listen: {reason}", where=f"{host}:{port}", hint="choose another address with --host and --port"
        ) from error


def new_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that the endpoint runs on."""
    import uvloop

    return uvloop.new_event_loop()


def _take_descriptors() -> None:
    """Take as many file descriptors as are allowed: each connection needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _is_no_broken_reply(record: logging.LogRecord) -> bool:
    """Keep out of the log that a reply was broken off: it is counted, and told to the one who asked."""
    from kg.serve._replies import BrokenOff

    return not (record.exc_info and isinstance(record.exc_info[1], BrokenOff))
