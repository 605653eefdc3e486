"""Measure how fast reports are read and facts extracted, beside a plain scan and spaCy's PhraseMatcher, all in one run.

`python -m bench.extraction [-n DOCUMENTS] [--passes N] [--seed N]`. One process, one core; documents are in memory; each engine
is warmed up, then the engines take turns for each pass, and the median counts. The ratio is the time of `extract` over theirs.
"""

from __future__ import annotations

import argparse
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from bench.corpus import documents
from kg.extract import extract
from kg.ingest import read_text
from kg.schema import Schema, load_schema

Engine = Callable[[str, str], object]
WARM_UP = 100
EXTRACT = "kg: read and extract"
_DIGITS = re.compile(r"\d+")


def engines(schema: Schema) -> dict[str, Engine]:
    """Return what is measured, by name; spaCy only where it is installed."""
    found: dict[str, Engine] = {
        "plain scan (newlines, one pattern for digits)": lambda id, text: text.count("\n") + len(_DIGITS.findall(text)),
        "kg: read": lambda id, text: read_text(text, id),
        EXTRACT: lambda id, text: extract(read_text(text, id), schema),
    }
    try:
        import spacy
        from spacy.matcher import PhraseMatcher
    except ModuleNotFoundError:
        return found
    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    names = {name for thing in schema.things for name in (thing.name, *thing.aliases)}
    matcher.add("name", [nlp.make_doc(name) for name in sorted(names)])
    found[f"spaCy {version('spacy')}: tokens and PhraseMatcher, the same {len(names):,} names"] = lambda id, text: matcher(
        nlp.make_doc(text)
    )
    return found


def seconds(engine: Engine, corpus: list[tuple[str, str]]) -> float:
    """Return the processor time that an engine takes for the whole corpus: other programs do not count."""
    start = time.process_time()
    for id, text in corpus:
        engine(id, text)
    return time.process_time() - start


def measure(count: int, passes: int, seed: int) -> str:
    """Return the results as a Markdown table."""
    corpus = list(documents(count, seed))
    size = sum(len(text.encode()) for _, text in corpus)
    chosen = engines(load_schema())
    for engine in chosen.values():
        seconds(engine, corpus[:WARM_UP])
    times: dict[str, list[float]] = {name: [] for name in chosen}
    for _ in range(passes):
        for name, engine in chosen.items():
            times[name].append(seconds(engine, corpus))
    median = {name: statistics.median(values) for name, values in times.items()}
    lines = [
        f"{count:,} documents, {size / 1e6:.1f} MB, median of {passes} passes, processor time of one core",
        "",
        "| engine | documents/s | MB/s | extract takes, times this |",
        "|---|---:|---:|---:|",
    ]
    for name, value in sorted(median.items(), key=lambda item: item[1]):
        lines.append(f"| {name} | {count / value:,.0f} | {size / value / 1e6:,.2f} | {median[EXTRACT] / value:,.2f} |")
    if not any(name.startswith("spaCy") for name in chosen):
        lines += ["", "spaCy is not installed, so it was left out: pip install 'kg[bench]'"]
    return "\n".join(lines)


def machine() -> str:
    """Return the processor and the Python version."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (
        f"{names[0] if names else platform.processor() or platform.machine()}, Python {platform.python_version()}, {sys.platform}"
    )


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.extraction", description=__doc__)
    parser.add_argument("-n", type=int, default=2000, metavar="DOCUMENTS")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(f"`python -m bench.extraction -n {options.n} --passes {options.passes} --seed {options.seed}`: {machine()}")
    print(measure(options.n, options.passes, options.seed))


if __name__ == "__main__":
    main()
