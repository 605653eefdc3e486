"""A number, name or word of a document that may state a fact, and the interface of what decides which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from kg.extract.rules.numbers import Number

Kind = Literal["number", "name", "value"]


@dataclass(frozen=True, slots=True)
class Mention:
    """What may state a fact in sentence `sentence`.

    `value_of` gives its canonical value under a relation, None when it can have none.

    `relations` are those it may state by its form or kind; `features` are what a decider weighs (see `features`);
    `forced` is the method when something surer than words has given it its only relation (a tag), `owners` whose it is where
    that is known.
    """

    sentence: int
    kind: Kind
    start: int
    end: int
    relations: tuple[str, ...]
    features: Mapping[str, float]
    value_of: Callable[[str], str | None]
    number: Number | None = None
    owners: tuple[str | None, ...] | None = None
    forced: str = ""


class Decider(Protocol):
    """What gives mentions their relations: fitted weights today; rules, a classifier or a language model fit behind it as well."""

    def decide(self, mention: Mention) -> list[tuple[float, str]]:
        """Return (probability, relation) of what the mention may state, best first; the rest to 1 is that it states nothing."""

    def is_own(self, features: Mapping[str, float]) -> float:
        """Return the probability that a candidate with these features is a model the document presents as its own."""
