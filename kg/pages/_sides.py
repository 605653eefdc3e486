"""The findings that point into a report -> what is wrong or missing there, each with its places, in other reports too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import BuildError
from kg.findings import FINDINGS, kind_of
from kg.model import Finding, Label
from kg.pages._amounts import clipped
from kg.pages._cuts import page_of
from kg.pages._marks import Part
from kg.places import ReportSource
from kg.why import Graph

_NOTES = 6
_LABELS = 12
_ELSEWHERE = 8  # other reports that are read for one page
_MENTION, _NOTE = 80, 400  # characters


@dataclass(frozen=True, slots=True)
class Side:
    """A place that a finding points to: its words, if they are known, and what is said of them; `here` in the report itself."""

    report: str
    start: int
    end: int
    page: int
    mention: str | None
    text: str
    here: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about a report: `number` counts those of the report from 1; `more` places are not shown."""

    number: int
    code: str
    kind: str
    severity: str
    message: str
    notes: tuple[str, ...]
    sides: tuple[Side, ...]
    more: int = 0

    @property
    def id(self) -> str:
        """Return the id of its entry."""
        return f"finding-{self.number}"


def findings_in(graph: Graph, report: str) -> list[tuple[int, Finding]]:
    """Return the findings about a report or its words, by its id, numbered from 1; a build may have none at all."""
    try:
        found = graph.findings_about(None, [report])
    except BuildError:
        if (graph.folder / FINDINGS).exists():
            raise
        return []
    about = [item for item in found if item.report == report or any(label.report == report for label in item.labels)]
    return list(enumerate(about, 1))


def on_part(findings: Iterable[tuple[int, Finding]], report: str, part: Part) -> list[tuple[int, Finding]]:
    """Return the findings that point into a part of a report; those that point nowhere in it belong to its beginning."""
    found = []
    for number, item in findings:
        labels = [label for label in item.labels if label.report == report]
        if any(touches(label, part) for label in labels) or (not labels and part.start == 0):
            found.append((number, item))
    return found


def touches(label: Label, part: Part) -> bool:
    """Say whether a part shows something of a label's words."""
    return label.start < part.end and part.start < max(label.end, label.start + 1)


def remarks(graph: Graph, report: str, source: ReportSource, findings: Sequence[tuple[int, Finding]]) -> list[Remark]:
    """Return findings as they are listed, with the words they point to in this report (`source`) and in some others."""
    names = [label.report for _, item in findings for label in item.labels[:_LABELS] if label.report != report]
    texts = {**graph.sources(list(dict.fromkeys(names))[:_ELSEWHERE]), report: source}
    return [_remark(number, item, report, texts) for number, item in findings]


def _remark(number: int, item: Finding, report: str, texts: Mapping[str, ReportSource]) -> Remark:
    notes = tuple(clipped(note, _NOTE) for note in item.notes[:_NOTES])
    own_first = sorted(item.labels, key=lambda label: label.report != report)[:_LABELS]
    sides = tuple(_side(label, report, texts.get(label.report)) for label in own_first)
    message = clipped(item.message, _NOTE)
    return Remark(number, item.code, kind_of(item.code), item.severity, message, notes, sides, len(item.labels) - len(sides))


def _side(label: Label, report: str, source: ReportSource | None) -> Side:
    here = label.report == report
    if source is None:
        return Side(label.report, label.start, label.end, 1, None, clipped(label.text, _NOTE), here)
    mention = " ".join(source.text[label.start : min(label.end, label.start + 4 * _MENTION)].split())
    page = page_of(source.text, label.start)
    return Side(label.report, label.start, label.end, page, clipped(mention, _MENTION), clipped(label.text, _NOTE), here)
