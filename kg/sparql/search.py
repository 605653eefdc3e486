"""What a person types -> the things that it may name, by the index that a build holds (`kg.graph.search` writes it).

No text is scanned: the node of a word, or of the beginning of words, leads to the first things in whose names one stands. Of
several words, the things of the rarest are looked through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import pyoxigraph as ox

from kg.schema import DEFAULT_BASE
from kg.sparql.words import ALWAYS, SHORTEST, typed_words, word_iri, words_in
from kg.terms import KG, RDF, RDFS, SKOS
from kg.values import name_key

_TYPE, *_NAMED = (ox.NamedNode(term) for term in (f"{RDF}type", f"{RDFS}label", f"{SKOS}altLabel", f"{KG}name"))
_NAMES = ("wordOf", "startOf", "nameOf", "firstThing", "frequency", "describedIn")
_WORD_OF, _START_OF, _NAME_OF, _FIRST, _FREQUENCY, _DESCRIBED = (ox.NamedNode(KG + name) for name in _NAMES)
_LOOKED_THROUGH = 300  # names in which the rarest of frequent words stands
_DEFAULT = ox.DefaultGraph()
_Term = ox.NamedNode | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that a text may name: its class's local name, its label, whether a report describes it, how well the text fits.

    `match` is 0 for its whole name, 1 for whole words of it, 2 for beginnings of words.
    """

    iri: str
    kind: str
    name: str
    described: bool
    match: int

    def sort_key(self) -> tuple[int, bool, bool, int, str, str]:
        """Order of hits: the better match, described models, other models, the shorter name."""
        return self.match, not self.described, self.kind != "Model", len(self.name), self.name, self.iri


def search(store: ox.Store, text: str, base: str = DEFAULT_BASE, limit: int = 10, kind: str | None = None) -> list[Hit]:
    """Return the things in whose names all words of a text stand, or words that begin so, the best first; if wanted of one class.

    Words of one character do not count. A word that stands in many names gives the first of them; when these are not enough, or of
    several words that are all frequent, 300 names of the rarest are looked through, so that any search ends in milliseconds.
    """
    index = _Index(store, base)
    typed = [word for word in typed_words(text) if len(word) >= SHORTEST]
    found = {*index.called(text), *index.having(typed, limit)}
    hits = (index.hit(thing, typed, name_key(text)) for thing in found)
    return sorted((hit for hit in hits if kind in {None, hit.kind}), key=Hit.sort_key)[: max(limit, 0)]


@dataclass(frozen=True, slots=True)
class _Index:
    """The index of a store."""

    store: ox.Store
    base: str

    def called(self, text: str) -> set[str]:
        """Return the things that are called so."""
        key = name_key(text)
        return set(self._values(word_iri(self.base, key), _NAME_OF)) if key else set()

    def having(self, words: Sequence[str], enough: int) -> set[str]:
        """Return the things in whose names words begin as all of these do; of many, enough."""
        nodes = {word: self._nodes(word) for word in words}
        if not words or not all(nodes.values()):
            return set()
        many = {word: self._frequency(nodes[word]) for word in words}
        rarest = min(words, key=lambda word: many[word])
        found = self._fitting((thing for word in words for node in nodes[word] for thing in self._values(node, _FIRST)), words)
        if not many[rarest] or len(found) >= enough:
            return found
        longer = (word for node in nodes[rarest] for word in self._values(node, _START_OF) or [node])
        things = islice((thing for word in longer for thing in self._things(word)), _LOOKED_THROUGH)
        return found | self._fitting(things, words)

    def hit(self, iri: str, typed: Sequence[str], key: str) -> Hit:
        """Return a thing as a hit."""
        node, names = ox.NamedNode(iri), self._names(iri)
        kinds = sorted(quad.object.value.removeprefix(KG) for quad in self._quads(node, _TYPE, None, _DEFAULT))
        described = any(True for _ in self._quads(node, _DESCRIBED, None, _DEFAULT))
        whole = set(typed).issubset(word for name in names for word in words_in(name))
        match = 0 if any(name_key(name) == key for name in names) else 1 if whole else 2
        return Hit(iri, kinds[0] if kinds else "", names[0] if names else iri, described, match)

    def _nodes(self, word: str) -> list[str]:
        """Return the nodes that stand for all words that begin so."""
        own = word_iri(self.base, word)
        if self._values(own, _FIRST):
            return [own]
        for size in range(len(word) - 1, ALWAYS - 1, -1):
            start = word_iri(self.base, word[:size])
            if self._values(start, _FIRST):
                return [iri for iri in self._values(start, _START_OF) if iri.startswith(own)]
        return []

    def _things(self, node: str) -> Iterator[str]:
        """Yield all things in whose names a word stands."""
        every = chain.from_iterable(self._quads(ox.NamedNode(node), name, None, self._graph) for name in (_WORD_OF, _FIRST))
        return (quad.object.value for quad in every)

    def _frequency(self, nodes: Iterable[str]) -> int:
        """Return in how many names the words of nodes stand, 0 when all of them are among the first things."""
        found = (quad.object.value for node in nodes for quad in self._quads(ox.NamedNode(node), _FREQUENCY, None, self._graph))
        return sum(map(int, found))

    def _fitting(self, things: Iterable[str], words: Sequence[str]) -> set[str]:
        """Return the things in whose names a word begins as each of these does."""
        return {thing for thing in set(things) if len(words) == 1 or self._fits(thing, words)}

    def _fits(self, thing: str, words: Sequence[str]) -> bool:
        own = {word for name in self._names(thing) for word in words_in(name)}
        return all(any(word.startswith(start) for word in own) for start in words)

    def _names(self, thing: str) -> list[str]:
        """Return the names of a thing, its label first."""
        node = ox.NamedNode(thing)
        return [
            name for predicate in _NAMED for name in sorted(q.object.value for q in self._quads(node, predicate, None, _DEFAULT))
        ]

    def _values(self, node: str, predicate: ox.NamedNode) -> list[str]:
        return [quad.object.value for quad in self._quads(ox.NamedNode(node), predicate, None, self._graph)]

    def _quads(self, subject: _Term, predicate: ox.NamedNode, value: _Term, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[Any]:
        return iter(self.store.quads_for_pattern(subject, predicate, value, graph))

    @property
    def _graph(self) -> ox.NamedNode:
        return ox.NamedNode(f"{self.base}graph/search")
