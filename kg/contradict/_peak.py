"""How long a run's accelerators worked, and the most that they can compute in a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import agreed, label
from kg.interval import Interval
from kg.model import Claim, Label
from kg.runs import Run

Time = tuple[Interval, tuple[Label, ...]]
"""Accelerator-hours, and the words that state them."""

_ANY = ("peakFp64", "peakFp32", "peakTf32", "peakFp16", "peakFp8", "peakFp4")
_AT = {
    "float64": _ANY[:1],
    "float32": _ANY[:3],  # float32 is computed in TF32 where that is the default
    "tf32": _ANY[:3],
    "float16": _ANY[:4],
    "bfloat16": _ANY[:4],
    "mixed": _ANY[:4],
    "fp8": _ANY[:5],
}


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest rate of some accelerators in FLOP per second, whose it is, and in which column of the catalogue it stands."""

    rate: Fraction
    product: str
    relation: str


def time_of(run: Run) -> Time | None:
    """Return the stated accelerator-hours of a run, else accelerators × duration."""
    stated = run.said.get("acceleratorHours", ())
    if stated:
        hours = agreed(stated)
        return (hours.interval, (label(hours.claim, f"{hours.text} accelerator-hours"),)) if hours else None
    count, duration = agreed(run.claims("acceleratorCount")), agreed(run.said.get("duration", ()))
    if not count or not duration:
        return None
    words = label(count.claim, f"{count.text} accelerators"), label(duration.claim, f"{duration.text} hours")
    return count.interval * duration.interval, words


def peak_of(run: Run, known: Known) -> Peak | None:
    """Return the highest peak of a run's accelerators at the stated precision; None when one of them is not known to have one."""
    relations = _relations(run.claims("precision"))
    found: list[Peak] = []
    for claim in run.claims("accelerator"):
        rates = [
            Peak(Fraction(product.facts[relation]), product.name, relation)
            for product in known.products(claim)
            for relation in relations
            if relation in product.facts
        ]
        if not rates:
            return None
        found.append(max(rates, key=_rate))
    return max(found, key=_rate, default=None)


def _relations(precisions: Sequence[Claim]) -> tuple[str, ...]:
    """Return the peaks that count: those of every stated precision, of all when none is stated or one is of another kind."""
    stated = {claim.value for claim in precisions}
    if not stated or not stated <= set(_AT):
        return _ANY
    return max((_AT[precision] for precision in stated), key=len)


def _rate(peak: Peak) -> Fraction:
    return peak.rate
