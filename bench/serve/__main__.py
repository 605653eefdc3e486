"""Measure `kg serve` beside Oxigraph's own server and Virtuoso: `python -m bench.serve [-b FOLDER | -n MODELS] [--quick]`.

All engines run all the time, on loopback, each over the same build (`bench.graph` makes one); one is under load at a time, the
others stand idle. Each has answered each question before anything is timed, so that files are in memory. In each round the engines
take turns for each question, all with the same texts. New texts are such as were not asked before; repeated is one text again and
again. Before a question is timed, all engines must give the same answer to it, as a set.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import graph, models
from bench.extraction import machine
from bench.serve import load, report
from bench.serve.engines import KINDS, Place
from bench.serve.rounds import Plan, measured
from kg.store import Build, open_build

QUICK = ("look-up", "construct", "by-country-year", "models")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    if options.quick:
        options.models, options.rounds, options.seconds, options.clients = min(options.models, 300), 1, 1.0, [2]
        options.only = options.only or list(QUICK)
    if not load.installed():
        raise SystemExit("wrk is not installed: apt-get install wrk")
    with ExitStack() as open_:
        work = options.work or Path(open_.enter_context(tempfile.TemporaryDirectory()))
        work.mkdir(parents=True, exist_ok=True)
        folder = options.build or _made(work, options.models)
        place = Place(folder, open_build(folder), work.resolve(), options.memory * 10**6, options.whole, options.kg)
        print(f"python -m bench.serve; {machine()}\n{_told(place.build)}", flush=True)
        missing = {name: KINDS[name].remedy for name in options.engines if not KINDS[name].installed()}
        engines = [open_.enter_context(KINDS[name].run(place)) for name in options.engines if name not in missing]
        plan = Plan(options.rounds, options.seconds, options.clients, options.only)
        found = {"missing": missing, **measured(place.build, engines, plan)}
    print(report.text(found), end="")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.serve", description="Measure kg serve beside other engines.")
    parser.add_argument("-b", type=Path, metavar="FOLDER", dest="build", help="the build to serve (default: one is made)")
    parser.add_argument("-n", type=int, default=100_000, metavar="MODELS", dest="models", help="of the build that is made")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="keeps the build that is made and Virtuoso's database")
    parser.add_argument("--engines", type=_listed, default=list(KINDS), metavar="NAMES", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--clients", type=lambda text: list(map(int, _listed(text))), default=[1, 8, 32], metavar="N,N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=float, default=3.0, metavar="N", help="of a load, at least")
    parser.add_argument("--memory", type=int, default=3000, metavar="MB", help="of Virtuoso's buffers")
    parser.add_argument("--whole", action="store_true", help="let Virtuoso load the reports' own graphs too")
    parser.add_argument("--only", type=_listed, metavar="CASES")
    parser.add_argument("--kg", action="append", default=[], metavar="OPTION", help="a further option of kg serve")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument("--quick", action="store_true", help="a small build, one short round: whether it runs")
    return parser


def _listed(text: str) -> list[str]:
    return text.split(",")


def _made(work: Path, count: int) -> Path:
    """Return the folder of a build of so many models, made where it is missing."""
    folder = work / f"models-{count}"
    if not (folder / ".current").exists():
        graph.write(folder, models.Reports(count))
    return folder


def _told(build: Build) -> str:
    counts = build.manifest["counts"]
    return ", ".join(f"{counts[name]:,} {name}" for name in ("models", "reports", "claims", "facts"))


if __name__ == "__main__":
    main()
