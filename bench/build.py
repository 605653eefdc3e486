"""Measure which part of a build each phase takes: `python -m bench.build [-n DOCUMENTS] [--seed N] [-j PROCESSES]`.

The documents of `bench.corpus` are built once in a folder for the moment; the seconds are those of the build's own run.json.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.corpus import documents
from bench.extraction import machine
from kg import pipeline
from kg.config import Config

PHASES = {
    "compare": "finding out what has changed",
    "read": "reading and extracting",
    "resolve": "names, facts",
    "derive": "derived numbers, contradictions, gaps",
    "validate": "SHACL",
    "write": "files and store",
}


def measured(count: int, seed: int, jobs: int) -> Mapping[str, float]:
    """Return the seconds of each phase of a build of `count` documents."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "reports.jsonl")
        rows = ({"id": id, "text": text} for id, text in documents(count, seed=seed))
        corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        out = Path(folder, "out")
        pipeline.build([corpus], out, config=Config(jobs=jobs), progress=lambda *_: None, say=lambda _: None)
        seconds: Mapping[str, float] = json.loads((out / "run.json").read_bytes())["seconds"]
        return seconds


def table(seconds: Mapping[str, float], count: int) -> str:
    """Return a line for each phase with its seconds and its share."""
    whole = sum(seconds.values())
    lines = [f"{count:,} documents in {whole:.0f} s"]
    lines += [f"{name:<9} {seconds[name]:7.1f} s  {seconds[name] / whole:5.1%}  {said}" for name, said in PHASES.items()]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.build", description="Measure the phases of a build.")
    parser.add_argument("-n", type=int, default=2000, metavar="DOCUMENTS", dest="count")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("-j", type=int, default=0, metavar="PROCESSES", dest="jobs")
    options = parser.parse_args(arguments)
    print(f"python -m bench.build -n {options.count}; {machine()}")
    print(table(measured(options.count, options.seed, options.jobs), options.count), end="")


if __name__ == "__main__":
    main()
