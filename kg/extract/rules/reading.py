"""One document being read: what the earlier steps found, and who and which stage a place speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.extract.rules.lexicon import Lexicon, Name
from kg.extract.rules.models import Models, mentions
from kg.extract.rules.sentences import Sentence
from kg.extract.rules.stages import StageView
from kg.model import Document, Tag
from kg.schema import Schema

RIVAL = 0.7


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose fact a place states: own models (None: the unnamed one), and how much speaks against its being ours."""

    models: tuple[str | None, ...]
    against: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A document with everything known before roles are decided."""

    document: Document
    schema: Schema
    lexicon: Lexicon
    sentences: Sequence[Sentence]
    shaped: Mapping[int, list[Name]]
    models: Models
    stages: Sequence[StageView]

    def tag_at(self, start: int, end: int) -> Tag | None:
        """Return the innermost tag whose content holds [start, end)."""
        inside = [tag for tag in self.document.tags if tag.start <= start and end <= tag.end and (tag.closed or start - tag.start <= 2)]
        return min(inside, key=lambda tag: tag.end - tag.start) if inside else None

    def stage(self, i: int, start: int) -> str | None:
        """Return the stage of a place in sentence `i`."""
        return self.stages[i].at(self.sentences[i], start)

    def owner(self, i: int, start: int) -> Owner:
        """Return whose fact a place in sentence `i` states."""
        sentence = self.sentences[i]
        if sentence.segment.kind == "cell":
            return self._of_cell(sentence)
        return self._of_prose(i, sentence, start)

    def _of_cell(self, sentence: Sentence) -> Owner:
        labels = (sentence.segment.column, sentence.segment.row)
        for label in labels:
            if own := self._own_in(label):
                return Owner((own,))
        if any(self._is_other(label) for label in labels) or any(name.thing("model") for label in labels for name in self.lexicon.scan(label).names):
            return Owner((self.models.main,), RIVAL)
        return Owner(self.models.own or (None,))

    def _own_in(self, label: str) -> str | None:
        if not label:
            return None
        if own := self.models.own_name(label):
            return own
        longest = sorted(self.models.own, key=len, reverse=True)
        return next((name for name in longest if name in label), None)

    def _is_other(self, label: str) -> bool:
        return any(label.startswith(name) for name in self.models.keys) or bool(label) and self.lexicon_key(label) in self.models.others

    @staticmethod
    def lexicon_key(label: str) -> str:
        """Return the name key of a label."""
        from kg.values import name_key

        return name_key(label)

    def _of_prose(self, i: int, sentence: Sentence, start: int) -> Owner:
        named = mentions(sentence, self.models, self.shaped.get(i, ()))
        low, _ = sentence.clause_of(start)
        before = [m for m in named if low <= m[0] < start]
        if before and before[-1][2]:
            return Owner((before[-1][2],))
        against = 0.0
        if before and before[0][0] - low <= 14 and not before[0][2] and len(before) == 1:
            against = RIVAL
        own = list(dict.fromkeys(m[2] for m in named if m[2]))
        if len(own) == 1:
            return Owner((own[0],), against)
        if len(self.models.own) < 2:
            return Owner((self.models.main,), against)
        return Owner(tuple(own) or self._carried(i), against)

    def _carried(self, i: int) -> tuple[str | None, ...]:
        """Return the model the paragraph speaks of, or all when it names none."""
        segment = self.sentences[i].segment
        for heading in reversed(segment.headings):
            if own := self._own_in(heading):
                return (own,)
        for j in range(i - 1, -1, -1):
            if self.sentences[j].segment.group != segment.group:
                break
            own_names = list(dict.fromkeys(m[2] for m in mentions(self.sentences[j], self.models, self.shaped.get(j, ())) if m[2]))
            if own_names:
                return tuple(own_names)
        return tuple(self.models.own)
