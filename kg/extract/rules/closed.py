"""Precision and schedule of a sentence -> mentions: relations whose values are words of the lexicon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from kg.extract.rules import features
from kg.extract.rules.lexicon import Cue
from kg.extract.rules.mention import Mention
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import Sentence
from kg.extract.rules.words import Layer, Words


def values(sentence: Sentence) -> list[tuple[Cue, str]]:
    """Return the cues of a sentence that are values, with the topics that say so."""
    return [(cue, topic) for cue in sentence.cues if _is_value(cue.topics) for topic in cue.topics if topic.startswith("value:")]


@lru_cache(maxsize=4096)
def _is_value(topics: tuple[str, ...]) -> bool:
    return any(topic.startswith("value:") for topic in topics)


def mentions(
    reading: Reading, i: int, shared: Sequence[Layer], words: Words, found: Sequence[tuple[Cue, str]]
) -> Iterator[Mention]:
    """Yield the words of sentence `i` that are values of a precision or schedule, with their features."""
    for cue, topic in found:
        _, relation, value = topic.split(":")
        weighed = features.of_value(reading, i, shared, words, cue, relation, value)
        yield Mention(i, "value", cue.start, cue.end, (relation,), weighed, {relation: value}.get)
