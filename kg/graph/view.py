"""The default graph's triples -> those that summaries and the search index are made of, by predicate.

Terms stay as N-Triples writes them; a term that stands in many triples is one string.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kg.schema import load_schema
from kg.terms import ALT_LABEL, KG, LABEL, RDF, TYPE

Pair = tuple[str, str]
"""Subject and object of a triple."""

_MORE = ("hasRun", "describedIn", "hasBackbone", "trainedOn", "stage", "hardware", "lowerBound", "upperBound")
_KNOWN = ("basedIn", "manufacturer", "variantOf")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


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
    triples: dict[str, list[Pair]] = defaultdict(list)
    known: dict[str, str] = {}
    wanted = _wanted()
    for triple in default:
        subject, predicate, value = triple.split(" ", 2)
        if predicate in wanted:
            triples[wanted[predicate]].append((known.setdefault(subject, subject), known.setdefault(value, value)))
    return View(triples)


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
