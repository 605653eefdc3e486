"""The sum over the stages of a training: exact when all are known, else a lower bound.

Some training comes first: where a report names no pretraining and no model that its own builds on, that is unknown too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kg.derive._known import Known, Quantity, together
from kg.interval import Interval, shown

_ALL = "the stages that the report names are taken for the whole training"


def total(known: Known, stated: str, computed: str, unit: str) -> Quantity | None:
    """Return the sum of a number over the stages of a model; None when no stage has it."""
    return summed(known, lambda stage: _of_stage(stage, stated, computed, unit))


def summed(known: Known, of_stage: Callable[[Known], Quantity | None]) -> Quantity | None:
    """Return the sum of what is found for each stage; None when nothing is."""
    stages = {stage: of_stage(other) for stage, other in known.others.items() if stage}
    parts = [(stage, part) for stage, part in stages.items() if part]
    if not parts:
        return None
    unknown = [stage for stage, part in stages.items() if part is None]
    if "pretraining" not in stages and not known.model.claims.get("extends"):
        unknown.append("pretraining")
    interval = sum((part.interval for _, part in parts), Interval.exactly(0))
    words = " + ".join(f"{shown(part.interval.value)} ({stage})" for stage, part in parts)
    said = (f"nothing is known of {', '.join(unknown)}: a lower bound",) if unknown else (_ALL,)
    if unknown:
        interval, words = Interval(interval.low, interval.value, None), f"{words} + unknown ({', '.join(unknown)})"
    whole = together(words, interval, [part for _, part in parts])
    return replace(whole, assumptions=(*said, *whole.assumptions))


def _of_stage(known: Known, stated: str, computed: str, unit: str) -> Quantity | None:
    found = known.found(stated, computed, unit)
    return found if isinstance(found, Quantity) else None
