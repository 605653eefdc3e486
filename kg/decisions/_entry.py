"""Decisions of people about what kg reads: frozen data, with the short ids under which claims and decisions are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from kg.decisions._text import folded
from kg.model import Claim
from kg.values import name_key

About = Literal["accept", "reject", "correct", "add"]
"""What is decided about a claim."""

Between = Literal["same", "different"]
"""What is decided about two names."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a claim says, without the place where it says it."""

    model: str | None
    relation: str
    value: str
    stage: str | None = None
    unit: str | None = None
    approximate: bool = False
    value_max: str | None = None

    @classmethod
    def of(cls, claim: Claim) -> Statement:
        """Return what a claim says."""
        model, value = _plain(claim.model), folded(claim.value)
        return cls(model, claim.relation, value, claim.stage, claim.unit, claim.approximate, claim.value_max)

    @property
    def fact(self) -> tuple[str | None, str, str, str | None]:
        """Return what tells it from others: model, relation, value and stage."""
        return self.model, self.relation, self.value, self.stage

    def __str__(self) -> str:
        stage = f", {self.stage}" if self.stage else ""
        return f"{self.relation} {self.value}{f' {self.unit}' if self.unit else ''} ({self.model or 'no name'}{stage})"


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a report that a decision is about: a sentence or a row of it, and in it the mention; white space folded.

    `occurrence` says which it is when the mention stands in the words several times, from 1. `before` and `after` are what stands
    beside the words, `times` how often they stood in the report when it was decided.
    """

    words: str
    mention: str
    occurrence: int = 1
    before: str = ""
    after: str = ""
    times: int = 1

    @property
    def offset(self) -> int:
        """Return where the mention begins in the words, -1 when it does not stand there so often."""
        at = -1
        for _ in range(self.occurrence):
            at = self.words.find(self.mention, at + 1)
            if at < 0:
                break
        return at


@dataclass(frozen=True, slots=True)
class OfClaim:
    """A decision about what one place of a report says. `to` is what it says instead, of a correction alone."""

    do: About
    report: str
    said: Statement
    quote: Quote
    to: Statement | None = None
    note: str = ""
    by: str = ""
    line: int = 0

    @property
    def asserts(self) -> Statement | None:
        """Return what is a claim from now on."""
        return {"accept": self.said, "add": self.said, "correct": self.to}.get(self.do)

    @property
    def removes(self) -> Statement | None:
        """Return what is neither claim nor suggestion from now on."""
        return self.said if self.do in {"reject", "correct"} else None

    @property
    def id(self) -> str:
        """Return the id of the claim that it is about."""
        return _short((self.report, *self.said.fact, self.quote.mention))


@dataclass(frozen=True, slots=True)
class OfNames:
    """A decision whether two names of a kind of things (the last folder of their IRIs) are one thing."""

    do: Between
    kind: str
    names: tuple[str, str]
    note: str = ""
    by: str = ""
    line: int = 0

    @property
    def id(self) -> str:
        """Return an id of the pair, whatever its order."""
        return _short((self.kind, *sorted(self.names)))


Decision = OfClaim | OfNames


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions of a file, in its order; without a file there are none."""

    file: Path | None = None
    every: tuple[Decision, ...] = ()

    @property
    def of_claims(self) -> tuple[OfClaim, ...]:
        """Return those about claims."""
        return tuple(decision for decision in self.every if isinstance(decision, OfClaim))

    @property
    def of_names(self) -> tuple[OfNames, ...]:
        """Return those about names."""
        return tuple(decision for decision in self.every if isinstance(decision, OfNames))

    def by_id(self) -> dict[str, Decision]:
        """Return the decisions by their ids, in the order of the file."""
        return dict(zip(numbered(decision.id for decision in self.every), self.every, strict=True))

    def place(self, decision: Decision) -> str:
        """Return file and line of a decision."""
        return f"{self.file}:{decision.line}"


def spelled(name: str) -> str:
    """Return the key under which spellings are one name; a name of signs alone is its own key."""
    return name_key(name) or name


def claim_id(claim: Claim) -> str:
    """Return a short id of a claim: it depends on what it says and on its mention, not on where that stands."""
    return _short((claim.report, *Statement.of(claim).fact, folded(claim.mention)))


def claims_by_id(claims: Iterable[Claim]) -> dict[str, Claim]:
    """Return claims by their ids, in their order; equal ids are numbered."""
    every = list(claims)
    return dict(zip(numbered(map(claim_id, every)), every, strict=True))


def numbered(ids: Iterable[str]) -> list[str]:
    """Return ids of which none is twice.

    >>> numbered(["a", "b", "a"])
    ['a', 'b', 'a-2']
    """
    seen: Counter[str] = Counter()
    found = []
    for id in ids:
        seen[id] += 1
        found.append(id if seen[id] == 1 else f"{id}-{seen[id]}")
    return found


def _plain(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _short(parts: tuple[str | None, ...]) -> str:
    return sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:8]
