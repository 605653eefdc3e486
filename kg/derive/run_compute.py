"""Training compute of a model's own training: as stated, of the whole or of its stages, else by hardware, else by operations.

The interval holds both estimates where there are two; a sum in which a stage is unknown is a lower bound. Where a report states
compute of the whole and less of the tuning of a model that it extends, the tuning is the model's own training.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.derive._devices import device_hours
from kg.derive._known import Gap, Known, Quantity, together
from kg.derive._sums import summed
from kg.derive.compute_by_hardware import peak
from kg.derive.compute_by_operations import parameters, tokens_of
from kg.interval import shown
from kg.model import Derived, Undetermined

GIVES = ("runCompute",)
USES = ("computeByHardware", "computeByOperations")
SCOPE = "whole"

_RULE = "run-compute"
_ESTIMATES = (("computeByHardware", "by hardware"), ("computeByOperations", "by operations"))
_WITH_BASE = "the compute that is stated for the whole includes that of what the model extends"
_EXPECTED = ("accelerator", "duration", "acceleratorHours", "trainingExamples")


def compute(known: Known) -> Iterator[Derived | Undetermined]:
    """Yield the compute of a model's own training, or what is missing to estimate it."""
    best = _best(known)
    if best:
        yield known.fact(_RULE, GIVES[0], "FLOP", best.interval, best.words, [best])
    elif any(other.states(*_EXPECTED) for other in known.others.values()):
        yield known.open(_RULE, GIVES[0], [_reason(known)])


def _best(known: Known) -> Quantity | None:
    """Return what is stated before what is estimated, the whole before the sum over the stages."""
    whole, stages = _stated(known), summed(known, _of_run)
    said = any(_stated(other) for stage, other in known.others.items() if stage)
    if (
        whole
        and said
        and stages
        and known.model.claims.get("extends")
        and (stages.interval.high or whole.interval.low) < whole.interval.low
    ):
        return replace(stages, assumptions=(*stages.assumptions, _WITH_BASE))
    if whole or (said and stages):
        return whole or stages
    estimate = _estimate(known)
    return estimate if estimate and (estimate.interval.high is not None or not stages) else stages or estimate


def _of_run(known: Known) -> Quantity | None:
    return _stated(known) or _estimate(known)


def _stated(known: Known) -> Quantity | None:
    found = known.stated("trainingCompute", "FLOP")
    return replace(found, words="as stated") if isinstance(found, Quantity) else None


def _estimate(known: Known) -> Quantity | None:
    """Return the first estimate of a run's compute, with the interval of all."""
    estimates = [(words, found) for relation, words in _ESTIMATES if (found := known.computed(relation, "FLOP"))]
    if not estimates:
        return None
    interval = estimates[0][1].interval
    for _, other in estimates[1:]:
        interval = interval.hull(other.interval)
    words = " and ".join(f"{words} {shown(found.interval.value)}" for words, found in estimates)
    named = estimates[0][0] if len(estimates) == 1 else f"{words}, the first of which is taken"
    return together(named, interval, [found for _, found in estimates])


def _reason(known: Known) -> Gap:
    """Return what is missing in the run of which most is known."""
    gaps = min((_gaps(other) for other in known.others.values()), key=len)
    missing = dict.fromkeys(name for gap in gaps for name in gap.missing)
    reasons = ", ".join(dict.fromkeys(gap.reason for gap in gaps))
    operations = [gap.reason for gap in (parameters(known), tokens_of(known)) if isinstance(gap, Gap)]
    counted = ", ".join(operations) or "which parameters take part for each token is not known"
    return Gap((*missing, "trainingCompute"), f"no training compute is stated; by hardware: {reasons}; by operations: {counted}")


def _gaps(known: Known) -> list[Gap]:
    """Return why there is no estimate by hardware: a rate is needed, and hours, or a count and a time."""
    parts: list[Quantity | Gap] = [peak(known)]
    if isinstance(device_hours(known), Gap):
        parts += [known.found("acceleratorCount", "impliedAcceleratorCount", ""), known.stated("duration", "hours")]
    return [part for part in parts if isinstance(part, Gap)]
