"""`kg mcp` as a client meets it: a process on two pipes, spoken to by the SDK's own client, or line by line."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent

from kg.guard import Refused
from kg.lookups import lookup_tasks
from kg.mcp._asking import refusal
from kg.mcp._tools import Tool
from kg.why import Graph
from tests.command import ROOT, environment

HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "tests", "version": "1"},
}


def answer_of(graph: Graph, tool: Tool, arguments: dict[str, Any]) -> str:
    """Return the text that a tool answers with, asked without a server."""
    try:
        task = lookup_tasks(lambda opened: opened)[tool.task]
        output = BytesIO()
        task(graph, arguments).write(output)
        return tool.told(json.loads(output.getvalue()))
    except Refused as error:
        return refusal(error)


class Session:
    """A session of the SDK's client, asked from outside its event loop."""

    def __init__(self, portal: BlockingPortal, session: ClientSession) -> None:
        self._portal = portal
        self.session = session

    def do(self, name: str, *arguments: Any) -> Any:
        """Call a method of the session."""
        return self._portal.call(getattr(self.session, name), *arguments)

    def call(self, tool: str, /, **arguments: Any) -> CallToolResult:
        """Call a tool; its output has been validated by the SDK."""
        found = self.do("call_tool", tool, arguments)
        assert isinstance(found, CallToolResult)
        return found

    def together(self, *calls: tuple[str, dict[str, Any]]) -> list[tuple[int, CallToolResult]]:
        """Call tools at the same time; return the answers as they come, each with the number of its call."""
        answers: list[tuple[int, CallToolResult]] = []

        async def one(number: int, tool: str, arguments: dict[str, Any]) -> None:
            answers.append((number, await self.session.call_tool(tool, arguments)))

        async def all_of_them() -> None:
            async with anyio.create_task_group() as group:
                for number, (tool, arguments) in enumerate(calls):
                    group.start_soon(one, number, tool, arguments)

        self._portal.call(all_of_them)
        return answers


def text(found: CallToolResult) -> str:
    """Return the text of an answer."""
    [content] = found.content
    assert isinstance(content, TextContent)
    return content.text


@contextmanager
def connected(build: Path, *options: str, log: Path) -> Iterator[Session]:
    """Start `kg mcp` on a build and open a session; what it says on standard error goes to a file."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "kg", "mcp", "-b", str(build), *options], env=environment(), cwd=ROOT
    )

    @asynccontextmanager
    async def opened() -> Any:
        with log.open("w", encoding="utf-8") as errors:
            async with stdio_client(command, errors) as streams, ClientSession(*streams) as session:
                yield session

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opened()) as session:
        yield Session(portal, session)


class Lines:
    """The process itself, spoken to line by line: for what a well-behaved client does not do."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._id = 0

    def write(self, line: str) -> None:
        """Send a line."""
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def notify(self, method: str, **parameters: Any) -> None:
        """Send a notification."""
        self.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": parameters}))

    def send(self, method: str, **parameters: Any) -> int:
        """Send a request and return its id."""
        self._id += 1
        self.write(json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": parameters}))
        return self._id

    def read(self) -> dict[str, Any]:
        """Return the next message."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the server ended"
        message: dict[str, Any] = json.loads(line)
        return message

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a request and return the answer to it, which is the next message."""
        id = self.send(method, **parameters)
        message = self.read()
        assert message["id"] == id
        return message

    def call(self, tool: str, **arguments: Any) -> int:
        """Send a call of a tool and return its id."""
        return self.send("tools/call", name=tool, arguments=arguments)

    def processes(self) -> list[int]:
        """Return pid descriptors of the processes that the server has started, and theirs."""
        found, waiting = [], [self.process.pid]
        while waiting:
            for children in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended since
                    pids = [int(child) for child in children.read_text().split()]
                    found += pids
                    waiting += pids
        return [os.pidfd_open(pid) for pid in found]


def ended(descriptors: list[int], seconds: float = 20) -> bool:
    """Wait until one of some processes has ended; return whether one has."""
    return bool(select.select(descriptors, [], [], seconds)[0])


@contextmanager
def raw(build: Path, *options: str, hello: bool = True) -> Iterator[Lines]:
    """Start `kg mcp` and say hello; what is still there at the end is killed."""
    command = [sys.executable, "-m", "kg", "mcp", "-b", str(build), *options]
    ends = subprocess.PIPE
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=ends, stdout=ends, stderr=ends, text=True, encoding="utf-8"
    )
    lines = Lines(process)
    try:
        if hello:
            assert lines.ask("initialize", **HELLO)["result"]["serverInfo"]["name"] == "kg"
            lines.notify("notifications/initialized")
        yield lines
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(BrokenPipeError):
                assert pipe
                pipe.close()
