"""Accelerator-hours of a run = accelerators × duration, where no report states them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.derive._devices import counted_as, part_name, product, unclear
from kg.derive._known import Gap, Known, Quantity
from kg.model import Derived, Undetermined

GIVES = ("impliedAcceleratorHours",)
USES = ("impliedAcceleratorCount",)
SCOPE = "run"
ASKS = ("duration", "acceleratorCount", "accelerator")

_RULE = "accelerator-hours"


def compute(known: Known) -> Iterator[Derived | Undetermined]:
    """Yield the hours of all accelerators of a run together; beside stated ones too, so that the two can be compared."""
    count = known.found("acceleratorCount", "impliedAcceleratorCount", "accelerators")
    duration = known.stated("duration", "hours")
    if isinstance(count, Quantity) and isinstance(duration, Quantity):
        formula = f"{count.words} × {duration.words}"
        parts = [replace(count, assumptions=(*count.assumptions, *_counted(known, count))), duration]
        yield known.fact(_RULE, GIVES[0], "accelerator-hours", count.interval * duration.interval, formula, parts)
    elif _worth_telling(known, count, duration):
        yield known.open(_RULE, GIVES[0], [count, duration], known.run.claims("accelerator"))


def _counted(known: Known, count: Quantity) -> tuple[str, ...]:
    """Return what the hours are hours of, where a report may count parts of accelerators."""
    thing = product(known)
    if isinstance(thing, Gap) or not thing.facts.get("parts"):
        return ()
    said = counted_as(known, thing, count.inputs)
    return (f"the hours are those of {part_name(thing)}s",) if said == "part" else () if said == "unit" else unclear(thing)


def _worth_telling(known: Known, count: Quantity | Gap, duration: Quantity | Gap) -> bool:
    """Return whether a reader expects the number: the run's own report gives a part of it, and not the number itself."""
    some = isinstance(count, Quantity) or isinstance(duration, Quantity) or bool(known.run.claims("accelerator"))
    stages = [run for stage, run in known.others.items() if stage and run.states(*ASKS)]
    return some and not known.run.claims("acceleratorHours") and (known.run.stage is not None or not stages)
