"""The numbers of a report, and ways to change each so that arithmetic or plausibility breaks: mild changes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kg.config import Config
from kg.contradict import told_once
from kg.extract import extract
from kg.graph import report_graph
from kg.ingest import read_text
from kg.model import Claim, Document, Finding
from kg.records import Record, findings_unpacked
from kg.resolve import ambiguous, names_of, resolve
from kg.schema import load_schema
from kg.similar import similar
from kg.steps.models import of_models
from kg.steps.read import ordered
from kg.validate import ShapesGraph, load_shapes, validate

NUMBER = re.compile(r"\d[\d,]*\d(?:\.\d+)?(?:e-?\d+)?|\d(?:\.\d+)?(?:e-?\d+)?")
NUMERIC = frozenset(
    "parameterCount releaseYear duration acceleratorCount globalBatchSize perDeviceBatchSize gradientAccumulationSteps"
    " trainingExamples peakLearningRate minLearningRate warmupSteps warmupFraction imageResolution steps epochs weightDecay".split()
)

Change = Callable[[str], str]


def times(factor: int, number: str) -> str:
    """Return a whole or decimal number multiplied, without separators."""
    whole, _, decimals = number.replace(",", "").partition(".")
    digits = str(int(whole + decimals) * factor)
    return f"{digits[: -len(decimals)]}.{digits[-len(decimals) :]}" if decimals else digits


def plus_one(number: str) -> str:
    """Return the next whole number."""
    return str(int(number.replace(",", "")) + 1)


def becomes(value: str, number: str) -> str:
    """Return another value, whatever the number was."""
    return value


CHANGES: Mapping[str, Sequence[Change]] = {
    "parameterCount": [partial(times, 10), partial(times, 10**6)],
    "releaseYear": [partial(becomes, "2016"), partial(becomes, "1016")],
    "duration": [partial(times, 50), partial(times, 1000)],
    "acceleratorCount": [plus_one, partial(times, 3)],
    "globalBatchSize": [plus_one, partial(times, 3)],
    "perDeviceBatchSize": [plus_one, partial(times, 3), partial(times, 3000)],
    "gradientAccumulationSteps": [plus_one, partial(times, 3)],
    "trainingExamples": [partial(times, 10**4), partial(times, 10**6), partial(times, 10**7)],
    "peakLearningRate": [partial(becomes, "1e-7"), partial(becomes, "1e-1")],
    "minLearningRate": [partial(becomes, "1e-3"), partial(becomes, "1e-1")],
    "warmupSteps": [
        partial(times, 1000),
        partial(times, 9000),
        partial(times, 10**4),
        partial(times, 4 * 10**4),
        partial(times, 10**6),
    ],
    "warmupFraction": [partial(times, 19)],
    "imageResolution": [partial(times, 100), partial(times, 10**4)],
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a report: where it stands, and the claim that it is part of, if there is one."""

    text: str
    start: int
    end: int
    claim: Claim | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: the number that was written instead, the findings that cover it, and those that do not."""

    written: str
    here: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]


def judged(text: str, shapes: ShapesGraph) -> list[Finding]:
    """Return the findings of a build of one report that are about what it says: shapes and contradictions, no gaps."""
    schema = load_schema()
    document = read_text(text, "report.txt")
    extraction = extract(document, schema)
    record = Record(document, ordered(extraction.claims, document), extraction.suggestions, extraction.findings)
    names = names_of(record.claims, schema)
    claims = resolve(record.claims, schema, names)
    checked = validate([(document.id, report_graph(document, claims, names, schema))], shapes, base=schema.base)
    iris = {names.model(document.id, claim.model) for claim in claims}
    following = of_models(iris, {document.id: record}, {}, names, schema, Config())
    told = [finding for packed in following.told.values() for finding in findings_unpacked(packed)]
    before = [*document.findings, *extraction.findings, *ambiguous(claims, schema), *similar(claims, schema, names)]
    every = told_once([*before, *checked.findings, *told], lambda: claims)
    return [finding for finding in every if not finding.code.startswith("KG2")]


def mentions(text: str) -> Iterator[Mention]:
    """Yield the numbers of a report in order, each with the numeric claim around it."""
    document: Document = read_text(text, "report.txt")
    claims = [claim for claim in extract(document, load_schema()).claims if claim.relation in NUMERIC]
    for match in NUMBER.finditer(text):
        around = [claim for claim in claims if claim.start <= match.start() and match.end() <= claim.end]
        around = [claim for claim in around if claim.method != "rule:size-in-name"]
        yield Mention(match[0], *match.span(), around[0] if around else None)


def outcomes(text: str, mention: Mention, before: Sequence[Finding], shapes: ShapesGraph) -> Iterator[Outcome]:
    """Yield what becomes of each change of a number, mild ones first."""
    assert mention.claim is not None
    for change in CHANGES[mention.claim.relation]:
        written = change(mention.text)
        changed = text[: mention.start] + written + text[mention.end :]
        shift = len(written) - len(mention.text)
        old = {_signature(finding, mention.end, shift) for finding in before}
        here, elsewhere = [], []
        for finding in judged(changed, shapes):
            covers = any(label.start < mention.start + len(written) and mention.start < label.end for label in finding.labels)
            if covers:
                here.append(finding)
            elif _signature(finding, 0, 0) not in old:
                elsewhere.append(finding)
        yield Outcome(written, tuple(here), tuple(elsewhere))


def _signature(finding: Finding, after: int, shift: int) -> tuple[str, str, tuple[tuple[int, int], ...]]:
    """Return what tells a finding from others, its places moved by what was written before them."""
    places = tuple(
        (label.start + shift * (label.start >= after > 0), label.end + shift * (label.end >= after > 0)) for label in finding.labels
    )
    return finding.code, finding.message, places


def shipped_shapes() -> ShapesGraph:
    """Return kg's own shapes."""
    return load_shapes(())


def seeds(folder: Path) -> list[Path]:
    """Return the reports of a folder, in order."""
    return sorted(folder.glob("*.txt"))
