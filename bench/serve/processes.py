"""Processes that are measured: how they end, and what they and their children have used, from /proc."""

from __future__ import annotations

import os
import socket
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """What is to be measured does not start, or does not answer."""


@dataclass(frozen=True, slots=True)
class Used:
    """What the processes of a tree have used so far: seconds of processors; bytes of memory now (PSS, RSS)."""

    seconds: float
    pss: int
    rss: int


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process at the end, kindly at first."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody listens to."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def tree(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        if fields := _stat(path):
            children[int(fields[1])].append(int(path.parent.name))
    found = [root]
    for pid in found:
        found += children[pid]
    return found


def used(root: int) -> Used:
    """Return what a tree of processes has used; those that ended count with their parent, which has waited for them."""
    ticks = pss = rss = 0
    for pid in tree(root):
        folder = Path("/proc", str(pid))
        if fields := _stat(folder / "stat"):
            ticks += sum(map(int, fields[11:15]))
            pss += _kilobytes(folder / "smaps_rollup", "Pss:") * 1024
            rss += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return Used(ticks / _TICKS, pss, rss)


def own_seconds(pid: int) -> float:
    """Return the processors' seconds of a process without its children, 0 when it has ended."""
    fields = _stat(Path("/proc", str(pid), "stat"))
    return sum(map(int, fields[11:13])) / _TICKS if fields else 0.0


def _stat(path: Path) -> list[str]:
    """Return the fields after the name: the state is 0, the parent 1, utime to cstime 11 to 14, pages of memory 21."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return []


def _kilobytes(path: Path, name: str) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
