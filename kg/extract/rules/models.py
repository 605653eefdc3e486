"""Which models a document presents as its own: candidates are scored by how the text introduces them.

A report may present one model, several, one it does not name, or none; other models it mentions are rivals and parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import is_shaped
from kg.extract.rules.sentences import Sentence
from kg.model import Document
from kg.values import name_key

ENOUGH = 1.6
_NAME_KEY = re.compile(r"^(?:the )?(?:model|name|model[ _-]?(?:name|id|card)|system|system name|checkpoint|model version|title)s?$", re.I)
_BEFORE = re.compile(
    r"(?:\b(?:present|presents|introduce|introduces|introducing|propose|proposes|release|releases|releasing|describe|describes|develop|developed|built|build|"
    r"call|called|named|dubbed|named as|name|our|ours|we train|we trained|train|trained|training of|scaling|model card for|card for|report on|about|obtained|"
    r"model|system|models|assistant|encoder|behind|announce|announcing|created|trains|reports about|datasheet|training)\b[\s:,*_`\"'“«(]*(?:the\s|a\s|an\s|and\s|with\s)?(?:\w+[\s-]){0,3})$",
    re.I,
)
_AFTER = re.compile(
    r"^[\s*_`\"'”»)]*(?:,?\s?(?:\([^)]{0,60}\)\s?)?,?\s?(?:is|are|was|were|has|have|comprises|contains|containing|consists|counts|extends|adopts|builds|uses|employs|adapts|"
    r"belongs|combines|integrates|stacks|inherits|covers|learned|descends|follows|starts|weighs|occupied|surpasses|reaches|can|adds)\b|,\s(?:a|an|our|the)\s)",
    re.I,
)
_RIVAL = re.compile(
    r"\b(?:from|on|than|like|as|to|with|versus|vs\.?|over|by|against|of|beats?|outperforms?|surpass(?:es)?|exceeds?|unlike|upon|behind|whereas|using|for comparison,?|baselines?|where|while)\s(?:the\s|a\s)?(?:\w+\s)?$",
    re.I,
)
_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?[BMbm])(?![A-Za-z])|[-_ ](?:tiny|mini|small|base|medium|large|xl|xxl|huge|giant|nano|micro)\b", re.I)
_DETERMINED = re.compile(r"^(?:a|an|the|our|this|that|its|their)\b", re.I)


@dataclass(slots=True)
class Candidate:
    """A name that may be a model of the report's own."""

    name: str
    score: float = 0.0
    tagged: bool = False
    mentions: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Models:
    """The report's own models, first the main one; `others` are the keys of model names that are not its own."""

    own: tuple[str, ...]
    keys: dict[str, str]
    spans: dict[str, tuple[int, int]]
    tagged: frozenset[str]
    others: frozenset[str]

    @property
    def main(self) -> str | None:
        """The name of the main model, None when the report names none."""
        return self.own[0] if self.own else None

    def own_name(self, text: str) -> str | None:
        """Return the own model a text names, in the report's first spelling."""
        return self.keys.get(name_key(text))


def find(document: Document, sentences: Sequence[Sentence], shaped: dict[int, list[Name]]) -> Models:
    """Return the models of a document. `shaped` are the name-shaped chunks of each sentence."""
    pool: dict[str, Candidate] = {}
    for i, sentence in enumerate(sentences):
        for name in (*sentence.names, *shaped.get(i, ())):
            _weigh(pool, document, sentence, name)
    for tag in document.tags:
        if tag.name == "model" and is_model_name(text := document.text[tag.start : tag.end]):
            candidate = pool.setdefault(name_key(text), Candidate(" ".join(text.split())))
            candidate.score += 4
            candidate.tagged = True
            candidate.mentions.insert(0, (tag.start, tag.end))
    own = _choose(pool)
    others = frozenset(key for key, c in pool.items() if c not in own)
    return Models(
        tuple(c.name for c in own),
        {name_key(c.name): c.name for c in own},
        {c.name: c.mentions[0] for c in own},
        frozenset(c.name for c in own if c.tagged),
        others,
    )


