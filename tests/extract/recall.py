"""What share of the gold values stands among the numbers, names and words that were scanned.

`python -m tests.extract.recall [--missed] [FOLDER…]`: FOLDER holds documents beside their gold (`x.md`, `x.json`); without one the
development sets of the evaluation material are read. No role is decided here: what no scanner finds, no rule behind it can claim.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.extract.rules import scan
from kg.extract.rules.compounds import joined
from kg.extract.rules.lexicon import Name
from kg.extract.rules.numbers import Number
from kg.ingest import read, walk
from kg.model import Document
from kg.schema import Schema, load_schema
from kg.values import name_key

SETS = ("seeds", "style", "real", "vlm")
CLOSED = frozenset({"precision", "learningRateSchedule"})
KINDS = {
    "trainingDataset": "dataset",
    "evaluationDataset": "dataset",
    "extends": "model",
    "imageEncoder": "model",
    "languageModel": "model",
}
_HOURS = {"Y": 8760.0, "M": 720.0, "D": 24.0}
_CLOCK = {"H": 1.0, "M": 1 / 60, "S": 1 / 3600}
_DETAILS = (re.compile(r"\s*[(/|,].*$"), re.compile(r"^\S+/(?=\S+$)"))  # `boolq/acc`, `lmsys/vicuna`
_POWERS = (1.0, 1e12, 1e15, 1e18, 1e21, 1e24, 8.64e19)  # units of floating-point operations: tera to yotta, petaflop/s-days


@dataclass(frozen=True, slots=True)
class Mentions:
    """What was scanned in one document, in the forms that gold values are compared with."""

    sizes: frozenset[float]
    hours: frozenset[float]
    resolutions: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]
    things: frozenset[str]


@dataclass(slots=True)
class Tally:
    """How many values of each relation there are, how many were found, and which were not."""

    total: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of all values that were found."""
        return self.found.total() / self.total.total()


def mentions(document: Document, schema: Schema) -> Mentions:
    """Scan a document as the rule extractor does."""
    scanned = scan(document, schema)
    numbers: list[Number] = []
    names: list[Name] = []
    labels: set[str] = set()
    words: set[str] = set()
    for i, sentence in enumerate(scanned.sentences):
        numbers += joined(sentence)
        names += [*sentence.names, *scanned.shaped[i]]
        words |= {topic.rpartition(":")[2] for cue in sentence.cues for topic in cue.topics if topic.startswith("value:")}
        labels |= {sentence.segment.row, *(sentence.words,) * (sentence.segment.kind != "sentence")}
    written = {label.strip(" *_`[]") for label in labels} - {""}
    written |= {detail.sub("", label) for label in written for detail in _DETAILS}
    things = [thing for name in names for thing in name.things] + [
        thing for label in sorted(written) for thing in schema.find(label)
    ]
    return Mentions(
        sizes=frozenset(size for number in numbers for size in _sizes(number)),
        hours=frozenset(hours(number.value) for number in numbers if number.form == "duration"),
        resolutions=frozenset(number.value for number in numbers if number.form == "resolution"),
        words=frozenset(words),
        names=frozenset(map(name_key, (*written, *(name.text for name in names)))),
        things=frozenset(thing.iri for thing in things),
    )


def _sizes(number: Number) -> list[float]:
    values = [value for value in (number.value, number.value_max) if value]
    return [float(value) for value in values] if number.form not in {"clock", "duration", "resolution"} else []


def hours(duration: str) -> float:
    """Return the length of a canonical duration in hours, a month taken as 30 days."""
    total, digits, units = 0.0, "", _HOURS
    for sign in duration[1:]:
        if sign == "T":
            units = _CLOCK
        elif sign in units:
            total, digits = total + float(digits) * units[sign], ""
        else:
            digits += sign
    return round(total, 4)


def holds(seen: Mentions, fact: dict[str, Any], schema: Schema) -> bool:
    """Say whether a gold value stands among the mentions, in any of its spellings."""
    relation = schema.relation(fact["relation"])
    values = [str(value) for value in (fact["value"], *fact.get("aliases", ()))]
    if relation.name in CLOSED:
        return not seen.words.isdisjoint(values)
    if relation.name == "duration":
        return not seen.hours.isdisjoint(map(hours, values[:1]))
    if relation.name == "imageResolution":
        return not seen.resolutions.isdisjoint(values) or float(values[0].partition("x")[0]) in seen.sizes
    if relation.range in {"xsd:integer", "xsd:decimal", "xsd:double", "xsd:gYear"}:
        return _is_near(seen.sizes, float(values[0]), relation.name)
    known = {thing.iri for value in values for thing in schema.find(value, KINDS.get(relation.name, relation.name))}
    if relation.name == "accelerator":  # the size of its memory may stand a few words on
        return any(iri == found or iri.startswith(f"{found}-") for iri in known for found in seen.things)
    return not seen.names.isdisjoint(map(name_key, values)) or not seen.things.isdisjoint(known)


def _is_near(sizes: Iterable[float], wanted: float, relation: str) -> bool:
    scales = _POWERS if relation == "trainingCompute" else (1.0, 0.01) if relation == "warmupFraction" else (1.0,)
    return any(abs(size * scale - wanted) <= 1e-6 * abs(wanted) for size in sizes for scale in scales)


def recall(folder: Path, schema: Schema) -> Tally:
    """Compare the documents of a folder with their gold; only what is explicit and required counts."""
    tally = Tally()
    for source in walk([folder])[0]:
        gold = Path(source.path).with_suffix(".json")
        if not gold.is_file():
            continue
        seen = mentions(read(source), schema)
        for fact in json.loads(gold.read_text(encoding="utf-8"))["facts"]:
            if not fact.get("explicit", True) or fact.get("optional"):
                continue
            relation = fact["relation"]
            tally.total[relation] += 1
            if holds(seen, fact, schema):
                tally.found[relation] += 1
            else:
                tally.missed.append(f"{gold.stem}: {relation}={fact['value']}  {fact.get('evidence', '')!r}")
    return tally


def table(tallies: dict[str, Tally]) -> str:
    """Return the shares per relation and folder as a Markdown table."""
    relations = sorted({relation for tally in tallies.values() for relation in tally.total})
    rows = [f"| relation | {' | '.join(tallies)} |", "|---|" + "---:|" * len(tallies)]
    for relation in relations:
        rows.append(f"| {relation} | " + " | ".join(_cell(t.found[relation], t.total[relation]) for t in tallies.values()) + " |")
    rows.append("| **all** | " + " | ".join(_cell(t.found.total(), t.total.total()) for t in tallies.values()) + " |")
    return "\n".join(rows)


def _cell(found: int, total: int) -> str:
    return f"{found}/{total} {found / total:.0%}" if total else ""


def main(arguments: list[str] | None = None) -> None:
    """Print the table, or what was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.extract.recall", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--missed", action="store_true")
    options = parser.parse_args(arguments)
    shared = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[3] / "shared")
    folders = options.folders or [shared / "eval" / name for name in SETS]
    tallies = {folder.name: recall(folder, load_schema()) for folder in folders}
    lines = [line for tally in tallies.values() for line in tally.missed] if options.missed else [table(tallies)]
    sys.stdout.write("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
