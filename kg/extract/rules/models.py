"""Which models a document presents as its own: the best candidate and its family.

A report may present one model, several, one it does not name, or none; other models it mentions are rivals and parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.extract.rules.candidates import Candidate
from kg.extract.rules.labels import SIZE, SIZES
from kg.extract.rules.lexicon import Name
from kg.extract.rules.mention import Decider
from kg.extract.rules.sentences import Sentence
from kg.model import Document
from kg.values import name_key

OWN = 0.4  # probability from which on a candidate is a model of the report
SURE = 0.6  # from which on it shares in what is said of none of the models by name
ALONE = 0.15  # from which on the likeliest is taken when none reaches OWN
TAGGED = 2.0  # surer than any words
MOST = 256  # own models of one report; a longer list is a leaderboard, and only its head is read


@dataclass(frozen=True, slots=True)
class Models:
    """The report's own models, first the main one; `others` are the keys of model names that are not its own.

    `shared` are those that facts belong to which are stated of none by name: the family where there are several of one, else all.
    """

    own: tuple[str, ...]
    keys: dict[str, str]
    spans: dict[str, tuple[int, int]]
    tagged: frozenset[str]
    others: frozenset[str]
    sizes: dict[int, str] = field(default_factory=dict)
    family: str | None = None
    longest_first: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

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


def find(document: Document, candidates: Mapping[str, Candidate], decider: Decider) -> Models:
    """Return the models of a document among its candidates, which come by their keys."""
    ranked = _choose(candidates.values(), decider)
    own = [c for c, _ in ranked]
    chosen = {id(c) for c in own}
    others = frozenset(key for key, c in candidates.items() if id(c) not in chosen)
    if len(own) == 1 and (variants := _variants(document, own[0])):
        names = list(dict.fromkeys(name for name, _ in variants.values()))
        spans = {name: span for name, span in reversed(variants.values())}
        sizes = {place: name for place, (name, _) in variants.items()}
        return Models(
            tuple(names),
            {name_key(n): n for n in names},
            spans,
            frozenset(),
            others,
            sizes,
            own[0].name,
            _longest(names),
            tuple(names),
        )
    return Models(
        tuple(c.name for c in own),
        {name_key(c.name): c.name for c in own},
        {c.name: c.mentions[0] for c in own},
        frozenset(c.name for c in own if c.tagged),
        others,
        longest_first=_longest([c.name for c in own]),
        shared=_shared(ranked),
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


def _choose(candidates: Iterable[Candidate], decider: Decider) -> list[tuple[Candidate, float]]:
    """Return the candidates that are the report's own with their probability, the surest first, the others in order of place."""
    weighed = [(c, TAGGED if c.tagged else decider.is_own(c.features)) for c in candidates]
    weighed.sort(key=lambda item: (-item[1], item[0].mentions[0]))
    own = [item for item in weighed if item[1] >= OWN][:MOST] or [item for item in weighed[:1] if item[1] >= ALONE]
    return [*own[:1], *sorted(own[1:], key=lambda item: item[0].mentions[0])]


def _shared(ranked: Sequence[tuple[Candidate, float]]) -> tuple[str, ...]:
    """Return the models that share what is said of none by name: the sure ones, a family for its members when it is as sure."""
    sure = [c.name for k, (c, probability) in enumerate(ranked) if k == 0 or probability >= SURE]
    members = {name: [other for other in sure if other != name and name_key(other).startswith(name_key(name))] for name in sure}
    order = {c.name: probability for c, probability in ranked}
    families = [name for name in sure if members[name] and _is_family(name, members[name], order)]
    inside = {member for family in families for member in members[family]}
    return tuple(name for name in sure if name not in inside and (name in families or not members[name]))


def _is_family(name: str, members: Sequence[str], order: Mapping[str, float]) -> bool:
    """Return whether a name stands for its members: as sure as any of them, and no short form of the only one (`Aurelia-7B`)."""
    if len(members) == 1 and SIZE.search(members[0]):
        return False
    return order[name] >= max(order[member] for member in members)


def mentions(sentence: Sentence, models: Models, extra: Iterable[Name] = ()) -> list[tuple[int, int, str | None]]:
    """Return (start, end, own model or None for another model) of the model names in a sentence, in order."""
    found: list[tuple[int, int, str | None]] = []
    names = [*sentence.names, *extra]
    if not names:
        return found
    for name in sorted(names, key=lambda n: n.start):
        own = models.own_name(name.text)
        if own or name.thing("model") or (not name.things and name_key(name.text) in models.others and SIZE.search(name.text)):
            found.append((name.start, name.end, own))
    return found
