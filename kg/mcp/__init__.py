"""A Model Context Protocol server on standard input and output: language models ask a build, read-only, through the guard.

_instructions   what the model is told before it asks: how the graph is shaped, what its facts are worth
_schemas        JSON Schema of what the tools take and give
_tools          the tools: what each is for, which task of a worker does it
_text           what a tool gives, as text to read
_resources      what can be read beside: the ontology, the queries, the build, the reports
_prompts        questions to begin with
_asking         a question to the guard -> JSON values, or what to do instead
_server         all of it as a server of the official SDK
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

from kg.guard import Guard


def serve(guard: Guard, *, most: int, say: Callable[[str], None]) -> None:
    """Answer the client on standard input until it closes; the guard's workers end before this returns.

    `most` is the largest number of rows that a query may ask for; `say` is told, on standard error, what a person should know.
    """
    asyncio.run(_run(guard, most, say))


async def _run(guard: Guard, most: int, say: Callable[[str], None]) -> None:
    from mcp.server.stdio import stdio_server

    from kg.mcp._server import create_server

    server = create_server(guard, most)
    try:
        async with stdio_server() as (incoming, outgoing):
            # From here on standard output is the client's alone: what workers print goes to standard error.
            await guard.start()
            _end_on_signals(guard)
            say("answering on standard input and output")
            try:
                await server.run(incoming, outgoing, server.create_initialization_options())
            finally:
                await guard.close()
    except* BrokenPipeError:  # the client went away without closing
        say("the client is gone")


def _end_on_signals(guard: Guard) -> None:
    """End on Ctrl-C or SIGTERM, though the thread that reads standard input waits for a line that does not come."""
    loop = asyncio.get_running_loop()
    ending: set[asyncio.Task[None]] = set()

    async def end(code: int) -> None:
        await guard.close()
        os._exit(code)

    def begin(code: int) -> None:
        ending.add(loop.create_task(end(code)))

    loop.add_signal_handler(signal.SIGINT, begin, 130)
    loop.add_signal_handler(signal.SIGTERM, begin, 0)
