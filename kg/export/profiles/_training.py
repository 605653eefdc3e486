"""What is reported of a model's training, as short sentences."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.export.profiles._things import Run, Thing, name_of, runs

_NUMBERS = (
    ("trainingExamples", "examples or tokens"),
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


def training(store: ox.Store, model: Thing) -> str | None:
    """Return what reports state of a model's training, a clause for each run; None when they state nothing.

    Where reports disagree, all their values stand there, joined by `or`.
    """
    clauses = [
        f"{run.stage or 'training'}: {', '.join(parts)}" for run in runs(store, model) if (parts := list(_parts(store, run)))
    ]
    return "; ".join(clauses) or None


def _parts(store: ox.Store, run: Run) -> Iterator[str]:
    """Yield what is stated of a run and its hardware, in the order of the list above."""
    if data := run.run.things("trainingDataset"):
        yield "on " + " and ".join(name_of(store, iri) for iri in data)
    if run.hardware and (used := hardware(store, run.hardware)):
        yield used
    for relation, name in _NUMBERS:
        if values := run.run.texts(relation):
            yield f"{name} {' or '.join(values)}"
    if software := run.run.things("software"):
        yield "with " + " and ".join(name_of(store, iri) for iri in software)


def hardware(store: ox.Store, node: Thing) -> str:
    """Return the accelerators of a run, as `64 × NVIDIA A100 80GB`; empty when nothing is stated of them."""
    names = " and ".join(name_of(store, iri) for iri in node.things("accelerator"))
    counts = " or ".join(node.texts("acceleratorCount"))
    return f"{counts} × {names}" if counts and names else names or (f"{counts} accelerators" if counts else "")
