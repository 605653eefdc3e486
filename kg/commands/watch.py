"""`kg watch`: a build that follows its reports."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg import console
from kg.errors import ConfigError, KgError, UsageError
from kg.options import (
    AcceptShrink,
    BaseIri,
    Exclude,
    Extractor,
    Ignore,
    Jobs,
    LlmMode,
    MaxRequests,
    Output,
    Select,
    Verbose,
    seconds,
    settings,
)

if TYPE_CHECKING:
    from kg.config import Config
    from kg.watch import Watched


def run(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Reports, or folders of reports.", show_default=False)],
    output: Output = None,
    every: Annotated[
        str | None, typer.Option(metavar="TIME", help="Look at least this often [default: 5s, or 1s without kg[watch]].")
    ] = None,
    jobs: Jobs = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    base_iri: BaseIri = None,
    extractor: Extractor = None,
    llm_mode: LlmMode = None,
    max_requests: MaxRequests = None,
    accept_shrink: AcceptShrink = False,
    verbose: Verbose = False,
) -> None:
    """Build, and build again whenever reports or settings change, until Ctrl-C.

    What is wrong is told, and watching goes on; the last build stays.

    \b
    Example:
      kg watch reports/ -o kg-out
    """
    from kg.watch import watch

    for path in map(str, paths):
        if path == "-":
            raise UsageError("standard input cannot be watched", hint="name files and folders")
        if not os.path.lexists(path):
            raise UsageError(f"there is no '{path}'", hint="name files and folders that are there")
    asked = {"extractor": extractor, "llm_mode": llm_mode, "max_requests": max_requests, "select": select, "ignore": ignore}
    flags: dict[str, Any] = {"output": output, "jobs": jobs, "exclude": exclude, "base_iri": base_iri, **asked}
    out, pause = settings(**flags).output, None if every is None else seconds(every)
    follow = _Follow(paths, flags, accept_shrink, verbose)
    watch(follow.build, follow.watched, out, pause)


class _Follow:
    """Builds as often as it is asked to, with the settings that hold then, and knows which files a build depends on."""

    __slots__ = ("_accept_shrink", "_built", "_flags", "_paths", "_told", "_verbose", "_watched")

    def __init__(self, paths: list[Path], flags: dict[str, Any], accept_shrink: bool, verbose: bool) -> None:
        self._paths, self._flags, self._accept_shrink, self._verbose = paths, flags, accept_shrink, verbose
        self._built = self._told = False
        self._watched: Watched | None = None

    def watched(self) -> Watched:
        """Return the reports' paths and what is left out there, and the files of settings, decisions, shapes and names.

        While the settings are wrong, these are as they were last known.
        """
        from kg.config import decisions_file, settings_file
        from kg.watch import Watched

        try:
            config, file = settings(**self._flags), settings_file()
            decisions = config.decisions or decisions_file()
            further = [file or Path("kg.toml"), decisions, *config.shapes, *config.catalog]
            self._watched = Watched(self._paths, further, config.exclude)
        except ConfigError:  # the build tells what is wrong
            pass
        return self._watched or Watched(self._paths)

    def build(self) -> None:
        """Build, and tell what came of it; of a build that changed nothing only the first time."""
        try:
            self._build(settings(**self._flags))
        except KgError as error:
            console.show_error(error)
        if not self._told:
            console.say("watching: Ctrl-C ends it")
        self._told = True

    def _build(self, config: Config) -> None:
        from kg import pipeline

        start = time.perf_counter()
        result = pipeline.build(
            self._paths,
            config.output,
            config=config,
            progress=console.progress(),
            say=console.say,
            accept_shrink=self._accept_shrink,
        )
        if result.changed or not self._built:
            took = time.perf_counter() - start
            console.show_build(result, config.output, took, everything=self._verbose, decisions=config.decisions)
        self._built = True
