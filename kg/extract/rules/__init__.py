"""The rule extractor: Document -> claims, by competing scores over scanned mentions.

text -> cues, names (one automaton), numbers -> sentences -> own models -> stages -> role of each mention -> claims
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.extract.rules import models, numbers, stages
from kg.extract.rules.candidates import pool
from kg.extract.rules.claims import settle
from kg.extract.rules.lexicon import Lexicon, Name
from kg.extract.rules.mention import Decider
from kg.extract.rules.names import chunks, ids, join, lengthen, proper_words
from kg.extract.rules.naming import MEMORY
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import Sentence, sentences
from kg.extract.rules.weights import fitted
from kg.model import Document, Extraction
from kg.schema import Schema

NO_PROSE = frozenset({"item", "cell", "pair"})  # where names stand in lower case too


@lru_cache(maxsize=2)
def lexicon_of(schema: Schema) -> Lexicon:
    """Build the automaton of a schema once a process."""
    return Lexicon(schema)


def extract(document: Document, schema: Schema, decider: Decider | None = None) -> Extraction:
    """Return the claims a document makes, those it may make, and findings about its tags; the default decider is the fitted one."""
    decider = decider or fitted()
    return settle(read(scan(document, schema), schema, decider), decider)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A document with the mentions that its sentences hold, before anything is decided."""

    document: Document
    sentences: list[Sentence]
    shaped: dict[int, list[Name]]


def scan(document: Document, schema: Schema) -> Scanned:
    """Find the numbers, names and words of a document."""
    lexicon = lexicon_of(schema)
    hits = lexicon.scan(document.text)
    names = [lengthen(document.text, name) for name in hits.names]
    hits.names[:] = join(document.text, names, lambda name: schema.find(name, "model"))
    found = list(sentences(document, lexicon, hits, numbers.scan(document.text, hits.words)))
    proper = proper_words(document.text)
    shaped = {}
    for i, s in enumerate(found):
        in_prose = s.segment.kind not in NO_PROSE
        named = chunks(document.text, s.start, s.end, s.names, in_prose=s.segment.kind == "sentence", proper=proper)
        shaped[i] = named + ids(document.text, s.start, s.end, (*s.names, *named), schema.find, in_prose=in_prose)
    for i, sentence in enumerate(found):
        spans = [(name.start, name.end) for name in shaped[i]]
        for name in sentence.names:
            if name.thing("accelerator") and (memory := MEMORY.match(document.text, name.end)):
                spans.append((name.end, memory.end()))
        if spans:
            _drop_inside(sentence, spans)
    return Scanned(document, found, shaped)


def _drop_inside(sentence: Sentence, spans: Sequence[tuple[int, int]]) -> None:
    """Drop what stands inside of a name from the numbers and names of a sentence."""
    sentence.names = [n for n in sentence.names if not any(low <= n.start and n.end <= high for low, high in spans)]
    sentence.with_numbers([n for n in sentence.numbers if not any(low < n.start and n.end <= high for low, high in spans)])


def read(scanned: Scanned, schema: Schema, decider: Decider) -> Reading:
    """Decide which models a document presents, and find the stages it speaks of."""
    lexicon = lexicon_of(schema)
    candidates = pool(scanned.document, scanned.sentences, scanned.shaped, schema.find)
    own = models.find(scanned.document, candidates, decider)
    views = stages.views(scanned.sentences, lexicon)
    return Reading(scanned.document, schema, lexicon, scanned.sentences, scanned.shaped, own, views).completed()
