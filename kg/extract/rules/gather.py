"""Reading -> its mentions: every number, name and word that may state a fact, with what a decider weighs."""

from __future__ import annotations

from collections.abc import Iterator

from kg.extract.rules import closed, features, measures, naming
from kg.extract.rules.mention import Mention
from kg.extract.rules.reading import Reading
from kg.extract.rules.words import Words


def gather(reading: Reading) -> Iterator[Mention]:
    """Yield the mentions of a document, sentence by sentence."""
    about = naming.names_of(reading)
    for i, sentence in enumerate(reading.sentences):
        if not (sentence.numbers or sentence.cues or about.of(reading, i)):
            continue
        shared, words = features.place(reading, i), Words.of(sentence)
        if not sentence.is_label:
            yield from measures.mentions(reading, i, shared, words)
            yield from closed.mentions(reading, i, shared, words)
        yield from naming.mentions(reading, i, shared, words, about)
