"""Accelerator-hours of the whole training = the sum over its stages; only a lower bound while one of them is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from kg.derive._known import Known, Quantity
from kg.derive._sums import total
from kg.model import Derived

GIVES = ("impliedAcceleratorHours",)
USES = ("impliedAcceleratorHours",)
SCOPE = "whole"


def compute(known: Known) -> Iterator[Derived]:
    """Yield the sum over the stages, unless hours of the whole training are known."""
    if isinstance(known.found("acceleratorHours", GIVES[0], "accelerator-hours"), Quantity):
        return
    found = total(known, "acceleratorHours", GIVES[0], "accelerator-hours")
    if found:
        yield known.fact("total-accelerator-hours", GIVES[0], "accelerator-hours", found.interval, found.words, [found])
