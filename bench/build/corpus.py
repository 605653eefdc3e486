"""Reports on disk, as one file of JSON lines, and beside it what is wrong in them on purpose; what a build found of it."""

from __future__ import annotations

import json
import random
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.build.reports import Made, report
from bench.models import known

REPORTS, WRONG = "reports.jsonl", "wrong.jsonl"
SEVERITIES = ("violation", "warning")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Reports that were written: how many, of how many models and bytes, and how many are wrong on purpose."""

    folder: str
    reports: int
    models: int
    bytes: int
    wrong: int

    @property
    def path(self) -> Path:
        """Return the file of the reports."""
        return Path(self.folder, REPORTS)


@dataclass(frozen=True, slots=True)
class Found:
    """What a build found wrong, beside what is wrong on purpose: how many of it, and what is missing or too much."""

    as_meant: int
    missing: tuple[str, ...]
    further: tuple[str, ...]


def write(folder: Path, count: int, seed: int = 1, changed: Container[int] = ()) -> Corpus:
    """Write so many reports; those `changed` state one fact more."""
    folder.mkdir(parents=True, exist_ok=True)
    models: set[str] = set()
    size = wrong = 0
    with (
        (folder / REPORTS).open("w", encoding="utf-8", newline="\n") as reports,
        (folder / WRONG).open("w", encoding="utf-8", newline="\n") as list_,
    ):
        for number in range(count):
            made = report(number, seed)
            made = _changed(made, number, seed) if number in changed else made
            models.add(made.model)
            size += len(made.text.encode())
            reports.write(json.dumps({"id": made.id, "text": made.text}, ensure_ascii=False) + "\n")
            if made.wrong:
                wrong += 1
                kind, code = made.wrong
                list_.write(json.dumps({"report": made.id, "code": code, "kind": kind}) + "\n")
    return Corpus(str(folder), count, len(models), size, wrong)


def _changed(made: Made, number: int, seed: int) -> Made:
    """Return a report with one sentence more, which states a fact."""
    names = known()["evaluation"].several(random.Random(f"{seed}/changed/{number}"), 2)
    return replace(made, text=f"{made.text}\nWe evaluated {made.model} on {' and '.join(names)}.\n")


def found(corpus: Corpus, build: Path) -> Found:
    """Compare what a build calls a violation or a warning with what is wrong on purpose."""
    meant = set()
    with Path(corpus.folder, WRONG).open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            meant.add(f"{row['report']} {row['code']}")
    told = set(_told(build / "findings.json"))
    return Found(len(meant & told), tuple(sorted(meant - told)), tuple(sorted(told - meant)))


def _told(path: Path) -> Iterator[str]:
    """Yield report and code of each finding that is no mere note, without holding the file."""
    own: dict[str, str] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('    "'):  # a finding's own members; deeper ones are indented further
                name, _, value = line.strip().rstrip(",").partition(": ")
                own[name.strip('"')] = value
            elif line.startswith("  }") and json.loads(own["severity"]) in SEVERITIES:
                yield f"{str(json.loads(own['report'])).rpartition('/')[2]} {json.loads(own['code'])}"


def to_json(corpus: Corpus) -> dict[str, str | int]:
    """Return what `Corpus(**...)` takes."""
    return asdict(corpus)
