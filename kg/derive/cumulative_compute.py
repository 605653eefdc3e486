"""Cumulative compute of a model = that of its own training and of the trainings of all backbones that it builds on.

Each backbone counts once, however many ways lead to it. As long as the compute of one is unknown, the sum is a lower bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from kg.derive._known import Given, Known, Quantity
from kg.interval import Interval, number, shown
from kg.model import Claim, Derived
from kg.runs import ModelReport, Run

GIVES = ("cumulativeCompute",)
USES = ("runCompute",)
SCOPE = "build"

_RULE = "cumulative-compute"


def compute(facts: Iterable[Derived], models: Sequence[ModelReport], given: Given) -> Iterator[Derived]:
    """Yield the cumulative compute of each model for which anything is known of itself or of a backbone."""
    own: dict[str, list[Derived]] = defaultdict(list)
    for fact in facts:
        if fact.relation == "runCompute":
            own[fact.model].append(fact)
    names = [name for name, relation in given.schema.relations.items() if "hasBackbone" in relation.parents]
    built_on: dict[str, list[Claim]] = defaultdict(list)
    first: dict[str, ModelReport] = {}
    for model in models:
        first.setdefault(model.iri, model)
        built_on[model.iri] += [claim for name in names for claim in model.claims.get(name, ()) if claim.thing]
    for iri, model in first.items():
        backbones = _closure(iri, built_on)
        if own.get(iri) or any(own.get(backbone) for backbone in backbones):
            yield _fact(model, iri, backbones, own, built_on, given)


def _closure(model: str, built_on: Mapping[str, Sequence[Claim]]) -> list[str]:
    """Return the IRIs of everything a model builds on, directly or not, without itself, sorted."""
    seen, waiting = {model}, [model]
    while waiting:
        for claim in built_on.get(waiting.pop(), ()):
            if claim.thing and claim.thing not in seen:
                seen.add(claim.thing)
                waiting.append(claim.thing)
    return sorted(seen - {model})


def _fact(
    model: ModelReport,
    iri: str,
    backbones: Sequence[str],
    own: Mapping[str, Sequence[Derived]],
    built_on: Mapping[str, Sequence[Claim]],
    given: Given,
) -> Derived:
    labels = {claim.thing: claim.value for claims in built_on.values() for claim in claims if claim.thing in backbones}
    parts = [_part(own.get(iri, ()), "own training"), *(_part(own.get(other, ()), labels.get(other, other)) for other in backbones)]
    total = Interval.exactly(0)
    for part in parts:
        total = total + part.interval
    words = " + ".join(part.words for part in parts)
    claims = tuple(built_on.get(iri, ()))
    whole = Quantity(total, words, claims, (), tuple(id for part in parts for id in part.derived))
    run = Run("", iri, model.label, None, "", {})
    return Known(run, model, given).fact(_RULE, GIVES[0], "FLOP", whole.interval, words, [whole])


def _part(facts: Sequence[Derived], name: str) -> Quantity:
    """Return the compute of one training; of several reports the interval that holds what all of them say."""
    if not facts:
        return Quantity(Interval(Fraction(0), Fraction(0), None), f"unknown ({name})")
    interval = _interval(facts[0])
    for fact in facts[1:]:
        interval = interval.hull(_interval(fact))
    return Quantity(interval, f"{shown(interval.value)} ({name})", derived=tuple(fact.id for fact in facts))


def _interval(fact: Derived) -> Interval:
    low, value = number(fact.low) or Fraction(0), number(fact.value) or Fraction(0)
    return Interval(low, value, None if fact.high is None else number(fact.high))
