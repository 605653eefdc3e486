"""Whether two claims may state one value: numbers as far as they are rounded and hedged, names as far as they are known."""

from __future__ import annotations

import re

from kg.contradict._numbers import number_of
from kg.interval import shown
from kg.model import Claim
from kg.values import name_key

_END = re.compile(r"[.!?;]\s|\n")
_FAR = 600


def may_be_same(one: Claim, other: Claim) -> bool:
    """Return whether two claims of one relation may state the same value."""
    if one.value == other.value or (one.thing is not None and one.thing == other.thing):
        return True
    first, second = number_of(one), number_of(other)
    if first and second:
        return first.interval.meets(second.interval)
    return name_key(one.value) == name_key(other.value)


def value_text(claim: Claim) -> str:
    """Return a claim's value for people: numbers with separated thousands, durations in hours, names as they are."""
    number = number_of(claim)
    if number is None:
        return claim.value
    if claim.relation == "releaseYear":
        return claim.value
    return f"{shown(number.value)} hours" if claim.value.startswith("P") else shown(number.value)


def sentence(text: str, claim: Claim) -> str:
    """Return the sentence that a claim stands in."""
    start = max(claim.start - _FAR, 0)
    for match in _END.finditer(text, start, claim.start):
        start = match.end()
    end = _END.search(text, claim.end, claim.end + _FAR)
    return text[start : end.start() if end else claim.end + _FAR]


def spoken(relation: str) -> str:
    """Return a relation's name as words.

    >>> spoken("acceleratorCount")
    'accelerator count'
    """
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: " " + match[1].lower(), relation)
