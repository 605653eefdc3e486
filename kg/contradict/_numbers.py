"""The number that a report states of a relation, with what rounding and hedges leave open, and how findings write it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from kg.interval import Interval, shown, written
from kg.model import Claim, Label

TOKENS = frozenset({"tokens", "token"})
_THINGS = re.compile(
    r"\b(?:pairs?|images?|pictures?|photos?|videos?|conversations?|dialogues?|instructions?|questions?|documents?)\b"
)

_COUNTS = {2: "both", 3: "all three", 4: "all four", 5: "all five"}


@dataclass(frozen=True, slots=True)
class Number:
    """A claim and the values that its writing is a rounding of."""

    claim: Claim
    interval: Interval

    @property
    def value(self) -> Fraction:
        """Return the number as it is written."""
        return self.interval.value

    @property
    def text(self) -> str:
        """Return the number for people."""
        return shown(self.interval.value)


def number_of(claim: Claim) -> Number | None:
    """Return the number of a claim; None for what is no positive number."""
    interval = _interval(claim.value, claim.value_max, claim.approximate, claim.mention)
    return None if interval is None else Number(claim, interval)


@lru_cache(maxsize=65536)
def _interval(value: str, value_max: str | None, approximate: bool, mention: str) -> Interval | None:
    # Every check asks for the same numbers, and reports share many of them.
    claim = Claim("", None, "", value, 0, len(mention), mention, approximate=approximate, value_max=value_max)
    interval = written(claim)
    return None if interval is None or interval.high is None else interval


def agreed(claims: Iterable[Claim]) -> Number | None:
    """Return the most precise of several numbers that may all be the same; None when there is none, or they differ."""
    numbers = [number for claim in claims if (number := number_of(claim))]
    if len(numbers) == 1:
        return numbers[0]
    highs = [number.interval.high for number in numbers if number.interval.high is not None]
    if not numbers or (highs and max(number.interval.low for number in numbers) > min(highs)):
        return None  # of intervals, each two of which meet, all do
    return min(numbers, key=_width)


def year_of(claims: Iterable[Claim]) -> Number | None:
    """Return the one year that claims state; None for a guess and for what is no year of our time."""
    year = agreed(claims)
    return year if year and year.interval.exact and year.value.denominator == 1 and 1900 <= year.value <= 2100 else None


def are_things(claim: Claim) -> bool:
    """Return whether a claim counts what a batch counts too: pictures, pairs, conversations; not tokens, and nothing unsaid."""
    return _THINGS.search(claim.unit or "") is not None


def widened(interval: Interval, by: Fraction) -> Interval:
    """Return an interval that reaches further on both sides, by a part of its bounds."""
    return Interval(interval.low * (1 - by), interval.value, None if interval.high is None else interval.high * (1 + by))


def label(claim: Claim, text: str) -> Label:
    """Return a claim's words with a remark."""
    return Label(claim.report, claim.start, claim.end, text)


def all_stay(values: int) -> str:
    """Return the note that ends every contradiction.

    >>> all_stay(2), all_stay(7)
    ('both values stay in the graph; kg does not choose', 'all 7 values stay in the graph; kg does not choose')
    """
    return f"{_COUNTS.get(values, f'all {values}')} values stay in the graph; kg does not choose"


def _width(number: Number) -> tuple[Fraction, int]:
    interval = number.interval
    return ((interval.high or interval.value) - interval.low, number.claim.start)
