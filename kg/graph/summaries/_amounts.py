"""How much the training of models took: what reports state, else what is implied, with both ends of each number.

A model's amount is what is stated of its whole training, else the sum of its stages where each is stated, else what is implied of
the whole, else the sum of what is stated or else implied of each stage. Where a stage has neither, that sum is only a lower bound.
Where reports disagree, both ends stay, and the mean is the value between them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kg.graph.view import View, text_of
from kg.schema import load_schema
from kg.terms import KG, RDF, XSD


@dataclass(frozen=True, slots=True)
class Amount:
    """At least `low`, most likely `value`, at most `high`."""

    low: Decimal
    value: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Whole:
    """What a whole training took, `stated` when nothing in it is implied; `partial` when it is known of some stages only."""

    amount: Amount
    stated: bool
    partial: bool = False


Known = Mapping[str, Amount]
"""Amounts by what they are stated or implied of: a model, or one of its runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """What is stated and what is implied of a relation, for runs and for models."""

    stated: Known
    implied: Known
    runs: Mapping[str, list[str]]
    staged: Collection[str]

    def of(self, model: str) -> Whole | None:
        """Return the amount of a model's whole training, None when nothing is stated or implied of any part of it."""
        runs = self.runs.get(model, ())
        own, stages = [model, *(run for run in runs if run not in self.staged)], [run for run in runs if run in self.staged]
        if told := _sum(own, self.stated):
            return Whole(told, stated=True)
        if stages and all(stage in self.stated for stage in stages) and (told := _sum(stages, self.stated)):
            return Whole(told, stated=True)
        if computed := _sum(own, self.implied):
            return Whole(computed, stated=False)
        known = {stage: found for stage in stages if (found := self.stated.get(stage) or self.implied.get(stage))}
        both = _sum(stages, known)
        return Whole(both, all(stage in self.stated for stage in known), len(known) < len(stages)) if both else None

    def known(self, model: str) -> tuple[Amount, bool] | None:
        """Return all that is stated of a model, else all that is implied, and whether it is stated: of the whole, else of stages.

        Stages of which it is not known add nothing.
        """
        parts = (model, *self.runs.get(model, ()))
        for known, stated in ((self.stated, True), (self.implied, False)):
            found = [part for part in parts if part in known]
            if amount := _sum([part for part in found if part not in self.staged] or found, known):
                return amount, stated
        return None


def amounts(view: View, stated: str, implied: str) -> Amounts:
    """Return the amounts of a relation that reports state, and those of the derived one that can stand in its place."""
    staged = {run for run, _ in view.pairs("stage")}
    return Amounts(_said(view, stated), _derived(view, implied), view.values("hasRun"), staged)


def total(parts: list[Amount]) -> Amount:
    """Return the sum of amounts."""
    zero = Decimal(0)
    return Amount(*(sum((getattr(part, name) for part in parts), zero) for name in ("low", "value", "high")))


def _sum(parts: Iterable[str], known: Known) -> Amount | None:
    found = [known[part] for part in parts if part in known]
    return total(found) if found else None


def _said(view: View, relation: str) -> dict[str, Amount]:
    """Return what reports state; a value of another datatype than the relation's is none."""
    datatype = f"<{XSD}{load_schema().relation(relation).range.removeprefix('xsd:')}>"
    found: dict[str, list[Amount]] = {}
    for subject, term in view.pairs(relation):
        value = _number(term) if term.endswith(datatype) else None
        if value is not None:
            found.setdefault(subject, []).append(Amount(value, value, value))
    return {subject: _widest(every) for subject, every in found.items()}


def _derived(view: View, relation: str) -> dict[str, Amount]:
    """Return what is implied; a number without an upper bound is none."""
    facts = {fact for fact, term in view.pairs(f"<{RDF}predicate>") if term == f"<{KG}{relation}>"}
    kept = {name: {fact: value for fact, value in view.pairs(name) if fact in facts} for name in ("lowerBound", "upperBound")}
    values = {fact: value for fact, value in view.pairs(f"<{RDF}object>") if fact in facts}
    found: dict[str, list[Amount]] = {}
    for fact, subject in view.pairs(f"<{RDF}subject>"):
        numbers = [_number(source.get(fact)) for source in (kept["lowerBound"], values, kept["upperBound"])]
        if fact in facts and None not in numbers:
            found.setdefault(subject, []).append(Amount(*(number for number in numbers if number is not None)))
    return {subject: _widest(every) for subject, every in found.items()}


def _widest(every: list[Amount]) -> Amount:
    """Return what several reports state or imply of one thing: the mean of the values, both ends."""
    value = sum((item.value for item in every), Decimal(0)) / len(every)
    return Amount(min(item.low for item in every), value, max(item.high for item in every))


def _number(term: str | None) -> Decimal | None:
    try:
        number = Decimal(text_of(term)) if term else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
