"""Decisions on what was read in reports -> what the reports say now, and what became of each decision.

A decision holds as long as its quote stands in its report, or in another one of the same file when entries have moved. Accepted,
added and corrected claims are asserted whether or not the extractor still reads them; words come before readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, get_args

from kg.decisions import Decision, Decisions, Folded, OfClaim, OfNames, Statement, fold, folded, refuse, spelled
from kg.model import Claim, Span
from kg.review._places import places_of

METHOD = "review"
"""The method of claims that a person has decided."""

State = Literal["applied", "idle", "stale", "elsewhere"]
"""`idle`: kg does not read it anyway. `stale`: it no longer applies. `elsewhere`: what it is about is not in this build."""

STATES: tuple[State, ...] = get_args(State)

_NOT_THERE = "its quote does not stand in the report"
_NOT_TOLD = "its quote stands in the report several times, and nothing tells which is meant"


@dataclass(frozen=True)
class Read:
    """What was read in a report, in which file of many it stands, if any. `text` is its source."""

    report: str
    text: str
    claims: tuple[Claim, ...]
    suggestions: tuple[Claim, ...]
    file: str | None = None

    @cached_property
    def folded(self) -> Folded:
        """Return the text folded, made once."""
        return fold(self.text)

    @cached_property
    def models(self) -> dict[str | None, str | None]:
        """Return the names of models that anything read in the report is about, by the names folded."""
        return {claim.model and folded(claim.model): claim.model for claim in (*self.suggestions, *self.claims)}

    def names(self, model: str | None) -> bool:
        """Decide whether the report names a model: something is read about it, or its name stands in the text."""
        return model is None or model in self.models or model.casefold() in self.folded.text.casefold()

    def at(self, span: Span) -> list[Claim]:
        """Return what is read at a place, claims first."""
        return [claim for claim in (*self.claims, *self.suggestions) if claim.start < span.end and span.start < claim.end]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision: where it was found, or why it does not apply."""

    decision: Decision
    state: State
    reason: str = ""
    report: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What reports say after decisions: claims and suggestions of those that decisions are about, and what became of each."""

    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    suggestions: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()


def apply(
    decisions: Decisions,
    reports: Mapping[str, Read],
    spellings: Iterable[tuple[str, str]],
    files: Mapping[str, Sequence[str]] | None = None,
) -> Applied:
    """Return what reports say after decisions; raise ConfigError when two decisions about one place contradict each other.

    `spellings` are the kinds and keys of all names that the build knows of; `files` the reports in each file of many, where that is
    known without looking at every report.
    """
    files = files if files is not None else _files(reports)
    found = [_outcome(decision, reports, files) for decision in decisions.of_claims]
    _refuse_contradictions(decisions, found)
    touched: dict[str, list[Outcome]] = {}
    for outcome in found:
        if outcome.state == "applied" and outcome.report is not None:
            touched.setdefault(outcome.report, []).append(outcome)
    said = {report: _decided(reports[report], touched[report]) for report in sorted(touched)}
    known = frozenset(spellings)
    outcomes = [*found, *(_of_names(decision, known) for decision in decisions.of_names)]
    return Applied(
        {report: claims for report, (claims, _) in said.items()},
        {report: suggestions for report, (_, suggestions) in said.items()},
        tuple(sorted(outcomes, key=lambda outcome: outcome.decision.line)),
    )


# Where a decision applies ---------------------------------------------------------------------------------------------------------


def _files(reports: Mapping[str, Read]) -> Mapping[str, Sequence[str]]:
    files: dict[str, list[str]] = {}
    for id, read in reports.items():
        if read.file is not None:
            files.setdefault(read.file, []).append(id)
    return files


def _outcome(decision: OfClaim, reports: Mapping[str, Read], files: Mapping[str, Sequence[str]]) -> Outcome:
    candidates = list(_candidates(decision.report, reports, files))
    if not candidates:
        return Outcome(decision, "elsewhere", "its report is not in this build")
    first = _in_report(decision, candidates[0])
    if first.reason != _NOT_THERE or len(candidates) == 1:
        return first
    others = [outcome for read in candidates[1:] if (outcome := _in_report(decision, read)).reason != _NOT_THERE]
    return others[0] if len(others) == 1 else first


def _candidates(report: str, reports: Mapping[str, Read], files: Mapping[str, Sequence[str]]) -> Iterator[Read]:
    """Yield the report of a decision: by its id, by the end of it when there is none of that id, then others of the same file."""
    named = [report] if report in reports else [id for id in reports if _is_end(id, report)]
    yield from map(reports.__getitem__, named)
    for file, inside in files.items():
        if report.startswith(f"{file}/"):
            yield from (reports[id] for id in inside if id not in named)


def _is_end(id: str, other: str) -> bool:
    """Decide whether one id is the other seen from another folder."""
    return id.endswith(f"/{other}") or other.endswith(f"/{id}")


def _in_report(decision: OfClaim, read: Read) -> Outcome:
    """Return what becomes of a decision in a report."""
    spans = places_of(decision.quote, read.folded)
    if len(spans) > 1:
        meant = [span for span in spans if _same(read.at(span), decision.said)]
        spans = tuple(meant) if len(meant) == 1 else spans
    if len(spans) != 1:
        return Outcome(decision, "stale", _NOT_TOLD if spans else _NOT_THERE, read.report)
    (span,) = spans
    there = read.at(span)
    asserted = decision.asserts
    if asserted and not read.names(asserted.model):
        return Outcome(decision, "stale", f"the report no longer names {asserted.model}", read.report, span)
    if decision.removes and not _same(there, decision.removes):
        if otherwise := _otherwise(there, decision):
            return Outcome(decision, "stale", f"kg reads these words otherwise now: {otherwise}", read.report, span)
        if asserted is None:
            return Outcome(decision, "idle", "kg does not read it here", read.report, span)
    return Outcome(decision, "applied", "", read.report, span)


def _same(claims: Iterable[Claim], said: Statement) -> list[Claim]:
    return [claim for claim in claims if Statement.of(claim).fact == said.fact]


def _otherwise(there: Iterable[Claim], decision: OfClaim) -> Statement | None:
    """Return what is read at a place instead of what is rejected or corrected there."""
    asserted, said = decision.asserts, decision.said
    others = [Statement.of(claim) for claim in there if claim.relation == said.relation]
    if asserted is None:
        return next((other for other in others if other.value == said.value), None)
    return None if any(other.fact == asserted.fact for other in others) else next(iter(others), None)


def _of_names(decision: OfNames, spellings: frozenset[tuple[str, str]]) -> Outcome:
    missing = [name for name in decision.names if (decision.kind, spelled(name)) not in spellings]
    if not missing:
        return Outcome(decision, "applied")
    return Outcome(decision, "elsewhere", f"no report of this build names the {decision.kind} {' or '.join(missing)}")


def _refuse_contradictions(decisions: Decisions, outcomes: Iterable[Outcome]) -> None:
    """Raise ConfigError for two decisions that are found at one place, though their quotes differ, and cannot both hold."""
    taken: dict[tuple[str | None, object], list[tuple[Span, OfClaim, bool]]] = {}
    for outcome in outcomes:
        decision, span = outcome.decision, outcome.span
        if not isinstance(decision, OfClaim) or span is None:
            continue
        for said, asserts in ((decision.asserts, True), (decision.removes, False)):
            if said is None:
                continue
            others = taken.setdefault((outcome.report, said.fact), [])
            for place, other, asserted in others:
                if place.start < span.end and span.start < place.end:
                    refuse(decisions, other, decision, "say the same" if asserts == asserted else "contradict each other")
            others.append((span, decision, asserts))


# What it does there ---------------------------------------------------------------------------------------------------------------


def _decided(read: Read, outcomes: Iterable[Outcome]) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """Return claims and suggestions of a report after the decisions that apply in it."""
    gone: set[int] = set()
    new: list[Claim] = []
    for outcome in outcomes:
        decision, span = outcome.decision, outcome.span
        if not isinstance(decision, OfClaim) or span is None:
            continue
        there = read.at(span)
        for said in filter(None, (decision.asserts, decision.removes)):
            gone.update(map(id, _same(there, said)))
        if decision.asserts:
            new.append(_claim(read, decision.asserts, span))
    kept = tuple(claim for claim in read.claims if id(claim) not in gone)
    return (*kept, *new), tuple(claim for claim in read.suggestions if id(claim) not in gone)


def _claim(read: Read, said: Statement, span: Span) -> Claim:
    model = read.models.get(said.model, said.model)
    words = read.text[span.start : span.end]
    claim = Claim(read.report, model, said.relation, said.value, span.start, span.end, words, said.stage, said.unit)
    return replace(claim, approximate=said.approximate, value_max=said.value_max, method=METHOD)
