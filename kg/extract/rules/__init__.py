"""The rule extractor: Document -> claims, by competing scores over scanned mentions.

text -> cues, names (one automaton), numbers -> sentences -> own models -> stages -> role of each mention -> claims
"""

from __future__ import annotations

from functools import lru_cache

from kg.extract.rules import models, numbers, stages
from kg.extract.rules.claims import settle
from kg.extract.rules.lexicon import Lexicon
from kg.extract.rules.mention import Decider
from kg.extract.rules.names import chunks, ids, join, lengthen
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import sentences
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
    return settle(read(document, schema, decider), decider)


def read(document: Document, schema: Schema, decider: Decider) -> Reading:
    """Scan a document and find the models it presents and the stages it speaks of."""
    lexicon = lexicon_of(schema)
    hits = lexicon.scan(document.text)
    names = [lengthen(document.text, name) for name in hits.names]
    hits.names[:] = join(document.text, names, lambda name: schema.find(name, "model"))
    found = list(sentences(document, lexicon, hits, numbers.scan(document.text, hits.words)))
    shaped = {i: chunks(document.text, s.start, s.end, s.names, in_prose=s.segment.kind == "sentence") for i, s in enumerate(found)}
    for i, s in enumerate(found):
        if s.segment.kind in NO_PROSE:
            shaped[i] += ids(document.text, s.start, s.end, (*s.names, *shaped[i]), schema.find)
    for i, sentence in enumerate(found):
        if not shaped[i]:
            continue
        spans = [(name.start, name.end) for name in shaped[i]]
        sentence.names = [n for n in sentence.names if not any(low <= n.start and n.end <= high for low, high in spans)]
        sentence.with_numbers([n for n in sentence.numbers if not any(low < n.start and n.end <= high for low, high in spans)])
    own = models.find(document, found, shaped, schema, decider)
    return Reading(document, schema, lexicon, found, shaped, own, stages.views(found, lexicon)).completed()
