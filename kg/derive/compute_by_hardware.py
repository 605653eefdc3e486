"""Training compute of a run = accelerator-hours × 3600 × peak rate × utilisation.

The peak is the dense one of the stated product: of the stated number format, or of 16 bits where none is stated; where 32 bits are
faster, as on cards for games of 2016, of those. The utilisation is an assumption (setting `utilisation`): 0.35, from 0.2 to 0.5.
Method: Epoch AI, "Estimating training compute", epoch.ai.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from kg.derive._devices import device_hours, figure
from kg.derive._known import Gap, Known, Quantity
from kg.interval import Interval, shown
from kg.model import Claim, Derived

GIVES = ("computeByHardware",)
USES = ("impliedAcceleratorHours",)
SCOPE = "run"
ASKS = ("accelerator", "acceleratorHours", "duration", "acceleratorCount")

SECONDS = 3600
_PEAKS = {"float32": "peakFp32", "tf32": "peakTf32", "float64": "peakFp64"}
_NARROW = {"fp8": "peakFp8", "fp4": "peakFp4"}


def compute(known: Known) -> Iterator[Derived]:
    """Yield the operations that the hardware can have carried out in its time."""
    hours = device_hours(known)
    rate = peak(known)
    if isinstance(hours, Gap) or isinstance(rate, Gap):
        return
    low, middle, high = known.given.config.utilisation
    used = Interval(low, middle, high)
    said = f"{shown(middle)} of the peak rate is reached ({shown(low)} to {shown(high)})"
    assumed = Quantity(used, f"{shown(middle)} utilisation", assumptions=(said,))
    result = hours.interval * SECONDS * rate.interval * used
    formula = f"{hours.words} × 3,600 s × {rate.words} × {shown(middle)}"
    yield known.fact("compute-by-hardware", GIVES[0], "FLOP", result, formula, [hours, rate, assumed])


def peak(known: Known) -> Quantity | Gap:
    """Return the dense peak rate of one unit of the run's accelerator in FLOP/s, for the number format that the run used."""
    claims = _formats(known)
    formats = {claim.value for claim in claims}
    plain = sorted({_PEAKS.get(name, "peakFp16") for name in formats - _NARROW.keys()}) or ["peakFp16"]
    rate = _sixteen_bit(known) if "peakFp16" in plain else figure(known, plain[-1], "FLOP/s")
    if isinstance(rate, Gap):
        return rate
    rate = replace(rate, inputs=(*rate.inputs, *claims))
    for name in sorted(formats & _NARROW.keys()):
        faster = figure(known, _NARROW[name], "FLOP/s")
        if isinstance(faster, Quantity) and faster.interval.high is not None:
            wider = Interval(rate.interval.low, rate.interval.value, max(rate.interval.high or Fraction(0), faster.interval.high))
            said = f"what part of the work was done in {name} is not known: its peak is the upper bound"
            rate = replace(rate, interval=wider, figures=(*rate.figures, *faster.figures), assumptions=(*rate.assumptions, said))
    if not formats:
        rate = replace(rate, assumptions=(*rate.assumptions, "no number format is stated: the 16-bit peak is taken"))
    return rate


def _formats(known: Known) -> tuple[Claim, ...]:
    """Return the claims about number formats of a run; of the whole training those of its stages where it has none of its own."""
    own = known.run.claims("precision")
    if own or known.run.stage:
        return own
    return tuple(claim for other in known.others.values() for claim in other.run.said.get("precision", ()))


def _sixteen_bit(known: Known) -> Quantity | Gap:
    half, single = figure(known, "peakFp16", "FLOP/s"), figure(known, "peakFp32", "FLOP/s")
    if isinstance(single, Gap) or (isinstance(half, Quantity) and half.interval.value >= single.interval.value):
        return half
    said = "the 32-bit peak is taken: it is higher than that of 16 bits, or the only one known"
    return replace(single, assumptions=(*single.assumptions, said))
