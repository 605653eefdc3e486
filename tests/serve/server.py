"""An endpoint on a free port of this machine, for the tests: a real server, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pyoxigraph as ox
import uvicorn

from kg.serve import listen
from kg.serve._threads import Asker, Threads
from kg.serve.app import create_app


@contextmanager
def running(store: ox.Store, asker: Asker | None = None, **settings: Any) -> Iterator[httpx.Client]:
    """Serve a store while the block runs; the client's base URL is the server's."""
    started = threading.Event()
    app = create_app(asker or Threads(store, **settings), store, started=started.set)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    with listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert started.wait(20)
            with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=20) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
