"""Print how many cases of each relation pass: `python -m tests.cases_report [--errors | --failures] [RELATION…]`.

`--errors` lists each failing case with what is missed or wrong; `--failures` writes the list that known_failures.txt holds.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict

from tests.case_files import Case, cases, read


def table(results: list[tuple[Case, list[str]]]) -> str:
    """Return the pass rates per relation, of values and of traps, as a Markdown table."""
    rows: dict[str, list[bool]] = defaultdict(list)
    traps: dict[str, list[bool]] = defaultdict(list)
    for case, problems in results:
        for name in (case.file, "**all**"):
            (traps if case.trap else rows)[name].append(not problems)
    lines = ["| relation | values read | traps avoided | all |", "|---|---:|---:|---:|"]
    for name in sorted(rows.keys() | traps.keys(), key=lambda name: (name == "**all**", name)):
        lines.append(f"| {name} | {_rate(rows[name])} | {_rate(traps[name])} | {_rate(rows[name] + traps[name])} |")
    return "\n".join(lines)


def _rate(passed: list[bool]) -> str:
    return f"{sum(passed)} of {len(passed)} ({sum(passed) / len(passed):.0%})" if passed else "-"


def main(arguments: list[str] | None = None) -> None:
    """Run the cases and print what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases_report", description=__doc__)
    parser.add_argument("relations", nargs="*", metavar="RELATION")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--failures", action="store_true")
    options = parser.parse_args(arguments)
    chosen = [case for case in cases() if not options.relations or case.file in options.relations]
    results = [(case, case.problems(read(case.sentence))) for case in chosen]
    if options.failures:
        lines = [case.key for case, problems in results if problems]
    elif options.errors:
        lines = [f"{c.file}:{c.line}: {c.sentence}\n    " + "; ".join(problems) for c, problems in results if problems]
    else:
        lines = [table(results)]
    sys.stdout.write("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
