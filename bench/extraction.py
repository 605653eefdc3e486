"""Measure how fast reports are read and facts extracted, beside a plain scan and spaCy's matchers of names, all in one run.

`python -m bench.extraction [-n DOCUMENTS] [--papers N] [--passes N] [--seed N]`. Two corpora: short documents dense with facts, and
documents as long as a paper, of which few paragraphs state any. One process, one core; documents are in memory; each engine is
warmed up, then the engines take turns for each pass, and the median counts. The ratio is the time of `extract` over theirs.
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
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench.corpus import documents, paper
from kg.extract import extract
from kg.ingest import read_text
from kg.schema import Schema, load_schema

Engine = Callable[[str, str], object]
WARM_UP = 250_000  # characters
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
    ruled = spacy.blank("en")
    ruler: Any = ruled.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([{"label": "name", "pattern": name} for name in sorted(names)])
    told = f"spaCy {version('spacy')}: tokens and %s, the same {len(names):,} names"
    found[told % "PhraseMatcher"] = lambda id, text: matcher(nlp.make_doc(text))
    found[told % "EntityRuler"] = lambda id, text: ruled(text)
    return found


def seconds(engine: Engine, corpus: list[tuple[str, str]]) -> float:
    """Return the processor time that an engine takes for the whole corpus: other programs do not count."""
    start = time.process_time()
    for id, text in corpus:
        engine(id, text)
    return time.process_time() - start


def beginning(corpus: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the first documents, up to WARM_UP characters, at least one."""
    sizes = accumulate(len(text) for _, text in corpus)
    return corpus[: 1 + sum(size < WARM_UP for size in sizes)]


def measure(what: str, corpus: list[tuple[str, str]], chosen: dict[str, Engine], passes: int) -> str:
    """Return the results as a Markdown table."""
    count, size = len(corpus), sum(len(text.encode()) for _, text in corpus)
    for engine in chosen.values():
        seconds(engine, beginning(corpus))
    times: dict[str, list[float]] = {name: [] for name in chosen}
    for _ in range(passes):
        for name, engine in chosen.items():
            times[name].append(seconds(engine, corpus))
    median = {name: statistics.median(values) for name, values in times.items()}
    lines = [
        f"{count:,} {what}, {size / 1e6:.1f} MB, median of {passes} passes, processor time of one core",
        "",
        "| engine | documents/s | MB/s | extract takes, times this |",
        "|---|---:|---:|---:|",
    ]
    for name, value in sorted(median.items(), key=lambda item: item[1]):
        lines.append(f"| {name} | {count / value:,.0f} | {size / value / 1e6:,.2f} | {median[EXTRACT] / value:,.2f} |")
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
    parser.add_argument("--papers", type=int, default=50, metavar="N")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    given = f"-n {options.n} --papers {options.papers} --passes {options.passes} --seed {options.seed}"
    print(f"`python -m bench.extraction {given}`: {machine()}")
    chosen = engines(load_schema())
    dense = list(documents(options.n, options.seed))
    long = [paper(number, options.seed) for number in range(options.papers)]
    for what, corpus in (("documents dense with facts", dense), ("documents as long as a paper", long)):
        if corpus:
            print(f"\n{measure(what, corpus, chosen, options.passes)}")
    if not any(name.startswith("spaCy") for name in chosen):
        print("\nspaCy is not installed, so it was left out: pip install 'kg[bench]'")


if __name__ == "__main__":
    main()
