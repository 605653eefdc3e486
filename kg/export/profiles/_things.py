"""A store -> the things that profiles speak of: models with their runs, and what these name, from the default graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.export._selection import Selection
from kg.terms import KG, RDFS, SKOS

LABEL, ALT_LABEL = f"{RDFS}label", f"{SKOS}altLabel"
_DEFAULT = ox.DefaultGraph()
_DESCRIBED = ox.NamedNode(f"{KG}describedIn")
_NOTATION = ox.NamedNode(f"{SKOS}notation")


@dataclass(frozen=True, slots=True)
class Thing:
    """An IRI and what the default graph says of it: texts and IRIs by predicate, each sorted."""

    iri: str
    literals: Mapping[str, tuple[str, ...]]
    links: Mapping[str, tuple[str, ...]]

    def texts(self, relation: str) -> tuple[str, ...]:
        """Return the literals of a relation, given by its local name."""
        return self.literals.get(KG + relation, ())

    def things(self, relation: str) -> tuple[str, ...]:
        """Return the IRIs of a relation, given by its local name."""
        return self.links.get(KG + relation, ())

    @property
    def label(self) -> str:
        """Return the name of the thing, its IRI when it has none."""
        return next(iter(self.literals.get(LABEL, ())), self.iri)


@dataclass(frozen=True, slots=True)
class Run:
    """A training run of a model: its stage (None: the whole training), what is said of it and of its hardware."""

    stage: str | None
    run: Thing
    hardware: Thing | None


def thing(store: ox.Store, iri: str) -> Thing:
    """Return what the default graph says of an IRI; nothing is a thing without values."""
    literals: dict[str, set[str]] = defaultdict(set)
    links: dict[str, set[str]] = defaultdict(set)
    for quad in store.quads_for_pattern(ox.NamedNode(iri), None, None, _DEFAULT):
        if isinstance(quad.object, ox.Literal):
            literals[quad.predicate.value].add(quad.object.value)
        elif isinstance(quad.object, ox.NamedNode):
            links[quad.predicate.value].add(quad.object.value)
    return Thing(iri, _sorted(literals), _sorted(links))


def models(selection: Selection) -> Iterator[Thing]:
    """Yield the models that reports describe, or the one that is selected, in order of IRI."""
    if selection.model is not None:
        yield thing(selection.store, selection.model)
        return
    described = selection.store.quads_for_pattern(None, _DESCRIBED, None, _DEFAULT)
    for iri in sorted({quad.subject.value for quad in described if isinstance(quad.subject, ox.NamedNode)}):
        yield thing(selection.store, iri)


def runs(store: ox.Store, model: Thing) -> list[Run]:
    """Return the runs of a model, the whole training first, then its stages by name."""
    found = []
    for iri in model.things("hasRun"):
        run = thing(store, iri)
        hardware = next((thing(store, part) for part in run.things("hardware")), None)
        found.append(Run(next((stage_name(store, stage) for stage in run.things("stage")), None), run, hardware))
    return sorted(found, key=lambda run: (run.stage or "", run.run.iri))


def stage_name(store: ox.Store, stage: str) -> str:
    """Return the notation of a stage, as `pretraining`."""
    said = store.quads_for_pattern(ox.NamedNode(stage), _NOTATION, None, _DEFAULT)
    return next((quad.object.value for quad in said if isinstance(quad.object, ox.Literal)), stage.removeprefix(KG))


def name_of(store: ox.Store, iri: str) -> str:
    """Return the label of a thing, its IRI when it has none."""
    said = store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(LABEL), None, _DEFAULT)
    return min((quad.object.value for quad in said if isinstance(quad.object, ox.Literal)), default=iri)


def _sorted(values: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {predicate: tuple(sorted(some)) for predicate, some in values.items()}
