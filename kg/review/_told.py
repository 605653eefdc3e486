"""What became of decisions -> findings, lines for people, rows for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kg.codes import ELSEWHERE, STALE
from kg.decisions import Decision, Decisions, OfClaim, Statement
from kg.model import Finding, Label
from kg.review._apply import Outcome
from kg.terminal import visible

MOST = 10
"""Decisions that a finding lists."""

_REMEDY = "read the report again, then decide anew; kg review undo {} takes the decision back"
_STATES = {"applied": "applied", "idle": "not needed", "stale": "no longer applies", "elsewhere": "not in this build"}


def findings(decisions: Decisions, outcomes: Iterable[Outcome]) -> Iterator[Finding]:
    """Yield a finding for each decision that no longer applies, and one for all that are about what the build does not hold."""
    ids = {id(decision): name for name, decision in decisions.by_id().items()}
    elsewhere: list[Outcome] = []
    for outcome in outcomes:
        if outcome.state == "stale":
            yield _stale(outcome, ids[id(outcome.decision)])
        elif outcome.state == "elsewhere":
            elsewhere.append(outcome)
    if elsewhere:
        count = len(elsewhere)
        what = f"{count:,} decisions are" if count > 1 else "a decision is"
        notes = [f"{ids[id(outcome.decision)]}: {described(outcome.decision)}: {outcome.reason}" for outcome in elsewhere[:MOST]]
        if count > MOST:
            notes.append(f"and {count - MOST:,} more: kg review list")
        yield Finding(ELSEWHERE, "info", f"{what} about what this build does not hold", notes=tuple(notes))


def described(decision: Decision) -> str:
    """Return a decision in words."""
    if not isinstance(decision, OfClaim):
        one, other = decision.names
        return f"{decision.do} {decision.kind}: {one}, {other}"
    return f"{decision.do} {decision.said}" + (f" to {decision.to}" if decision.to else "")


def lines(decisions: Decisions, outcomes: Iterable[Outcome]) -> str:
    """Return decisions for people: id, what is decided, what became of it, its words, remarks, where it stands."""
    ids = {id(decision): name for name, decision in decisions.by_id().items()}
    return "".join(
        "".join(f"{visible(line)}\n" for line in _lines(decisions, outcome, ids[id(outcome.decision)])) for outcome in outcomes
    )


def rows(decisions: Decisions, outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return an object for each decision and what became of it."""
    ids = {id(decision): name for name, decision in decisions.by_id().items()}
    return [
        {
            **row(ids[id(outcome.decision)], outcome.decision),
            "state": outcome.state,
            "reason": outcome.reason or None,
            "in": outcome.report,
            "start": outcome.span.start if outcome.span else None,
            "end": outcome.span.end if outcome.span else None,
        }
        for outcome in outcomes
    ]


def row(name: str, decision: Decision) -> dict[str, Any]:
    """Return a decision as an object for programs; `name` is its id."""
    remarks = {"note": decision.note or None, "by": decision.by or None, "line": decision.line}
    if not isinstance(decision, OfClaim):
        return {"id": name, "do": decision.do, "kind": decision.kind, "names": list(decision.names), **remarks}
    return {
        "id": name,
        "do": decision.do,
        "report": decision.report,
        **_said(decision.said),
        "to": _said(decision.to) if decision.to else None,
        "mention": decision.quote.mention,
        "quote": decision.quote.words,
        **remarks,
    }


def _said(said: Statement) -> dict[str, str | None]:
    return {"model": said.model, "relation": said.relation, "value": said.value, "stage": said.stage, "unit": said.unit}


def _lines(decisions: Decisions, outcome: Outcome, name: str) -> Iterator[str]:
    decision = outcome.decision
    reason = f": {outcome.reason}" if outcome.reason else ""
    yield f"{name} {described(decision)}: {_STATES[outcome.state]}{reason}"
    if isinstance(decision, OfClaim):
        moved = f" (now {outcome.report})" if outcome.report not in {None, decision.report} else ""
        yield f"  {decision.report}{moved}: “{decision.quote.words}”"
    for word, text in (("why", decision.note), ("who", decision.by), ("in", decisions.place(decision))):
        if text:
            yield f"  {word}: {text}"


def _stale(outcome: Outcome, name: str) -> Finding:
    decision, report = outcome.decision, outcome.report
    span = outcome.span if report else None
    labels = (Label(report, span.start, span.end),) if span and report else ()
    quote = (f"decided about: “{decision.quote.words}”",) if isinstance(decision, OfClaim) else ()
    message = f"a decision no longer applies: {described(decision)}: {outcome.reason}"
    return Finding(STALE, "warning", message, labels, (*quote, _REMEDY.format(name)), report)
