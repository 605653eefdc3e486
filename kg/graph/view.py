"""The default graph's triples -> those that summaries and the search index are made of, by predicate.

Terms stay as N-Triples writes them; each is one string, and what stands in many triples is its number.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import overload

from kg.schema import load_schema
from kg.terms import ALT_LABEL, KG, LABEL, RDF, TYPE

Pair = tuple[str, str]
"""Subject and object of a triple."""

_MORE = ("hasRun", "describedIn", "hasBackbone", "trainedOn", "stage", "hardware", "lowerBound", "upperBound")
_KNOWN = ("basedIn", "manufacturer", "variantOf")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True, slots=True, eq=False)
class Pairs(Sequence[Pair]):
    """Subjects and objects as numbers of terms: 8 bytes a pair."""

    terms: Sequence[str]
    subjects: array[int]
    objects: array[int]

    def __len__(self) -> int:
        return len(self.subjects)

    def __iter__(self) -> Iterator[Pair]:
        term = self.terms.__getitem__
        return zip(map(term, self.subjects), map(term, self.objects), strict=True)

    @overload
    def __getitem__(self, at: int) -> Pair: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Pair]: ...

    def __getitem__(self, at: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(at, slice):
            return Pairs(self.terms, self.subjects[at], self.objects[at])
        return self.terms[self.subjects[at]], self.terms[self.objects[at]]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Triples by predicate, in order of the graph."""

    triples: Mapping[str, Sequence[Pair]]

    def pairs(self, name: str) -> Sequence[Pair]:
        """Return subjects and objects of a relation by its local name, or of a predicate in angle brackets."""
        return self.triples.get(name if name.startswith("<") else f"<{KG}{name}>", ())

    def values(self, name: str) -> dict[str, list[str]]:
        """Return the objects of a relation by subject."""
        found: dict[str, list[str]] = {}
        for subject, value in self.pairs(name):
            found.setdefault(subject, []).append(value)
        return found

    def labels(self) -> dict[str, str]:
        """Return the text of the label of each thing, the first in order if it has several."""
        found: dict[str, str] = {}
        for subject, value in self.pairs(LABEL):
            text = text_of(value)
            if subject not in found or text < found[subject]:
                found[subject] = text
        return found


def view_of(default: Iterable[str]) -> View:
    """Return what is to be summarised of the default graph's triples, each of which stands there once."""
    terms: list[str] = []
    numbers: dict[str, int] = {}
    found: dict[str, Pairs] = {}
    wanted = _wanted()
    for triple in default:
        subject, predicate, value = triple.split(" ", 2)
        if predicate in wanted:
            pairs = found.get(predicate) or found.setdefault(predicate, Pairs(terms, array("I"), array("I")))
            for term, into in ((subject, pairs.subjects), (value, pairs.objects)):
                number = numbers.setdefault(term, len(terms))
                if number == len(terms):
                    terms.append(term)
                into.append(number)
    return View(found)


def stated() -> list[str]:
    """Return the IRIs of the relations that reports state, sorted, in angle brackets."""
    return sorted(f"<{relation.iri}>" for relation in load_schema().relations.values() if relation.origin == "report")


@cache
def _wanted() -> Mapping[str, str]:
    names = {
        *stated(),
        *(f"<{KG}{name}>" for name in (*_MORE, *_KNOWN)),
        *(f"<{RDF}{name}>" for name in ("subject", "predicate", "object")),
    }
    return {name: name for name in (*sorted(names), TYPE, LABEL, ALT_LABEL)}


def iri_of(term: str) -> str:
    """Return the IRI of a term: IRIs and terms sort differently, because of the bracket at the end of a term."""
    return term[1:-1]


def text_of(literal: str) -> str:
    r"""Return the text of a literal without its datatype or language.

    >>> text_of(r'"say \"hi\""@en')
    'say "hi"'
    """
    text = literal[1 : literal.rindex('"')]
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" and len(code) > 1 else _SHORT.get(code, code)
