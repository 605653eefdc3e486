"""A thing -> the models that use it, by relation and stage, on pages; each with the words that say so.

How many there are, and who they are, is read from what the build keeps; only the models of a page are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.pages._quotes import Quote, Reports, quote
from kg.pages._rows import Link, label_of, links_of, texts_of
from kg.pages._summed import USERS, entries, named_by, number, summary, values
from kg.places import ReportSource
from kg.sparql.statements import Statement
from kg.terms import KG, RDF
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

_STAGED = frozenset({"trainingDataset", "accelerator", "software"})
_TOGETHER = USERS + USERS // 2  # models that stand on a page when several groups share it
_QUOTES = 3  # places that are shown of one use
_OBJECT, _DESCRIBED = ox.NamedNode(f"{RDF}object"), ox.NamedNode(f"{KG}describedIn")


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
    def when(self) -> str:
        """Return in which stage; of what a model is as a whole, there is none."""
        if self.stage:
            return f"in {self.stage}"
        return "stage not stated" if self.relation in _STAGED else ""

    @property
    def id(self) -> str:
        """Return the id of its heading."""
        return f"{self.relation}-{self.stage or 'whole'}"


@dataclass(frozen=True, slots=True)
class User:
    """A model that uses a thing, its developers, years, the words that say that it does, and whether more do."""

    iri: str
    label: str
    developers: tuple[Link, ...]
    years: str
    words: tuple[Quote, ...]
    more: bool
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


Layout = Sequence[Sequence["_Chunk"]]
"""What stands on each page."""


def groups_of(graph: Graph, thing: str) -> tuple[tuple[Group, ...], Layout]:
    """Return who uses a thing, and what stands on each page of it."""
    stages, names = [None, *graph.schema.stages], list(TITLES)
    found = []
    for path in named_by(graph, thing):
        relation, _, stage = path.partition(";")[2].partition(";")
        if path.startswith("uses/") and relation in TITLES:
            notation = graph.statements.notation(KG + stage) if stage else None
            found.append(Group(path, relation, notation, number(values(graph, path), "models")))
    found.sort(key=lambda group: (names.index(group.relation), stages.index(group.stage) if group.stage in stages else len(stages)))
    pages = _layout(found)
    first = {chunk.group: at for at, page in reversed(list(enumerate(pages, 1))) for chunk in page}
    return tuple(replace(group, page=first.get(at, 1)) for at, group in enumerate(found)), pages


def _layout(groups: Sequence[Group]) -> list[list[_Chunk]]:
    """Return what stands on each page: pages of groups, small ones together."""
    pages: list[list[_Chunk]] = []
    room = 0
    for at, group in enumerate(groups):
        for part, start in enumerate(range(0, group.total, USERS), 1):
            chunk = _Chunk(at, part, min(USERS, group.total - start))
            if not pages or chunk.size > room:
                pages.append([])
                room = _TOGETHER
            pages[-1].append(chunk)
            room -= chunk.size
    return pages


def parts_of(graph: Graph, thing: str, groups: Sequence[Group], page: Sequence[_Chunk]) -> tuple[Part, ...]:
    """Return the models on a page of a thing."""
    together: dict[int, list[_Chunk]] = {}
    for chunk in page:
        together.setdefault(chunk.group, []).append(chunk)
    found = [_Read.of(graph, thing, groups[at], chunks) for at, chunks in together.items()]
    sources = Reports(graph.sources)
    return tuple(Part(part.group, part.first, part.users(graph, sources)) for part in found)


@dataclass(frozen=True, slots=True)
class _Read:
    """The models of a group on a page, and of each what it is said of and the statements that say so."""

    group: Group
    first: int
    stating: Mapping[str, tuple[Statement, ...]]

    @classmethod
    def of(cls, graph: Graph, thing: str, group: Group, chunks: Sequence[_Chunk]) -> _Read:
        """Return what is to be shown of some pages of a group."""
        pages = (summary(graph, f"{group.path}/page/{chunk.number}") for chunk in chunks)
        models = [iri for page in pages for iri in entries(graph, page)]
        return cls(group, (chunks[0].number - 1) * USERS + 1, {iri: _stating(graph, thing, group, iri) for iri in models})

    def users(self, graph: Graph, sources: Mapping[str, ReportSource]) -> tuple[User, ...]:
        """Return the models, by name."""
        found = [_user(graph, iri, said, sources) for iri, said in self.stating.items()]
        return tuple(sorted(found, key=lambda user: (user.label.casefold(), user.label, user.iri)))


def _stating(graph: Graph, thing: str, group: Group, model: str) -> tuple[Statement, ...]:
    """Return claims that say so of a model, a run of it or its hardware: one more than are shown, where there are so many.

    Those in its reports are looked through that name the thing; a model may have hundreds of reports.
    """
    domain = frozenset({graph.schema.relations[group.relation].domain})
    hanging = graph.statements.hanging(model, domain)
    subjects = {item for item, run in hanging if run is None or graph.statements.stage_of(run) == group.stage}
    found: list[Statement] = []
    for report in graph.statements.values(model, _DESCRIBED):
        inside = ox.NamedNode(f"{graph.base}graph/{report.removeprefix(graph.base)}")
        quads = graph.store.quads_for_pattern(None, _OBJECT, ox.NamedNode(thing), inside)
        claims = (graph.statements.statement(quad.subject.value) for quad in quads if isinstance(quad.subject, ox.NamedNode))
        found += (claim for claim in claims if claim and claim.relation == KG + group.relation and claim.subject in subjects)
        if len(found) > _QUOTES:
            break
    return tuple(sorted(found, key=Statement.sort_key))


def _user(graph: Graph, iri: str, said: Sequence[Statement], sources: Mapping[str, ReportSource]) -> User:
    return User(
        iri,
        label_of(graph, iri),
        links_of(graph, iri, "organization"),
        " / ".join(texts_of(graph, iri, "releaseYear")),
        tuple(quote(item.report or "", item.number("start"), item.number("end"), sources) for item in said[:_QUOTES]),
        len(said) > _QUOTES,
        tuple(dict.fromkeys(item.subject for item in said)),
    )
