"""What stands around names: which are listed together, the topics near a list, what the next words give a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.extract.rules.lexicon import Name
from kg.extract.rules.sentences import Sentence

REACH = 45.0
OTHER_CLAUSE = 0.3
_LIST_GAP = re.compile(
    r"[\s,;/&+()\[\]\"'“”*_|]*(?:(?:and|or|plus|und|et|e|y|as well as|together with|along with|then|the|a|both|also|from|"
    r"of)\b[\s,]*){0,3}[\s\"'“”*_(]*"
)


PREPOSITIONS = (" on", " from", " with", " by", " of", " in", " at", " over", " than", " to", " against")
WEAK = frozenset("by from at in with to on over where like than via through under used using data site training".split())
_ADJACENT = re.compile(
    r"[\s:\"'“(*_]*(?:(?:the|a|an|our|its|researchers|research|scientists|engineers|and)\s)*(?:(?<=the\s)[a-z-]+\s|"
    r"(?<=a\s)[a-z-]+\s)?[\"'“(*_]*"
)


def lists(sentence: Sentence, names: Sequence[Name]) -> list[list[Name]]:
    """Group the names of a sentence that stand in one enumeration (`CC3M, CC12M, and COCO`)."""
    groups: list[list[Name]] = []
    for name in names:
        if groups and _LIST_GAP.fullmatch(sentence.slice(groups[-1][-1].end, name.start)):
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups


def nearness(sentence: Sentence, group: Sequence[Name]) -> dict[str, float]:
    """Return the strength in [0, 1] of every topic near a list of names."""
    start, end = group[0].start, group[-1].end
    if not sentence.cues:
        return {}
    low, high = sentence.clause_of(start)[0], sentence.clause_of(end)[1]
    near: dict[str, float] = {}
    for cue in sentence.cues:
        if start <= cue.start and cue.end <= end and any(n.start <= cue.start and cue.end <= n.end for n in group):
            continue
        adjacent = cue.end <= start and bool(_ADJACENT.fullmatch(sentence.slice(cue.end, start)))
        if not adjacent and sentence.slice(cue.start, cue.end).casefold() in WEAK:
            continue
        if cue.start >= end and sentence.text[cue.start : cue.end].endswith(PREPOSITIONS):
            continue  # `trained on` says nothing of who was trained
        if "not_place" in cue.topics and not -25 < cue.start - end < 25 and not -25 < start - cue.end < 25:
            continue
        gap = start - cue.end if cue.end <= start else cue.start - end if cue.start >= end else 0
        strength = 1.15 if adjacent else 1.0 / (1.0 + max(0, gap) / REACH)
        if cue.end <= low or cue.start >= high:
            strength *= OTHER_CLAUSE
        if cue.start >= end:
            strength *= 0.75
        for topic in cue.topics:
            if topic.startswith("stage:") and cue.end <= start:
                topic, felt = "train", strength * 0.85
            else:
                felt = strength
            if felt > near.get(topic, 0.0):
                near[topic] = felt
    return near


_CITY = re.compile(r"\b[A-ZÀ-Þ][\w'’.-]+,\s\(?$")
_IN_PLACE = re.compile(r"[,(\s]+(?:in\s(?:the\s)?)?(?:[A-ZÀ-Þ][\w'’.-]+(?:\s[A-ZÀ-Þ][\w'’.-]+)?,?\s)?\(?")


NOUNS = frozenset({"vision", "language", "backbone", "based_noun"})
_SURNAME = re.compile(r"\s[A-Z][a-z]+(?:\s(?!optimi)[a-z]|,|\.)")
_DATASET_NOUN = re.compile(
    r"[\s\"'”*_`-]+(?:data\s?sets?|corpus|corpora|benchmarks?|collection|archive|(?:training\s|test\s|dev\s|"
    r"validation\s)?(?:sub)?sets?|splits?|portal|repository|database|suite)\b",
    re.I,
)


def in_place(sentence: Sentence, name: Name) -> dict[str, float]:
    """Return the topics that the next words give: a city, a country after an organization, a noun such as `dataset`."""
    if name.thing("country"):
        before = sentence.slice(max(sentence.start, name.start - 30), name.start)
        return {"city": 1.0} if _CITY.search(before) else {}
    if name.thing("model"):
        return {topic: 1.15 for cue in sentence.cues if 0 <= cue.start - name.end <= 1 for topic in cue.topics if topic in NOUNS}
    if name.thing("optimizer") and _SURNAME.match(sentence.text, name.end, sentence.end):
        return {"person": 1.0}
    if _DATASET_NOUN.match(sentence.text, name.end, min(sentence.end, name.end + 30)):
        return {"dataset_noun": 1.0}
    for country in sentence.names:
        if (
            name.end <= country.start < name.end + 45
            and country.thing("country")
            and _IN_PLACE.fullmatch(sentence.slice(name.end, country.start))
        ):
            return {"in_place": 1.0}
    return {}
