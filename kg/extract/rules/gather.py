"""Reading -> its mentions: every number, name and word that may state a fact, with what a decider weighs."""

from __future__ import annotations

from collections.abc import Iterator

from kg.extract.rules import closed, features, measures, naming
from kg.extract.rules.compounds import joined
from kg.extract.rules.mention import Mention
from kg.extract.rules.reading import Reading
from kg.extract.rules.words import Words


def gather(reading: Reading) -> Iterator[Mention]:
    """Yield the mentions of a document, sentence by sentence."""
    about = naming.names_of(reading)
    for i, sentence in enumerate(reading.sentences):
        names = about.of(reading, i)
        numbers = [] if sentence.is_label else joined(sentence)
        values = [] if sentence.is_label else closed.values(sentence)
        if not (numbers or values or names):
            continue
        shared, words = features.place(reading, i), Words.of(sentence)
        yield from measures.mentions(reading, i, shared, words, numbers)
        yield from closed.mentions(reading, i, shared, words, values)
        yield from naming.mentions(reading, i, shared, words, about, names)
