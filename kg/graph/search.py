"""The names in the default graph -> the index by which they are searched, in the graph `<base>graph/search`.

A node stands for a word, for the beginning of words, or for a whole name without spaces and hyphens:

    word/blip  kg:firstThing ...   the first things in whose names a word begins so
               kg:frequency 150    how many there are, when these are not all
               kg:wordOf ...       then, the things in whose names it is a word
               kg:startOf ...      the words that begin so, of a frequent beginning or one of three characters and more
               kg:nameOf ...       the things of reports that are called so

The first things are those in whose names it is a whole word; of them described models, then other models, then all else, the
shortest names first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from heapq import nsmallest
from itertools import chain
from pathlib import Path

from kg.graph.ordered import ordered
from kg.graph.view import View, iri_of, stated, text_of
from kg.sparql.words import ALWAYS, FIRST, SHORTEST, word_iri, words_in
from kg.terms import ALT_LABEL, KG, LABEL, TYPE, integer
from kg.values import name_key

KINDS = ("Model", "Dataset", "Organization", "Accelerator", "Software", "Country")
"""Classes of what is searched."""


def search_triples(view: View, base: str) -> list[str]:
    """Return the sorted triples of the index."""
    return list(index_of(view, base))


def index_of(view: View, base: str, folder: Path | None = None) -> Iterator[str]:
    """Yield the triples of the index, in order; those that do not fit into memory wait in `folder`."""
    names = _names(view)
    order = _order(view, names)
    used = {model for model, _ in view.pairs("describedIn")}.union(*({value for _, value in view.pairs(name)} for name in stated()))
    words: dict[str, list[str]] = {}
    keys: dict[str, list[str]] = {}
    for thing, own in names.items():
        for word in {word for name in own for word in words_in(name)}:
            words.setdefault(word, []).append(thing)
        for key in {name_key(name) for name in own} if thing in used else ():
            keys.setdefault(key, []).append(thing)
    return ordered(chain(_called(keys, base), _nodes(words, order, base)), folder)


def _names(view: View) -> dict[str, list[str]]:
    """Return the names of the things that are searched."""
    kinds = {f"<{KG}{kind}>" for kind in KINDS}
    things = {thing for thing, kind in view.pairs(TYPE) if kind in kinds}
    found: dict[str, list[str]] = {}
    for predicate in (LABEL, ALT_LABEL, "name"):
        for thing, name in view.pairs(predicate):
            if thing in things:
                found.setdefault(thing, []).append(text_of(name))
    return found


def _order(view: View, names: Mapping[str, list[str]]) -> dict[str, int]:
    """Return the place of each thing among all."""
    described = {model for model, _ in view.pairs("describedIn")}
    models = {thing for thing, kind in view.pairs(TYPE) if kind == f"<{KG}Model>"}

    def key(thing: str) -> tuple[bool, bool, int, str, str]:
        name = names[thing][0]
        return thing not in described, thing not in models, len(name), name, iri_of(thing)

    return {thing: at for at, thing in enumerate(sorted(names, key=key))}


def _called(keys: Mapping[str, list[str]], base: str) -> Iterator[str]:
    for key, things in keys.items():
        if key:
            yield from (f"<{word_iri(base, key)}> <{KG}nameOf> {thing}" for thing in things)


def _nodes(words: Mapping[str, list[str]], order: Mapping[str, int], base: str) -> Iterator[str]:
    known = sorted(word for word in words if len(word) >= SHORTEST)
    for start, longer in _beginnings(known):
        node = f"<{word_iri(base, start)}>"
        own = set(words.get(start, ()))
        things = own.union(*(words[word] for word in longer))
        for _, _, thing in nsmallest(FIRST, ((thing not in own, order[thing], thing) for thing in things)):
            yield f"{node} <{KG}firstThing> {thing}"
        if len(things) > FIRST:
            yield f"{node} <{KG}frequency> {integer(len(things))}"
            yield from (f"{node} <{KG}wordOf> {thing}" for thing in own)
        if len(things) > FIRST or (len(start) >= ALWAYS and longer != [start]):
            yield from (f"{node} <{KG}startOf> <{word_iri(base, word)}>" for word in longer)


def _beginnings(known: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what has nodes: beginnings of words and whole words, each once, with the words that begin so; `known` is sorted."""
    seen: set[str] = set()
    for start, longer in _starts(known):
        seen.add(start)
        yield start, longer
    yield from ((word, list(_longer(known, word))) for word in known if word not in seen)


def _starts(known: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the beginnings of words that have nodes, each with the words; `known` is sorted.

    Up to ALWAYS characters all have; longer ones only where more than FIRST words begin with one character less.
    """
    waiting = [(SHORTEST, known)]
    while waiting:
        size, words = waiting.pop()
        groups: dict[str, list[str]] = {}
        for word in words:
            if len(word) >= size:
                groups.setdefault(word[:size], []).append(word)
        for start, longer in groups.items():
            yield start, longer
            if size < ALWAYS or len(longer) > FIRST:
                waiting.append((size + 1, longer))


def _longer(known: list[str], start: str) -> Iterator[str]:
    for at in range(bisect_left(known, start), len(known)):
        if not known[at].startswith(start):
            return
        yield known[at]
