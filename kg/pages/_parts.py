"""A model, a run or hardware -> the parts that its facts are told in: itself, its training as a whole, each stage in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kg.pages._facts import Part
from kg.why import Graph

ITSELF, TRAINING = "itself", "training"


def parts_of(graph: Graph, iri: str, kind: str) -> list[Part]:
    """Return the parts of a model, or the one that a run or hardware is."""
    if kind != "model":
        stage = graph.statements.stage_of(iri)
        title = "Hardware" if kind == "hardware" else _title(graph, stage)
        return [Part(stage or TRAINING, title, iri, tuple(dict.fromkeys(graph.statements.below(iri))), stage)]
    runs: dict[str | None, list[str]] = {None: []}
    for subject, run in graph.statements.hanging(iri):
        if run is not None:
            runs.setdefault(graph.statements.stage_of(run), []).append(subject)
    stages = sorted((stage for stage in runs if stage), key=_place(list(graph.schema.stages)))
    training = [_training(graph, stage, runs[stage]) for stage in (None, *stages)]
    return [Part(ITSELF, "The model itself", iri, (iri,)), *training]


def _place(known: list[str]) -> Callable[[str], tuple[int, str]]:
    """Return the order of stages."""

    def place(stage: str) -> tuple[int, str]:
        return (known.index(stage) if stage in known else len(known), stage)

    return place


def _training(graph: Graph, stage: str | None, subjects: Iterable[str]) -> Part:
    found = tuple(dict.fromkeys(subjects))
    run = next((iri for iri in found if iri.startswith(f"{graph.base}run/")), "")
    return Part(stage or TRAINING, _title(graph, stage), run, found, stage)


def _title(graph: Graph, stage: str | None) -> str:
    """Return what a part of the training is called on pages."""
    if stage is None:
        return "Training as a whole"
    name = graph.statements.label(graph.schema.stages.get(stage, "")) or stage
    return name[:1].upper() + name[1:]
