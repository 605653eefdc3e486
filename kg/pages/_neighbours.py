"""What a thing is linked with: a graph, an IRI -> its neighbours by relation, a page of each at a time.

Relations are those between models, data, hardware, software, organizations, countries and reports. Runs and hardware
configurations are steps between them and never things of their own: `trainedOn` tells the stages, `hasBackbone` the role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kg.pages.errors import Missing
from kg.pages.folders import folder_of
from kg.schema import Relation
from kg.sparql.statements import SHORTCUTS
from kg.terms import KG
from kg.why import Graph

LIMIT = 30
"""Neighbours of a relation on a page."""

SORTED = 500
"""Neighbours of a relation that are put in order and counted one by one; more stand as the store has them."""

_STEPS = {"TrainingRun": ("hasRun",), "HardwareConfig": ("hasRun", "hardware")}
_CLASSES = frozenset({"Model", "Dataset", "Accelerator", "Software", "Organization", "Country", "Report"})
KINDS = frozenset(name.lower() for name in _CLASSES)
"""Kinds of things that have neighbours: what their paths begin with."""

_STRUCTURE = frozenset({"hasBackbone", "trainedOn", "describedIn"})
_COUNTED = {
    "trainedOn": ("ofDataset", "datasets", "models"),
    "evaluationDataset": ("ofDataset", "datasets", "evaluatedModels"),
    "hasBackbone": ("ofBackbone", "shared-backbone", "models"),
    "accelerator": ("ofAccelerator", "by-accelerator", "models"),
    "organization": ("about", "used-organizations", "models"),
    "country": ("about", "used-countries", "models"),
    "software": ("about", "used-software", "models"),
}
"""Relations whose models a build counts: how the count names the thing, its list, and the count itself."""

_OF = {"dataset": "trainedOn", "model": "hasBackbone"} | {
    name: name for name in ("accelerator", "organization", "country", "software")
}
"""What the number beside a thing of a kind counts."""

WORDS = {
    "hasBackbone": ("built on", "built on it"),
    "trainedOn": ("trained on", "trained on it"),
    "evaluationDataset": ("evaluated on", "evaluated on it"),
    "organization": ("made by", "made by it"),
    "describedIn": ("described in", "described in it"),
    "accelerator": ("ran on", "ran on it"),
    "software": ("made with", "made with it"),
    "basedIn": ("based in", "based in it"),
    "country": ("country", "from it"),
}
"""What relations are called in a graph, away from a thing and towards it."""

_FIRST = ("hasBackbone", "component", "trainedOn", "evaluationDataset", "accelerator", "software", "organization", "country")
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Group:
    """One relation of a thing in one direction: `inverse` when it leads to the thing; its name is `trainedOn` or `^trainedOn`.

    `total` is how many neighbours there are, None when nobody counted the many there are; `next` is the page after this one.
    """

    relation: str
    label: str
    inverse: bool
    total: int | None
    next: int | None
    edges: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return what is told of the group beside its edges."""
        told = {"relation": self.relation, "label": self.label, "inverse": self.inverse, "total": self.total, "next": self.next}
        return {"name": f"^{self.relation}" if self.inverse else self.relation, **told}


def neighbours(graph: Graph, iri: str, relation: str | None = None, page: int = 1, limit: int = LIMIT) -> dict[str, Any]:
    """Return what a thing is linked with: `thing`, `nodes`, `edges`, `groups`; of each relation (or of one) a page.

    Things are known by their path below the base. Raise Missing for what is no thing of the graph, or no relation of things.
    """
    if page < 1 or limit < 1:
        raise Missing(f"there is no page {page}", hint="pages are counted from 1")
    looked = _Around(graph, page, limit)
    thing = looked.node(iri)
    if thing is None:
        raise Missing(
            f"the graph knows nothing of {iri[:200]}", hint="begin with a model, a dataset, an accelerator, an organization"
        )
    if relation and relation.removeprefix("^") not in looked.relations:
        raise Missing(f"no relation between things is named {relation[:80]}", hint="one of: " + ", ".join(looked.relations))
    found = list(looked.groups(iri, relation))
    edges = [edge for group in found for edge in group.edges]
    others = sorted({end for edge in edges for end in (edge["source"], edge["target"])} - {thing["id"]})
    nodes = [node for path in others if (node := looked.node(graph.base + path))]
    known = {thing["id"], *(node["id"] for node in nodes)}
    return {
        "thing": thing,
        "nodes": nodes,
        "edges": [edge for edge in edges if {edge["source"], edge["target"]} <= known],
        "groups": [group.to_json() for group in found],
        "page": page,
    }


