"""An endpoint on a free port of this machine, for the tests: a real server with real workers, in a thread of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import uvicorn

from kg.guard import Guard, Limits
from kg.schema import DEFAULT_BASE
from kg.serve import listen, new_loop
from kg.serve._connection import Connection
from kg.serve._log import Log
from kg.serve.app import create_app
from kg.store import Build, locked, write_build
from kg.tasks import guarded
from tests.command import ROOT, environment


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return a reply that must be a problem with a status."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), response.text
    members = dict(response.json())
    assert members["status"] == status and members["type"] == "about:blank"
    return members


def published(store: ox.Store, folder: Path) -> Build:
    """Publish what a store holds as a build."""
    content = store.dump(format=ox.RdfFormat.N_QUADS)
    assert content is not None
    manifest = {
        "versions": {"base": DEFAULT_BASE},
        "inputs": [],
        "failed": [],
        "skipped": [],
        "counts": {
            **dict.fromkeys(("reports", "models", "claims", "suggestions", "facts"), 0),
            "severities": {"violation": 0, "warning": 0, "info": 0},
            "codes": {},
        },
        "content": sha256(content).hexdigest(),
    }
    with locked(folder):
        return write_build(folder, "test", {"graph.nq": [content], "manifest.json": [json.dumps(manifest).encode()]})


@contextmanager
def running(store: ox.Store, *, token: str | None = None, log: Log | None = None, **limits: Any) -> Iterator[httpx.Client]:
    """Serve a store while the block runs; the client's base URL is the server's."""
    with tempfile.TemporaryDirectory() as folder:
        published(store, Path(folder))
        with serving(guarded(Path(folder), Limits(**{"workers": 2, **limits})), token=token, log=log) as client:
            yield client


@contextmanager
def serving(guard: Guard, *, token: str | None = None, log: Log | None = None) -> Iterator[httpx.Client]:
    """Serve with a guard while the block runs."""
    started = threading.Event()
    app = create_app(guard, token=token, log=log, started=started.set)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, http=Connection, ws="none")
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=lambda: new_loop().run_until_complete(server.serve([listening])))
        thread.start()
        try:
            assert started.wait(20)
            with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=20) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `kg serve` on a build while the block runs; yield the process and its address."""
    command = [sys.executable, "-m", "kg", "serve", "-b", str(folder), "--port", "0", "--workers", "2", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            line = process.stderr.readline()
            assert line.startswith("http://127.0.0.1:") and "(queries go to " in line, line
            yield process, line.split("/ ")[0]
        finally:
            process.kill()
