"""Write the build of made-up models: `python -m bench.graph -n 100000 -o FOLDER [--seed N]`.

No report is read: `bench.models` gives the claims, and everything after them is what `kg build` does. The folder can be served and
queried as any build.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from bench import models
from kg import manifest
from kg.building import Building
from kg.config import Config
from kg.decisions import Decisions
from kg.model import Claim, Document, Extraction
from kg.schema import load_schema
from kg.steps.read import Met, head_of, things
from kg.steps.shelf import Head, opened_shelf
from kg.store import Build, locked, new_build, publish
from kg.validate import load_shapes

AT_ONCE = 2000  # reports that are kept at once


def write(folder: Path, made: models.Reports) -> Build:
    """Write the build of made-up reports and publish it at a folder, as `kg build` does with what it has read."""
    schema, config = load_schema(), Config()
    with locked(folder), opened_shelf(folder / ".records.sqlite", b"made up") as shelf:
        reports = iter(made)
        while heads := [_head(document, claims, things(schema)) for document, claims in islice(reports, AT_ONCE)]:
            shelf.put(heads)
        shelf.end()
        sources = manifest.Sources(manifest.versions(config), {}, ())
        with new_build(folder) as new:
            times: dict[str, float] = {}
            building = Building(new, shelf, schema, config, lambda *_: None, times)
            id = building.write(Met(), Decisions(), sources, load_shapes())
            new.loaded()
            new.write("run.json", [_run(made, times)])
            return publish(folder, id, new)


def _head(document: Document, claims: tuple[Claim, ...], ranges: Mapping[str, str]) -> Head:
    return head_of(document, Extraction(claims), ranges)


def _run(made: models.Reports, times: Mapping[str, float]) -> bytes:
    run = {"seconds": times, "jobs": 0, "paths": {}, "models": made.models, "seed": made.seed}
    return (json.dumps(run, indent=1) + "\n").encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.graph", description="Write a build of made-up models.")
    parser.add_argument("-n", type=int, default=100_000, metavar="MODELS", dest="count")
    parser.add_argument("-o", type=Path, required=True, metavar="FOLDER", dest="folder")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    build = write(options.folder, models.Reports(options.count, options.seed))
    counts = build.manifest["counts"]
    told = ", ".join(f"{counts[name]:,} {name}" for name in ("reports", "models", "claims", "facts", "derived"))
    print(f"{options.folder}: {told} ({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
