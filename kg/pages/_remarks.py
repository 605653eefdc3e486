"""Findings about a model -> where on its page they stand: beside the facts that they are about, or in the part that lacks some."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.codes import codes
from kg.findings import kind_of
from kg.model import Finding
from kg.pages._amounts import clipped
from kg.pages._facts import Key, Part
from kg.pages._quotes import Quote, Reports, quote
from kg.sparql.statements import DOMAINS
from kg.why import Graph

MOST = 40
"""Findings that a page shows; the others are counted."""

_SIDES, _NOTES = 6, 8
_LONG = 600
_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Side:
    """A place that a finding points at, with what is said of it."""

    quote: Quote
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding as a page shows it: a gap, a contradiction, or another remark; `known` tells whether its code has a page."""

    code: str
    kind: str
    severity: str
    message: str
    notes: tuple[str, ...]
    sides: tuple[Side, ...]
    more: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class Placed:
    """Findings by where they stand: after the facts of a part's relation, or at the end of a part."""

    beside: Mapping[tuple[str, str], Sequence[Finding]]
    within: Mapping[str, Sequence[Finding]]
    left: int = 0


def remark(finding: Finding, reports: Reports) -> Remark:
    """Return a finding with the words that it points at."""
    sides = tuple(
        Side(quote(label.report, label.start, label.end, reports), clipped(label.text, _LONG)) for label in finding.labels[:_SIDES]
    )
    return Remark(
        code=finding.code,
        kind=kind_of(finding.code),
        severity=finding.severity,
        message=clipped(finding.message, _LONG),
        notes=tuple(clipped(note, _LONG) for note in finding.notes[:_NOTES]),
        sides=sides,
        more=max(len(finding.labels) - _SIDES, 0),
        known=finding.code in _pages(),
    )


def _pages() -> set[str]:
    return {known.code for known in codes()}


def placed(graph: Graph, findings: Iterable[Finding], parts: Sequence[Part], stated: Iterable[Key]) -> Placed:
    """Return where findings about the parts of a model stand; those about other models are left out."""
    holders = {subject: part for part in parts for subject in part.subjects}
    of_relation: dict[str, list[str]] = {}
    for key in stated:
        names = of_relation.setdefault(key.relation, [])
        if key.part.name not in names:
            names.append(key.part.name)
    beside: dict[tuple[str, str], list[Finding]] = {}
    within: dict[str, list[Finding]] = {}
    about = [finding for finding in findings if finding.subject in holders]
    for finding in about[:MOST]:
        part = _part(graph, finding, holders[finding.subject or ""], parts, of_relation)
        if finding.relation and part in of_relation.get(finding.relation, ()):
            beside.setdefault((part, finding.relation), []).append(finding)
        else:
            within.setdefault(part, []).append(finding)
    return Placed(beside, within, max(len(about) - MOST, 0))


def _part(graph: Graph, finding: Finding, part: Part, parts: Sequence[Part], of_relation: Mapping[str, Sequence[str]]) -> str:
    """Return the part that a finding is about: one of a model about its training stands where the training is told of."""
    relation = graph.schema.relations.get(finding.relation or "")
    if part is not parts[0] or relation is None or relation.domain not in DOMAINS - {"Model"}:
        return part.name
    told = of_relation.get(relation.name, ())
    runs = [other.name for other in parts[1:]]
    return told[0] if len(told) == 1 else next((name for name in runs if name == "training"), runs[0] if runs else part.name)


def gap_codes(findings: Iterable[Finding]) -> dict[str, str]:
    """Return the codes of the gaps that relations nobody states belong to, by the relations' names."""
    found: dict[str, str] = {}
    for finding in findings:
        if kind_of(finding.code) == "gap":
            looked = [note for note in finding.notes if note.startswith(("looked for ", "missing: "))]
            for name in (finding.relation or "", *(word for note in looked for word in _WORD.findall(note))):
                found.setdefault(name, finding.code)
    return found
