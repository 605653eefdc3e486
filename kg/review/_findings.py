"""What became of decisions -> findings: those that no longer apply (KG460), and those about what is not in the build (KG461)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.codes import ELSEWHERE, STALE
from kg.decisions import Decision, Decisions, OfClaim
from kg.model import Finding, Label
from kg.review._apply import Outcome

MOST = 10
"""Decisions that a finding lists."""

_REMEDY = "read the report again, then decide anew; kg review undo {} takes the decision back"


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


def _stale(outcome: Outcome, id: str) -> Finding:
    decision, report = outcome.decision, outcome.report
    span = outcome.span if report else None
    labels = (Label(report, span.start, span.end),) if span and report else ()
    quote = (f"decided about: “{decision.quote.words}”",) if isinstance(decision, OfClaim) else ()
    message = f"a decision no longer applies: {described(decision)}: {outcome.reason}"
    return Finding(STALE, "warning", message, labels, (*quote, _REMEDY.format(id)), report)
