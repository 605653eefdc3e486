"""What stands around a number: the noun right after it, the topics near it, those that a key or `is` ties to it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from kg.extract.rules.lexicon import Cue
from kg.extract.rules.numbers import Number
from kg.extract.rules.sentences import Sentence

REACH = 60.0
OTHER_CLAUSE = 0.3
FAR = 240
SCHEDULING = frozenset({"fall", "warmup", "rate_word", "schedule_word"})
NAMED_KINDS = ("accelerator", "optimizer")
LEADING = frozenset({"fall", "low", "peak", "first", "evaluating", "part", "instead"})


@dataclass(slots=True)
class Surroundings:
    """Topics around a number: the unit right after it, the strength of every topic near it, those that a key or `is` ties to it."""

    unit: dict[str, float]
    near: dict[str, float]
    key: frozenset[str]


_BETWEEN_UNIT = re.compile(r"[-\s]*(?:(?:[A-Za-z][\w'/+-]*|\([^()]{0,30}\)|,? (?:and|or))[\s-]+){0,4}", re.A)
_STOPS_UNIT = re.compile(
    r"\b(?:of|with|in|on|for|over|at|by|per|from|to|during|using|was|were|is|are|which|that|each|the|after|while|took|"
    r"than|a|an|as|every|until|into|across)\b"
)


def surroundings(sentence: Sentence, number: Number) -> Surroundings:
    """Measure what stands around a number; words such as `down to` speak only of what follows them."""
    near: dict[str, float] = dict.fromkeys(sentence.key_topics, 1.3)
    keyed = sentence.key_topics
    clause = sentence.clause_of(number.start)
    for cue in sentence.cues:
        after = cue.start >= number.end
        gap = cue.start - number.end if after else number.start - cue.end
        if gap > FAR:
            continue
        strength = _strength(gap, cue.end > clause[0] and cue.start < clause[1], sentence.numbers_between(cue, number))
        if not after and gap <= 70:
            between = sentence.text[cue.end : number.start]
            if gap <= 20 and _GLUE.fullmatch(between):
                strength = 1.25
            elif gap >= 4 and _COPULA.fullmatch(between):
                strength = 1.1
                keyed = keyed.union(cue.topics)
        _feel(near, cue, strength, after)
    unit = unit_of(sentence, number)
    _feel_names_and_words(sentence, number, clause, near)
    return Surroundings(unit, near, keyed)


def _feel(near: dict[str, float], cue: Cue, strength: float, after: bool) -> None:
    for topic in cue.topics:
        felt = strength * 0.25 if after and topic in LEADING else strength
        if topic.startswith("stage:"):
            topic = "stage"
        if felt > near.get(topic, 0.0):
            near[topic] = felt


def unit_of(sentence: Sentence, number: Number) -> dict[str, float]:
    """Return the topics of the noun right after a number, past at most four plain words."""
    unit: dict[str, float] = {"media": 1.0} if is_media(sentence, number) else {}
    if not sentence.cues:
        return unit
    starts = sentence.number_starts
    k = bisect_left(starts, number.end)
    following = starts[k] if k < len(starts) else sentence.end
    for cue in sentence.cues:
        gap = cue.start - number.end
        if gap < 0:
            continue
        if (
            gap > 48
            or cue.start > following
            or unit.keys() - {"global_word", "media"}
            or (gap > 1 and not _unit_gap(sentence.text[number.end : cue.start]))
        ):
            break
        for topic in cue.topics:
            unit.setdefault(topic, 1.0 if gap <= 2 else 0.85)
    return unit


def _feel_names_and_words(sentence: Sentence, number: Number, clause: tuple[int, int], near: dict[str, float]) -> None:
    for name in sentence.names:
        for kind in NAMED_KINDS:
            if clause[0] <= name.start < clause[1] and name.thing(kind):
                near[kind] = max(near.get(kind, 0.0), _strength(max(name.start - number.end, number.start - name.end), True, 0))
    if near.keys() & SCHEDULING and _SPAN_OF.search(sentence.text, max(sentence.start, number.start - 24), number.start):
        near["phase"] = 1.0
    if sentence.text.startswith("at ", max(0, number.start - 3)):
        near["at"] = 1.0
    if _CURVE_TO.search(sentence.text, max(sentence.start, number.start - 40), number.start):
        near["fall"] = 1.25


_SPAN_OF = re.compile(
    r"\b(?:over|until|after|during|for|first)\s(?:the\s)?(?:first\s|another\s|next\s|last\s|remaining\s)?(?:about\s)?$", re.I
)
_COPULA = re.compile(
    r"[^,;.:()\d]{0,60}\s(?:was|is|were|are|amounts? to|amounted to|equals?|comes to|came to|stands at|"
    r"reached)\s(?:(?:set|fixed|kept|held|chosen|equal)\s(?:to|at)\s)?(?:about\s|approximately\s|around\s|only\s|just\s)?",
    re.I,
)
_CURVE_TO = re.compile(
    r"\b(?:cosine|linear|linearly|half-cosine|decay|annealing)\s(?:decay\s|annealing\s|schedule\s|curve\s)?(?:down\s)?to\s$", re.I
)
_MEDIA = re.compile(
    r"[\s-]?(?:hours?|hrs?|h)\s+(?:of\s+)?(?:[\w-]+\s){0,3}?(?:audio|speech|videos?|recordings?|recorded|music|footage|"
    r"podcasts?|broadcasts?|material|conversations?|signing|transcribed|"
    r"sound|labell?ed|unlabell?ed|read|spontaneous|telephone|radio)\b",
    re.I,
)
_HOURS = re.compile(r"[\s-]?(?:hours?|hrs?|h)\b", re.I)


def is_media(sentence: Sentence, number: Number) -> bool:
    """Return whether a number counts hours of recorded material and no time that training took."""
    if number.form in {"clock", "percent"} or not _HOURS.match(sentence.text, number.end, sentence.end):
        return False
    if "media" in sentence.key_topics and not sentence.key_topics & {"took", "time_unit"}:
        return True
    if "material" in sentence.slice(max(sentence.start, number.start - 24), number.start):
        return True
    return bool(_MEDIA.match(sentence.text, number.end, sentence.end))


_GLUE = re.compile(
    r"(?:[\s:=(~≈-]|\b(?:of|to|is|was|at|set|a|an|the|fixed|equal|equals|with|by|for|value|sizes?|about|approximately|"
    r"around|only|being|were|are|steps|used|held|over|first)\b)*"
)


def _unit_gap(between: str) -> bool:
    return bool(_BETWEEN_UNIT.fullmatch(between)) and not _STOPS_UNIT.search(between.casefold())


def _strength(gap: int, same_clause: bool, numbers_between: int) -> float:
    strength = 1.0 / (1.0 + max(0, gap) / REACH)
    if not same_clause:
        strength *= OTHER_CLAUSE
    return strength * 0.62 ** min(numbers_between, 3)
