"""Examples per second = steps × global batch size ÷ duration; without them, examples × epochs ÷ duration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.derive._known import Gap, Known, Quantity
from kg.model import Derived

GIVES = ("examplesPerSecond",)
USES = ("impliedGlobalBatchSize",)
SCOPE = "run"
ASKS = ("duration",)

_SECONDS = 3600


def compute(known: Known) -> Iterator[Derived]:
    """Yield how fast a run went through its examples."""
    duration = known.stated("duration", "hours")
    seen = _by_steps(known) or _by_epochs(known)
    if isinstance(duration, Quantity) and seen:
        result = seen.interval / duration.interval / _SECONDS
        formula = f"{seen.words} ÷ ({duration.words} × 3,600 s)"
        yield known.fact("examples-per-second", GIVES[0], f"{_unit(known)} per second", result, formula, [seen, duration])


def _by_steps(known: Known) -> Quantity | None:
    steps = known.stated("steps", "steps")
    batch = known.found("globalBatchSize", "impliedGlobalBatchSize", "")
    if isinstance(steps, Gap) or isinstance(batch, Gap):
        return None
    inputs, words = (*steps.inputs, *batch.inputs), f"{steps.words} × {batch.words}"
    return Quantity(steps.interval * batch.interval, words, inputs, derived=batch.derived)


def _by_epochs(known: Known) -> Quantity | None:
    examples, epochs = known.stated("trainingExamples", "examples"), known.stated("epochs", "epochs")
    if isinstance(examples, Gap):
        return None
    if isinstance(epochs, Gap):
        said = "no number of epochs is stated: one pass over the examples is taken"
        return replace(examples, assumptions=(said,)) if epochs.missing else None
    inputs, words = (*examples.inputs, *epochs.inputs), f"{examples.words} × {epochs.words}"
    return Quantity(examples.interval * epochs.interval, words, inputs)


def _unit(known: Known) -> str:
    claims = (*known.run.claims("trainingExamples"), *known.run.claims("globalBatchSize"))
    return next((claim.unit for claim in claims if claim.unit), "examples")
