"""What is compared: kg serve, Oxigraph's own server over the same store, and Virtuoso over the same graph.nq."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bench.serve import answers, virtuoso
from bench.serve.processes import Failed, Used, ended, free_port, used
from kg.store import STORE, Build

_ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)/")


@dataclass(frozen=True, slots=True)
class Engine:
    """A server that runs: its name, the address of its endpoint, the root of its processes, parameters that each request needs."""

    name: str
    url: str
    process: int
    further: Mapping[str, str] = field(default_factory=dict)

    def used(self) -> Used:
        """Return what its processes have used so far."""
        return used(self.process)

    def ask(self, query: str, media_type: str, timeout: float = 120) -> tuple[bytes, float]:
        """Return the answer to a query and the seconds it took; raise Failed when it is none."""
        request = urllib.request.Request(  # noqa: S310 - an address of loopback
            f"{self.url}?{urlencode({'query': query, **self.further})}", headers={"Accept": media_type}
        )
        start = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=timeout) as reply:  # noqa: S310
                return reply.read(), time.perf_counter() - start
        except urllib.error.HTTPError as error:
            said = " ".join(error.read().decode("utf-8", "replace").split())[:300]
            raise Failed(f"{self.name} answers {error.code}: {said}") from error
        except OSError as error:
            raise Failed(f"{self.name} does not answer: {error}") from error

    def answer(self, query: str, media_type: str) -> answers.Answer:
        """Return what the answer to a query says."""
        return answers.read(media_type, self.ask(query, media_type)[0])


@dataclass(frozen=True, slots=True)
class Place:
    """Where engines run: the folder of the build, the build, a folder for what they write; options of Virtuoso and of kg serve."""

    folder: Path
    build: Build
    work: Path
    memory: int
    whole: bool = False
    options: Sequence[str] = ()


def _oxigraph() -> str | None:
    beside = Path(sys.executable).with_name("oxigraph")
    return str(beside) if beside.is_file() else shutil.which("oxigraph")


@contextmanager
def kg(place: Place) -> Iterator[Engine]:
    """Run `kg serve`."""
    command = [sys.executable, "-m", "kg", "serve", "-b", str(place.folder), "--port", "0", *place.options]
    talk = place.work / "kg.log"
    with talk.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    with ended(process):
        port = _told(process, talk)
        yield _ready(Engine("kg", f"http://127.0.0.1:{port}/sparql", process.pid), process)


@contextmanager
def oxigraph(place: Place) -> Iterator[Engine]:
    """Run `oxigraph serve-read-only` over the store of the build."""
    port = free_port()
    command = [_oxigraph() or "oxigraph", "serve-read-only", "-l", str(place.build.path / STORE), "-b", f"127.0.0.1:{port}"]
    with (place.work / "oxigraph.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    with ended(process):
        yield _ready(Engine("oxigraph", f"http://127.0.0.1:{port}/query", process.pid), process)


@contextmanager
def virtuoso_(place: Place) -> Iterator[Engine]:
    """Run Virtuoso over the graph of the build."""
    with virtuoso.served(place.build, place.work / "virtuoso", place.memory, whole=place.whole) as (url, process):
        yield _ready(Engine("virtuoso", url, process.pid, {"default-graph-uri": virtuoso.DEFAULT_GRAPH}), process)


def _told(process: subprocess.Popen[bytes], talk: Path) -> int:
    for _ in range(600):
        if found := _ADDRESS.search(talk.read_bytes()):
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise Failed(f"kg serve does not start: {talk.read_text(encoding='utf-8', errors='replace')}")


def _ready(engine: Engine, process: subprocess.Popen[bytes]) -> Engine:
    for _ in range(600):
        try:
            engine.ask("ASK {}", answers.ROWS)
            return engine
        except Failed:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise Failed(f"{engine.name} does not answer")


@dataclass(frozen=True, slots=True)
class Kind:
    """An engine where it is installed, and what installs it."""

    run: Callable[[Place], AbstractContextManager[Engine]]
    installed: Callable[[], bool]
    remedy: str


KINDS: Mapping[str, Kind] = {
    "kg": Kind(kg, lambda: True, "pip install kg"),
    "oxigraph": Kind(oxigraph, lambda: _oxigraph() is not None, "pip install oxigraph"),
    "virtuoso": Kind(virtuoso_, lambda: all(map(shutil.which, ("virtuoso-t", "isql-vt"))), "apt-get install virtuoso-opensource"),
}
