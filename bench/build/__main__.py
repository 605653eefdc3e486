"""Measure whole builds: `python -m bench.build [-n REPORTS] [--sizes N,N] [--parts NAMES] [--work FOLDER] [--quick]`.

The reports of `bench.build.reports` are built by `kg build`, a process as a user starts it. With --work, what was measured is kept
there, and the same command goes on where it was interrupted; corpora and builds are removed in the end unless --keep is given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.build.measures import Bench
from bench.build.parts import PARTS, SMALL, Plan
from bench.extraction import machine

QUICK = 48


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    plan = _plan(options)
    with ExitStack() as open_:
        work = options.work or Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="kg-bench-")))
        bench = Bench(work.resolve(), options.seed, lambda text: print(f"... {text}", file=sys.stderr, flush=True))
        if options.again:
            bench.results.clear()
        print(f"python -m bench.build -n {plan.largest}; {machine()}", flush=True)
        for name in options.parts:
            print(f"\n## {name}\n\n{PARTS[name](bench, plan)}", flush=True)
        if not options.keep:
            bench.clean()


def _plan(options: argparse.Namespace) -> Plan:
    if options.quick:
        return Plan((QUICK,), 1, options.jobs, QUICK, QUICK, options.morph)
    sizes = sorted(options.sizes or {max(1, options.count // 4), max(1, options.count // 2), options.count})
    small = options.small or min(SMALL, sizes[-1])
    return Plan(sizes, options.rounds, options.jobs, small, options.rivals or min(1000, small), options.morph)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.build", description="Measure whole builds.")
    parser.add_argument("-n", type=int, default=2000, metavar="REPORTS", dest="count", help="and a half and a quarter of it")
    parser.add_argument("--sizes", type=_numbers, metavar="N,N", help="these sizes instead")
    parser.add_argument("--parts", type=_names, default=list(PARTS), metavar="NAMES", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="builds and loads of the largest size, by turns")
    parser.add_argument("--small", type=int, metavar="N", help="reports of the parts that compare two builds (default: 10,000)")
    parser.add_argument("--rivals", type=int, metavar="N", help="reports that the rivals work on (default: 1,000)")
    parser.add_argument("--morph", default="", metavar="PYTHON", help="one that has morph-kgc, which wants an older pyoxigraph")
    parser.add_argument("-j", type=int, default=0, metavar="PROCESSES", dest="jobs")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="for corpora and builds; keeps the results")
    parser.add_argument("--keep", action="store_true", help="keep corpora and builds as well")
    parser.add_argument("--again", action="store_true", help="measure anew what is kept in --work")
    parser.add_argument("--quick", action="store_true", help="a few reports: whether it runs")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(part.replace("_", "")) for part in text.split(",")]


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"no part is named {', '.join(unknown)}; choose of {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    main()
