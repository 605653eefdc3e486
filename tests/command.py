"""Run `kg` as a user does: a process of its own."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"


def environment() -> dict[str, str]:
    """Return the caller's environment without settings of kg, as on a terminal 120 columns wide."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    return env | {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "NO_COLOR": "1"}


def kg(
    *arguments: str | Path,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    before: Callable[[], object] | None = None,
    terminal: bool = False,
    timeout: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run `kg ARGUMENTS` in `cwd` and return what it printed; `before` runs in the child just before it becomes kg.

    With `terminal`, standard error is one. A child that `before` limits is not measured, because writing the measurement would
    meet the limit.
    """
    env = environment() | dict(environ or {})
    if before:
        env = {name: value for name, value in env.items() if not name.startswith(("COV_", "COVERAGE_"))}
    ours, theirs = pty.openpty() if terminal else (None, subprocess.PIPE)
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=cwd, env=env, preexec_fn=before, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as process:
        if ours is None:
            output, talk = process.communicate(timeout=timeout)
        else:
            os.close(theirs)
            talk = _all_of(ours)
            output, _ = process.communicate(timeout=timeout)
    return subprocess.CompletedProcess(command, process.returncode, output, talk)


def start(*arguments: str | Path, cwd: Path, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `kg ARGUMENTS` in `cwd`, its output and talk to be read from pipes."""
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    env = environment() | dict(environ or {})
    return subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _all_of(terminal: int) -> str:
    """Return what is written to a terminal until the last process that has it open ends."""
    parts = []
    with contextlib.suppress(OSError):  # EIO is how Linux says that nobody writes any more
        while part := os.read(terminal, 65536):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode().replace("\r\n", "\n")
