"""Stated accelerator-hours against accelerators × duration of the same run (KG304)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import Number, agreed, all_stay, label, widened
from kg.interval import shown
from kg.model import Finding
from kg.runs import Run

TOLERANCE = Fraction(1, 5)
"""How far both may be apart beyond rounding and hedges: restarts, evaluation and idle time are counted or not."""


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs whose stated accelerator-hours are far from what their accelerators and duration make."""
    for _, run in known.runs():
        stated = agreed(run.said.get("acceleratorHours", ()))
        duration = agreed(run.said.get("duration", ()))
        count = agreed(run.claims("acceleratorCount"))
        if stated and duration and count and not _reconcile(stated, duration, count):
            yield _finding(run, stated, duration, count)


def _reconcile(stated: Number, duration: Number, count: Number) -> bool:
    return widened(stated.interval, TOLERANCE).meets(count.interval * duration.interval)


def _finding(run: Run, stated: Number, duration: Number, count: Number) -> Finding:
    implied = count.value * duration.value
    return Finding(
        "KG304",
        "warning",
        f"{run.label}: the stated accelerator-hours are not what the accelerators and the duration make",
        (
            label(stated.claim, f"{stated.text} accelerator-hours"),
            label(count.claim, f"{count.text} accelerators"),
            label(duration.claim, f"{duration.text} hours"),
        ),
        (
            f"{count.text} accelerators × {duration.text} hours = {shown(implied)} accelerator-hours, not {stated.text}",
            f"both may be rounded and {shown(TOLERANCE * 100)} % apart; these are not",
            all_stay(3),
        ),
        run.report,
        run.iri,
        "acceleratorHours",
    )
