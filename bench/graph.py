"""Write the build of made-up models: `python -m bench.graph -n 100000 -o FOLDER [--seed N] [--all]`.

No report is read: `bench.models` gives the claims, and everything after them is what `kg build` does: names, facts, derived
numbers, graph, store. The folder can be served and queried as any build. Without `--all` it holds the graph, the store and the
manifest alone; checks for contradictions, gaps and shapes are left out in both cases. 100,000 models take six minutes and 8 GB.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from bench import models
from kg import manifest
from kg.config import Config
from kg.contents import Consequences, Facts, Files, facts_of, files, manifest_of
from kg.derive import derive
from kg.model import Claim, Document
from kg.reading import Reports
from kg.resolve import resolve
from kg.runs import said
from kg.schema import load_schema
from kg.store import GRAPH, MANIFEST, Build, locked, write_build
from kg.validate import load_shapes, validate

Made = TypeVar("Made")
NEEDED = (GRAPH, MANIFEST, "run.json")


def facts(made: models.Reports) -> Facts:
    """Return what the reports say, as `kg build` gathers it after reading."""
    documents, claims = {}, {}
    for document, said_there in made:
        documents[document.id], claims[document.id] = document, said_there
    return facts_of(Reports(documents, claims, {}, {}, ()), load_schema())


def derived(found: Facts) -> Consequences:
    """Return the derived facts alone: no contradictions, no gaps."""
    about = said(found.reports.documents, found.claims, found.names, found.schema)
    texts = {id: document.source for id, document in found.reports.documents.items()}
    return Consequences(derive(about, found.schema, texts, Config()), ())


@dataclass(frozen=True, slots=True)
class _Again(Mapping[str, Made]):
    """Something of each report, made anew whenever it is asked for: what all reports hold together would fill the memory."""

    made: models.Reports
    make: Callable[[Document, tuple[Claim, ...]], Made]

    def __getitem__(self, id: str) -> Made:
        return self.make(*self.made.report(self.made.number(id)))

    def __iter__(self) -> Iterator[str]:
        return map(self.made.id, range(len(self.made)))

    def __len__(self) -> int:
        return len(self.made)


def _released(found: Facts, made: models.Reports) -> Facts:
    """Return the facts without the reports that they come from, which are made again when they are written."""
    documents = _Again(made, lambda document, claims: document)
    claims = _Again(made, lambda document, claims: resolve(claims, found.schema, found.names))
    return replace(found, reports=replace(found.reports, documents=documents, claims={}), claims=claims)


def contents(made: models.Reports, names: Sequence[str] | None = NEEDED) -> tuple[str, Files]:
    """Return the id of the build and the chunks of its files: those named, or all of them."""
    found = facts(made)
    following = derived(found)
    sources = manifest.Sources(manifest.versions(Config()), {id: None for id in found.reports.documents}, ())
    description = manifest_of(found, following, (), sources)
    shacl = validate((), load_shapes(), jobs=1).report
    written = files(_released(found, made), following, (), shacl, description, lambda: _run(made))
    kept: Mapping[str, Iterable[bytes]] = {name: written[name] for name in written if names is None or name in names}
    return manifest.build_id(description), kept


def write(folder: Path, made: models.Reports, names: Sequence[str] | None = NEEDED) -> Build:
    """Write the build of made-up reports and publish it at a folder, as `kg build` does."""
    gc.disable()  # millions of objects that all stay
    try:
        id, written = contents(made, names)
        with locked(folder):
            return write_build(folder, id, written)
    finally:
        gc.enable()


def _run(made: models.Reports) -> bytes:
    run = {"seconds": {}, "jobs": 1, "paths": {}, "models": made.models, "seed": made.seed}
    return (json.dumps(run, indent=1) + "\n").encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.graph", description="Write a build of made-up models.")
    parser.add_argument("-n", type=int, default=100_000, metavar="MODELS", dest="count")
    parser.add_argument("-o", type=Path, required=True, metavar="FOLDER", dest="folder")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--all", action="store_true", help="write every file of a build")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    build = write(options.folder, models.Reports(options.count, options.seed), None if options.all else NEEDED)
    counts = build.manifest["counts"]
    told = ", ".join(f"{counts[name]:,} {name}" for name in ("reports", "models", "claims", "facts", "derived"))
    print(f"{options.folder}: {told} ({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
