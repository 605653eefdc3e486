"""Energy of the whole training = the sum over its stages; only a lower bound while one of them is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from kg.derive._known import Known
from kg.derive._sums import summed
from kg.model import Derived

GIVES = ("trainingEnergy",)
USES = ("trainingEnergy",)
SCOPE = "whole"


def compute(known: Known) -> Iterator[Derived]:
    """Yield the sum over the stages, unless energy of the whole training is known."""
    found = None if known.computed(GIVES[0], "kWh") else summed(known, lambda stage: stage.computed(GIVES[0], "kWh"))
    if found:
        yield known.fact("total-energy", GIVES[0], "kWh", found.interval, found.words, [found])
