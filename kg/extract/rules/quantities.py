"""Numbers -> what they measure: every relation scores every number by the words around it, the best one wins.

The weights stand in relations.toml; this module measures the surroundings (unit, distance, key, clause) and picks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.extract.rules.lexicon import Cue
from kg.extract.rules.numbers import Number
from kg.extract.rules.sentences import Sentence

REACH = 60.0
OTHER_CLAUSE = 0.3
THRESHOLD = 0.6
KEY = 0.4
FAR = 240
SCHEDULING = frozenset({"fall", "warmup", "rate_word", "schedule_word"})
NAMED_KINDS = ("accelerator", "optimizer")
LEADING = frozenset({"fall", "low", "peak", "first", "evaluating", "part", "instead"})


@dataclass(frozen=True, slots=True)
class Weights:
    """One relation's section of relations.toml."""

    relation: str
    forms: frozenset[str]
    low: float
    high: float
    bare: float = 0.0
    base: Mapping[str, float] = field(default_factory=dict)
    unit: Mapping[str, float] = field(default_factory=dict)
    near: Mapping[str, float] = field(default_factory=dict)
    need: frozenset[str] = frozenset()
    against_unit: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def weights() -> tuple[Weights, ...]:
    """Read relations.toml once."""
    data: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "relations.toml").read_text(encoding="utf-8"))
    return tuple(_weights_of(name, section) for name, section in data.items())


def _weights_of(relation: str, section: dict[str, Any]) -> Weights:
    sets = ("forms", "need", "against_unit")
    fields: dict[str, Any] = {key: frozenset(value) if key in sets else value for key, value in section.items()}
    return Weights(relation, **fields)


@dataclass(slots=True)
class Surroundings:
    """Topics around a number: the unit right after it, the strength of every topic near it, those that a key or `is` ties to it."""

    unit: dict[str, float]
    near: dict[str, float]
    key: set[str]


_BETWEEN_UNIT = re.compile(r"[-\s]*(?:(?:[A-Za-z][\w'/+-]*|\([^()]{0,30}\)|,? (?:and|or))[\s-]+){0,4}", re.A)
_STOPS_UNIT = re.compile(
    r"\b(?:of|with|in|on|for|over|at|by|per|from|to|during|using|was|were|is|are|which|that|each|the|after|while|took|"
    r"than|a|an|as|every|until|into|across)\b"
)


def surroundings(sentence: Sentence, number: Number) -> Surroundings:
    """Measure what stands around a number; words such as `down to` speak only of what follows them."""
    near: dict[str, float] = dict.fromkeys(sentence.key_topics, 1.3)
    keyed = set(sentence.key_topics)
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
                keyed.update(cue.topics)
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
    following = min((n.start for n in sentence.numbers if n.start >= number.end), default=sentence.end)
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


@lru_cache(maxsize=1)
def _by_topic() -> dict[str, tuple[tuple[int, float], ...]]:
    """Return topic -> (place of the relation in `weights`, weight)."""
    found: dict[str, list[tuple[int, float]]] = {}
    for i, w in enumerate(weights()):
        for topic, weight in w.near.items():
            found.setdefault(topic, []).append((i, weight))
    return {topic: tuple(pairs) for topic, pairs in found.items()}


@lru_cache(maxsize=1)
def _by_need() -> dict[str, tuple[int, ...]]:
    """Return topic -> places of the relations that need it or one like it near; under "" those that need none."""
    found: dict[str, list[int]] = {"": []}
    for i, w in enumerate(weights()):
        for topic in w.need or ("",):
            found.setdefault(topic, []).append(i)
    return {topic: tuple(places) for topic, places in found.items()}


def scores(number: Number, around: Surroundings) -> list[tuple[float, str]]:
    """Return (score, relation) of every relation that could be meant, best first."""
    felt = [0.0] * len(weights())
    by_topic = _by_topic()
    for topic, strength in around.near.items():
        for i, weight in by_topic.get(topic, ()):
            felt[i] += strength * weight
    needed = _by_need()
    possible = set(needed[""]).union(*(needed[topic] for topic in (*around.near, *around.unit) if topic in needed))
    all_weights = weights()
    found = []
    for i in possible:
        w = all_weights[i]
        if _possible(w, number, around):
            found.append((felt[i] + _of_form(w, number) + _of_unit(w, around), w.relation))
    found.sort(key=best_first)
    return found


def possible(number: Number, years: bool) -> tuple[str, ...]:
    """Return the relations that a number may state by its form and size; the year it may be counts when `years`."""
    size = number.size
    return tuple(
        w.relation
        for w in weights()
        if (number.form in w.forms and not (size < w.low or size > w.high)) or (years and "year" in w.forms)
    )


def best_first(item: tuple[float, str]) -> tuple[float, str]:
    """Order (score, relation) by score, then name."""
    return -item[0], item[1]


def _possible(w: Weights, number: Number, around: Surroundings) -> bool:
    if number.form not in w.forms or number.size < w.low or number.size > w.high:
        return False
    return not around.unit or w.against_unit.isdisjoint(around.unit) or not w.unit.keys().isdisjoint(around.unit)


def _of_form(w: Weights, number: Number) -> float:
    score = w.base.get(number.form, 0.0)
    if number.bare:
        score += w.bare if number.bare in {"B", "M"} else -0.2 if number.bare == "a" else 0.0
    return score


def _of_unit(w: Weights, around: Surroundings) -> float:
    score = KEY if around.key and not w.need.isdisjoint(around.key) else 0.0
    if around.unit and w.unit:
        score += max((strength * w.unit[topic] for topic, strength in around.unit.items() if topic in w.unit), default=0.0)
    return score
