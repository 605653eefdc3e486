"""The pages of answers with a row or more for each model, and of all that is said with its words.

A part of a list is about a thing that many models share; only its first page is kept, so that no thing makes it large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from kg.graph.summaries._write import first_page, pages
from kg.graph.view import View, iri_of, stated
from kg.terms import KG, LABEL, TYPE

MODELS = 100
"""Models on a page."""

WHOLE = 10
"""Models on a page of all that is known of them."""

REPORTS = 10
"""Reports on a page: all that they say is shown with its words."""

_TRAINING = ("duration", "acceleratorHours")
_RATES = ("peakLearningRate", "minLearningRate")


def lists(view: View, base: str) -> Iterator[str]:
    """Yield the lists of models and of reports."""
    described = _sorted({model for model, _ in view.pairs("describedIn")})
    yield from pages(base, "models", described, MODELS)
    yield from pages(base, "model", described, WHOLE)
    yield from pages(base, "training", _with_runs(view, described, _trained(view)), MODELS)
    rates = {run for name in _RATES for run, _ in view.pairs(name)}
    yield from pages(base, "learning-rates", _with_runs(view, described, rates), MODELS)
    yield from _evaluated(view, set(described), base)
    yield from _lineage(view, base)
    yield from _evidence(view, base)


def _sorted(terms: Iterable[str]) -> list[str]:
    return sorted(terms, key=iri_of)


def _with_runs(view: View, described: list[str], runs: set[str]) -> list[str]:
    having = {model for model, run in view.pairs("hasRun") if run in runs}
    return [model for model in described if model in having]


def _trained(view: View) -> set[str]:
    """Return the runs of which time or hardware is stated."""
    labelled = {thing for thing, _ in view.pairs(LABEL)}
    hardware = {own for own, _ in view.pairs("acceleratorCount")}
    hardware |= {own for own, accelerator in view.pairs("accelerator") if accelerator in labelled}
    return {run for name in _TRAINING for run, _ in view.pairs(name)} | {
        run for run, own in view.pairs("hardware") if own in hardware
    }


def _evaluated(view: View, described: set[str], base: str) -> Iterator[str]:
    """Yield the models that were evaluated on what a model was trained on; of each dataset, the first ones."""
    name = "eval-in-training"
    training = {dataset for model, dataset in view.pairs("trainedOn") if model in described}
    found: dict[str, list[str]] = {}
    for model, dataset in view.pairs("evaluationDataset"):
        if model in described and dataset in training:
            found.setdefault(dataset, []).append(model)
    yield from pages(base, name, _sorted({model for models in found.values() for model in models}), MODELS)
    for dataset, models in found.items():
        yield from first_page(base, f"{name} by dataset", dataset, _sorted(models)[:MODELS])


def _lineage(view: View, base: str) -> Iterator[str]:
    """Yield the models that extend others; of each ancestor, the first ones."""
    parents = {model: _sorted(others) for model, others in view.values("extends").items()}
    yield from pages(base, "lineage", _sorted(parents), MODELS)
    for ancestor, models in _descendants(parents).items():
        yield from first_page(base, "lineage by ancestor", ancestor, models)


def _descendants(parents: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the first models in order that extend each one, directly or through others.

    The first ones below a model are among its own and the first ones below those, so that a chain of any length takes time that
    grows with its length. Models come before those that they extend; only a circle is gone through again, until nothing changes.
    """
    first: dict[str, list[str]] = {}
    waiting = dict.fromkeys(_children_first(parents))
    while waiting:
        model = next(iter(waiting))
        del waiting[model]
        for parent in parents.get(model, ()):
            below = first.get(parent, [])
            merged = _sorted({*below, model, *first.get(model, ())})[:MODELS]
            if merged != below:
                first[parent] = merged
                if parent in parents:
                    waiting.setdefault(parent)
    return first


def _children_first(parents: Mapping[str, list[str]]) -> list[str]:
    """Return the models that extend others, each before those that it extends; those in circles stand last."""
    children = {model: 0 for model in _sorted(parents)}
    for others in parents.values():
        for parent in others:
            if parent in children:
                children[parent] += 1
    ordered = [model for model, number in children.items() if not number]
    for model in ordered:
        for parent in parents[model]:
            if parent in children:
                children[parent] -= 1
                if not children[parent]:
                    ordered.append(parent)
    return list(dict.fromkeys([*ordered, *children]))


def _evidence(view: View, base: str) -> Iterator[str]:
    """Yield the reports; for each relation, the first ones about a model of which it is stated."""
    reports = _sorted({report for report, kind in view.pairs(TYPE) if kind == f"<{KG}Report>"})
    yield from pages(base, "evidence", reports, REPORTS)
    about: dict[str, list[str]] = {}
    for model, report in view.pairs("describedIn"):
        about.setdefault(report, []).append(model)
    runs, hardware = view.values("hasRun"), view.values("hardware")

    def subjects(report: str) -> Iterator[str]:
        for model in about.get(report, ()):
            yield model
            for run in runs.get(model, ()):
                yield run
                yield from hardware.get(run, ())

    for relation in stated():
        having = {subject for subject, _ in view.pairs(relation)}
        if having:
            telling = (report for report in reports if any(subject in having for subject in subjects(report)))
            yield from first_page(base, "evidence by relation", relation, islice(telling, REPORTS))
