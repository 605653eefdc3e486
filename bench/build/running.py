"""Run a command and measure it: seconds on the clock and of processors, and the memory of all its processes (Linux).

Memory is PSS: what several processes share counts once. It is looked at a few times a second, so that a peak shorter than that is
not seen. A process below the command that has a store's files open is the one that loads it, and is told apart.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.serve.processes import own_seconds, tree

EVERY = 0.25  # seconds between two looks
FIRST, OTHERS, STORE = "first", "others", "store"
ROLES = (FIRST, OTHERS, STORE)


class Failed(Exception):
    """A command that is measured has ended with an error; says what it printed."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took: seconds, processors' seconds with those of its children, peak bytes of all processes and by role.

    Roles are the process that was started, those below it, and the one of them that loads the store, each with a peak of its own
    time; `own` is the peak of all but the latter, `files` what of the peak of all was pages of files.
    """

    seconds: float
    cpu: float
    peak: int
    own: int
    files: int
    roles: Mapping[str, int]
    processes: int
    output: str


@dataclass(slots=True)
class _Peaks:
    """The largest sums seen so far."""

    peak: int = 0
    own: int = 0
    files: int = 0
    processes: int = 0
    roles: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, 0))
    seconds: dict[int, float] = field(default_factory=dict)

    def look(self, root: int) -> None:
        """Add up what a tree of processes holds now."""
        now, files, held = dict.fromkeys(ROLES, 0), 0, {}
        for pid in tree(root):
            held[pid] = _memory(pid)
            self.seconds[pid] = max(own_seconds(pid), self.seconds.get(pid, 0.0))
        for pid, (pss, mapped) in held.items():
            files += mapped
            now[FIRST if pid == root else STORE if _has_store(pid) else OTHERS] += pss
        total = sum(now.values())
        if total > self.peak:
            self.peak, self.files = total, files
        self.own = max(self.own, total - now[STORE])
        self.processes = max(self.processes, len(held))
        for role, size in now.items():
            self.roles[role] = max(self.roles[role], size)


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, allowed: Sequence[int] = (0,), processors: int | None = None
) -> Ran:
    """Run a command to its end, on so many processors (None: all); raise Failed when it ends with a status that is not allowed."""
    peaks, ended = _Peaks(), threading.Event()
    with _on(processors):
        started = subprocess.Popen(
            list(map(str, command)), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    with started as process:
        start = time.perf_counter()
        looking = threading.Thread(target=_look, args=(process.pid, peaks, ended))
        looking.start()
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            ended.set()
            looking.join()
    if process.returncode not in allowed:
        raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output[-4000:]}")
    # The system adds up processes that somebody waited for; Spark leaves its own to themselves.
    used = max(usage.ru_utime + usage.ru_stime, sum(peaks.seconds.values()))
    return Ran(seconds, used, peaks.peak, peaks.own, peaks.files, peaks.roles, peaks.processes, output[-4000:])


@contextmanager
def _on(processors: int | None) -> Iterator[None]:
    """Have what is started run on so many processors."""
    all_ = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_)[:processors])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_)


def _look(root: int, peaks: _Peaks, ended: threading.Event) -> None:
    while not ended.wait(EVERY):
        peaks.look(root)


def _memory(pid: int) -> tuple[int, int]:
    """Return a process's share of memory in bytes, and how much of it are pages of files; 0 when it has ended."""
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0, 0
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines[1:]}
    return sizes.get("Pss", 0), sizes.get("Pss_File", 0)


def _has_store(pid: int) -> bool:
    folder = Path("/proc", str(pid), "fd")
    try:
        names = [os.readlink(folder / name) for name in os.listdir(folder)]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
    return any("/store/" in name for name in names)
