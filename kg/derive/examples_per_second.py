"""Examples per second = steps × global batch size ÷ duration; without them, examples × epochs ÷ duration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.derive._known import Gap, Known, Quantity, product
from kg.interval import Interval
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
        unit = next((claim.unit for claim in seen.inputs if claim.unit), "examples")
        formula = f"{seen.words} ÷ ({duration.words} × 3,600 s)"
        yield known.fact("examples-per-second", GIVES[0], f"{unit} per second", result, formula, [seen, duration])


def _by_steps(known: Known) -> Quantity | None:
    steps = known.stated("steps", "steps")
    batch = known.found("globalBatchSize", "impliedGlobalBatchSize", "")
    if isinstance(steps, Gap) or isinstance(batch, Gap):
        return None
    return product(f"{steps.words} × {batch.words}", steps, batch)


def _by_epochs(known: Known) -> Quantity | None:
    examples, epochs = known.stated("trainingExamples", "examples"), known.stated("epochs", "epochs")
    if isinstance(examples, Gap):
        return None
    if isinstance(epochs, Quantity):
        return product(f"{examples.words} × {epochs.words}", examples, epochs)
    said = "no number of epochs is stated: one pass over the examples, at least"
    once = Interval(examples.interval.low, examples.interval.value, None)
    return replace(examples, interval=once, assumptions=(said,)) if epochs.missing else None
