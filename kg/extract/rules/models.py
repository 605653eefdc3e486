"""Which models a document presents as its own: the best candidate and its family.

A report may present one model, several, one it does not name, or none; other models it mentions are rivals and parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kg.extract.rules.candidates import SIZE, SIZES, STRONG, Candidate, Shaped, pool
from kg.extract.rules.lexicon import Name
from kg.extract.rules.sentences import Sentence
from kg.model import Document
from kg.values import name_key

ENOUGH = 1.6  # to be the main model whatever else is named
ALONE = 0.9  # to be it when nothing comes near
ALONE_KNOWN = 1.15  # the same for a model of the catalogue, which may be a mere part
RELATIVE = 0.6  # to be another of its family
STRANGER = 2.8  # to be a second model of another family
MOST = 256  # own models of one report; a longer list is a leaderboard, and only its head is read
MANY = 400  # labels compared with each other; a longer table is no list of models
FAMILY = 0.6  # what a relative in the same table is worth


@dataclass(frozen=True, slots=True)
class Models:
    """The report's own models, first the main one; `others` are the keys of model names that are not its own."""

    own: tuple[str, ...]
    keys: dict[str, str]
    spans: dict[str, tuple[int, int]]
    tagged: frozenset[str]
    others: frozenset[str]
    sizes: dict[int, str] = field(default_factory=dict)
    family: str | None = None
    longest_first: tuple[str, ...] = ()

    @property
    def main(self) -> str | None:
        """The name of the main model, None when the report names none."""
        return self.own[0] if self.own else None

    def own_name(self, text: str) -> str | None:
        """Return the own model a text names, in the report's first spelling."""
        return self.keys.get(name_key(text))

    def own_in(self, label: str) -> str | None:
        """Return the own model a label names, alone or with other words (`CoralNet-S (ours)`)."""
        if not label:
            return None
        return self.own_name(label) or next((name for name in self.longest_first if name in label), None)


def find(document: Document, sentences: Sequence[Sentence], shaped: Shaped) -> Models:
    """Return the models of a document. `shaped` are the name-shaped chunks of each sentence."""
    candidates = pool(document, sentences, shaped)
    _favour_families(candidates)
    own = _choose(candidates)
    chosen = {id(c) for c in own}
    others = frozenset(key for key, c in candidates.items() if id(c) not in chosen)
    if len(own) == 1 and (variants := _variants(document, own[0])):
        names = list(dict.fromkeys(name for name, _ in variants.values()))
        spans = {name: span for name, span in reversed(variants.values())}
        sizes = {place: name for place, (name, _) in variants.items()}
        return Models(
            tuple(names), {name_key(n): n for n in names}, spans, frozenset(), others, sizes, own[0].name, _longest(names)
        )
    return Models(
        tuple(c.name for c in own),
        {name_key(c.name): c.name for c in own},
        {c.name: c.mentions[0] for c in own},
        frozenset(c.name for c in own if c.tagged),
        others,
        longest_first=_longest([c.name for c in own]),
    )


def _longest(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def _variants(document: Document, family: Candidate) -> dict[int, tuple[str, tuple[int, int]]]:
    """Return place of the size -> (name, span) of the models named by a family and its sizes (`LLaVA at 33B, 65B and 70B`)."""
    found: dict[int, tuple[str, tuple[int, int]]] = {}
    for start, end in family.mentions:
        if match := SIZES.match(document.text, end):
            for size in re.finditer(r"\d+(?:\.\d+)?[BM]", match["sizes"]):
                place = match.start("sizes") + size.start()
                found[place] = (f"{family.name}-{size[0]}", (start, match.start("sizes") + size.end()))
    return found


def _favour_families(candidates: dict[str, Candidate]) -> None:
    """Labels of one table that share their first part are more likely the report's own than their neighbours."""
    labels = [c for c in candidates.values() if c.label][:MANY]
    for candidate in labels:
        if any(other is not candidate and _related(candidate.name, other.name) for other in labels):
            candidate.score += FAMILY


def _choose(candidates: dict[str, Candidate]) -> list[Candidate]:
    tagged = [c for c in candidates.values() if c.tagged]
    ranked = sorted(candidates.values(), key=lambda c: (-c.score, c.mentions[0]))
    enough = [c for c in ranked if c.score >= ENOUGH]
    if not tagged and not enough and ranked and ranked[0].score >= (ALONE_KNOWN if ranked[0].known else ALONE):
        rest = [c for c in ranked[1:] if not _related(ranked[0].name, c.name) and STRONG.search(c.name)]
        if not rest or rest[0].score <= ranked[0].score - 0.2:
            enough = ranked[:1]
    if not tagged and not enough:
        return []
    main = tagged[0] if tagged else enough[0]
    family = [c for c in ranked if c is not main and _belongs(main, c, bool(tagged))]
    chosen = [main, *sorted(family, key=lambda c: c.mentions[0])]
    return _without_family_name(chosen)[:MOST]


def _belongs(main: Candidate, other: Candidate, tagged: bool) -> bool:
    if other.tagged or _sibling(main.name, other.name):
        return True
    if _related(main.name, other.name):
        return other.score >= RELATIVE
    return other.score >= STRANGER and not tagged


def _stem(name: str) -> str:
    return name_key(SIZE.sub("", name))


def _related(main: str, other: str) -> bool:
    a, b = _stem(main), _stem(other)
    shared = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        shared += 1
    return shared >= max(4, 0.75 * min(len(a), len(b))) or _first_part(main) == _first_part(other) != ""


def _first_part(name: str) -> str:
    part = re.split(r"[-_ /]", name.casefold())[0]
    return part if len(part) >= 3 else ""


def _sibling(main: str, other: str) -> bool:
    return bool(SIZE.search(other)) and _stem(main) == _stem(other)


def _without_family_name(chosen: list[Candidate]) -> list[Candidate]:
    """Drop `Aurelia` beside `Aurelia-7B`: the family's or short name is no model of its own when one with a size is there."""
    sized = [name_key(c.name) for c in chosen if SIZE.search(c.name)]
    kept = [c for c in chosen if SIZE.search(c.name) or c.tagged or not any(key.startswith(name_key(c.name)) for key in sized)]
    return kept or chosen


def mentions(sentence: Sentence, models: Models, extra: Iterable[Name] = ()) -> list[tuple[int, int, str | None]]:
    """Return (start, end, own model or None for another model) of the model names in a sentence, in order."""
    found = []
    for name in sorted((*sentence.names, *extra), key=lambda n: n.start):
        own = models.own_name(name.text)
        if own or name.thing("model") or (not name.things and name_key(name.text) in models.others and SIZE.search(name.text)):
            found.append((name.start, name.end, own))
    return found
