"""A duration that is hardly possible (KG314): longer than there was time, or too short for its steps.

Between the release of the hardware and the end of the model's release year lies all the time there was. Beyond that, more than two
years are told; the longest training that tables of models list took one. Steps that follow each other faster than a thousand a
second are told as well, fewer of a large model; steps are those that are stated, or what one pass over the data takes. A stage
takes no longer than the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import TOKENS, Number, agreed, all_stay, are_things, label, year_of
from kg.interval import Interval, shown
from kg.model import Finding, Label
from kg.runs import ModelReport, Run

LONGEST_HOURS = 2 * 8766
"""Hours of two years."""

MOST_STEPS = ((10**10, 20), (10**8, 100), (0, 1000))
"""Optimizer steps a second of a model with so many parameters at least."""


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs that took too long or went too fast."""
    for model, run in known.runs():
        duration = agreed(run.said.get("duration", ()))
        if duration:
            yield from _too_long(model, run, duration, known)
        longest = duration or (agreed(run.whole.said.get("duration", ())) if run.whole else None)
        if longest:
            yield from _too_fast(model, run, longest, known)


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
    year = year_of(model.claims.get("releaseYear", ()))
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


def _too_fast(model: ModelReport, run: Run, duration: Number, known: Known) -> Iterator[Finding]:
    size = agreed(model.claims.get("parameterCount", ()))
    most = next(rate for least, rate in MOST_STEPS if least <= (size.interval.low if size else 0))
    seconds = (duration.interval.high or duration.value) * 3600
    for steps, numbers in _steps(run):
        if steps.low > seconds * most and known.of_one((duration.claim, *(number.claim for number, _ in numbers))):
            rate = shown(Fraction(round(steps.value / duration.value / 3600)))
            made = f"{numbers[0][0].text} ÷ {numbers[1][0].text} = " if len(numbers) > 1 else ""
            note = f"{made}{shown(steps.value)} steps ÷ {duration.text} hours = {rate} steps a second, more than {most}"
            labels = tuple(label(number.claim, f"{number.text} {what}") for number, what in numbers)
            yield _finding(run, "the steps are hardly possible in the time", duration, labels, note)
            return


def _steps(run: Run) -> Iterator[tuple[Interval, tuple[tuple[Number, str], ...]]]:
    """Yield the steps that a run took at least, and the numbers that say so: stated, of the warm-up, of one pass over the data."""
    for relation in ("steps", "warmupSteps"):
        if steps := agreed(run.said.get(relation, ())):
            yield steps.interval, ((steps, "steps"),)
    data, batch = agreed(run.said.get("trainingExamples", ())), agreed(run.claims("globalBatchSize"))
    if data and batch and are_things(data.claim) and batch.claim.unit not in TOKENS:
        yield data.interval / batch.interval, ((data, "examples"), (batch, "global batch"))


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