@dataclass(frozen=True, eq=False)
class _Around:
    """A page of what is around things of a graph."""

    graph: Graph
    page: int
    limit: int

    @cached_property
    def relations(self) -> Mapping[str, Relation]:
        """Return the relations between things, those that say most first."""
        found = {
            name: relation
            for name, relation in self.graph.schema.relations.items()
            if relation.range in _CLASSES
            and (name in _STRUCTURE or (relation.origin in {"report", "catalog"} and relation.iri not in _REPEATED))
        }
        order = [*(name for name in _FIRST if name in found), *sorted(set(found) - {*_FIRST, "describedIn"}), "describedIn"]
        return {name: found[name] for name in order if name in found}

    def words(self, relation: str) -> tuple[str, str]:
        """Return what a relation is called where it leads away from a thing, and where it leads to one."""
        label = self.graph.schema.relation(relation).label
        return WORDS.get(relation, (label, f"{label} of"))

    def node(self, iri: str) -> dict[str, Any] | None:
        """Return a thing as a node, None when it is none."""
        path = iri.removeprefix(self.graph.base)
        kind = path.partition("/")[0]
        label = self.graph.statements.label(iri) if path != iri and kind in KINDS else None
        if label is None:
            return None
        found: dict[str, Any] = {"id": path, "kind": kind, "label": label}
        if (folder := folder_of(path)) != path:
            found["folder"] = folder  # where a published site has it
        if kind == "model":
            found["described"] = bool(next(self._objects(iri, "describedIn"), None))
        models = self._counted(iri, _OF[kind]) if kind in _OF else None
        return found | ({"models": models} if models else {})

    def groups(self, iri: str, wanted: str | None) -> Iterator[Group]:
        """Yield the relations of a thing that have neighbours on the page."""
        kind = iri.removeprefix(self.graph.base).partition("/")[0].capitalize()
        for name, relation in self.relations.items():
            domain = "Model" if relation.domain in _STEPS else relation.domain
            if domain == kind and wanted in {None, name} and (group := self._group(iri, relation, inverse=False)):
                yield group
            if relation.range == kind and wanted in {None, f"^{name}"} and (group := self._group(iri, relation, inverse=True)):
                yield group

    def _group(self, iri: str, relation: Relation, *, inverse: bool) -> Group | None:
        ends, total, more = self._into(iri, relation) if inverse else self._cut(self._out_of(iri, relation))
        edges = (self._edge(end, iri, relation) if inverse else self._edge(iri, end, relation) for end in ends)
        following = self.page + 1 if more else None
        label = self.words(relation.name)[inverse]
        return Group(relation.name, label, inverse, total, following, tuple(edges)) if ends or more else None

    def _cut(self, ends: list[str]) -> tuple[list[str], int, bool]:
        """Return the page of all neighbours, how many there are, and whether there are more behind it."""
        start = (self.page - 1) * self.limit
        return ends[start : start + self.limit], len(ends), len(ends) > start + self.limit

    def _out_of(self, iri: str, relation: Relation) -> list[str]:
        starts = [iri]
        for step in _STEPS.get(relation.domain, ()):
            starts = [end for start in starts for end in self._objects(start, step)]
        return sorted({end for start in starts for end in self._objects(start, relation.name)})

    def _into(self, iri: str, relation: Relation) -> tuple[list[str], int | None, bool]:
        """Return a page of the things that a relation leads from, how many there are, and whether there are more behind it."""
        first = list(islice(self._subjects(iri, relation.name), SORTED + 1))
        steps = _STEPS.get(relation.domain, ())
        if len(first) <= SORTED:
            return self._cut(sorted({model for start in first for model in self._back(start, steps)}))
        start = (self.page - 1) * self.limit
        page = list(islice(self._subjects(iri, relation.name), start, start + self.limit + 1))
        models = [model for own in page[: self.limit] if (model := self._told_here(own, iri, relation, steps))]
        return models, self._counted(iri, relation.name), len(page) > self.limit

    def _told_here(self, start: str, iri: str, relation: Relation, steps: tuple[str, ...]) -> str | None:
        """Return what a subject of a relation belongs to; a model that several of them belong to is told at one of them only."""
        model = min(self._back(start, steps), default=None)
        return model if model is not None and (not steps or start == self._first(model, iri, relation, steps)) else None

    def _first(self, model: str, iri: str, relation: Relation, steps: tuple[str, ...]) -> str:
        starts = [model]
        for step in steps:
            starts = [end for start in starts for end in self._objects(start, step)]
        return min(start for start in starts if self._states(start, relation.name, iri))

    def _back(self, start: str, steps: tuple[str, ...]) -> list[str]:
        """Return the models that a run or its hardware belongs to, or the thing itself where no steps lead to it."""
        found = [start]
        for step in reversed(steps):
            found = [subject for end in found for subject in self._subjects(end, step)]
        return found

    def _edge(self, start: str, end: str, relation: Relation) -> dict[str, Any]:
        base = self.graph.base
        edge = {"source": start.removeprefix(base), "target": end.removeprefix(base), "relation": relation.name}
        if relation.name == "hasBackbone":
            roles = (role.removeprefix(KG) for role in SHORTCUTS[relation.iri])
            said = (self.graph.schema.relation(role).label for role in roles if self._states(start, role, end))
            return edge | _some("roles", sorted(said))
        name = "trainingDataset" if relation.name == "trainedOn" else relation.name  # the shortcut says no stage
        steps = _STEPS.get(self.graph.schema.relation(name).domain, ())
        return edge | (_some("stages", self._stages(start, name, end, steps)) if steps else {})

    def _stages(self, model: str, relation: str, end: str, steps: tuple[str, ...]) -> list[str]:
        """Return the stages of training of which a run or its hardware states something."""
        statements, starts = self.graph.statements, [model]
        for step in steps:
            starts = [other for start in starts for other in statements.values(start, ox.NamedNode(KG + step))]
        stages = {statements.stage_of(start) for start in starts if self._states(start, relation, end)}
        return sorted(stage for stage in stages if stage)

    def _label(self, relation: str) -> str:
        return self.graph.schema.relation(relation.removeprefix(KG)).label

    def _counted(self, iri: str, relation: str) -> int | None:
        """Return how many models the build counted that a relation leads from to a thing."""
        if relation not in _COUNTED:
            return None
        store, summary = self.graph.store, ox.NamedNode(f"{self.graph.base}graph/summary")
        name, listed, measure = _COUNTED[relation]
        for quad in store.quads_for_pattern(None, ox.NamedNode(KG + name), ox.NamedNode(iri), summary):
            if ox.Quad(quad.subject, ox.NamedNode(f"{KG}list"), ox.Literal(listed), summary) in store:
                counts = store.quads_for_pattern(quad.subject, ox.NamedNode(KG + measure), None, summary)
                return next((int(count.object.value) for count in counts if isinstance(count.object, ox.Literal)), None)
        return None

    def _subjects(self, iri: str, relation: str) -> Iterator[str]:
        quads = self.graph.store.quads_for_pattern(None, ox.NamedNode(KG + relation), ox.NamedNode(iri), _DEFAULT)
        return (quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))

    def _objects(self, iri: str, relation: str) -> Iterator[str]:
        quads = self.graph.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(KG + relation), None, _DEFAULT)
        return (quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode))

    def _states(self, start: str, relation: str, end: str) -> bool:
        pattern = ox.NamedNode(start), ox.NamedNode(KG + relation), ox.NamedNode(end), _DEFAULT
        return next(iter(self.graph.store.quads_for_pattern(*pattern)), None) is not None


_REPEATED = frozenset(relation for relations in SHORTCUTS.values() for relation in relations)
"""Relations whose facts a shortcut repeats."""


def _some(name: str, values: list[str]) -> dict[str, list[str]]:
    return {name: values} if values else {}
