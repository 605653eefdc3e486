"""What is counted over all models: by country and year, accelerator, backbone and its role, dataset, and both of the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from typing import Any

from kg.graph.summaries._write import Known, count, first_page, named, pages
from kg.graph.view import View, iri_of
from kg.terms import KG, XSD, integer

ROWS = 100
"""Counts on a page."""

YEARS = 1000
"""Counts of a country and a year on a page: few cells make one table."""

FIRST = 10
"""Models that are named beside a count."""

ROLES = ("extends", "imageEncoder", "languageModel")
_INTEGER = f'"^^<{XSD}integer>'

Counted = dict[str, list[str]]
"""Models by what was counted of them."""


def counts(view: View, base: str) -> Iterator[str]:
    """Yield the counts of every kind and the lists in which they stand."""
    described = {model for model, _ in view.pairs("describedIn")}
    labels = view.labels()
    order = {model: at for at, model in enumerate(sorted(described, key=lambda model: (labels.get(model, ""), iri_of(model))))}
    trained = _by_value(view.pairs("trainedOn"), described)
    built = _by_value(view.pairs("hasBackbone"), described)
    yield from _countries(view, described, base)
    yield from _accelerators(view, described, base)
    yield from _backbones(view, described, base)
    yield from _datasets(trained, _by_value(view.pairs("evaluationDataset"), described), order, base)
    yield from _shared(built, order, base)
    yield from _both(built, trained, order, base)


def _by_value(pairs: Iterable[tuple[str, str]], described: set[str]) -> Counted:
    found: Counted = {}
    for model, value in pairs:
        if model in described:
            found.setdefault(value, []).append(model)
    return found


def _listed(base: str, name: str, rows: Iterable[tuple[Any, Mapping[str, str], Known]], size: int = ROWS) -> Iterator[str]:
    """Yield rows as counts, on pages in order of their keys."""
    ordered = []
    for _, of, measures in sorted(rows, key=lambda row: row[0]):
        own, triples = count(base, name, of, measures)
        ordered.append(own)
        yield from triples
    yield from pages(base, name, ordered, size)


def _countries(view: View, described: set[str], base: str) -> Iterator[str]:
    countries, years = view.values("country"), view.values("releaseYear")
    found: dict[tuple[str, str], int] = defaultdict(int)
    for model in described:
        for country in countries.get(model, [""]):
            for year in years.get(model, [""]):
                found[country, year] += 1
    yield from _listed(
        base,
        "by-country-year",
        (
            ((iri_of(country), year), {"inCountry": country, "inYear": year}, {"models": integer(number)})
            for (country, year), number in found.items()
        ),
        YEARS,
    )


def _accelerators(view: View, described: set[str], base: str) -> Iterator[str]:
    hardware, named, numbers = view.values("hardware"), view.values("accelerator"), view.values("acceleratorCount")
    models: dict[str, set[str]] = defaultdict(set)
    largest: dict[str, int] = {}
    for model, run in view.pairs("hasRun"):
        if model in described:
            for own in hardware.get(run, ()):
                for accelerator in named.get(own, ()):
                    models[accelerator].add(model)
    for own, accelerators in named.items():
        whole = [int(number[1 : -len(_INTEGER)]) for number in numbers.get(own, ()) if number.endswith(_INTEGER)]
        for accelerator in accelerators if whole else ():
            largest[accelerator] = max(largest.get(accelerator, whole[0]), *whole)
    yield from _listed(
        base,
        "by-accelerator",
        (
            (
                (-len(by), iri_of(accelerator)),
                {"ofAccelerator": accelerator},
                {"models": integer(len(by)), "largestCount": integer(largest[accelerator]) if accelerator in largest else ""},
            )
            for accelerator, by in models.items()
        ),
    )


def _backbones(view: View, described: set[str], base: str) -> Iterator[str]:
    found = {(backbone, role): len(models) for role in ROLES for backbone, models in _by_value(view.pairs(role), described).items()}
    yield from _listed(
        base,
        "backbones",
        (
            ((-number, iri_of(backbone), role), {"ofBackbone": backbone, "inRole": f"<{KG}{role}>"}, {"models": integer(number)})
            for (backbone, role), number in found.items()
        ),
    )


def _datasets(trained: Counted, evaluated: Counted, order: Mapping[str, int], base: str) -> Iterator[str]:
    rows = [(dataset, trained.get(dataset, []), len(evaluated.get(dataset, ()))) for dataset in {*trained, *evaluated}]
    yield from _listed(
        base,
        "datasets",
        (
            (
                (-len(models), -tested, iri_of(dataset)),
                {"ofDataset": dataset},
                {**_measures(models, order), "evaluatedModels": integer(tested)},
            )
            for dataset, models, tested in rows
        ),
    )
    shared = sorted((-len(models), iri_of(dataset), dataset) for dataset, models, _ in rows if len(models) > 1)
    yield from pages(base, "shared-datasets", [named(base, "datasets", [dataset]) for _, _, dataset in shared], ROWS)


def _shared(built: Counted, order: Mapping[str, int], base: str) -> Iterator[str]:
    yield from _listed(
        base,
        "shared-backbone",
        (
            ((-len(models), iri_of(thing)), {"ofBackbone": thing}, _measures(models, order))
            for thing, models in built.items()
            if len(models) > 1
        ),
    )


def _measures(models: list[str], order: Mapping[str, int]) -> dict[str, str | list[str]]:
    """Return how many models share something, and if there are several, the first of them."""
    first = nsmallest(FIRST, models, key=order.__getitem__) if len(models) > 1 else []
    return {"models": integer(len(models)), "firstModel": first}


def _both(built: Counted, trained: Counted, order: Mapping[str, int], base: str) -> Iterator[str]:
    """Yield the pairs of a backbone and a dataset that two models share, and for each of both its first pairs.

    There are at most as many pairs as models have backbones times datasets, however many models share one.
    """
    datasets: dict[str, list[str]] = {}
    for dataset, models in trained.items():
        for model in models:
            datasets.setdefault(model, []).append(dataset)
    found: dict[tuple[str, str], list[str]] = {}
    for backbone, models in built.items():
        for model in models:
            for dataset in datasets.get(model, ()):
                found.setdefault((backbone, dataset), []).append(model)
    shared = [(pair, models) for pair, models in found.items() if len(models) > 1]
    shared.sort(key=lambda item: (-len(item[1]), *map(iri_of, item[0])))
    ordered: list[str] = []
    about: dict[str, dict[str, list[str]]] = {"backbone": {}, "dataset": {}}
    for (backbone, dataset), models in shared:
        own, triples = count(base, "shared-both", {"sharedBackbone": backbone, "sharedDataset": dataset}, _measures(models, order))
        yield from triples
        ordered.append(own)
        about["backbone"].setdefault(backbone, []).append(own)
        about["dataset"].setdefault(dataset, []).append(own)
    yield from pages(base, "shared-both", ordered, ROWS)
    for kind, parts in about.items():
        for thing, pairs in parts.items():
            yield from first_page(base, f"shared-both by {kind}", thing, pairs[:ROWS])
