"""Measure what `kg query --evidence` adds to a query: `python -m bench.evidence [-n DOCUMENTS] [--seed N]`.

The documents of `bench.corpus` are built once in a folder for the moment; the seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.corpus import documents
from bench.extraction import machine
from kg import outcome, pipeline
from kg.config import Config
from kg.query import run

QUERIES = ("training", "models", "evidence")


def measured(count: int, seed: int) -> Iterator[tuple[str, int, float, float]]:
    """Yield each query, its rows, and the seconds that it takes without and with the words."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "reports.jsonl")
        rows = ({"id": id, "text": text} for id, text in documents(count, seed=seed))
        corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        built = pipeline.build([corpus], Path(folder, "out"), config=Config(), progress=lambda *_: None, say=lambda _: None).build
        store, quoted = built.store(), partial(outcome.sources, built)
        for name in QUERIES:
            start = time.process_time()
            answer = run(store, name, format="tsv")
            middle = time.process_time()
            run(store, name, format="tsv", evidence=quoted)
            yield name, answer.count(b"\n") - 1, middle - start, time.process_time() - middle


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.evidence", description="Measure a query's evidence.")
    parser.add_argument("-n", type=int, default=2000, metavar="DOCUMENTS", dest="count")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args(arguments)
    print(f"python -m bench.evidence -n {options.count}; {machine()}")
    for name, rows, plain, cited in measured(options.count, options.seed):
        print(f"{name:<9} {rows:>7,} rows  {plain:6.2f} s  with evidence {cited:6.2f} s")


if __name__ == "__main__":
    main()
