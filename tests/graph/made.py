"""Default graphs made by chance: models with what the summaries count, without reports' own graphs."""

from __future__ import annotations

import io
from random import Random

import pyoxigraph as ox

from kg.graph import build_triples, default_quads, quads, search_triples, summary_triples, view_of
from kg.schema import DEFAULT_BASE
from kg.terms import KG, LABEL, RDF, SKOS, TYPE, XSD, string

STAGES = ("pretraining", "fineTuning")
_OF_MODEL = {"organization": "organization", "country": "country", "evaluationDataset": "dataset"}


def term(kind: str, number: int) -> str:
    return f"<{DEFAULT_BASE}{kind}/{kind[0]}-{number:03}>"


def literal(value: object, datatype: str) -> str:
    return f'"{value}"^^<{XSD}{datatype}>'


def made_triples(chance: Random, models: int, others: int = 4) -> list[str]:
    """Return the triples of so many models and a few of everything else; who is described, and by what, is left to chance."""
    found = {triple for number in range(models) for triple in _model(chance, number, models, others)}
    for kind in ("dataset", "organization", "country", "accelerator"):
        for number in range(others):
            found.add(f"{term(kind, number)} {TYPE} <{KG}{kind.capitalize()}>")
            found.add(f"{term(kind, number)} {LABEL} {string(f'{kind.capitalize()} {number}')}")
    for stage in STAGES:
        found.add(f"<{KG}{stage}> <{SKOS}notation> {string(stage)}")
    return sorted(found)


def _model(chance: Random, number: int, models: int, others: int) -> list[str]:
    model, found = term("model", number), []
    found.append(f"{model} {TYPE} <{KG}Model>")
    found.append(f"{model} {LABEL} {string(f'Model {chance.randrange(models)}-{number}')}")

    def says(subject: str, relation: str, value: str, share: float = 0.6) -> None:
        if chance.random() < share:
            found.append(f"{subject} <{KG}{relation}> {value}")

    for report in range(2):
        says(model, "describedIn", f"<{DEFAULT_BASE}report/{chance.randrange(models)}-{report}.txt>")
    for relation, kind in _OF_MODEL.items():
        for _ in range(2):
            says(model, relation, term(kind, chance.randrange(others)))
    for _ in range(2):
        says(model, "releaseYear", literal(2020 + chance.randrange(3), "gYear"))
    says(model, "license", '"MIT"', 0.3)
    if chance.random() < 0.4:
        found += _derived(chance, f"<{DEFAULT_BASE}derived/m-{number:03}>", model, "runCompute")
    for relation in ("extends", "imageEncoder", "languageModel"):
        if chance.random() < 0.5:
            other = term("model", chance.randrange(models))
            found += [f"{model} <{KG}{name}> {other}" for name in (relation, "hasBackbone")]
    for stage in (None, *STAGES):
        if chance.random() < 0.5:
            found += _run(chance, model, number, stage, others)
    return found


def _run(chance: Random, model: str, number: int, stage: str | None, others: int) -> list[str]:
    part = f"m-{number:03}" + (f"/{stage}" if stage else "")
    run, hardware = f"<{DEFAULT_BASE}run/{part}>", f"<{DEFAULT_BASE}hardware/{part}>"
    found = [f"{model} <{KG}hasRun> {run}", f"{run} <{KG}hardware> {hardware}"]
    if stage:
        found.append(f"{run} <{KG}stage> <{KG}{stage}>")
    for _ in range(chance.randrange(3)):
        dataset = term("dataset", chance.randrange(others))
        found += [f"{run} <{KG}trainingDataset> {dataset}", f"{model} <{KG}trainedOn> {dataset}"]
        found.append(f"{hardware} <{KG}accelerator> {term('accelerator', chance.randrange(others))}")
        found.append(f"{hardware} <{KG}acceleratorCount> {literal(2 ** chance.randrange(8), 'integer')}")
    for name, value, datatype in (
        ("duration", f"P{chance.randint(1, 9)}D", "duration"),
        ("peakLearningRate", "0.001", "decimal"),
        ("warmupSteps", chance.randrange(100), "integer"),
        ("acceleratorHours", chance.randint(1, 900), "decimal"),
        ("acceleratorHours", f"{chance.randint(1, 900)}.5", "decimal"),
        ("trainingCompute", chance.randrange(4) * 10 ** chance.randint(18, 25), "double"),
    ):
        if chance.random() < 0.3:
            found.append(f"{run} <{KG}{name}> {literal(value, datatype)}")
    for rule in range(2):
        if chance.random() < 0.4:
            found += _derived(chance, f"<{DEFAULT_BASE}derived/{part}/{rule}>", run, "impliedAcceleratorHours")
    return found


def _derived(chance: Random, fact: str, subject: str, relation: str) -> list[str]:
    low = chance.randint(1, 500)
    found = [f"{fact} <{RDF}subject> {subject}", f"{fact} <{RDF}predicate> <{KG}{relation}>"]
    found += [f"{fact} <{RDF}object> {literal(low * 2, 'double')}", f"{fact} <{KG}lowerBound> {literal(low, 'double')}"]
    return [*found, f"{fact} <{KG}upperBound> {literal(low * 3, 'double')}"] if chance.random() < 0.8 else found


def store_of(triples: list[str]) -> ox.Store:
    """Return a store with a default graph and all that follows from it."""
    view, base = view_of(triples), DEFAULT_BASE
    lines = default_quads(triples)
    lines += quads(summary_triples(view, base), f"{base}graph/summary") + quads(search_triples(view, base), f"{base}graph/search")
    lines += quads(build_triples(triples, {}, base), f"{base}graph/build")
    store = ox.Store()
    store.bulk_load(io.BytesIO("".join(lines).encode()), ox.RdfFormat.N_QUADS)
    return store
