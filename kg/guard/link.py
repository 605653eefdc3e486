"""Workers as the asking side sees them: forked by the nursery, each at the other end of a socket."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from kg.guard.frames import Frames, frame
from kg.guard.worker import Order

if TYPE_CHECKING:
    from kg.guard.guard import Current
    from kg.guard.lanes import Job

_MILD = 10  # how much a heavy question steps back for others, in the units of nice(1)


def _environment() -> dict[str, str]:
    """Return the environment of workers: without tokens and passwords, and with few arenas of memory.

    glibc keeps 64 MB of address space for each thread's own; the store's threads could then not start below the limit. A query
    takes and gives back many small pieces, of which glibc keeps seven of a size at hand; with more a query takes an eighth less of
    the processor.
    """
    env = {name: value for name, value in os.environ.items() if not name.endswith(("TOKEN", "PASSWORD"))}
    return {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=1000"} | env | {"MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0"}


class Link(asyncio.Protocol):
    """A worker: what it is doing, and how to reach it. `heard` gets its messages, `lost` is called when its socket closes."""

    def __init__(self, id: int, build: Current, heard: Callable[[Link, bytes, bytes], None], lost: Callable[[Link], None]) -> None:
        self.id = id
        self.build = build
        self.pid: int | None = None
        self.ready = False
        self.failed = False  # it said that it cannot work
        self.retired = False  # it gets no more questions
        self.mild = False
        self.job: Job | None = None
        self.ended: str | None = None  # why this side ended it
        self._heard, self._lost = heard, lost
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the worker."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no class of asyncio

    def data_received(self, data: bytes) -> None:
        """Pass on the messages that are complete."""
        for kind, content in self._frames.put(data):
            self._heard(self, kind, content)

    def connection_lost(self, error: Exception | None) -> None:
        """Say that the worker answers no more."""
        self._transport = None
        self._lost(self)

    def send(self, kind: bytes, content: bytes) -> None:
        """Send a message; one that is lost is noticed by the worker's end."""
        if self._transport:
            self._transport.write(frame(kind, content))

    def used(self) -> float:
        """Return the seconds of the processor that it has used, where the system tells them, else those that have passed."""
        if self.pid and sys.platform == "linux":
            with suppress(OSError):  # it has just ended
                return time.clock_gettime((~self.pid << 3) | 2)  # as clock_getcpuclockid(3) makes a clock of a process
        return time.monotonic()

    def step_back(self) -> None:
        """Let others have the processor first."""
        if self.pid:
            self.mild = True
            with suppress(OSError):  # it has just ended
                os.setpriority(os.PRIO_PROCESS, self.pid, _MILD)

    def close(self) -> None:
        """Let the worker end when it has nothing to do."""
        self.retired = True
        self.ended = self.ended or "closed"
        if self._transport:
            self._transport.close()


class NurseryLink:
    """The nursery: starts and kills workers, tells of their end by `ended(id, status)`; `gone` is called when it ended itself."""

    def __init__(self, tasks: str, started: Callable[[int, int], None], ended: Callable[[int, int], None]) -> None:
        self._tasks = tasks
        self._started, self._ended = started, ended
        self._held = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def open(self, gone: Callable[[], None]) -> None:
        """Start it; its first workers wait until it has loaded what they need."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "kg.guard.nursery", str(theirs.fileno()), self._tasks, str(os.getpid())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 # itself
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=_environment()
            )
        self._socket, self._held = ours, b""
        asyncio.get_running_loop().add_reader(ours.fileno(), self._read, gone)

    def start(self, id: int, order: Order) -> socket.socket:
        """Ask for a worker and return this side's end of its socket; raise OSError when that cannot be."""
        if not self._socket:
            raise BrokenPipeError(errno.EPIPE, "the process that starts them is gone")
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            self._tell({"start": id, "order": asdict(order)}, [theirs.fileno()])
        return ours

    def kill(self, id: int) -> None:
        """End a worker at once."""
        self._tell({"kill": id}, [])

    def close(self) -> None:
        """End it and all workers."""
        if self._socket and self._process:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._process.wait()
            self._socket = None

    def _tell(self, message: dict[str, Any], descriptors: list[int]) -> None:
        if self._socket:
            with suppress(BrokenPipeError, ConnectionResetError):  # its end is read
                socket.send_fds(self._socket, [json.dumps(message).encode() + b"\n"], descriptors)

    def _read(self, gone: Callable[[], None]) -> None:
        if not self._socket:
            return
        try:
            data = self._socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.close()
            gone()
            return
        *lines, self._held = (self._held + data).split(b"\n")
        for message in map(json.loads, lines):
            if "started" in message:
                self._started(message["started"], message["pid"])
            else:
                self._ended(message["ended"], message["status"])
