"""Check the reports of a build again in this process: `python -m bench.build.validation [--engine E] [-n N] FOLDER`.

Prints how many there were, the processor's seconds for checking alone, and the findings, as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from kg.store import open_build
from kg.stored import reports
from kg.validate import load_shapes, validate


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.build.validation")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("-n", type=int, default=1000, metavar="REPORTS", dest="count")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    graphs = [(report.id, report) for report in islice(reports(open_build(options.folder).store()), options.count)]
    shapes = load_shapes((), engine=options.engine)
    validate(graphs[:1], shapes)  # loads what checking needs
    start = time.process_time()
    found = validate(graphs, shapes)
    took = time.process_time() - start
    print(json.dumps({"reports": len(graphs), "cpu": took, "findings": len(found.findings)}))


if __name__ == "__main__":
    main()
