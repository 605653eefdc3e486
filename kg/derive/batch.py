"""global batch size = accelerators × batch size per device × gradient accumulation steps: the one of the four that is not stated.

All numbers must count the same: a global batch in tokens says nothing about samples per device.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, floor

from kg.derive._known import Gap, Known, Quantity
from kg.interval import Interval
from kg.model import Derived, Undetermined

GIVES = ("impliedGlobalBatchSize", "impliedAcceleratorCount", "impliedPerDeviceBatchSize", "impliedGradientAccumulationSteps")
USES = ()
SCOPE = "run"
ASKS = ("globalBatchSize", "perDeviceBatchSize", "gradientAccumulationSteps")

_GLOBAL = "globalBatchSize"
_FACTORS = {
    "acceleratorCount": "accelerators",
    "perDeviceBatchSize": "per device",
    "gradientAccumulationSteps": "accumulation steps",
}

_DATA_PARALLEL = "every accelerator works on samples of its own: no model is split over several (tensor or pipeline parallelism)"


def compute(known: Known) -> Iterator[Derived | Undetermined]:
    """Yield the number that the three others imply; of accelerators also what is missing to tell, when it is one thing."""
    if not _one_unit(known):
        return
    numbers = {name: known.stated(name, unit) for name, unit in ((_GLOBAL, ""), *_FACTORS.items())}
    absent = [name for name in numbers if not known.run.claims(name)]
    parts = [part for part in numbers.values() if isinstance(part, Quantity)]
    if len(absent) == 1 and len(parts) == len(_FACTORS):
        yield from _implied(known, absent[0], parts)
    elif "acceleratorCount" in absent and len(parts) == 2:
        gaps = [part for part in numbers.values() if isinstance(part, Gap)]
        yield known.open("accelerator-count", "impliedAcceleratorCount", [*gaps, *parts])


def _implied(known: Known, absent: str, parts: Sequence[Quantity]) -> Iterator[Derived]:
    """Yield the absent number, unless it would have to be a fraction of a device, a sample or a step."""
    relation = f"implied{absent[0].upper()}{absent[1:]}"
    rule = known.given.schema.relation(absent).label.replace(" ", "-")
    one, two, *rest = parts
    if absent == _GLOBAL:
        result = one.interval * two.interval * rest[0].interval
        yield known.fact(rule, relation, _unit(known), result, f"{one.words} × {two.words} × {rest[0].words}", parts)
        return
    result = one.interval / (two.interval * rest[0].interval)
    unit = {"acceleratorCount": "accelerators", "perDeviceBatchSize": _unit(known)}.get(absent, "steps")
    if _has_whole_number(result):
        parts = [*parts[:-1], replace(parts[-1], assumptions=(*parts[-1].assumptions, _DATA_PARALLEL))]
        yield known.fact(rule, relation, unit, result, f"{one.words} ÷ ({two.words} × {rest[0].words})", parts)


def _has_whole_number(result: Interval) -> bool:
    """Return whether the number can be one of devices, samples or steps."""
    return result.high is not None and max(ceil(result.low), 1) <= floor(result.high)


def _one_unit(known: Known) -> bool:
    """Return whether no batch size counts tokens while the other counts samples."""
    sizes = [known.run.claims(name) for name in (_GLOBAL, "perDeviceBatchSize")]
    return not all(sizes) or len({"token" in (claim.unit or "") for claims in sizes for claim in claims}) == 1


def _unit(known: Known) -> str:
    claims = (*known.run.claims(_GLOBAL), *known.run.claims("perDeviceBatchSize"))
    return next((claim.unit for claim in claims if claim.unit), "samples")
