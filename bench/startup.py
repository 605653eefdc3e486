"""Measure what a user waits for: whole processes, the median of several runs. `python -m bench.startup [--runs N]`."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.extraction import machine

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = "from kg.schema import load_schema; load_schema()"


def commands(out: Path) -> dict[str, list[str]]:
    """Return what is run, by name."""
    python = sys.executable
    return {
        "python -c pass": [python, "-c", "pass"],
        "kg --help": [python, "-m", "kg", "--help"],
        "schema and catalogue loaded": [python, "-c", SCHEMA],
        "kg build seeds/, nothing changed": [python, "-m", "kg", "build", "seeds", "-o", str(out)],
    }


def seconds(command: list[str]) -> float:
    """Return the time of a process; raise CalledProcessError when it fails."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"})
    return time.perf_counter() - start


def measure(runs: int) -> str:
    """Return the results as a Markdown table; the first run of each command does not count."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = commands(Path(folder) / "out")
        first = {name: seconds(command) for name, command in chosen.items()}
        times: dict[str, list[float]] = {name: [] for name in chosen}
        for _ in range(runs):
            for name, command in chosen.items():
                times[name].append(seconds(command))
    lines = [f"median of {runs} processes each", "", "| process | seconds | first run |", "|---|---:|---:|"]
    lines += [f"| {name} | {statistics.median(times[name]):.2f} | {first[name]:.2f} |" for name in chosen]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args(arguments)
    print(f"`python -m bench.startup --runs {options.runs}`: {machine()}")
    print(measure(options.runs))


if __name__ == "__main__":
    main()
