"""What models share, by thing, relation and stage, with pages of the models; and the things of each kind that any model uses.

A page of a thing shows who uses it without looking at all who do: `uses/cc3m;trainingDataset;pretraining/page/1`. All models stand
on the pages, each once for a relation and a stage, so that these are no more than the facts that name the things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest

from kg.graph.summaries._write import count, node, pages
from kg.graph.view import View, iri_of
from kg.schema import load_schema
from kg.terms import KG, integer

SHOWN, USERS = 50, 25
"""Entries on a page of a list that pages show, and of those who use a thing, each of which is shown with words."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "datasets": ("trainingDataset", "evaluationDataset"),
    "backbones": ("extends", "imageEncoder", "languageModel"),
    "organizations": ("organization",),
    "countries": ("country",),
    "accelerators": ("accelerator",),
    "software": ("software",),
}
"""Lists of things in use, and the relations by which models use them."""

_RELATIONS = (*(name for names in KINDS.values() for name in names), "component")

NAMING = ("basedIn", "manufacturer", "variantOf")
"""Relations of the catalogue by which things in use name others."""

_NAMED = 40  # things that are kept of those that name another

Use = tuple[str, str, str]
"""A thing, the local name of a relation, and a stage as a term, empty for the whole training."""

Order = Mapping[str, int]
"""The place of each described model among all, by name."""


def names_order(view: View) -> Order:
    """Return the place of each described model in order of their names."""
    labels = view.labels()

    def key(model: str) -> tuple[str, str, str]:
        label = labels.get(model) or iri_of(model)
        return label.casefold(), label, iri_of(model)

    described = {model for model, _ in view.pairs("describedIn")}
    return {model: at for at, model in enumerate(sorted(described, key=key))}


def uses(view: View, order: Order, base: str) -> Iterator[str]:
    """Yield who uses each thing, and the lists of the things that are used."""
    found = _found(view, order)
    for (thing, name, stage), models in found.items():
        of = {"about": thing, "inRole": f"<{KG}{name}>", "inStage": stage}
        own, triples = count(base, "uses", of, {"models": integer(len(models))})
        yield from triples
        entries = sorted(models, key=order.__getitem__)
        for number, start in enumerate(range(0, len(entries), USERS), 1):
            known = {"number": integer(number), "entry": entries[start : start + USERS]}
            yield from node(f"{own[:-1]}/page/{number}>", "uses", known)
    labels, numbers = view.labels(), dict[str, int]()
    for kind, names in KINDS.items():
        together: dict[str, set[str]] = {}
        for (thing, name, _), models in found.items():
            if name in names:
                together.setdefault(thing, set()).update(models)
        numbers |= {thing: len(models) for thing, models in together.items()}
        yield from _listed(f"used-{kind}", together, labels, base)
    yield from _naming(view, numbers, base)


def _found(view: View, order: Order) -> Mapping[Use, Sequence[str]]:
    """Return the described models that use each thing, each once."""
    stages, domains = view.values("stage"), {name: load_schema().relations[name].domain for name in _RELATIONS}
    holders: dict[str, dict[str, list[tuple[str, str]]]] = {"TrainingRun": {}, "HardwareConfig": {}}
    holders["Model"] = {model: [(model, "")] for model in order}
    hardware = view.values("hardware")
    for model, run in view.pairs("hasRun"):
        if model in order:
            told = [(model, stage) for stage in stages.get(run, [""])]
            holders["TrainingRun"].setdefault(run, []).extend(told)
            for own in hardware.get(run, ()):
                holders["HardwareConfig"].setdefault(own, []).extend(told)
    found: dict[Use, dict[str, None]] = {}
    for name in _RELATIONS:
        of = holders[domains[name]]
        for subject, thing in view.pairs(name):
            for model, stage in of.get(subject, ()):
                found.setdefault((thing, name, stage), {})[model] = None
    return {use: tuple(models) for use, models in found.items()}


def _naming(view: View, numbers: Mapping[str, int], base: str) -> Iterator[str]:
    """Yield which things in use name a thing in the catalogue, those that most models use first."""
    for name in NAMING:
        found: dict[str, list[str]] = {}
        for subject, thing in view.pairs(name):
            if subject in numbers:
                found.setdefault(thing, []).append(subject)
        for thing, subjects in found.items():
            most = nsmallest(_NAMED, subjects, key=lambda subject: (-numbers[subject], iri_of(subject)))
            yield from count(base, "named", {"about": thing, "inRole": f"<{KG}{name}>"}, {"entry": most})[1]


def _listed(name: str, users: Mapping[str, Iterable[str]], labels: Mapping[str, str], base: str) -> Iterator[str]:
    """Yield the count of each thing's models, and the things on pages: those of most models first, and by name."""
    numbers = {thing: len(list(models)) for thing, models in users.items()}
    shown = {thing: (labels.get(thing) or iri_of(thing)).casefold() for thing in numbers}
    for thing, number in numbers.items():
        yield from count(base, name, {"about": thing}, {"models": integer(number)})[1]
    most = sorted(numbers, key=lambda thing: (-numbers[thing], shown[thing], iri_of(thing)))
    yield from pages(base, name, most, SHOWN)
    yield from pages(base, f"{name}-by-name", sorted(numbers, key=lambda thing: (shown[thing], iri_of(thing))), SHOWN)
