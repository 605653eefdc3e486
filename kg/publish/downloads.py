"""A build's files -> what a site offers of the whole graph below `data/`; and the graph that browsers ask, gzipped."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

from kg.errors import BuildError
from kg.pages.site import LEFT_OUT
from kg.publish.swap import written
from kg.store import GRAPH

FOLDER = "data"
WHOLE = ("graph.ttl", "graph.jsonld", "claims.jsonl", "derived.jsonl", "coverage.jsonl", "findings.json")
"""Files of a build that are offered as they are."""

_AT_ONCE = 1 << 20


def write_downloads(build: Path, base: str, target: Path, shown: Path) -> None:
    """Write what is offered of the whole graph to the folder of a site, which the user knows as `shown`.

    Raise BuildError for a build without a graph, OutputError when nothing can be written.
    """
    folder = target / FOLDER
    with written(shown):
        folder.mkdir(exist_ok=True)
        for name in WHOLE:
            if (build / name).is_file():
                shutil.copyfile(build / name, folder / name)
    _write_graph(build, base, folder / f"{GRAPH}.gz", shown)


def _write_graph(build: Path, base: str, file: Path, shown: Path) -> None:
    """Write all graphs but the index of names; equal graphs give equal bytes."""
    try:
        lines = (build / GRAPH).open("rb")
    except OSError as error:
        hint = "build again"
        raise BuildError(f"the build cannot be read: {error.strerror}", where=str(build / GRAPH), hint=hint) from error
    with lines, written(shown), file.open("wb") as output, gzip.GzipFile("", "wb", 6, output, mtime=0) as packed:
        for part in _asked(lines, base):
            packed.write(part)


def _asked(lines: Iterator[bytes], base: str) -> Iterator[bytes]:
    ending = f" <{base}{LEFT_OUT}> .\n".encode()
    part = bytearray()
    for line in lines:
        if not line.endswith(ending):
            part += line
            if len(part) >= _AT_ONCE:
                yield bytes(part)
                part.clear()
    yield bytes(part)
