"""Precision and schedule of a sentence -> claims: relations whose values are words of the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extract.rules import features, roles
from kg.extract.rules.words import Features, Words
from kg.extract.rules.lexicon import Name
from kg.extract.rules.measures import AGAINST
from kg.extract.rules.mention import Mention
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import Sentence

PRECISION = 0.85
# words that mean a schedule only beside one; the others mean it by themselves
WEAK = {"linear": 0.1, "constant": 0.1, "step": 0.2, "exponential": 0.2, "polynomial": 0.3}
STRONG = 0.75
_AFTER = re.compile(
    r"[\s-]*(?:(?:learning[\s-]rate\s|lr\s|step\s)?(?:decay|schedul|anneal|decline|descent)|learning[\s-]rate|lr\b|rate\b"
    r"|(?:down\s)?to\s(?:0|zero)\b|at\s\d)",
    re.I,
)
_BEFORE = re.compile(
    r"\b(?:decay\w*|anneal\w*|lowered|schedule[:\s]|scheduler[:\s]|rate\s(?:was\s|is\s|being\s)?(?:held\s|kept\s)?)\s?"
    r"(?:in\sa\s|it\s|is\s|was\s)?$",
    re.I,
)
_WARMUP_AFTER = re.compile(
    r"[\s-]*(?:learning[- ]rate\s)?"
    r"(?:warm|ramp|rise|increase|probe|layer|proj|schedule with warm|over\b|from\b|up\b|scal|head|classif|combin)",
    re.I,
)
_WARMUP_BEFORE = re.compile(r"(?:rose|increas\w+|ramp\w*|warm\w*|rise\w?|grow\w*)\s(?:the\s\w+\s\w+\s)?$", re.I)


def mentions(reading: Reading, i: int, shared: Features, words: Words) -> Iterator[Mention]:
    """Yield the words of sentence `i` that are values of a precision or schedule, with their features."""
    sentence = reading.sentences[i]
    for cue in sentence.cues:
        for topic in cue.topics:
            if topic.startswith("value:"):
                _, relation, value = topic.split(":")
                score = _score(sentence, cue.start, cue.end, relation, value)
                found = features.of_value(reading, i, shared, words, cue, relation, value, score, roles.THRESHOLD)
                yield Mention(i, "value", cue.start, cue.end, (relation,), found, {relation: value}.get)


def _score(sentence: Sentence, start: int, end: int, relation: str, value: str) -> float:
    near = roles.nearness(sentence, [Name(start, end, "")])
    against = sum(near.get(topic, 0.0) * weight for topic, weight in AGAINST.items())
    if relation == "precision":
        return PRECISION - against
    score = WEAK.get(value, STRONG) + 0.55 * near.get("schedule_word", 0.0) + 0.2 * near.get("rate_word", 0.0)
    if {"schedule_word", "rate_word"} & sentence.key_topics:
        score += 0.4
    after = sentence.slice(end, min(sentence.end, end + 40))
    before = sentence.slice(max(sentence.start, start - 24), start)
    if _AFTER.match(after) or _BEFORE.search(before):
        score = max(score, 0.9)
    if value == "linear" and (_WARMUP_AFTER.match(after) or _WARMUP_BEFORE.search(before)):
        score -= 1.0
    return score - against