def is_model_name(text: str) -> bool:
    """Return whether a tag's or key's content is a name and no description of a model."""
    words = text.split()
    return 0 < len(words) <= 5 and not _DETERMINED.match(text) and any(is_shaped(w) or w[:1].isupper() for w in words) and sum(w.islower() for w in words) <= 1


def _weigh(pool: dict[str, Candidate], document: Document, sentence: Sentence, name: Name) -> None:
    if name.things and not name.thing("model"):
        return
    if not name.things and not is_shaped(name.text):
        return
    key = name_key(name.text)
    candidate = pool.get(key)
    if candidate is None:
        candidate = pool[key] = Candidate(name.text, -0.9 if name.things else 0.0)
        candidate.score += 0.4 if _SIZE.search(name.text) else 0.0
    candidate.mentions.append((name.start, name.end))
    candidate.score += 0.2 if len(candidate.mentions) <= 6 else 0.0
    before = document.text[max(sentence.start, name.start - 48) : name.start]
    after = document.text[name.end : min(sentence.end, name.end + 70)]
    if _RIVAL.search(before):
        candidate.score -= 0.5
    elif _BEFORE.search(before):
        candidate.score += 1.2
    if _AFTER.match(after) and not _RIVAL.search(before):
        candidate.score += 0.7 if "compare" not in sentence.topics_in(sentence.start, name.start) else -0.3
    candidate.score += _by_place(document, sentence, name)


def _by_place(document: Document, sentence: Sentence, name: Name) -> float:
    segment = sentence.segment
    if segment.kind == "pair" and _NAME_KEY.match(segment.row.strip()):
        return 2.5
    if segment.kind == "heading" and not document.text[: segment.start].strip("# \n"):
        return 1.6
    if segment.kind == "heading":
        return 0.5
    if segment.kind == "cell" and not segment.row and not segment.column:
        return 0.6
    return 0.5 if name.start < 160 else 0.0


def _choose(pool: dict[str, Candidate]) -> list[Candidate]:
    tagged = [c for c in pool.values() if c.tagged]
    ranked = sorted(pool.values(), key=lambda c: (-c.score, c.mentions[0]))
    enough = [c for c in ranked if c.score >= ENOUGH]
    if not tagged and not enough:
        return []
    main = tagged[0] if tagged else enough[0]
    family = [c for c in enough if c is not main and (c.tagged or _related(main.name, c.name) or (c.score >= 2.6 and not tagged))]
    family += [c for c in ranked if c not in enough and c is not main and _sibling(main.name, c.name)]
    chosen = [main, *sorted(family, key=lambda c: c.mentions[0])]
    return _without_family_name(chosen)


def _stem(name: str) -> str:
    return name_key(_SIZE.sub("", name))


def _related(main: str, other: str) -> bool:
    a, b = _stem(main), _stem(other)
    shared = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        shared += 1
    return shared >= max(4, 0.6 * min(len(a), len(b)))


def _sibling(main: str, other: str) -> bool:
    return bool(_SIZE.search(other)) and _stem(main) == _stem(other)


def _without_family_name(chosen: list[Candidate]) -> list[Candidate]:
    """Drop `Aurelia` beside `Aurelia-7B`: the family's or short name is no model of its own when one with a size is there."""
    sized = {_stem(c.name) for c in chosen if _SIZE.search(c.name)}
    kept = [c for c in chosen if _SIZE.search(c.name) or c.tagged or _stem(c.name) not in sized]
    return kept or chosen


def mentions(sentence: Sentence, models: Models, extra: Iterable[Name] = ()) -> list[tuple[int, int, str | None]]:
    """Return (start, end, own model or None for another model) of the model names in a sentence, in order."""
    found = []
    for name in sorted((*sentence.names, *extra), key=lambda n: n.start):
        own = models.own_name(name.text)
        if own or name.thing("model") or (not name.things and name_key(name.text) in models.others and _SIZE.search(name.text)):
            found.append((name.start, name.end, own))
    return found
