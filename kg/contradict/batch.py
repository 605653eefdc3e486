"""Batch arithmetic: global = accelerators × per device × accumulation, in whole numbers (KG302).

What is not stated must be a whole number. Reports that split one model over several devices are left out, because a device then
holds a part of an example; so are batches in tokens. Chips of two cores and packages of two dies may count twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import TOKENS, Number, agreed, all_stay, label
from kg.interval import Interval, shown
from kg.model import Claim, Finding
from kg.runs import Run

GLOBAL, DEVICES, PER_DEVICE, ACCUMULATION = "globalBatchSize", "acceleratorCount", "perDeviceBatchSize", "gradientAccumulationSteps"

_REMARKS = {
    GLOBAL: "global batch {}",
    DEVICES: "{} accelerators",
    PER_DEVICE: "{} on each accelerator",
    ACCUMULATION: "{} accumulation steps",
}
_MISSING = {
    DEVICES: "accelerators",
    PER_DEVICE: "samples per device",
    ACCUMULATION: "accumulation steps",
}
_TWICE = ("tpu v2", "tpu v3", "tpu v4", "tpu v5p", "mi250")  # two units in one: reports count either


@dataclass(frozen=True, slots=True)
class _Batch:
    """The numbers that a run states, the batch of all accelerators apart."""

    whole: Number
    factors: dict[str, Number]
    missing: str | None


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs whose batch arithmetic does not reconcile."""
    for _, run in known.runs():
        batch = _batch(run)
        if batch is None or _reconciles(batch, _counts_twice(run)) or known.splits_model(run.report):
            continue
        if known.of_one(number.claim for number in (batch.whole, *batch.factors.values())):
            yield _finding(batch, run)


def _batch(run: Run) -> _Batch | None:
    """Return the batch of a run when enough is stated; of a stage only when the stage states some of it."""
    relations = (GLOBAL, DEVICES, PER_DEVICE, ACCUMULATION)
    if not any(run.said.get(relation) for relation in relations):
        return None
    # A stage that states again what the whole states has a setting of its own; the rest of the whole's does not belong to it.
    apart = run.whole is not None and any(run.said.get(name) and run.whole.said.get(name) for name in relations)
    claims = {name: run.said.get(name, ()) if apart else run.claims(name) for name in relations}
    whole = agreed(_examples(claims[GLOBAL]))
    factors = {name: number for name in relations[1:] if (number := agreed(_examples(claims[name])))}
    if whole is None or len(factors) < 2 or any(claims[name] for name in relations[1:] if name not in factors):
        return None
    return _Batch(whole, factors, next((name for name in relations[1:] if name not in factors), None))


def _examples(claims: Sequence[Claim]) -> Sequence[Claim]:
    """Return the claims unless one counts tokens: then the arithmetic needs the length of a sequence."""
    return () if any(claim.unit in TOKENS for claim in claims) else claims


def _reconciles(batch: _Batch, twice: bool) -> bool:
    product = Interval.exactly(1)
    for number in batch.factors.values():
        product = product * number.interval
    quotient = batch.whole.interval / product
    sizes = (Fraction(1), Fraction(2), Fraction(1, 2)) if twice else (Fraction(1),)
    return any(_is_possible(quotient * size, batch.missing is None) for size in sizes)


def _is_possible(quotient: Interval, complete: bool) -> bool:
    """Return whether what is left over may be 1 when all is stated, else a whole number of 1 or more."""
    high = quotient.high or quotient.value
    return quotient.low <= 1 <= high if complete else high // 1 >= max(quotient.low, Fraction(1))


def _counts_twice(run: Run) -> bool:
    names = [claim.value.casefold() for claim in run.claims("accelerator")]
    return any(mark in name for mark in _TWICE for name in names) or any("tpu" in name for name in names)


def _finding(batch: _Batch, run: Run) -> Finding:
    factors, whole = batch.factors, batch.whole
    ordered = sorted([(GLOBAL, whole), *factors.items()], key=lambda item: (item[0] != DEVICES, item[0] != GLOBAL, item[0]))
    if DEVICES not in factors:
        ordered.sort(key=lambda item: item[0] != GLOBAL)
    numbers = " × ".join(number.text for number in factors.values())
    product = Fraction(1)
    for number in factors.values():
        product *= number.value
    if batch.missing is None:
        note = f"{numbers} = {shown(product)}, not {whole.text}"
    else:
        what = f"{shown(whole.value / product)} {_MISSING[batch.missing]}"
        note = f"{whole.text} ÷ ({numbers}) = {what}; it must be a whole number"
    return Finding(
        "KG302",
        "violation",
        f"{run.label}: the batch arithmetic does not reconcile",
        tuple(label(number.claim, _REMARKS[relation].format(number.text)) for relation, number in ordered),
        (note, all_stay(len(ordered))),
        run.report,
        run.iri,
        GLOBAL,
    )
