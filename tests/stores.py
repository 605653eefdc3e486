"""Servers that other people wrote, for the tests of what speaks to them: stores, and what stands before copies of a service.

Each runs in a folder of its own on a free port of loopback and ends with the block.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.serve.processes import free_port
from bench.serve.virtuoso import configured
from tests.lacking import lacking

__all__ = ["answers", "free_port", "oxigraph", "oxigraph_program", "running", "virtuoso"]

_TRIES = 600


def oxigraph_program() -> str:
    """Return Oxigraph's own server, which the package of that name brings."""
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.is_file() else shutil.which("oxigraph")
    return found or lacking("Oxigraph's server is not installed: pip install oxigraph")


@contextmanager
def oxigraph(folder: Path, *options: str, port: int | None = None, kept: bool = False) -> Iterator[str]:
    """Run `oxigraph serve`, in memory or with its store `kept` in the folder; yield its address."""
    number = port or free_port()
    place = ["-l", str(folder / "oxigraph")] if kept else []
    command = [oxigraph_program(), "serve", *place, "-b", f"127.0.0.1:{number}", *options]
    with running(command, folder / "oxigraph.log", lambda: answers(f"http://127.0.0.1:{number}/query?query=ASK%7B%7D")):
        yield f"http://127.0.0.1:{number}"


@contextmanager
def virtuoso(folder: Path) -> Iterator[str]:
    """Run Virtuoso as Debian has it; yield its address. `/sparql-auth` takes updates of dba, whose password is dba."""
    program = shutil.which("virtuoso-t") or lacking("Virtuoso is not installed: apt-get install virtuoso-opensource-7-bin")
    folder.mkdir(parents=True, exist_ok=True)
    sql, http = free_port(), free_port()
    ini = configured(folder, sql, http, 180 << 20)
    ready = f"http://127.0.0.1:{http}/sparql?query=ASK%7B%7D"
    with running([program, "+foreground", "+configfile", str(ini)], folder / "output", lambda: answers(ready)):
        yield f"http://127.0.0.1:{http}"


@contextmanager
def running(
    command: Sequence[str], log: Path, is_ready: Callable[[], bool], *, kindly: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server while the block runs, from when it is ready; ended `kindly`, it ends its own processes first."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        for _ in range(_TRIES):
            if process.poll() is not None:
                raise AssertionError(f"{command[0]} has ended: {log.read_text(errors='replace')[-2000:]}")
            if is_ready():
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"{command[0]} is not ready: {log.read_text(errors='replace')[-2000:]}")
        yield process
    finally:
        process.terminate() if kindly else process.kill()
        process.wait()


def answers(url: str) -> bool:
    """Say whether a server answers, and well."""
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:  # noqa: S310 - an address of loopback
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
