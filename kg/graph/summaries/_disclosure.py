"""Of how many models each core fact is stated, only implied, or neither: a row for each relation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.graph.summaries._counts import ROWS
from kg.graph.summaries._write import count, pages
from kg.graph.view import View
from kg.schema import load_schema
from kg.terms import KG, RDF, integer

CORE = (
    "parameterCount",
    "hasBackbone",
    "trainingDataset",
    "trainingExamples",
    "accelerator",
    "acceleratorCount",
    "duration",
    "acceleratorHours",
    "trainingCompute",
    "optimizer",
    "peakLearningRate",
    "learningRateSchedule",
    "globalBatchSize",
    "organization",
    "country",
    "releaseYear",
    "license",
)
"""Relations that the query `undisclosed` asks for, and what trainings took."""


def disclosure(view: View, base: str) -> Iterator[str]:
    """Yield the row of each core fact, that of most models first."""
    described = {model for model, _ in view.pairs("describedIn")}
    models, implied = _models(view, described), _implied(view)
    rows = []
    for name in CORE:
        stated = {model for holder, _ in view.pairs(name) for model in models.get(holder, ())}
        derived = {model for holder in implied.get(name, ()) for model in models.get(holder, ())} - stated
        rows.append((-len(stated), name, len(stated), len(derived)))
    ordered = []
    for _, name, told, computed in sorted(rows):
        numbers = {"models": len(described), "statedModels": told, "impliedModels": computed}
        numbers["undisclosedModels"] = len(described) - told - computed
        measures = {relation: integer(number) for relation, number in numbers.items()}
        own, triples = count(base, "disclosure", {"ofRelation": f"<{KG}{name}>"}, measures)
        ordered.append(own)
        yield from triples
    yield from pages(base, "disclosure", ordered, ROWS)


def _models(view: View, described: set[str]) -> Mapping[str, list[str]]:
    """Return the models by what facts about them are of: themselves, their runs, their runs' hardware."""
    hardware = view.values("hardware")
    found = {model: [model] for model in described}
    for model, run in view.pairs("hasRun"):
        if model in described:
            for holder in (run, *hardware.get(run, ())):
                found.setdefault(holder, []).append(model)
    return found


def _implied(view: View) -> Mapping[str, set[str]]:
    """Return of what a number is implied, by the relation for which it can stand; one without an upper bound is none."""
    relations = load_schema().relations.values()
    instead = {f"<{relation.iri}>": relation.in_place_of for relation in relations if relation.in_place_of}
    bounded = {fact for fact, _ in view.pairs("upperBound")}
    stands = {fact: instead[term] for fact, term in view.pairs(f"<{RDF}predicate>") if term in instead and fact in bounded}
    found: dict[str, set[str]] = {}
    for fact, holder in view.pairs(f"<{RDF}subject>"):
        if fact in stands:
            found.setdefault(stands[fact], set()).add(holder)
    return found
