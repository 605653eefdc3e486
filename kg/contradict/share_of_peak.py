"""Stated training compute against what the accelerators can compute in the stated time: more than 100 % cannot be (KG305).

Time is the stated accelerator-hours, else accelerators × duration of the same run. The peak is the dense one of the product (of
its fastest version, of the fastest of several) at the stated precision, the highest of any where none is stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import Number, agreed, all_stay, label
from kg.contradict._peak import Peak, Time, peak_of, time_of
from kg.interval import shown
from kg.model import Finding
from kg.runs import ModelReport, Run


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs that would have needed more than all that their accelerators can compute."""
    for model, run in known.runs():
        compute = agreed(run.said.get("trainingCompute", ()))
        time = time_of(run) if compute else None
        peak = peak_of(run, known) if time else None
        if compute and time and peak:
            most = time[0] * peak.rate * 3600
            if most.high is not None and compute.interval.low > most.high and known.of_one_model(compute.claim):
                yield _finding(model, run, compute, time, peak)


def _finding(model: ModelReport, run: Run, compute: Number, time: Time, peak: Peak) -> Finding:
    hours, words = time
    most = hours.value * 3600 * peak.rate
    share = shown(Fraction(round(compute.value / most * 100)))
    accelerators = tuple(label(claim, claim.value) for claim in run.claims("accelerator"))
    bases = ", ".join(sorted({claim.value for claim in model.claims.get("extends", ())}))
    return Finding(
        "KG305",
        "violation",
        f"{run.label}: the stated compute is {share} % of what the accelerators can do in the stated time",
        (label(compute.claim, f"{compute.text} FLOP"), *words, *accelerators),
        (
            f"{shown(hours.value)} accelerator-hours × 3600 s × {shown(peak.rate)} FLOP/s = {shown(most)} FLOP at most",
            f"the rate is the dense peak of {peak.product} ({peak.relation}) in the catalogue",
            *((f"compute that includes the training of {bases} belongs to another time than the stated one",) if bases else ()),
            all_stay(1 + len(words) + len(accelerators)),
        ),
        run.report,
        run.iri,
        "trainingCompute",
    )
