"""The facts of a model, a run or hardware -> their places in groups, and what a page shows of each: value, words, formula, sources.

Which facts there are is read cheaply (`keys`), so that a page of many costs what it shows (`Reader.fact`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pyoxigraph as ox

from kg.pages._amounts import Amount, amount, clipped
from kg.pages._chains import CATALOGUE, DEPTH, DERIVED, REPORTED, Chain, Chains, Source, source
from kg.pages._quotes import AROUND, Reports, Words, words_of
from kg.sparql.statements import Value
from kg.terms import KG
from kg.why import Graph, known_of, name_of, said, text_of

WORDS = 3
"""Claims that a fact shows; the others are counted."""

PAGE = 50
"""Facts on a page of a model."""

ROOM = 50_000
"""Characters of words and chains on a page, about; behind them each fact shows one claim, and less around its words."""

_NEAR = 60  # characters around the words where there is no more room
_MANY = 400  # facts of a model beyond which those that are not shown are not looked at
_SAME = 300  # statements of one value that are looked at for those of one fact
_FRAME = 700  # what stands around one quote

_ORIGINS = (REPORTED, DERIVED, CATALOGUE)
_ABOUT_FACTS = frozenset({"source", "credit"})
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Part:
    """What facts are told of together: a model itself, its training as a whole, a stage. `iri` has a page of its own."""

    name: str
    title: str
    iri: str
    subjects: tuple[str, ...]
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A fact before it is read: where it stands, and the IRI of the statement when it is a derived one.

    `number` counts the values of a subject's relation, from 1.
    """

    part: Part
    subject: str
    relation: str
    origin: str
    value: Value | None
    derived: str | None = None
    number: int = 1

    @property
    def anchor(self) -> str:
        """Return the id of the fact on a page."""
        last = self.derived.rpartition("/")[2] if self.derived else f"{self.relation}-{self.number}"
        return f"fact-{self.part.name}-{last}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as a page shows it; `thing` is the IRI of its value. `first` tells that the row above is of another relation,
    `several` that a rule computed the relation more than once, of different reports.
    """

    anchor: str
    relation: str
    label: str
    definition: str
    origin: str
    amount: Amount
    hedge: str = ""
    thing: str | None = None
    words: tuple[Words, ...] = ()
    more: int = 0
    chain: Chain | None = None
    sources: tuple[Source, ...] = ()
    credits: tuple[str, ...] = ()
    disputed: bool = False
    first: bool = True
    several: bool = False


def keys(graph: Graph, part: Part) -> list[Key]:
    """Return the facts of a part in order: reported, derived, catalogue; by relation as the ontology lists them."""
    order = {name: at for at, name in enumerate(graph.schema.relations)}
    found = [key for subject in part.subjects for key in (*_stated(graph, part, subject), *_derived(graph, part, subject))]
    found.sort(key=lambda key: (_ORIGINS.index(key.origin), order.get(key.relation, len(order)), key.subject, _text(key)))
    return list(_numbered(found))


def _numbered(found: Iterable[Key]) -> Iterator[Key]:
    counts: dict[str, int] = {}
    for key in found:
        counts[key.relation] = number = counts.get(key.relation, 0) + 1
        yield key if number == 1 else Key(key.part, key.subject, key.relation, key.origin, key.value, key.derived, number)


def _text(key: Key) -> str:
    return key.derived or text_of(key.value)


def _stated(graph: Graph, part: Part, subject: str) -> Iterator[Key]:
    """Yield what reports or the catalogue state: it stands in the default graph, once."""
    relations = graph.schema.relations
    for quad in graph.store.quads_for_pattern(ox.NamedNode(subject), None, None, _DEFAULT):
        name = quad.predicate.value.removeprefix(KG)
        origin = relations[name].origin if name in relations else None
        if origin == "report":
            yield Key(part, subject, name, REPORTED, quad.object)
        elif origin == "catalog" and name not in _ABOUT_FACTS:
            yield Key(part, subject, name, CATALOGUE, quad.object)


def _derived(graph: Graph, part: Part, subject: str) -> Iterator[Key]:
    for iri, relation in graph.statements.derived(subject).items():
        name = relation.removeprefix(KG)
        if name in graph.schema.relations:
            yield Key(part, subject, name, DERIVED, None, iri)


def disputed(graph: Graph, found: Iterable[Key]) -> set[tuple[str, str]]:
    """Return the subjects and relations that have several stated values where one report can give one only."""
    counts: dict[tuple[str, str], int] = {}
    for key in found:
        if key.origin == REPORTED and graph.schema.relations[key.relation].functional:
            counts[key.subject, key.relation] = counts.get((key.subject, key.relation), 0) + 1
    return {pair for pair, number in counts.items() if number > 1}


class Reader:
    """Reads the facts that a page shows; `total` is how many facts there are beside them."""

    def __init__(self, graph: Graph, shown: Collection[Key], disputed: Iterable[tuple[str, str]] = (), *, total: int = 0) -> None:
        self.graph = graph
        self.reports = Reports(graph.sources)
        self.room = ROOM
        self._many = total > _MANY
        self._disputed = frozenset(disputed)
        self._values: dict[tuple[str, str], dict[Value, list[str]]] = {}
        self._computed = Counter((key.part.name, key.relation) for key in shown if key.derived)
        self._anchors = {key.derived: key.anchor for key in shown if key.derived}

    @cached_property
    def chains(self) -> Chains:
        """What reads how derived facts were computed."""
        return Chains(self.graph, self.reports, self._anchors)

    def facts(self, some: Iterable[Key]) -> Iterator[Fact]:
        """Yield facts as a page shows them."""
        last = None
        for key in some:
            yield self.fact(key, first=(key.relation, key.origin) != last)
            last = (key.relation, key.origin)

    def fact(self, key: Key, *, first: bool = True) -> Fact:
        """Return a fact with what it rests on."""
        relation = self.graph.schema.relations[key.relation]
        head = Fact(key.anchor, key.relation, relation.label, relation.definition, key.origin, self._plain(key), first=first)
        if key.derived:
            chain = self.chains.chain(key.derived, 0 if self.room <= 0 else DEPTH)
            self.room -= _weight(chain) if chain else 0
            several = self._computed[key.part.name, key.relation] > 1
            return replace(head, amount=chain.amount, chain=chain, several=several) if chain else head
        head = replace(head, thing=self._thing(key))
        return self._known(head, key) if key.origin == CATALOGUE else self._said(head, key)

    def _said(self, head: Fact, key: Key) -> Fact:
        iris = self._stating(key)
        most, around = (WORDS, AROUND) if self.room > 0 else (1, _NEAR)
        read = (self.graph.statements.statement(iri) for iri in iris[:most])
        words = tuple(words_of(said(self.graph, item, {}), head.label, self.reports, around) for item in read if item)
        if not words:
            return head
        self.room -= sum(_FRAME + _size(item) for item in words)
        more, doubted = max(len(iris) - most, 0), (key.subject, key.relation) in self._disputed
        return replace(head, amount=words[0].amount, hedge=words[0].hedge, words=words, more=more, disputed=doubted)

    def _stating(self, key: Key) -> list[str]:
        """Return the claims of a fact: of many facts, those of the others are not looked at."""
        if key.value is None:
            return []
        statements, asked, relation = self.graph.statements, (key.subject, key.relation), f"{KG}{key.relation}"
        if self._many and (found := statements.stating(key.subject, relation, key.value, _SAME)) is not None:
            return found
        if asked not in self._values:
            self._values[asked] = statements.values_of(key.subject, relation)
        return self._values[asked].get(key.value, [])

    def _thing(self, key: Key) -> str | None:
        return key.value.value if isinstance(key.value, ox.NamedNode) else None

    def _plain(self, key: Key) -> Amount:
        return amount(key.relation, (name_of(self.graph, key.value) or text_of(key.value)) if key.value is not None else "")

    def _known(self, head: Fact, key: Key) -> Fact:
        told = (item for item in known_of(self.graph, key.subject) if item.relation == key.relation)
        found = next((item for item in told if item.value == text_of(key.value)), None)
        if found is None:
            return head
        credits = tuple(clipped(credit) for credit in found.credits[:WORDS])
        return replace(head, sources=tuple(map(source, found.sources[:WORDS])), credits=credits)


def _size(words: Words) -> int:
    return len(words.quote.before) + len(words.quote.mark or "") + len(words.quote.after)


def _weight(chain: Chain) -> int:
    """Return about how many characters a chain takes."""
    words = sum(_FRAME + _size(item) for item in chain.claims)
    return _FRAME + len(chain.formula) + words + sum(_weight(item) for item in chain.inputs)
