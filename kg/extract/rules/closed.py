"""Precision and schedule of a sentence -> mentions: relations whose values are words of the lexicon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.extract.rules import features
from kg.extract.rules.mention import Mention
from kg.extract.rules.reading import Reading
from kg.extract.rules.words import Layer, Words


def mentions(reading: Reading, i: int, shared: Sequence[Layer], words: Words) -> Iterator[Mention]:
    """Yield the words of sentence `i` that are values of a precision or schedule, with their features."""
    sentence = reading.sentences[i]
    for cue in sentence.cues:
        for topic in cue.topics:
            if topic.startswith("value:"):
                _, relation, value = topic.split(":")
                found = features.of_value(reading, i, shared, words, cue, relation, value)
                yield Mention(i, "value", cue.start, cue.end, (relation,), found, {relation: value}.get)
