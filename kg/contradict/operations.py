"""Data and parameters that the accelerators cannot have worked through in the stated time (KG315).

To pass an example once forward through a model takes two operations for each parameter at least, and an example is one token at
least: 2 × parameters × examples. That is far below what training takes, so what is more than the accelerators' peak is an error.
Models of which a part is active (mixtures of experts) or frozen are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.contradict._known import Known
from kg.contradict._numbers import Number, agreed, all_stay, label
from kg.contradict._peak import Peak, peak_of, time_of
from kg.interval import Interval, shown
from kg.model import Finding, Label
from kg.runs import Run

_PARTLY = re.compile(
    r"\bexperts?\b|\bMoE\b|\bmixtures?\b|\bactivat|\bactive\b|\bsparse\b|\bLoRA\b|\badapter|\bfrozen\b|\bfreez|\bcached?\b", re.I
)
_UNITS = frozenset({None, "tokens", "examples", "image-text pairs", "pairs", "images"})


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs that would have needed more than the accelerators' peak for a single pass."""
    for model, run in known.runs():
        data, size = agreed(run.said.get("trainingExamples", ())), agreed(model.claims.get("parameterCount", ()))
        if not data or not size or data.claim.unit not in _UNITS:
            continue
        time, peak = time_of(run), peak_of(run, known)
        if time and peak and known.of_one((data.claim, size.claim)):
            most = time[0] * peak.rate * 3600
            needed = data.interval.low * size.interval.low * 2
            if most.high is not None and needed > most.high and not _PARTLY.search(known.texts.get(run.report, "")):
                yield _finding(run, data, size, time, peak)


def _finding(run: Run, data: Number, size: Number, time: tuple[Interval, tuple[Label, ...]], peak: Peak) -> Finding:
    hours, words = time
    most = hours.value * 3600 * peak.rate
    return Finding(
        "KG315",
        "warning",
        f"{run.label}: the accelerators cannot pass the data through the model in the stated time",
        (label(data.claim, f"{data.text} examples"), label(size.claim, f"{size.text} parameters"), *words),
        (
            f"2 × {size.text} × {data.text} = {shown(2 * size.value * data.value)} FLOP for one pass, forward only, a token each",
            f"{shown(hours.value)} accelerator-hours × 3600 s × {shown(peak.rate)} FLOP/s = {shown(most)} FLOP at most",
            f"the rate is the dense peak of {peak.product} ({peak.relation}) in the catalogue",
            all_stay(2 + len(words)),
        ),
        run.report,
        run.iri,
        "trainingExamples",
    )
