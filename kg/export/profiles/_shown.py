"""A claim's value -> text as people write it."""

from __future__ import annotations

import re

from kg.export._facts import Fact

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(\d+)H)?")
_MOST_DIGITS = 30  # of a number that is shown in groups; Python refuses to convert very long ones


def shown(fact: Fact) -> str:
    """Return a value with its hedge, the upper end of its range and its unit: `about 21 days to 28 days`, `600,000,000 tokens`."""
    value, most = _value(fact.relation, fact.value), _value(fact.relation, fact.value_max or "")
    about, to, unit = "about " if fact.approximate else "", f" to {most}" if most else "", f" {fact.unit}" if fact.unit else ""
    return f"{about}{value}{to}{unit}"


def _value(relation: str, text: str) -> str:
    """Return a value as people write it: `21 days` for P21D, `13,000,000,000`."""
    if relation == "duration" and (match := _DURATION.fullmatch(text)) and any(match.groups()):
        parts = zip(match.groups(), ("day", "hour"), strict=True)
        return " ".join(f"{_grouped(count)} {unit}{'' if count == '1' else 's'}" for count, unit in parts if count)
    return _grouped(text) if text.isdecimal() and relation != "releaseYear" else text


def _grouped(digits: str) -> str:
    return f"{int(digits):,}" if len(digits) <= _MOST_DIGITS else digits
