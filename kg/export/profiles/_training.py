"""What is reported of a model's training, as short sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from kg.export._facts import facts
from kg.export._selection import Selection
from kg.export.profiles._shown import shown
from kg.export.profiles._things import Run, Thing, name_of, runs
from kg.interval import number

_NUMBERS = (
    ("trainingExamples", "training data"),
    ("duration", "duration"),
    ("acceleratorHours", "accelerator hours"),
    ("trainingCompute", "compute in FLOP"),
    ("optimizer", "optimizer"),
    ("peakLearningRate", "peak learning rate"),
    ("minLearningRate", "minimum learning rate"),
    ("learningRateSchedule", "learning rate schedule"),
    ("warmupSteps", "warmup steps"),
    ("warmupFraction", "warmup fraction"),
    ("globalBatchSize", "global batch size"),
    ("perDeviceBatchSize", "batch size per device"),
    ("gradientAccumulationSteps", "gradient accumulation steps"),
    ("weightDecay", "weight decay"),
    ("steps", "steps"),
    ("epochs", "epochs"),
    ("precision", "precision"),
    ("imageResolution", "image resolution"),
)


_Shown = Mapping[tuple[str | None, str, str], set[str]]
"""The ways in which reports state a value, by stage, relation and value: hedged, as a range, with a unit."""


def training(selection: Selection, model: Thing) -> str | None:
    """Return what reports state of a model's training, a clause for each run; None when they state nothing.

    Where reports disagree, all their values stand there, joined by `or`.
    """
    store, said = selection.store, defaultdict[tuple[str | None, str, str], set[str]](set)
    for fact in facts(Selection(store, selection.base, model.iri)):
        said[fact.stage, fact.relation, fact.value].add(shown(fact))
    clauses = [
        f"{run.stage or 'training'}: {', '.join(parts)}" for run in runs(store, model) if (parts := list(_parts(store, run, said)))
    ]
    return "; ".join(clauses) or None


def _parts(store: ox.Store, run: Run, said: _Shown) -> Iterator[str]:
    """Yield what is stated of a run and its hardware, in the order of the list above."""
    if data := run.run.things("trainingDataset"):
        yield "on " + " and ".join(name_of(store, iri) for iri in data)
    if run.hardware and (used := _hardware(store, run, run.hardware, said)):
        yield used
    for relation, name in _NUMBERS:
        if values := run.run.texts(relation):
            yield f"{name} {_either(values, run, relation, said)}"
    if software := run.run.things("software"):
        yield "with " + " and ".join(name_of(store, iri) for iri in software)


def _hardware(store: ox.Store, run: Run, node: Thing, said: _Shown) -> str:
    """Return the accelerators of a run, as `64 × NVIDIA A100 80GB`; empty when nothing is stated of them."""
    names = " and ".join(name_of(store, iri) for iri in node.things("accelerator"))
    counts = _either(node.texts("acceleratorCount"), run, "acceleratorCount", said)
    return f"{counts} × {names}" if counts and names else names or (f"{counts} accelerators" if counts else "")


def _either(values: Iterable[str], run: Run, relation: str, said: _Shown) -> str:
    """Return values as reports state them, in order of number."""
    ordered = sorted(values, key=lambda value: (number(value) is None, number(value) or 0, value))
    return " or ".join(text for value in ordered for text in sorted(said.get((run.stage, relation, value), {value})))
