"""Utilisation = stated compute ÷ (accelerator-hours × 3600 × peak rate): which part of its peak the hardware must have reached."""

from __future__ import annotations

from collections.abc import Iterator

from kg.derive._devices import device_hours
from kg.derive._known import Gap, Known
from kg.derive.compute_by_hardware import SECONDS, peak
from kg.model import Derived

GIVES = ("impliedUtilisation",)
USES = ("impliedAcceleratorHours",)
SCOPE = "run"
ASKS = ("trainingCompute",)


def compute(known: Known) -> Iterator[Derived]:
    """Yield the utilisation; above 1 it contradicts something."""
    stated, hours, rate = known.stated("trainingCompute", "FLOP"), device_hours(known), peak(known)
    if isinstance(stated, Gap) or isinstance(hours, Gap) or isinstance(rate, Gap) or hours.interval.high is None:
        return
    possible = hours.interval * SECONDS * rate.interval
    formula = f"{stated.words} ÷ ({hours.words} × 3,600 s × {rate.words})"
    yield known.fact("share-of-peak", GIVES[0], "", stated.interval / possible, formula, [stated, hours, rate])
