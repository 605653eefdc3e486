"""Training compute of a model: as its report states it, else by hardware, else by operations, else the sum over its stages.

The interval holds both estimates where there are two; a sum in which a stage is unknown is a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.derive._devices import device_hours
from kg.derive._known import Gap, Known, Quantity
from kg.derive._sums import summed
from kg.derive.compute_by_hardware import peak
from kg.interval import Interval
from kg.model import Derived, Undetermined

GIVES = ("runCompute",)
USES = ("computeByHardware", "computeByOperations")
SCOPE = "whole"

_RULE = "run-compute"
_ESTIMATES = (("computeByHardware", "by hardware"), ("computeByOperations", "by operations"))
_EXPECTED = ("accelerator", "duration", "acceleratorHours", "trainingExamples")


def compute(known: Known) -> Iterator[Derived | Undetermined]:
    """Yield the compute of a model's whole training, or what is missing to estimate it."""
    whole = _of_run(known)
    stages = summed(known, _of_run)
    best = whole if whole and (whole.interval.high is not None or not stages) else stages or whole
    if best:
        yield known.fact(_RULE, GIVES[0], "FLOP", best.interval, best.words, [best])
    elif any(other.states(*_EXPECTED) for other in known.others.values()):
        yield known.open(_RULE, GIVES[0], [_reason(known)])


def _of_run(known: Known) -> Quantity | None:
    """Return the compute of one run: stated, else the first estimate with the interval of all."""
    stated = known.stated("trainingCompute", "FLOP")
    if isinstance(stated, Quantity):
        return replace(stated, words="as stated")
    estimates = [replace(found, words=words) for relation, words in _ESTIMATES if (found := known.computed(relation, "FLOP"))]
    if not estimates:
        return None
    interval: Interval = estimates[0].interval
    for other in estimates[1:]:
        interval = interval.hull(other.interval)
    ids = tuple(id for estimate in estimates for id in estimate.derived)
    return Quantity(interval, " and ".join(estimate.words for estimate in estimates), derived=ids)


def _reason(known: Known) -> Gap:
    """Return what is missing in the run of which most is known."""
    gaps = min((_gaps(other) for other in known.others.values()), key=len)
    missing = dict.fromkeys(name for gap in gaps for name in gap.missing)
    reasons = ", ".join(dict.fromkeys(gap.reason for gap in gaps))
    return Gap((*missing, "trainingCompute"), f"no training compute is stated; by hardware: {reasons}; by operations: no tokens")


def _gaps(known: Known) -> list[Gap]:
    """Return why there is no estimate by hardware: a rate is needed, and hours, or a count and a time."""
    parts: list[Quantity | Gap] = [peak(known)]
    if isinstance(device_hours(known), Gap):
        parts += [known.found("acceleratorCount", "impliedAcceleratorCount", ""), known.stated("duration", "hours")]
    return [part for part in parts if isinstance(part, Gap)]
