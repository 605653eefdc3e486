"""Run `kg` as a user does: a process of its own."""

from __future__ import annotations

import os
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
    timeout: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run `kg ARGUMENTS` in `cwd` and return what it printed; `before` runs in the child just before it becomes kg.

    A child that `before` limits is not measured, because writing the measurement would meet the limit.
    """
    env = environment() | dict(environ or {})
    if before:
        env = {name: value for name, value in env.items() if not name.startswith(("COV_", "COVERAGE_"))}
    return subprocess.run(
        [sys.executable, "-m", "kg", *map(str, arguments)],
        cwd=cwd,
        env=env,
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
