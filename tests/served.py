"""The real thing for the tests of clients: `kg serve` as a process, on a build, mostly of the repository's seeds."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import pipeline
from kg.config import Config
from kg.store import open_build
from tests.command import SEEDS, start

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True, slots=True)
class Served:
    """A build in a folder, the address of the server that answers about it, and the same graph to compare answers with."""

    folder: Path
    server: str
    store: ox.Store

    @property
    def url(self) -> str:
        """Return the address that queries go to."""
        return f"{self.server}/sparql"


@contextmanager
def serving(folder: Path, reports: Path = SEEDS) -> Iterator[Served]:
    """Build reports below a folder and serve them while the block runs."""
    out = folder / "out"
    pipeline.build([reports], out, config=Config(), progress=lambda *_: None, say=lambda _: None)
    with start("serve", "-b", out, "--port", "0", cwd=folder) as process:
        try:
            assert process.stderr
            said = iter(process.stderr.readline, "")
            address = next((found[0] for line in said if (found := _ADDRESS.search(line))), None)
            assert address, "kg serve has ended"
            yield Served(out, address, open_build(out).store())
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
