"""Numbers of steps that do not go with each other: epochs, and the share of warm-up (KG316).

steps × global batch ÷ examples is the number of epochs, where batch and examples count the same; warm-up steps ÷ steps is the share
of warm-up.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import TOKENS, Number, agreed, all_stay, are_things, label, widened
from kg.interval import Interval, shown
from kg.model import Claim, Finding
from kg.runs import Run

TOLERANCE = Fraction(1, 4)
"""How far both may be apart beyond rounding and hedges: last batches that are dropped, data that is weighted or filtered."""


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs whose steps do not go with their epochs or their warm-up."""
    for _, run in known.runs():
        steps = agreed(run.said.get("steps", ()))
        if steps:
            yield from _epochs(run, steps, known)
            yield from _warmup(run, steps, known)


def _epochs(run: Run, steps: Number, known: Known) -> Iterator[Finding]:
    batch, data = agreed(run.claims("globalBatchSize")), agreed(run.said.get("trainingExamples", ()))
    epochs = agreed(run.said.get("epochs", ()))
    if not batch or not data or not epochs or not _count_the_same(batch.claim, data.claim):
        return
    passes = steps.interval * batch.interval / data.interval
    numbers = (epochs, steps, batch, data)
    if not widened(epochs.interval, TOLERANCE).meets(passes) and known.of_one(number.claim for number in numbers):
        note = f"{steps.text} steps × {batch.text} ÷ {data.text} examples = {shown(passes.value)} epochs, not {epochs.text}"
        remarks = (f"{epochs.text} epochs", f"{steps.text} steps", f"global batch {batch.text}", f"{data.text} examples")
        yield _finding(run, "the epochs", "epochs", dict(zip(remarks, numbers, strict=True)), note)


def _count_the_same(batch: Claim, data: Claim) -> bool:
    if batch.unit in TOKENS:
        return data.unit in TOKENS
    return are_things(data) or (data.unit is not None and data.unit == batch.unit)  # examples of examples


def _warmup(run: Run, steps: Number, known: Known) -> Iterator[Finding]:
    warmup, share = agreed(run.said.get("warmupSteps", ())), agreed(run.said.get("warmupFraction", ()))
    if not warmup or not share:
        return
    implied: Interval = warmup.interval / steps.interval
    if not widened(share.interval, TOLERANCE).meets(implied) and known.of_one((warmup.claim, share.claim, steps.claim)):
        note = f"{warmup.text} warm-up steps ÷ {steps.text} steps = {shown(implied.value)}, not {share.text}"
        numbers = {f"warm-up share {share.text}": share, f"{warmup.text} warm-up steps": warmup, f"{steps.text} steps": steps}
        yield _finding(run, "the share of warm-up", "warmupFraction", numbers, note)


def _finding(run: Run, what: str, relation: str, numbers: dict[str, Number], note: str) -> Finding:
    return Finding(
        "KG316",
        "warning",
        f"{run.label}: {what} are not what the steps make"
        if relation == "epochs"
        else f"{run.label}: {what} is not what the steps make",
        tuple(label(number.claim, remark) for remark, number in numbers.items()),
        (note, all_stay(len(numbers))),
        run.report,
        run.iri,
        relation,
    )
