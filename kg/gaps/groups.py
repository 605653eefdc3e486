"""Scores of models -> groups of models: by organization, country or year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from kg.gaps.answers import Score
from kg.gaps.told import Told
from kg.schema import Schema

By = Literal["organization", "country", "year"]

NOT_STATED = "(not stated)"
"""The group of the models of which no report states what they are grouped by."""

_RELATIONS: dict[By, str] = {"organization": "organization", "country": "country", "year": "releaseYear"}
_BASED_IN = "basedIn"  # the catalogue's column of organizations


@dataclass(frozen=True, slots=True)
class Group:
    """Models that share a value: their mean score (None when nothing is asked of them), and how often each fact is missing.

    `by_catalog` of the models are here because the catalogue knows the country of their developer; no report states it.
    """

    value: str
    models: tuple[str, ...]
    mean: Fraction | None
    missing: tuple[tuple[str, int], ...]
    by_catalog: int = 0


def groups(scored: Iterable[tuple[Told, Score]], by: By, schema: Schema) -> list[Group]:
    """Return the groups sorted by value, those without value last; a model with several values is in several groups."""
    members: dict[str, list[tuple[Told, Score]]] = defaultdict(list)
    guessed: Counter[str] = Counter()
    for model, score in scored:
        values = list(dict.fromkeys(_values(model, by, schema)))
        known = list(dict.fromkeys(_by_catalog(model, schema))) if by == "country" and not values else []
        guessed.update(known)
        for value in values or known or [NOT_STATED]:
            members[value].append((model, score))
    return [
        _group(value, of, guessed[value])
        for value, of in sorted(members.items(), key=lambda item: (item[0] == NOT_STATED, item[0]))
    ]


def _group(value: str, members: Sequence[tuple[Told, Score]], guessed: int) -> Group:
    parts = [score.part for _, score in members if score.part is not None]
    missing = Counter(answer.asked.name for _, score in members for answer in score.missing)
    order = {answer.asked.name: number for number, answer in enumerate(members[0][1].answers)}
    often = sorted(missing.items(), key=lambda item: (-item[1], order[item[0]]))
    mean = sum(parts, Fraction(0)) / len(parts) if parts else None
    return Group(value, tuple(model.label for model, _ in members), mean, tuple(often), guessed)


def _values(model: Told, by: By, schema: Schema) -> Iterator[str]:
    for claim in model.claims.get(_RELATIONS[by], ()):
        thing = schema.thing(claim.thing) if claim.thing else None
        yield thing.name if thing else claim.value


def _by_catalog(model: Told, schema: Schema) -> Iterator[str]:
    """Yield the countries in which the catalogue says that the developers of a model are based."""
    for claim in model.claims.get("organization", ()):
        developer = schema.thing(claim.thing) if claim.thing else None
        for place in (developer.facts.get(_BASED_IN, "") if developer else "").split("|"):
            known = schema.thing(f"{schema.base}country/{place}") or next(iter(schema.find(place, "country")), None)
            if place:
                yield known.name if known else place
