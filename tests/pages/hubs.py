"""Graphs of many models that share a thing, and stores that count what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox

from kg.places import ReportSource
from kg.schema import DEFAULT_BASE
from kg.stored import texts
from kg.terms import KG, LABEL, SKOS, TYPE, XSD, string
from kg.why import Graph
from tests.graph.made import store_of
from tests.sample_graph import sample_store

HOSTILE = (
    "<script>alert(1)</script>",
    "\"quoted\" & 'single' <b>",
    "שלום-7B",
    "🦜 Macaw 𝔐-70B",
    "</script><!--",
    "\u202eturned\u202c",
    "a" * 300,
)
"""Names that attack who reads them."""

HUB = f"{DEFAULT_BASE}dataset/hub"


class Counting:
    """A store that counts the patterns that are asked of it and the quads that it gives."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self.asked = self.given = 0

    def quads_for_pattern(self, *pattern: Any) -> Iterator[ox.Quad]:
        self.asked += 1
        for quad in self._store.quads_for_pattern(*pattern):
            self.given += 1
            yield quad

    def contains_named_graph(self, name: Any) -> bool:
        return self._store.contains_named_graph(name)


def graph_of_store(store: ox.Store | Counting, base: str = DEFAULT_BASE) -> Graph:
    """Return a store as pages read it; reports are those that it holds."""

    def sources(reports: Any) -> dict[str, ReportSource]:
        return {id: ReportSource(id, text) for id, text in texts(cast(ox.Store, store), sorted(reports), base).items()}

    return Graph(Path(), cast(ox.Store, store), base, sources)


def sample_graph(folder: Path) -> Graph:
    """Return the three reports of the samples as pages read them."""
    return graph_of_store(sample_store(folder))


def named(number: int) -> str:
    """Return the name of a model: some attack, most do not."""
    return HOSTILE[number] if number < len(HOSTILE) else f"Model {number:04}"


def hub_store(models: int, base: str = DEFAULT_BASE) -> ox.Store:
    """Return a store of models that are all trained on one dataset, evaluated on it, and come from one country."""
    found = []
    for number in range(models):
        model, run = f"<{base}model/m-{number:05}>", f"<{base}run/m-{number:05}/pretraining>"
        found += [
            f"{model} {TYPE} <{KG}Model>",
            f"{model} {LABEL} {string(named(number))}",
            f"{model} <{KG}describedIn> <{base}report/r-{number:05}.txt>",
            f"<{base}report/r-{number:05}.txt> {TYPE} <{KG}Report>",
            f"<{base}report/r-{number:05}.txt> {LABEL} {string(f'r-{number:05}.txt')}",
            f"{model} <{KG}hasRun> {run}",
            f"{run} <{KG}stage> <{KG}pretraining>",
            f"{run} <{KG}trainingDataset> <{base}dataset/hub>",
            f"{model} <{KG}trainedOn> <{base}dataset/hub>",
            f"{model} <{KG}evaluationDataset> <{base}dataset/hub>",
            f"{model} <{KG}country> <{base}country/us>",
            f'{model} <{KG}releaseYear> "{2015 + number % 9}"^^<{XSD}gYear>',
            f'{model} <{KG}parameterCount> "{1 + number * 7 % models}"^^<{XSD}integer>',
            f'{run} <{KG}acceleratorHours> "{1 + number * 11 % models}"^^<{XSD}decimal>',
        ]
    found += [f"<{base}dataset/hub> {TYPE} <{KG}Dataset>", f"<{base}dataset/hub> {LABEL} {string(HOSTILE[0])}"]
    found += [f"<{base}country/us> {TYPE} <{KG}Country>", f"<{base}country/us> {LABEL} {string('United States')}"]
    found += [f"<{KG}pretraining> <{SKOS}notation> {string('pretraining')}"]
    return store_of(sorted(found))


def shuffled(store: ox.Store) -> ox.Store:
    """Return an equal store that was filled in another order."""
    other = ox.Store()
    for quad in sorted(store, key=lambda quad: str(quad)[::-1], reverse=True):
        other.add(quad)
    return other


def without_summaries(store: ox.Store, base: str = DEFAULT_BASE) -> ox.Store:
    """Return a store as earlier versions made it."""
    other = ox.Store()
    left_out = {ox.NamedNode(f"{base}graph/summary"), ox.NamedNode(f"{base}graph/search")}
    other.extend(quad for quad in store if quad.graph_name not in left_out)
    return other
