"""One document being read: what the earlier steps found, and who and which stage a place speaks of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.extract.rules.lexicon import Lexicon, Name
from kg.extract.rules.models import Models, mentions
from kg.extract.rules.sentences import Sentence
from kg.extract.rules.stages import StageView
from kg.model import Document, Tag
from kg.schema import Schema
from kg.values import name_key

RIVAL = 1.0
OF_THE_WHOLE = frozenset({"accelerator", "acceleratorCount", "software"})  # a paragraph on them speaks of all stages
SUGGESTED = 0.25  # below, a reading is not even a suggestion
LOOK_BACK = 40  # sentences of one paragraph that carry a model on
SHARED_AT_MOST = 24  # a fact of more models than these is one of the first alone
NESTED = 8  # tags looked back at; deeper nesting is no markup of facts
TAG_SCORE = 3.0  # above every score that words alone can give
_CODE = re.compile(r"^[ \t]*```[ \t]*(?:bash|sh|shell|console|python|py|cmd|powershell)\b.*?(?:^[ \t]*```|\Z)", re.M | re.S | re.I)
_VERB = re.compile(
    r"[\s\])]*(?:,\s(?:which\s|that\s|in\scontrast,\s)?)?(?:\([^)]{0,40}\)\s)?(?:itself\s|alone\s|also\s)?(?:was|is|were|has|had|have|used|uses|needed|needs|saw|"
    r"took|takes|reached|reaches|required|requires|ran|employed|contains|counts|comprises|"
    r"achieves|obtains|scores|trained|consumed|cost|with\sits)\b",
    re.I,
)
_OTHER_SUBJECT = re.compile(
    r"\s*(?:the|its|our|their|an?|this)\s(?:[\w-]+\s)?(?:teacher|predecessor|baseline|judge|critic|reward)(?:\s(?:model|network))?"
    r"(?:,[^,.]{1,40},)?\s(?:itself\s)?(?:was|is|has|had|used|uses|needed|took|saw|required|ran|trained)\b",
    re.I,
)
_PART_SUBJECT = re.compile(
    r"\s*(?:the|its|our|an?)\s(?:[\w-]+\s){0,4}?(?:encoder|decoder|tower|backbone|tokenizer|projector|adapter|connector|head|resampler|"
    r"q-former|discriminator|projection|vae)(?:,[^,.]{1,40},|\s\([^)]{1,40}\))?\s(?:itself\s|alone\s)?(?:has|have|contains|counts|comprises|is)\b",
    re.I,
)


Owners = tuple[str | None, ...]
"""The models a fact is stated of; None is the one without a name."""


@dataclass(slots=True)
class Draft:
    """A claim before its owner and stage are known."""

    relation: str
    value: str
    start: int
    end: int
    method: str
    score: float
    unit: str | None = None
    approximate: bool = False
    value_max: str | None = None


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
    axes: Mapping[int, frozenset[str]] = field(default_factory=dict)
    code: tuple[tuple[int, int], ...] = ()
    mentions: dict[int, list[tuple[int, int, str | None]]] = field(default_factory=dict)

    def completed(self) -> Reading:
        """Return the reading with the axes of each table on which own models stand, and the programs it shows."""
        axes: dict[int, set[str]] = defaultdict(set)
        for sentence in self.sentences:
            segment = sentence.segment
            if segment.kind == "cell":
                axes[segment.group] |= {
                    axis for axis, label in (("column", segment.column), ("row", segment.row)) if self.models.own_in(label)
                }
        code = tuple(match.span() for match in _CODE.finditer(self.document.source)) if "```" in self.document.source else ()
        found = {group: frozenset(names) for group, names in axes.items()}
        return replace(self, axes=found, code=code)

    def in_code(self, place: int) -> bool:
        """Return whether a place stands in a command or program: they show how to use a model, or one of many ways to train it."""
        return any(low <= place < high for low, high in self.code)

    def tag_at(self, start: int, end: int) -> Tag | None:
        """Return the innermost tag whose content holds [start, end)."""
        tags = self.document.tags
        if not tags:
            return None
        last = bisect_right(tags, start, key=lambda tag: tag.start)
        near = tags[max(0, last - NESTED) : last]
        inside = [tag for tag in near if end <= tag.end and (tag.closed or start - tag.start <= 2)]
        return min(inside, key=lambda tag: tag.end - tag.start) if inside else None

    def stage(self, i: int, start: int, relation: str) -> str | None:
        """Return the stage that a fact of a relation at a place of sentence `i` belongs to."""
        if self.schema.relations[relation].domain == "Model":
            return None
        return self.stages[i].at(self.sentences[i], start, far=relation not in OF_THE_WHOLE)

    def mentioned(self, i: int) -> list[tuple[int, int, str | None]]:
        """Return (start, end, own model or None) of the models named in sentence `i`."""
        found = self.mentions.get(i)
        if found is None:
            found = self.mentions[i] = mentions(self.sentences[i], self.models, self.shaped.get(i, ()))
        return found

    def owner(self, i: int, start: int, about_model: bool = False) -> Owner:
        """Return whose fact a place in sentence `i` states; a size or a year belongs to the model named just before it."""
        sentence = self.sentences[i]
        if start in self.models.sizes:
            return Owner((self.models.sizes[start],))
        if sentence.segment.kind == "cell":
            return self._of_cell(sentence)
        return self._of_prose(i, sentence, start, about_model)

    def _of_cell(self, sentence: Sentence) -> Owner:
        labels = (sentence.segment.column, sentence.segment.row)
        for label in labels:
            if own := self.models.own_in(label):
                return Owner((own,))
        axes = self.axes.get(sentence.segment.group, frozenset())
        rival = any(label and axis in axes for axis, label in zip(("column", "row"), labels, strict=True))
        if rival or any(self._is_other(label) for label in labels):
            return Owner((self.models.main,), RIVAL)
        return Owner(self._all())

    def _is_other(self, label: str) -> bool:
        return bool(label) and (
            name_key(label) in self.models.others or any(name.thing("model") for name in self.lexicon.scan(label).names)
        )

    def _of_prose(self, i: int, sentence: Sentence, start: int, about_model: bool) -> Owner:
        if own_key := self.models.own_in(sentence.segment.row):
            return Owner((own_key,))
        named = self.mentioned(i)
        low, _ = sentence.clause_of(start)
        if not named:
            other = _OTHER_SUBJECT.match(sentence.text, low, start) or (
                about_model and _PART_SUBJECT.match(sentence.text, low, start)
            )
            return Owner((self.models.main,) if len(self.models.own) < 2 else self._carried(i), RIVAL if other else 0.0)
        before = [m for m in named if m[0] < start]
        inside = [m for m in before if low <= m[0]]
        subjects = [m for m in before if _VERB.match(sentence.text, m[1], sentence.end)]
        against = 0.0
        if subjects and not subjects[-1][2] and (not inside or inside[-1] in subjects or not inside[-1][2]):
            against = RIVAL
        elif inside and inside[-1][2]:
            return Owner((inside[-1][2],))
        if _OTHER_SUBJECT.match(sentence.text, low, start) or (about_model and _PART_SUBJECT.match(sentence.text, low, start)):
            against = RIVAL
        if about_model and inside and not any(own for _, _, own in inside) and start - inside[-1][1] <= 40:
            against = RIVAL
        own = list(dict.fromkeys(m[2] for m in named if m[2]))
        if len(own) == 1:
            return Owner((own[0],), against)
        if len(self.models.own) < 2:
            return Owner((self.models.main,), against)
        return Owner(tuple(own) or self._carried(i), against)

    def _all(self) -> tuple[str | None, ...]:
        """Return the models that share what is said of none of them by name."""
        shared = self.models.shared
        return shared if 0 < len(shared) <= SHARED_AT_MOST else (self.models.main,)

    def _carried(self, i: int) -> tuple[str | None, ...]:
        """Return the model the paragraph speaks of, or all when it names none."""
        segment = self.sentences[i].segment
        for heading in reversed(segment.headings):
            if own := self.models.own_in(heading):
                return (own,)
        for j in range(i - 1, max(-1, i - LOOK_BACK), -1):
            if self.sentences[j].segment.group != segment.group:
                break
            own_names = list(dict.fromkeys(m[2] for m in self.mentioned(j) if m[2]))
            if own_names:
                return tuple(own_names)
        return self._all()
