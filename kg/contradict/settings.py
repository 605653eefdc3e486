"""Settings of a training that are hardly plausible together (KG317).

Each bound is far from what is known of real trainings, so that what lies beyond it is most likely a slip: a learning rate that Adam
does not bear, a warm-up that is most of the training, images larger than files of them can be, more pictures than there are,
steps that pass over large data thousands of times.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import TOKENS, agreed, all_stay, are_things, label
from kg.interval import shown
from kg.model import Claim, Finding
from kg.runs import ModelReport, Run
from kg.values import name_key

MOST_RATE = Fraction(1, 20)
"""The highest learning rate of Adam and its kin."""

MOST_WARMUP = Fraction(1, 2)
"""The largest share of the steps for warm-up."""

MOST_PIXELS = 16384
"""The longest side of an image."""

MOST_THINGS = 10**12
"""The largest number of pictures, pairs or conversations."""

MOST_PASSES, LARGE = 1000, 10**6
"""The most passes over data of many examples."""

_ADAM = frozenset(map(name_key, ("Adam", "AdamW", "Adafactor", "LAMB", "Lion", "NAdam", "RAdam", "8-bit AdamW", "Sophia")))


def findings(known: Known) -> Iterator[Finding]:
    """Yield what is hardly so, setting by setting."""
    for model, run in known.runs():
        yield from _learning_rates(model, run, known)
        yield from _warmup(run)
        yield from _images(run)
        yield from _data(run)
        yield from _passes(run, known)


def _learning_rates(model: ModelReport, run: Run, known: Known) -> Iterator[Finding]:
    of_others = [claim for other in model.runs.values() for claim in other.said.get("optimizer", ())]
    optimizers = run.claims("optimizer") or of_others
    if not optimizers or not all(name_key(claim.value) in _ADAM for claim in optimizers):
        return
    for relation in ("peakLearningRate", "minLearningRate"):
        rate = agreed(run.said.get(relation, ()))
        if rate and rate.interval.low > MOST_RATE and known.of_one((rate.claim, optimizers[0])):
            what = f"a learning rate of {rate.text} is hardly one of {optimizers[0].value}"
            note = f"{optimizers[0].value} is trained with less than {shown(MOST_RATE)}; rates of 1e-5 to 1e-2 are usual"
            yield _finding(run, what, (rate.claim, optimizers[0]), note, relation)


def _warmup(run: Run) -> Iterator[Finding]:
    share = agreed(run.said.get("warmupFraction", ()))
    if share and share.interval.low > MOST_WARMUP:
        note = f"warm-up is usually a tenth of the steps or less, here {shown(share.value * 100)} %"
        yield _finding(run, "the warm-up is most of the training", (share.claim,), note, "warmupFraction")


def _images(run: Run) -> Iterator[Finding]:
    for claim in run.said.get("imageResolution", ()):
        sides = [int(side) for side in claim.value.split("x") if side.isdigit()]
        if sides and max(sides) > MOST_PIXELS:
            note = f"{max(sides):,} pixels on a side; models are hardly trained on more than {MOST_PIXELS:,}"
            yield _finding(run, f"images are hardly {claim.value} pixels", (claim,), note, "imageResolution")


def _data(run: Run) -> Iterator[Finding]:
    data = agreed(run.said.get("trainingExamples", ()))
    if data and data.interval.low > MOST_THINGS and are_things(data.claim):
        note = f"{data.text} {data.claim.unit} are {shown(data.value / (8 * 10**9))} for each person on Earth"
        yield _finding(run, f"there are hardly so many {data.claim.unit}", (data.claim,), note, "trainingExamples")


def _passes(run: Run, known: Known) -> Iterator[Finding]:
    batch, data = agreed(run.claims("globalBatchSize")), agreed(run.said.get("trainingExamples", ()))
    if not batch or not data or data.value < LARGE or not are_things(data.claim) or batch.claim.unit in TOKENS:
        return
    for relation in ("steps", "warmupSteps"):
        steps = agreed(run.said.get(relation, ()))
        numbers = (steps.claim, batch.claim, data.claim) if steps else ()
        if steps and steps.interval.low * batch.interval.low > data.value * MOST_PASSES and known.of_one(numbers):
            passes = shown(Fraction(round(steps.value * batch.value / data.value)))
            note = f"{steps.text} steps × {batch.text} ÷ {data.text} examples = {passes} passes over the data"
            yield _finding(run, "the steps are hardly so many passes over the data", numbers, note, relation)


def _finding(run: Run, what: str, claims: tuple[Claim, ...], note: str, relation: str) -> Finding:
    last = all_stay(len(claims)) if len(claims) > 1 else "the value stays in the graph; kg does not choose"
    return Finding(
        "KG317",
        "warning",
        f"{run.label}: {what}",
        tuple(label(claim, claim.value) for claim in claims),
        (note, last),
        run.report,
        run.iri,
        relation,
    )
