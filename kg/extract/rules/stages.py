"""Sentences -> the training stage each place speaks of: named in the clause or sentence, else carried on by the discourse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.extract.rules.lexicon import Lexicon
from kg.extract.rules.sentences import Sentence

_AND = re.compile(r"\s?(?:and|&|/|,|plus|as well as|or)\s?(?:the\s|of\s)?(?:visual\s|supervised\s)?", re.I)
PREFIX = "stage:"
LABELS = {"alignment": "alignment"}  # too common a word in prose, but plain as a label


@dataclass(frozen=True, slots=True)
class StageMark:
    """A stage named at a place of a sentence."""

    start: int
    end: int
    stage: str


@dataclass(frozen=True, slots=True)
class StageView:
    """The stages one sentence names, and the one it stands in: `carried` on from anywhere above, `near` from its own paragraph."""

    marks: tuple[StageMark, ...]
    carried: str | None
    whole: bool = False
    near: str | None = None

    def at(self, sentence: Sentence, start: int, *, far: bool = True) -> str | None:
        """Return the stage of a place: the only one named; else the last before it; else the one carried on, from `far` or near."""
        named = {mark.stage for mark in self.marks}
        if not named:
            return None if self.whole else self.carried if far else self.near
        if len(named) == 1:
            return self.marks[0].stage
        low, high = sentence.clause_of(start)
        inside = [mark for mark in self.marks if low <= mark.start < high]
        before = [mark for mark in inside if mark.start <= start] or [mark for mark in self.marks if mark.start <= start]
        if before:
            return None if _joined(sentence, before[-2:]) else before[-1].stage
        return inside[0].stage if len({mark.stage for mark in inside}) == 1 else None


def views(sentences: Sequence[Sentence], lexicon: Lexicon) -> list[StageView]:
    """Return the stage view of every sentence, in order; a heading, and a table, ends a carried stage."""
    found = []
    carried: str | None = None
    group = headings = None
    near: str | None = None
    for sentence in sentences:
        segment = sentence.segment
        if segment.headings != headings:
            headings, carried = segment.headings, _only(_stages_of(lexicon, " / ".join(segment.headings[-1:])))
            near = base = carried
        elif segment.group != group:
            near = base
            carried = base if segment.kind == "cell" or sentence.is_labelled else carried
        group = segment.group
        marks = _marks(sentence)
        if not marks and sentence.is_labelled:
            label = _only(_stages_of(lexicon, segment.row) or _stages_of(lexicon, segment.column))
            marks = (StageMark(segment.start, segment.start, label),) if label else ()
        found.append(StageView(marks, carried, _speaks_of_all(sentence), near))
        if not marks:
            continue
        named = {mark.stage for mark in marks}
        if len(named) == 1 and not sentence.is_labelled:
            carried = near = marks[0].stage
        elif len(named) > 1:
            carried = near = marks[0].stage if marks[0].start - sentence.start < 28 and not _joined(sentence, marks) else None
    return found


def _joined(sentence: Sentence, marks: Sequence[StageMark]) -> bool:
    """Return whether the first two marks are two stages named in one breath (`pre-training and instruction-tuning`)."""
    if len(marks) < 2 or marks[0].stage == marks[1].stage:
        return False
    return bool(_AND.fullmatch(sentence.slice(marks[0].end, marks[1].start)))


def _marks(sentence: Sentence) -> tuple[StageMark, ...]:
    found = []
    for cue in sentence.cues:
        for topic in cue.topics:
            if topic.startswith(PREFIX):
                found.append(StageMark(cue.start, cue.end, topic.removeprefix(PREFIX)))
    return tuple(found)


def _speaks_of_all(sentence: Sentence) -> bool:
    for cue in sentence.cues:
        if "whole" in cue.topics:
            return True
    return False


def _stages_of(lexicon: Lexicon, label: str) -> set[str]:
    if stage := LABELS.get(label.strip(" :*").casefold()):
        return {stage}
    return {topic.removeprefix(PREFIX) for topic in lexicon.topics_of(label) if topic.startswith(PREFIX)} if label else set()


def _only(stages: set[str]) -> str | None:
    return next(iter(stages)) if len(stages) == 1 else None
