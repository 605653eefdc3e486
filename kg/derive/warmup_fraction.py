"""Warm-up fraction = warm-up steps ÷ all steps, where no report states it."""

from __future__ import annotations

from collections.abc import Iterator

from kg.derive._known import Known, Quantity
from kg.model import Derived

GIVES = ("impliedWarmupFraction",)
USES = ()
SCOPE = "run"
ASKS = ("warmupSteps",)


def compute(known: Known) -> Iterator[Derived]:
    """Yield which part of its steps a run warms up for."""
    warmup, steps = known.stated("warmupSteps", "warm-up steps"), known.stated("steps", "steps")
    if isinstance(warmup, Quantity) and isinstance(steps, Quantity) and not known.run.claims("warmupFraction"):
        formula = f"{warmup.words} ÷ {steps.words}"
        yield known.fact("warmup-fraction", GIVES[0], "", warmup.interval / steps.interval, formula, [warmup, steps])
