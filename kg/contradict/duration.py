"""A duration that is hardly possible (KG314): longer than there was time, or too short for its steps.

Between the release of the hardware and the end of the model's release year lies all the time there was. Beyond that, more than two
years are told; the longest training that tables of models list took one. Steps that follow each other faster than a thousand a
second are told as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import Number, agreed, all_stay, label
from kg.interval import shown
from kg.model import Finding, Label
from kg.runs import ModelReport, Run

LONGEST_HOURS = 2 * 8766
"""Hours of two years."""

MOST_STEPS = 1000
"""Optimizer steps a second."""


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs that took too long or went too fast."""
    for model, run in known.runs():
        duration = agreed(run.said.get("duration", ()))
        if duration:
            yield from _too_long(model, run, duration, known)
            yield from _too_fast(run, duration, known)


def _too_long(model: ModelReport, run: Run, duration: Number, known: Known) -> Iterator[Finding]:
    days = shown(Fraction(round(duration.interval.low / 24)))
    between = _time_between(model, run, known)
    if between and duration.interval.low > between[0] * 24:
        note = f"at least {days} days; {between[1]} leave {shown(Fraction(between[0]))}"
        yield _finding(run, "training took longer than there was time", duration, between[2], note)
    elif duration.interval.low > LONGEST_HOURS:
        yield _finding(run, "training hardly takes more than two years", duration, (), f"at least {days} days")


def _time_between(model: ModelReport, run: Run, known: Known) -> tuple[int, str, tuple[Label, ...]] | None:
    """Return the days between the release of the hardware and the end of the model's release year, in words too."""
    year = agreed(model.claims.get("releaseYear", ()))
    released = [(first, claim) for claim in run.claims("accelerator") if (first := known.first_release(claim))]
    if not year or not released or len(released) < len(run.claims("accelerator")):
        return None
    (day, product), claim = min(released, key=lambda item: item[0])
    days = (date(int(year.value), 12, 31) - date.fromisoformat(day)).days
    words = f"{product} of {day} and a release in {year.claim.value}"
    return (
        (days, words, (label(claim, f"not before {day}"), label(year.claim, f"released in {year.claim.value}")))
        if days > 0
        else None
    )


def _too_fast(run: Run, duration: Number, known: Known) -> Iterator[Finding]:
    for relation in ("steps", "warmupSteps"):
        steps = agreed(run.said.get(relation, ()))
        seconds = (duration.interval.high or duration.value) * 3600
        if steps and steps.interval.low > seconds * MOST_STEPS and known.of_one((steps.claim, duration.claim)):
            rate = shown(Fraction(round(steps.value / duration.value / 3600)))
            note = f"{steps.text} steps ÷ {duration.text} hours = {rate} steps a second"
            yield _finding(
                run, "the steps are hardly possible in the time", duration, (label(steps.claim, f"{steps.text} steps"),), note
            )
            return


def _finding(run: Run, what: str, duration: Number, others: tuple[Label, ...], note: str) -> Finding:
    return Finding(
        "KG314",
        "warning",
        f"{run.label}: {what}",
        (label(duration.claim, f"{duration.text} hours"), *others),
        (note, all_stay(1 + len(others)) if others else "the value stays in the graph; kg does not choose"),
        run.report,
        run.iri,
        "duration",
    )
