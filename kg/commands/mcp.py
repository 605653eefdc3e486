"""`kg mcp`: language models ask a build, by the Model Context Protocol on standard input and output."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from kg import console
from kg.errors import UsageError
from kg.options import BuildFolder, seconds, settings

_GRACE = 1.0  # seconds: there is one client, and what it looks up may be read for the first time


def run(
    build: BuildFolder = None,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="The longest that a question may take: 10s, 500ms, 2min.")] = "10s",
    workers: Annotated[int, typer.Option(metavar="N", min=1, help="Processes that answer.")] = 3,
    max_rows: Annotated[int, typer.Option(metavar="N", min=1, help="The most rows that a query may ask for.")] = 1000,
) -> None:
    """Let a language model ask a build by the Model Context Protocol, on standard input and output, until the client closes.

    \b
    Example:
      kg mcp -b kg-out
      claude mcp add kg -- kg mcp -b /path/to/kg-out
    """
    if find_spec("mcp") is None:
        raise UsageError("the Model Context Protocol needs the package mcp", hint="pip install 'kg[mcp]'")
    from kg.guard import Limits
    from kg.mcp import serve
    from kg.tasks import guarded

    limits = Limits(workers=workers, timeout=seconds(timeout), grace=_GRACE)
    serve(guarded(build or settings().output, limits, say=console.say), most=max_rows, say=console.say)
