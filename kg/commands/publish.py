"""`kg publish`: the pages of a build as a folder of static files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from kg import console
from kg.options import BuildFolder, Jobs, opened, settings


def run(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the site; it is replaced.", show_default=False)],
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the site will stand, for sitemap, canonical links and 404.html.")
    ] = None,
    build: BuildFolder = None,
    jobs: Jobs = None,
) -> None:
    """Write the pages of a build as static files, for any web host, with the graph to be asked in the browser.

    \b
    Example:
      kg publish site/ --base-url https://example.github.io/graph/
      python -m http.server -d site/
    """
    from kg.publish import publish, read_address, summary

    start = time.perf_counter()
    address = None if base_url is None else read_address(base_url)
    wanted = settings(jobs=jobs).jobs
    found = publish(opened(build), folder, address, jobs=wanted, progress=console.progress(), say=console.say)
    for line in summary(found, folder, time.perf_counter() - start):
        console.say(line)
