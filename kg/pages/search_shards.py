"""The names of the things that a published site has pages of -> small files of JSON, by which a browser searches without a server.

A file holds the words that begin alike; where these are too many for one file, it holds the first things of them all, and the
words stand in files of longer beginnings. `index.json` lists the beginnings that have files. `static/search.js` reads them.

    names/index.json   {"starts": ["a", "b*", "bl", …]}        a star: there are longer ones
    names/w-bl.json    {"words": {"blip": [0, 3]}, "more": ["blip"], "first": [0, 3], "things": [[href, kind, label, [name…]], …]}

`more` lists the words of more things than are kept, `first` the first things whose words begin as the file does, if it has a star.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.pages._amounts import clipped
from kg.pages.search import kind_shown
from kg.pages.site import Site
from kg.sparql.statements import Statements
from kg.sparql.words import SHORTEST, words_in
from kg.terms import DCTERMS, KG
from kg.why import Graph

LARGEST = 32_000
"""Bytes of a file, at most; the index may be larger."""

FOLDER = "search/names"
"""Where the files stand below the root of a site."""

_WORD = 24  # characters of a word, whose file has a name of at most 255
_FIRST = 20  # things that the beginning of many words leads to
_NAMES, _CHARACTERS = 12, 100  # other names of a thing, and characters of a name
_KINDS = {"Model": "model", "Dataset": "dataset", "Organization": "organization", "Accelerator": "accelerator"}
_KINDS |= {"Software": "software", "Country": "country", "Report": "report"}
_TITLE = ox.NamedNode(f"{DCTERMS}title")
_DESCRIBED = ox.NamedNode(f"{KG}describedIn")

Words = Mapping[str, Sequence[int]]
"""Things, by their places in the order of all, for each word."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A thing as it is found: the link to its page from the root, its kind, its label and other names."""

    href: str
    kind: str
    label: str
    names: tuple[str, ...]

    def sort_key(self) -> tuple[bool, bool, int, str, str]:
        """Order of things: described models, other models, the shorter name."""
        return self.kind != "model", self.kind != "named", len(self.label), self.label, self.href

    def written(self) -> str:
        """Return it as JSON."""
        names = [clipped(name, _CHARACTERS) for name in self.names[:_NAMES]]
        return _json([self.href, self.kind, clipped(self.label, _CHARACTERS), names])


def shards(graph: Graph, paths: Collection[str]) -> Mapping[str, bytes]:
    """Return the files, by their paths below the root, with which things are found whose pages stand at some paths."""
    things = sorted(_things(graph, paths), key=_Named.sort_key)
    words: dict[str, list[int]] = {}
    for at, thing in enumerate(things):
        for word in dict.fromkeys(word[:_WORD] for name in (thing.label, *thing.names) for word in words_in(name)):
            if len(word) >= SHORTEST:
                words.setdefault(word, []).append(at)
    files = dict(_files("", sorted(words), words, [thing.written() for thing in things]))
    starts = [f"{start}*" if whole else start for start, (whole, _) in sorted(files.items())]
    found = {f"{FOLDER}/{file_name(start)}.json": content for start, (_, content) in files.items()}
    return {f"{FOLDER}/index.json": _json({"starts": starts}).encode(), **found}


def file_name(start: str) -> str:
    """Return the name of the file of a beginning of words: letters and digits of ASCII as they are, others by their numbers.

    >>> file_name("blip"), file_name("é1"), file_name("")
    ('w-blip', 'w-_e9-1', 'w-')
    """
    return "w-" + "".join(char if char.isascii() else f"_{ord(char):x}-" for char in start)


def _things(graph: Graph, paths: Collection[str]) -> Iterator[_Named]:
    site, statements = Site(graph.base, "", static=True), Statements(graph.store, graph.base)
    for path in sorted(paths):
        try:
            node = ox.NamedNode(graph.base + path)
        except ValueError:
            continue
        classes = statements.classes(node.value)
        kind = next((kind for name, kind in _KINDS.items() if name in classes), None)
        if not path or kind is None:
            continue
        described = kind == "model" and bool(statements.values(node.value, _DESCRIBED))
        names = statements.names(node.value) + (statements.texts(node.value, _TITLE) if kind == "report" else [])
        label = next(iter(statements.texts(node.value, _LABEL)), path)
        others = tuple(name for name in dict.fromkeys(names) if name != label)
        yield _Named(site.page(path).removeprefix("./"), kind_shown(kind, described), label, others)


_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")

File = tuple[str, tuple[bool, bytes]]
"""The beginning that a file is of, whether there are longer ones, and what it holds."""


def _files(start: str, known: Sequence[str], words: Words, things: Sequence[str]) -> Iterator[File]:
    """Yield the file of the words that begin so, sorted, and those of longer beginnings where they are too many for one."""
    content = _written({word: words[word] for word in known}, (), things) if _may_fit(known, words, things) else b""
    longer = [word for word in known if word != start]
    if start and content and len(content) <= LARGEST:
        yield start, (False, content)
    elif start and not longer:
        yield start, (False, _largest(start, words[start], (), things))
    else:
        if len(start) >= SHORTEST:
            first = sorted({at for word in known for at in words[word][:_FIRST]})[:_FIRST]
            yield start, (True, _largest(start, words.get(start, ()), first, things))
        groups: dict[str, list[str]] = {}
        for word in longer:
            groups.setdefault(word[: len(start) + 1], []).append(word)
        for more, some in groups.items():
            yield from _files(more, some, words, things)


def _may_fit(known: Sequence[str], words: Words, things: Sequence[str]) -> bool:
    """Return whether words and things could be small enough: no file is written only to find that it is not."""
    size, seen = 0, set[int]()
    for word in known:
        size += len(word)
        for at in words[word]:
            size += 2
            if at not in seen:
                seen.add(at)
                size += len(things[at])
        if size > LARGEST:
            return False
    return True


def _largest(start: str, having: Sequence[int], first: Sequence[int], things: Sequence[str]) -> bytes:
    """Return a file with one word: as many of its things, the first in order, as it may hold."""
    kept = len(having)
    while True:
        own = {start: having[:kept]} if having else {}
        content = _written(own, first, things, more=[start] if kept < len(having) else [])
        if len(content) <= LARGEST or not kept:
            return content
        kept = min(kept * LARGEST // len(content), kept - 1)


def _written(words: Words, first: Sequence[int], things: Sequence[str], more: Sequence[str] = ()) -> bytes:
    held = sorted({*first, *(at for having in words.values() for at in having)})
    place = {at: number for number, at in enumerate(held)}
    own = _json({word: [place[at] for at in having] for word, having in words.items()})
    parts = [f'"words":{own}', f'"more":{_json(list(more))}', f'"first":{_json([place[at] for at in first])}']
    return f'{{{",".join(parts)},"things":[{",".join(things[at] for at in held)}]}}\n'.encode("utf-8", "backslashreplace")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
