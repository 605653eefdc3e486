"""What the checks look at: what reports say of models, what the catalogue knows of things, and the texts of the reports."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from kg.iris import subject_iri
from kg.model import Claim, Derivation, Thing
from kg.runs import ModelReport, Run, Said
from kg.schema import Schema

_SPLIT_MODEL = re.compile(
    r"\b(?:tensor|pipeline|model|sequence|context|expert|spatial|operator|3D|2D|hybrid)[- ]parallel|\bmegatron"
    r"|\b(?:TP|PP|MP)\s?=\s?\d|\bmodel\s?parallel|\bpjit\b|\bGSPMD\b|\bpathways\b",
    re.IGNORECASE,
)

_NOBODY: frozenset[str] = frozenset()

Place = tuple[str, str, int, int]
"""Words that claim something: report, relation, start, end."""


@dataclass(frozen=True, slots=True)
class Known:
    """What every check is given; `of_model` are the reports about a model by its IRI, `variants` the versions of an accelerator.

    `models` are those that are checked; `labels` those of all models that a report is about.
    """

    models: Sequence[ModelReport]
    derivation: Derivation
    schema: Schema
    texts: Mapping[str, str]
    of_model: Mapping[str, Sequence[ModelReport]]
    labels: Mapping[str, Sequence[str]]
    variants: Mapping[str, tuple[Thing, ...]]
    owners: Mapping[Place, frozenset[str]]
    functional: frozenset[str]

    @classmethod
    def of(
        cls,
        models: Sequence[ModelReport],
        derivation: Derivation,
        schema: Schema,
        texts: Mapping[str, str],
        beside: Sequence[ModelReport] = (),
        others: Mapping[str, Sequence[ModelReport]] | None = None,
    ) -> Known:
        """Return what is known of some models, in the order in which they are given; every report about one of them is among them.

        `beside` are the other models of their reports, `others` the reports about any model, by IRI.
        """
        by_iri: dict[str, list[ModelReport]] = defaultdict(list)
        for model in models:
            by_iri[model.iri].append(model)
        every = (*models, *beside)
        labels: dict[str, list[str]] = defaultdict(list)
        for model in every:
            labels[model.report].append(model.label)
        functional = frozenset(name for name, relation in schema.relations.items() if relation.functional) - {"name"}
        of_model = by_iri if others is None else others
        return cls(models, derivation, schema, texts, of_model, labels, _variants(schema), _owners(every), functional)

    def together(self) -> Iterator[list[ModelReport]]:
        """Yield the reports about each model that is checked."""
        by_iri: dict[str, list[ModelReport]] = defaultdict(list)
        for model in self.models:
            by_iri[model.iri].append(model)
        yield from by_iri.values()

    def runs(self) -> Iterator[tuple[ModelReport, Run]]:
        """Yield every run of every model that a report tells of."""
        for model in self.models:
            for run in model.runs.values():
                yield model, run

    def products(self, claim: Claim) -> tuple[Thing, ...]:
        """Return the products that a claim's accelerator can be: itself and its versions; none for what is not known."""
        return self.variants.get(claim.thing, ()) if claim.thing else ()

    def first_release(self, claim: Claim) -> tuple[str, str] | None:
        """Return when the earliest of the products that a claim can mean was released, and which that is."""
        dates = [(day, product.name) for product in self.products(claim) if is_day(day := product.facts.get("releaseDate", ""))]
        return min(dates, default=None)

    def subject(self, model: str, stage: str | None, relation: str) -> str:
        """Return the IRI that a relation of a model hangs on: the model, a run, its hardware."""
        return subject_iri(self.schema.base, model, stage, self.schema.relation(relation).domain)

    def of_one(self, claims: Iterable[Claim]) -> bool:
        """Return whether claims are about the same model, or about the same several: words about all say little of one."""
        return len({self.owners.get(_place(claim), _NOBODY) for claim in claims}) <= 1

    def of_one_model(self, claim: Claim) -> bool:
        """Return whether a claim's words speak of no other model of the report."""
        return len(self.owners.get(_place(claim), _NOBODY)) <= 1

    def splits_model(self, report: str) -> bool:
        """Return whether a report speaks of splitting one model over several devices: a device then is no replica."""
        return _splits_model(self.texts.get(report, ""))


def is_day(text: str) -> bool:
    """Return whether a text is a date as the catalogue writes it; users' tables may hold others."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def parts(model: ModelReport) -> Iterator[tuple[str | None, Said]]:
    """Yield what a report says of a model itself, and of its runs, each with its stage."""
    yield None, model.claims
    for stage, run in model.runs.items():
        yield stage, run.said


def _place(claim: Claim) -> Place:
    return claim.report, claim.relation, claim.start, claim.end


def _owners(models: Sequence[ModelReport]) -> Mapping[Place, frozenset[str]]:
    """Return the models that words of a report speak of, where they speak of several."""
    several = {report for report, count in Counter(model.report for model in models).items() if count > 1}
    owners: dict[Place, set[str]] = defaultdict(set)
    for model in models:
        if model.report in several:
            for claim in model.every():
                owners[_place(claim)].add(model.iri)
    return {place: frozenset(iris) for place, iris in owners.items()}


@lru_cache(maxsize=256)
def _splits_model(text: str) -> bool:
    return _SPLIT_MODEL.search(text) is not None


@lru_cache(maxsize=4)
def _variants(schema: Schema) -> Mapping[str, tuple[Thing, ...]]:
    things = [thing for thing in schema.things if thing.kind == "accelerator"]
    by_name = {thing.name: thing.iri for thing in things}
    below: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        if parent := by_name.get(thing.facts.get("variantOf", "")):
            below[parent].append(thing)

    def family(thing: Thing) -> list[Thing]:
        return [thing, *(product for child in below[thing.iri] for product in family(child))]

    return {thing.iri: tuple(family(thing)) for thing in things}
