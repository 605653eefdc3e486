"""Scores -> JSON objects: every answer with the words that give it, every derived number with its formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from kg.gaps.answers import Answer, Score
from kg.gaps.compute import Amount, Compute, compute_of, verdict
from kg.gaps.groups import Group
from kg.gaps.profile import Profile
from kg.gaps.told import Told
from kg.model import Claim, Derived, Label
from kg.places import ReportSource, place

Sources = Mapping[str, ReportSource]
"""The reports of a build by id, to tell the file, line and column of a claim."""


def profile_row(profile: Profile) -> dict[str, Any]:
    """Return what a profile is and where it comes from."""
    sources = [
        {"title": item.title, "address": item.address, "date": item.date, "taken": item.taken, "leftOut": item.left_out}
        for item in profile.sources
    ]
    return {"name": profile.name, "title": profile.title, "warning": profile.warning, "sources": sources}


def model_row(model: Told, score: Score, profile: Profile, sources: Sources) -> dict[str, Any]:
    """Return the answers for one model, and with a profile that has thresholds its compute."""
    row: dict[str, Any] = {
        "model": model.iri,
        "name": model.label,
        "reports": [report.report for report in model.reports],
        "score": number(score.part),
        "answered": number(score.answered),
        "asked": number(score.asked),
        "facts": [_answer_row(answer, sources) for answer in score.answers],
    }
    if profile.thresholds:
        row |= _compute_row(compute_of(model), profile, sources)
    return row


def group_row(group: Group) -> dict[str, Any]:
    """Return one group: its models, their mean score, how many of them lack each fact."""
    return {
        "value": group.value,
        "models": list(group.models),
        "byCatalog": group.by_catalog,
        "score": number(group.mean),
        "missing": [{"fact": name, "models": count} for name, count in group.missing],
    }


def number(value: Fraction | None) -> float | int | None:
    """Return a number as JSON has it: whole, or rounded to four digits after the point."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else round(float(value), 4)


def claim_row(claim: Claim, sources: Sources) -> dict[str, Any]:
    """Return a claim with its place in the file and its words."""
    at = place(Label(claim.report, claim.start, claim.end), sources)
    return {
        "relation": claim.relation,
        "value": claim.value,
        "unit": claim.unit,
        "stage": claim.stage,
        "approximate": claim.approximate,
        "valueMax": claim.value_max,
        "report": claim.report,
        "start": claim.start,
        "end": claim.end,
        "path": at.path if at else None,
        "page": at.page if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "quote": claim.mention,
    }


def _answer_row(answer: Answer, sources: Sources) -> dict[str, Any]:
    asked = answer.asked
    return {
        "fact": asked.name,
        "point": asked.point,
        "relations": list(asked.relations),
        "state": answer.state,
        "worth": number(answer.worth),
        "counts": number(answer.counts),
        "claims": [claim_row(claim, sources) for claim in answer.claims],
        "derived": [derived_row(fact) for fact in answer.derived],
        "suggestions": [{**claim_row(claim, sources), "score": round(claim.score, 3)} for claim in answer.suggestions],
        "missing": list(answer.missing),
        "notOfStages": list(answer.unsaid),
        "why": answer.why,
        "note": asked.note,
    }


def derived_row(fact: Derived) -> dict[str, Any]:
    """Return a derived fact with its interval and formula."""
    return {
        "id": fact.id,
        "relation": fact.relation,
        "stage": fact.stage,
        "low": fact.low,
        "value": fact.value,
        "high": fact.high,
        "unit": fact.unit,
        "formula": fact.formula,
        "assumptions": list(fact.assumptions),
    }


def _compute_row(compute: Compute, profile: Profile, sources: Sources) -> dict[str, Any]:
    return {
        "compute": {
            "whole": _amount_row(compute.whole, sources),
            "ownTraining": _amount_row(compute.own, sources),
            "notCounted": list(compute.left_out),
            "missing": list(compute.missing),
        },
        "thresholds": [
            {
                "name": threshold.name,
                "point": threshold.point,
                "flop": float(threshold.flop),
                "answer": verdict(threshold.flop, compute.whole),
                "ownTraining": verdict(threshold.flop, compute.own),
            }
            for threshold in profile.thresholds
        ],
    }


def _amount_row(amount: Amount | None, sources: Sources) -> dict[str, Any] | None:
    if amount is None:
        return None
    span = amount.interval
    return {
        "low": float(span.low),
        "value": float(span.value),
        "high": None if span.high is None else float(span.high),
        "how": amount.how,
        "claims": [claim_row(claim, sources) for claim in amount.claims],
        "derived": [derived_row(fact) for fact in amount.derived],
        "from": [derived_row(fact) for fact in amount.chain],
    }


def reports_of(scores: Iterable[Score]) -> Sequence[str]:
    """Return the reports whose words the answers show, sorted."""
    shown = {claim.report for score in scores for answer in score.answers for claim in (*answer.claims, *answer.suggestions)}
    return sorted(shown)
