"""A running `kg serve` to attack: its address, its processes as the kernel counts them, and bare sockets to speak to it."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.command import start

_TLS = ssl.create_default_context()  # which nothing here needs and every client would make
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_WAIT = 30.0  # seconds: far more than anything here takes that is not stuck
_READY = "/ready"
_MEMORY = "Max address space"
_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ([\d.eE+-]+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


def until(condition: Callable[[], object], seconds: float = _WAIT) -> bool:
    """Wait until a condition holds; False when it does not within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@dataclass(slots=True, eq=False)
class Endpoint:
    """`kg serve` as a process of its own."""

    process: subprocess.Popen[str]
    talk: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def address(self) -> tuple[str, int]:
        """Return where it listens."""
        return "127.0.0.1", int(self.url.rpartition(":")[2])

    def client(self, **settings: Any) -> httpx.Client:
        """Return a client of the endpoint that keeps its connections, whatever proxy the environment names."""
        return httpx.Client(base_url=self.url, **{"timeout": _WAIT, "trust_env": False, "verify": _TLS, **settings})

    def ask(self, query: str, headers: Mapping[str, str] | None = None, **parameters: str) -> httpx.Response:
        """Send one query over a connection of its own."""
        with self.client() as client:
            return client.get("/sparql", params={"query": query, **parameters}, headers=headers)

    def tree(self) -> list[int]:
        """Return the server's process and those below it."""
        return [self.process.pid, *descendants(self.process.pid)]

    def workers(self) -> list[int]:
        """Return the processes that answer queries, the oldest first: those whose memory is bounded."""
        own = limit(self.process.pid, _MEMORY)
        return [pid for pid in descendants(self.process.pid) if limit(pid, _MEMORY) not in {own, ""}]

    def busy(self, seconds: float) -> float:
        """Return the seconds of CPU that all processes take in so many seconds."""
        before = {pid: cpu(pid) for pid in self.tree()}
        time.sleep(seconds)
        return sum(cpu(pid) - before.get(pid, 0.0) for pid in self.tree())

    def memory(self) -> int:
        """Return the bytes of memory in use by all processes; what they share counts for each."""
        return sum(map(resident, self.tree()))

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples with these labels."""
        with self.client() as client:
            text = client.get("/metrics").raise_for_status().text
        samples = [(dict(_LABEL.findall(has or "")), float(value)) for found, has, value in _SAMPLE.findall(text) if found == name]
        return sum(value for has, value in samples if labels.items() <= has.items())

    def said(self, words: str) -> bool:
        """Decide whether a line on standard error holds these words."""
        return any(words in line for line in self.talk)

    def connect(self) -> socket.socket:
        """Return a connection to speak any bytes over."""
        return socket.create_connection(self.address, timeout=_WAIT)

    def send(self, content: bytes) -> bytes:
        """Send bytes over a connection of their own and return all that comes back until it ends."""
        with self.connect() as connection:
            connection.sendall(content)
            return read_all(connection)


@contextmanager
def serving(folder: Path, *options: str, environ: Mapping[str, str] | None = None, files: int | None = None) -> Iterator[Endpoint]:
    """Run `kg serve` on a build while the block runs, with so many open files at most; afterwards nothing of it is left."""
    process = start("serve", "-b", folder, "--port", "0", *options, cwd=folder, environ=environ)
    if files:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (files, files))  # before it takes all that it may have
    endpoint = Endpoint(process)
    reader = threading.Thread(target=_listen, args=(endpoint,))
    reader.start()
    try:
        assert until(lambda: endpoint.url or process.poll() is not None) and endpoint.url, "".join(endpoint.talk)
        with endpoint.client() as client:
            assert until(lambda: client.get(_READY).status_code == 200)
        yield endpoint
    finally:
        pids = descendants(process.pid)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(_WAIT)
        finally:
            for pid in (process.pid, *pids):
                kill(pid, signal.SIGKILL) if process.poll() is None or alive(pid) else None
            process.wait()
            reader.join()
            for pipe in (process.stdout, process.stderr):
                assert pipe
                pipe.close()


def _listen(endpoint: Endpoint) -> None:
    assert endpoint.process.stderr
    for line in endpoint.process.stderr:
        endpoint.talk.append(line)
        if not endpoint.url and (found := re.search(r"http://127\.0\.0\.1:\d+", line)):
            endpoint.url = found[0]


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have, the oldest first."""
    parents = {child: parent for child, parent in map(_child_and_parent, _pids()) if parent}
    found, waiting = [], [pid]
    while waiting:
        of = waiting.pop()
        below = [child for child, parent in parents.items() if parent == of]
        found += below
        waiting += below
    return sorted(found)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _child_and_parent(pid: int) -> tuple[int, int]:
    fields = _stat(pid)
    return pid, int(fields[1]) if fields and fields[0] not in "ZX" else 0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on, none when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    """Decide whether a process is there and has not ended."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has taken so far."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has in use."""
    fields = _stat(pid)
    return int(fields[21]) * _PAGE if fields else 0


def open_files(pid: int) -> list[str]:
    """Return what the descriptors of a process stand for."""
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(os.readlink(link))
        except FileNotFoundError:
            continue
    return found


def limit(pid: int, name: str) -> str:
    """Return a soft limit of a process, as `Max core file size`, empty when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/limits").read_text("ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return next((line[len(name) :].split()[0] for line in lines if line.startswith(name)), "")


def kill(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def read_all(connection: socket.socket) -> bytes:
    """Return what comes until the other side ends the connection; what a reset cuts off is what came before it."""
    parts = []
    try:
        while part := connection.recv(1 << 20):
            parts.append(part)
    except ConnectionResetError:
        parts.append(b"")
    return b"".join(parts)


def abandon(connection: socket.socket) -> None:
    """Close a connection with a reset, as a client does that is killed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def request(query: str, *headers: str, method: str = "GET", version: str = "1.1", **parameters: str) -> bytes:
    """Return the bytes of a request for a query, the connection to be closed after it."""
    target = f"/sparql?{urlencode({'query': query, **parameters})}"
    lines = (f"{method} {target} HTTP/{version}", "Host: localhost", "Connection: close", *headers)
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def status(reply: bytes) -> int:
    """Return the status of a reply, 0 of what is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", reply)
    return int(found[1]) if found else 0
