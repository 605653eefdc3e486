"""`kg load`: a build from parts that a cluster made."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from kg import console, results
from kg.options import AcceptShrink, AsJson, FailOn, Jobs, Output, settings


def run(
    parts: Annotated[
        list[Path], typer.Argument(metavar="PARTS...", help="Folders that kg build --engine spark wrote.", show_default=False)
    ],
    output: Output = None,
    jobs: Jobs = None,
    fail_on: FailOn = None,
    accept_shrink: AcceptShrink = False,
    as_json: AsJson = False,
) -> None:
    """Make a build of the parts that a cluster wrote: nothing is read or checked again.

    The build is the one that `kg build` would make of the same reports. Parts of several corpora make one build.
    Load only parts that you trust: what they say of reports is taken as it is.

    \b
    Example:
      kg load parts/ -o kg-out
    """
    from kg import pipeline

    config = settings(output=output, jobs=jobs, fail_on=fail_on)
    start = time.perf_counter()
    result = pipeline.load(
        parts, config.output, config=config, progress=console.progress(), say=console.say, accept_shrink=accept_shrink
    )
    console.show_build(result, config.output, time.perf_counter() - start, everything=False, decisions=config.decisions)
    if as_json:
        results.write(json.dumps(result.to_json(), indent=2, ensure_ascii=False) + "\n")
    raise typer.Exit(result.exit_code(config.fail_on))
