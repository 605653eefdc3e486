"""Cumulative compute of a model = that of its own training and of the trainings of all backbones that it builds on.

Each backbone counts once, however many ways lead to it. As long as the compute of one is unknown, the sum is a lower bound. Of more
than `MOST` backbones no sum is made: no model has so many, something is wrong with what is said of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from kg.derive._known import Given, Known, Quantity, together
from kg.interval import Interval, number, shown
from kg.model import Claim, Derived
from kg.runs import ModelReport, Run

GIVES = ("cumulativeCompute",)
USES = ("runCompute",)
SCOPE = "build"

MOST = 64

_RULE = "cumulative-compute"
_INCLUDED = "what is stated for a model that extends another may include the training of that other one"


@dataclass(frozen=True, slots=True)
class _Lineage:
    """What is known of all models: their own compute, claims about what they build on, what those claims call each thing.

    `stated` are those whose compute a report states, and that extend another model.
    """

    own: Mapping[str, Quantity]
    stated: frozenset[str]
    built_on: Mapping[str, Sequence[Claim]]
    names: Mapping[str, str]

    def backbones(self, model: str) -> list[str] | None:
        """Return the IRIs of all that a model builds on, directly or not, without itself, sorted; None when there are too many."""
        seen, waiting = {model}, [model]
        while waiting:
            for claim in self.built_on.get(waiting.pop(), ()):
                if claim.thing and claim.thing not in seen:
                    seen.add(claim.thing)
                    waiting.append(claim.thing)
            if len(seen) > MOST + 1:
                return None
        return sorted(seen - {model})

    def part(self, model: str, name: str) -> Quantity:
        """Return the compute of one training as a part of a sum."""
        known = self.own.get(model)
        if known is None:
            return Quantity(Interval(Fraction(0), Fraction(0), None), f"unknown ({name})")
        return replace(known, words=f"{shown(known.interval.value)} ({name})")


def compute(facts: Iterable[Derived], models: Sequence[ModelReport], given: Given) -> Iterator[Derived]:
    """Yield the cumulative compute of each model for which anything is known of itself or of a backbone."""
    lineage = _lineage(facts, models, given)
    labels = {model.iri: model.label for model in models}
    for iri, label in labels.items():
        backbones = lineage.backbones(iri)
        if backbones is not None and any(model in lineage.own for model in (iri, *backbones)):
            parts = [lineage.part(iri, "own training"), *(lineage.part(other, lineage.names[other]) for other in backbones)]
            yield _fact(iri, label, parts, lineage, given)


def _lineage(facts: Iterable[Derived], models: Iterable[ModelReport], given: Given) -> _Lineage:
    own: dict[str, list[Derived]] = defaultdict(list)
    stated: set[str] = set()
    for fact in facts:
        if fact.relation == "runCompute":
            own[fact.model].append(fact)
            if any(claim.relation == "trainingCompute" and claim.stage is None for claim in fact.inputs):
                stated.add(fact.model)
    relations = [name for name, relation in given.schema.relations.items() if "hasBackbone" in relation.parents]
    built_on: dict[str, list[Claim]] = defaultdict(list)
    names: dict[str, str] = {}
    for model in models:
        for claim in (claim for name in relations for claim in model.claims.get(name, ())):
            if claim.thing:
                built_on[model.iri].append(claim)
                names[claim.thing] = min(claim.value, names.get(claim.thing, claim.value))
    extending = {model for model, claims in built_on.items() if any(claim.relation == "extends" for claim in claims)}
    return _Lineage({model: _of_all(said) for model, said in own.items()}, frozenset(stated & extending), built_on, names)


def _of_all(facts: Sequence[Derived]) -> Quantity:
    """Return the compute of one training: of several reports the interval that holds what all of them say."""
    interval = _interval(facts[0])
    for fact in facts[1:]:
        interval = interval.hull(_interval(fact))
    assumptions = dict.fromkeys(text for fact in facts for text in fact.assumptions)
    return Quantity(interval, "", derived=tuple(fact.id for fact in facts), assumptions=tuple(assumptions))


def _interval(fact: Derived) -> Interval:
    low, value = number(fact.low) or Fraction(0), number(fact.value) or Fraction(0)
    return Interval(low, value, None if fact.high is None else number(fact.high))


def _fact(iri: str, label: str, parts: Sequence[Quantity], lineage: _Lineage, given: Given) -> Derived:
    total = sum((part.interval for part in parts), Interval.exactly(0))
    whole = together(" + ".join(part.words for part in parts), total, parts)
    if iri in lineage.stated and len(parts) > 1:
        own, low = parts[0], max(part.interval.low for part in parts)
        total = Interval(low, max(own.interval.value, low), total.high)
        whole = replace(
            whole, interval=total, words=f"{whole.words}, or {own.words} alone", assumptions=(*whole.assumptions, _INCLUDED)
        )
    whole = replace(whole, inputs=(*whole.inputs, *lineage.built_on.get(iri, ())))
    known = Known(Run("", iri, label, None, "", {}), ModelReport("", iri, label, False, {}, {}), given)
    return known.fact(_RULE, GIVES[0], "FLOP", total, whole.words, [whole])
