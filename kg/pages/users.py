"""A thing -> the models that use it, by relation and stage, on pages; each with the words that say so.

How many there are, and who they are, is read from what the build keeps; only the models of a page are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.pages.in_use import Counts
from kg.pages.quotes import Quote, Reports, quote
from kg.pages.rows import Link, facts_of, label_of
from kg.pages.summed import PAGE, entries, number, summary
from kg.places import ReportSource
from kg.terms import KG
from kg.why import Graph

TITLES: Mapping[str, str] = {
    "trainingDataset": "Trained on it",
    "evaluationDataset": "Evaluated on it",
    "extends": "Extend it",
    "imageEncoder": "Have it as image encoder",
    "languageModel": "Have it as language model",
    "component": "Have it as a component",
    "organization": "Developed by it",
    "country": "Developed there",
    "accelerator": "Trained on it",
    "software": "Trained with it",
}
"""What models do with a thing, by the local name of the relation, in the order of a page."""

_TOGETHER = PAGE + PAGE // 2  # models that stand on a page when several groups share it
_QUOTES = 3  # places that are shown of one use


@dataclass(frozen=True, slots=True)
class Group:
    """The models that use a thing by one relation, in one stage; `page` is the first page of the thing that shows any."""

    path: str
    relation: str
    stage: str | None
    total: int
    page: int = 1

    @property
    def title(self) -> str:
        """Return what its models do with the thing."""
        return TITLES[self.relation]

    @property
    def id(self) -> str:
        """Return the id of its heading."""
        return f"{self.relation}-{self.stage or 'whole'}"


@dataclass(frozen=True, slots=True)
class User:
    """A model that uses a thing, its developers, years, the words that say that it does, and how many more places say so."""

    iri: str
    label: str
    developers: tuple[Link, ...]
    years: str
    words: tuple[Quote, ...]
    more: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The models of a group that stand on a page, from the `first`th on."""

    group: Group
    first: int
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A page of a group as the build keeps it."""

    group: int
    number: int
    size: int


def groups_of(graph: Graph, counts: Counts) -> tuple[tuple[Group, ...], int]:
    """Return who uses a thing, and on how many pages they stand."""
    stages, names = [None, *graph.schema.stages], list(TITLES)
    found = []
    for path, known in counts.uses.items():
        relation, stage = known["inRole"][0].removeprefix(KG), known.get("inStage")
        if relation in TITLES:
            found.append(Group(path, relation, graph.statements.notation(stage[0]) if stage else None, number(known, "models")))
    found.sort(key=lambda group: (names.index(group.relation), stages.index(group.stage) if group.stage in stages else len(stages)))
    pages = _layout(found)
    first = {chunk.group: at for at, page in reversed(list(enumerate(pages, 1))) for chunk in page}
    return tuple(replace(group, page=first.get(at, 1)) for at, group in enumerate(found)), max(1, len(pages))


def _layout(groups: Sequence[Group]) -> list[list[_Chunk]]:
    """Return what stands on each page: pages of groups, small ones together."""
    pages: list[list[_Chunk]] = []
    room = 0
    for at, group in enumerate(groups):
        for part, start in enumerate(range(0, group.total, PAGE), 1):
            chunk = _Chunk(at, part, min(PAGE, group.total - start))
            if not pages or chunk.size > room:
                pages.append([])
                room = _TOGETHER
            pages[-1].append(chunk)
            room -= chunk.size
    return pages


def parts_of(graph: Graph, thing: str, groups: Sequence[Group], page: int) -> tuple[Part, ...]:
    """Return the models on a page of a thing."""
    pages = _layout(groups)
    together: dict[int, list[_Chunk]] = {}
    for chunk in pages[page - 1] if page <= len(pages) else ():
        together.setdefault(chunk.group, []).append(chunk)
    found = [_Read.of(graph, thing, groups[at], chunks) for at, chunks in together.items()]
    sources = Reports(graph.sources)
    return tuple(Part(part.group, part.first, part.users(graph, sources)) for part in found)


@dataclass(frozen=True, slots=True)
class _Read:
    """The models of a group on a page, and of each what it is said of and the statements that say so."""

    group: Group
    first: int
    stating: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

    @classmethod
    def of(cls, graph: Graph, thing: str, group: Group, chunks: Sequence[_Chunk]) -> _Read:
        """Return what is to be shown of some pages of a group."""
        pages = (summary(graph, f"{group.path}/page/{chunk.number}") for chunk in chunks)
        models = [iri for page in pages for iri in entries(graph, page)]
        return cls(group, (chunks[0].number - 1) * PAGE + 1, {iri: _stating(graph, thing, group, iri) for iri in models})

    def users(self, graph: Graph, sources: Mapping[str, ReportSource]) -> tuple[User, ...]:
        """Return the models, by name."""
        found = [_user(graph, iri, *said, sources) for iri, said in self.stating.items()]
        return tuple(sorted(found, key=lambda user: (user.label.casefold(), user.label, user.iri)))


def _stating(graph: Graph, thing: str, group: Group, model: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what of a model a use is said of (itself, a run, its hardware), and the claims that say so."""
    domain = frozenset({graph.schema.relations[group.relation].domain})
    hanging = graph.statements.hanging(model, domain)
    subjects = dict.fromkeys(item for item, run in hanging if run is None or graph.statements.stage_of(run) == group.stage)
    value = ox.NamedNode(thing)
    said = {item: graph.statements.values_of(item, KG + group.relation).get(value, []) for item in subjects}
    return tuple(item for item, some in said.items() if some), tuple(sorted(iri for some in said.values() for iri in some))


def _user(graph: Graph, iri: str, subjects: tuple[str, ...], said: Sequence[str], sources: Mapping[str, ReportSource]) -> User:
    facts = facts_of(graph, iri)
    claims = filter(None, map(graph.statements.statement, said[:_QUOTES]))
    developers = sorted({term.value for term in facts.get(f"{KG}organization", ()) if isinstance(term, ox.NamedNode)})
    return User(
        iri,
        label_of(graph, iri, facts),
        tuple(Link(other, label_of(graph, other)) for other in developers),
        " / ".join(sorted({term.value for term in facts.get(f"{KG}releaseYear", ()) if isinstance(term, ox.Literal)})),
        tuple(quote(item.report or "", item.number("start"), item.number("end"), sources) for item in claims),
        max(0, len(said) - _QUOTES),
        subjects,
    )
