"""What a rule sees: the numbers of one run, with where each came from, and how a result is put together.

A `Quantity` is a number with its provenance and its words for a formula. `Gap` is why there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from kg.config import Config
from kg.interval import Interval, of_claim, shown, text, written
from kg.iris import claim_iri, subject_iri
from kg.model import Claim, Derived, Figure, Thing, Undetermined
from kg.runs import ModelReport, Run
from kg.schema import Schema

Item = TypeVar("Item")

_OF_EVERY_STAGE = frozenset(
    "impliedAcceleratorCount impliedGlobalBatchSize impliedPerDeviceBatchSize impliedGradientAccumulationSteps".split()
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a number is not known: the relations that nobody states, and a reason in words."""

    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it is made of; `words` name it in a formula: "64 accelerators"."""

    interval: Interval
    words: str
    inputs: tuple[Claim, ...] = ()
    figures: tuple[Figure, ...] = ()
    derived: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What all rules are given: schema, texts of reports by id, settings.

    `variants` are those of each accelerator by its name, `wider` the names of what it is a variant of.
    """

    schema: Schema
    texts: Mapping[str, str]
    config: Config
    variants: Mapping[str, Sequence[Thing]]
    wider: Mapping[str, Sequence[str]]


@dataclass(slots=True, eq=False)
class Known:
    """A run, and what the rules before found out about it and about the other runs of its model in the same report."""

    run: Run
    model: ModelReport
    given: Given
    facts: dict[str, list[Derived]] = field(default_factory=dict)
    intervals: dict[str, Interval] = field(default_factory=dict)
    others: Mapping[str | None, Known] = field(default_factory=dict, repr=False)
    read: dict[tuple[str, str], Quantity | Gap] = field(default_factory=dict, repr=False)

    def states(self, *relations: str) -> bool:
        """Return whether this run's own claims are about one of the relations."""
        return any(relation in self.run.said for relation in relations)

    def stated(self, relation: str, unit: str) -> Quantity | Gap:
        """Return the number that reports state; a gap when there is none, or several that rounding does not explain."""
        if (relation, unit) not in self.read:
            label = self.given.schema.relation(relation).label
            self.read[relation, unit] = stated(self.run.claims(relation), relation, label, unit)
        return self.read[relation, unit]

    def computed(self, relation: str, unit: str) -> Quantity | None:
        """Return the number that a rule before has found for this run."""
        for fact in self.facts.get(relation, ()):
            number = self.intervals[fact.id]
            words = f"{shown(number.value)} {unit}".strip()
            return Quantity(number, words, derived=(fact.id,), assumptions=fact.assumptions)
        whole = self.others.get(None) if self.run.stage and relation in _OF_EVERY_STAGE else None
        return whole.computed(relation, unit) if whole else None

    def found(self, relation: str, computed: str, unit: str) -> Quantity | Gap:
        """Return the number that is stated, else the one that a rule has found, else why there is none."""
        stated = self.stated(relation, unit)
        if isinstance(stated, Quantity) or not stated.missing:
            return stated
        return self.computed(computed, unit) or stated

    def fact(self, rule: str, relation: str, unit: str, result: Interval, formula: str, parts: Iterable[Quantity]) -> Derived:
        """Return a derived fact about this run, and keep it for the rules to come."""
        made = together("", result, parts)
        inputs, figures, derived = made.inputs, made.figures, made.derived
        model, stage, base = self.run.model, self.run.stage, self.given.schema.base
        what = "/".join(part for part in (model.removeprefix(f"{base}model/"), stage, rule) if part)
        made_of = [*(claim_iri(base, claim) for claim in inputs), *(f"{item.thing} {item.relation}" for item in figures), *derived]
        id = f"{base}derived/{what}/{sha256(repr(sorted(made_of)).encode()).hexdigest()[:8]}"
        fact = Derived(
            id,
            model,
            self.run.label,
            self.subject(relation),
            relation,
            stage,
            rule,
            f"{formula}{f': at least {shown(result.low)}' if result.high is None else f' = {shown(result.value)}'} {unit}".rstrip(),
            unit,
            text(result.low),
            text(result.value),
            None if result.high is None else text(result.high),
            inputs,
            figures,
            derived,
            made.assumptions,
            self.run.report or None,
        )
        self.facts.setdefault(relation, []).append(fact)
        self.intervals[id] = result
        return fact

    def open(self, rule: str, relation: str, gaps: Iterable[Gap | Quantity], inputs: Iterable[Claim] = ()) -> Undetermined:
        """Return that a number of this run cannot be computed; quantities among the gaps are what is known."""
        every = list(gaps)
        holes = [gap for gap in every if isinstance(gap, Gap)]
        known = (claim for item in every if isinstance(item, Quantity) for claim in item.inputs)
        missing = _once(name for gap in holes for name in gap.missing)
        reason = "; ".join(_once(gap.reason for gap in holes))
        run, subject = self.run, self.subject(relation)
        claims = _once([*known, *inputs])
        return Undetermined(run.model, run.label, subject, relation, run.stage, rule, missing, reason, claims, run.report or None)

    def subject(self, relation: str) -> str:
        """Return the IRI that a relation of this run hangs on."""
        schema = self.given.schema
        return subject_iri(schema.base, self.run.model, self.run.stage, schema.relation(relation).domain)


def stated(claims: Sequence[Claim], relation: str, label: str, unit: str) -> Quantity | Gap:
    """Return the number that claims of a relation state: the most precise one of those that can all be one number."""
    numbers = [(number, claim) for claim in claims if (number := of_claim(claim))]
    if not numbers:
        values = ", ".join(sorted({claim.value for claim in claims}))
        return (
            Gap((), f"the stated {label} is no positive number: {values}") if claims else Gap((relation,), f"no {label} is stated")
        )
    if len(numbers) > 1 and not agree(claim for _, claim in numbers):
        values = ", ".join(sorted({_written(claim) for _, claim in numbers}))
        return Gap((), f"several values of {label} are stated: {values}")
    number, best = min(numbers, key=lambda entry: (_width(entry[1]), entry[1].sort_key())) if len(numbers) > 1 else numbers[0]
    same = tuple(claim for _, claim in numbers if claim.value == best.value)
    return Quantity(number, f"{shown(number.value)} {unit}".strip(), same)


def product(words: str, *parts: Quantity) -> Quantity:
    """Return the product of numbers, with all that they are made of."""
    interval = Interval.exactly(1)
    for part in parts:
        interval = interval * part.interval
    return together(words, interval, parts)


def together(words: str, interval: Interval, parts: Iterable[Quantity]) -> Quantity:
    """Return a number that was computed from others, with all that they are made of."""
    every = list(parts)
    return Quantity(
        interval,
        words,
        _once(claim for part in every for claim in part.inputs),
        _once(figure for part in every for figure in part.figures),
        _once(id for part in every for id in part.derived),
        _once(text for part in every for text in part.assumptions),
    )


def agree(claims: Iterable[Claim]) -> bool:
    """Return whether claims of numbers can all be one number, each as precise as it is written."""
    ranges = [number for claim in claims if (number := written(claim))]
    highs = [number.high for number in ranges if number.high is not None]
    return not highs or max(number.low for number in ranges) <= min(highs)


def _width(claim: Claim) -> float:
    number = written(claim)
    return float((number.high - number.low) / number.value) if number and number.high is not None else 0.0


def _written(claim: Claim) -> str:
    return claim.value if claim.value_max is None else f"{claim.value} to {claim.value_max}"


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))
