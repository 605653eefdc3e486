"""What is asked and what is told -> an answer for each fact, and a score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from kg.gaps.profile import Asked, Profile
from kg.gaps.told import Told, of_whole
from kg.model import Claim, Derived

State = Literal["stated", "derived", "possibly stated", "not stated", "unreadable", "not applicable"]

NO_RELATION = "kg has no relation for it"
ESTIMATE = "kg has no relation for what reports state of it: an estimate, not counted"


@dataclass(frozen=True, slots=True)
class Answer:
    """How one fact stands: its state, the claims that state it, derived facts that stand in, what may state it, what is missing.

    `worth` is what it may add to the score, 0 when it does not count; `counts` what it adds. `why` explains the state, `unsaid` are
    the stages of training that no claim speaks of although others are told apart.
    """

    asked: Asked
    state: State
    claims: tuple[Claim, ...] = ()
    derived: tuple[Derived, ...] = ()
    suggestions: tuple[Claim, ...] = ()
    missing: tuple[str, ...] = ()
    why: str = ""
    unsaid: tuple[str, ...] = ()

    @property
    def worth(self) -> Fraction:
        """Return what the fact may add to the score: nothing, where it is not the reports' fault that it is not answered."""
        uncounted = self.state in {"not applicable", "unreadable"} or not self.asked.relations
        return Fraction(0) if uncounted else self.asked.weight

    @property
    def counts(self) -> Fraction:
        """Return what the fact adds to the score."""
        parts = {"stated": Fraction(1), "derived": self.asked.derived_counts}
        return self.worth * parts.get(self.state, Fraction(0))


@dataclass(frozen=True, slots=True)
class Score:
    """What a model's reports answer of a profile: `answered` of `asked`, in weights."""

    answers: tuple[Answer, ...]
    answered: Fraction
    asked: Fraction

    @property
    def part(self) -> Fraction | None:
        """Return what part of the asked is answered; None when nothing is asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def missing(self) -> tuple[Answer, ...]:
        """Return the facts that count and are neither stated nor derived, the weightiest first."""
        lacking = [answer for answer in self.answers if answer.worth and answer.state not in {"stated", "derived"}]
        return tuple(sorted(lacking, key=lambda answer: -answer.worth))


def score(model: Told, profile: Profile) -> Score:
    """Return what the reports about a model answer of what a profile asks."""
    found = answers(model, profile.facts)
    return Score(found, sum((answer.counts for answer in found), Fraction(0)), sum((answer.worth for answer in found), Fraction(0)))


def answers(model: Told, facts: Iterable[Asked]) -> tuple[Answer, ...]:
    """Return how each fact that is asked for stands, in their order."""
    return tuple(_answer(model, asked) for asked in facts)


def _answer(model: Told, asked: Asked) -> Answer:
    if asked.only_if and not any(relation in model.claims for relation in asked.only_if):
        return Answer(asked, "not applicable", why=f"asked of models with {' or '.join(asked.only_if)} only")
    claims = _claims(model, asked.relations)
    lacking = [relation for relation in asked.relations if not _stated(model, relation)]
    if asked.relations and (not lacking if asked.every else claims):
        return Answer(asked, "stated", claims, unsaid=_unsaid(model, claims))
    derived = _derived(model, asked, lacking)
    if derived and (not asked.every or {name for name in lacking if _stand_in(model, asked, name)} == set(lacking)):
        return Answer(asked, "derived", claims, derived, missing=tuple(lacking), why="" if asked.relations else ESTIMATE)
    if not asked.relations:
        return Answer(asked, "not applicable", why=NO_RELATION)
    return _lacking(model, asked, claims, lacking)


def _lacking(model: Told, asked: Asked, claims: tuple[Claim, ...], lacking: Sequence[str]) -> Answer:
    """Return the answer of a fact that is neither stated nor derived: it may be said, or could not be read."""
    unsure = tuple(claim for relation in lacking for claim in model.suggestions.get(relation, ())[:1])
    why = [model.unreadable[relation] for relation in lacking if relation in model.unreadable]
    if why:
        return Answer(asked, "unreadable", claims, suggestions=unsure, missing=tuple(lacking), why="; ".join(dict.fromkeys(why)))
    named = {claim.relation for claim in unsure}
    enough = named == set(lacking) if asked.every else bool(named)
    return Answer(asked, "possibly stated" if enough else "not stated", claims, suggestions=unsure, missing=tuple(lacking))


def _unsaid(model: Told, claims: Iterable[Claim]) -> tuple[str, ...]:
    """Return the stages that none of the claims is about, when all of them are about stages."""
    stages = {claim.stage for claim in claims}
    return () if None in stages else tuple(stage for stage in model.stages if stage not in stages)


def _stated(model: Told, relation: str) -> bool:
    return relation in model.claims


def _claims(model: Told, relations: Iterable[str]) -> tuple[Claim, ...]:
    """Return the claims of the relations, in the order of the relations."""
    return tuple(claim for relation in relations for claim in model.claims.get(relation, ()))


def _stand_in(model: Told, asked: Asked, relation: str) -> tuple[Derived, ...]:
    """Return the derived facts of the first relation that has any and stands in for one that nobody states."""
    return next((of_whole(model.derived[name]) for name in asked.stand_ins.get(relation, ()) if name in model.derived), ())


def _derived(model: Told, asked: Asked, lacking: Sequence[str]) -> tuple[Derived, ...]:
    if not asked.every:
        return _stand_in(model, asked, "")
    return tuple(fact for relation in lacking for fact in _stand_in(model, asked, relation))
