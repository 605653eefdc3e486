"""Numbers with bounds: exact rational arithmetic, so that equal inputs give equal digits everywhere.

A claim's number is read in two ways. `of_claim` is what its report commits itself to: the number, wider where it is hedged or a
range. `written` is every value that the writing is a rounding of: "13 billion" stands for 12.5e9 to 13.5e9, "128" for 128 alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from kg.model import Claim
from kg.values import number_of, words_to_number

HEDGE = Fraction(1, 20)
"""How far a hedged number ("about 2,000") may be off at least, as a part of it."""

MOST = Fraction(1, 3)
"""How far a hedged number may be off at most, however roughly it is written."""

DAYS_OF_MONTH = Fraction(487, 16)
DAYS_OF_YEAR = Fraction(1461, 4)

_PART = r"(\d{1,30}(?:\.\d{1,30})?)"
_DURATION = re.compile(rf"P(?:(\d{{1,30}})Y)?(?:(\d{{1,30}})M)?(?:{_PART}D)?(?:T(?:{_PART}H)?(?:{_PART}M)?(?:{_PART}S)?)?")
_DECIMAL = re.compile(r"[+-]?\d{1,100}(?:\.\d{1,100})?(?:[eE][+-]?\d{1,3})?")
_PARTS = (DAYS_OF_YEAR * 24, DAYS_OF_MONTH * 24, Fraction(24), Fraction(1), Fraction(1, 60), Fraction(1, 3600))
_WRITTEN = re.compile(r"\d[\d.,]*")
_FIGURES = 6  # significant digits of a number that is no count
_BIG = 10**12
_LARGEST = 10**60  # no number of a training is larger, and products of several still have to be floating-point numbers
_POWER = re.compile(r"\d\s?(?:[eE][-−+]?\d|[×x·*]\s?10)")


@dataclass(frozen=True, slots=True)
class Interval:
    """A number of at least `low`, most likely `value`, at most `high`; without `high` it is known from below only."""

    low: Fraction
    value: Fraction
    high: Fraction | None

    @classmethod
    def exactly(cls, value: Fraction | int) -> Interval:
        """Return a number without doubt."""
        return cls._once(Fraction(value))

    @classmethod
    def _once(cls, value: Fraction) -> Interval:
        return cls(value, value, value)

    @property
    def _is_once(self) -> bool:
        # As `exactly` makes it: most numbers are exact, and it is the arithmetic of fractions that takes the time.
        return self.low is self.value is self.high

    @property
    def exact(self) -> bool:
        """Return whether it is one number."""
        return self.low == self.high

    def __add__(self, other: Interval) -> Interval:
        if self._is_once and other._is_once:
            return self._once(self.value + other.value)
        high = None if self.high is None or other.high is None else self.high + other.high
        return Interval(self.low + other.low, self.value + other.value, high)

    def __mul__(self, other: Interval | int | Fraction) -> Interval:
        """Return the product of two numbers that are not negative."""
        by = other if isinstance(other, Interval) else Interval.exactly(other)
        if self._is_once and by._is_once:
            return self._once(self.value * by.value)
        high = None if self.high is None or by.high is None else self.high * by.high
        return Interval(self.low * by.low, self.value * by.value, high)

    def __truediv__(self, other: Interval | int | Fraction) -> Interval:
        """Return the quotient of two positive numbers; raise ZeroDivisionError when the divisor may be 0."""
        by = other if isinstance(other, Interval) else Interval.exactly(other)
        if self._is_once and by._is_once:
            return self._once(self.value / by.value)
        low = Fraction(0) if by.high is None else self.low / by.high
        return Interval(low, self.value / by.value, None if self.high is None else self.high / by.low)

    def meets(self, other: Interval) -> bool:
        """Return whether the two may be the same number."""
        return (self.high is None or other.low <= self.high) and (other.high is None or self.low <= other.high)

    def hull(self, other: Interval) -> Interval:
        """Return the interval of both, with this one's most likely value."""
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Interval(min(self.low, other.low), self.value, high)


@lru_cache(maxsize=1 << 16)
def number(value: str) -> Fraction | None:
    """Return the number of a canonical value: a decimal as it is, a duration in hours; None when it is neither.

    >>> number("1.5e9"), number("P21D"), number("cosine")
    (Fraction(1500000000, 1), Fraction(504, 1), None)
    """
    if value.startswith("P"):
        match = _DURATION.fullmatch(value)
        if not match or not any(match.groups()):
            return None
        return sum((Fraction(part) * size for part, size in zip(match.groups(), _PARTS, strict=True) if part), Fraction(0))
    if not _DECIMAL.fullmatch(value):
        return None
    found = Fraction(value)
    return found if not found or 1 <= abs(found) * _LARGEST <= _LARGEST**2 else None


def of_claim(claim: Claim) -> Interval | None:
    """Return what a claim says its number is: hours of a duration; None for what is no positive number.

    A hedge widens it by half a unit of the last written digit, but by `HEDGE` at least and by `MOST` at most: "about 3 weeks" is
    2.5 to 3.5 weeks.
    """
    return _said(claim.value, claim.value_max, claim.mention, claim.approximate)


def written(claim: Claim) -> Interval | None:
    """Return the values that the writing of a claim's number is a rounding of; None for what is no positive number."""
    said = of_claim(claim)
    if said is None or not said.exact:
        return said
    half = min(_half_unit(claim.mention, said.value), MOST * said.value)
    return Interval(said.value - half, said.value, said.value + half) if half else said


@lru_cache(maxsize=1 << 16)
def _said(text: str, top: str | None, mention: str, approximate: bool) -> Interval | None:
    value = number(text)
    if value is None or value <= 0:
        return None
    most = number(top) if top else None
    if most is not None and most > value:
        return Interval(value, (value + most) / 2, most)
    if not approximate:
        return Interval.exactly(value)
    doubt = min(max(_half_unit(mention, value), HEDGE * value), MOST * value)
    return Interval(value - doubt, value, value + doubt)


@lru_cache(maxsize=1 << 16)
def _half_unit(mention: str, value: Fraction) -> Fraction:
    """Return half of what one more in the last written digit adds; 0 for a number that is written out in full."""
    match = _WRITTEN.search(mention)
    digits = match[0].rstrip(".,") if match else ""
    shown = number_of(digits) if digits else words_to_number(mention.split(" ")[0])
    plain = number(shown) if shown else None
    if not plain:
        return Fraction(0)
    decimals = len(digits.rpartition(".")[2]) if "." in digits and plain == number(digits.replace(",", "")) else 0
    scale = value / plain
    # A rate such as 1e-4 is set, not measured: it is written in full.
    exact = (scale == 1 and not decimals) or (scale < 1 and _POWER.search(mention))
    return Fraction(0) if exact else scale / 10**decimals / 2


def text(value: Fraction) -> str:
    """Return the canonical decimal text of a number: whole numbers in full up to 1e12, others with six significant digits.

    >>> text(Fraction(32256)), text(Fraction(1, 3)), text(Fraction(25360957440000000000000))
    ('32256', '0.333333', '25361000000000000000000')
    """
    if value.denominator == 1 and abs(value) < _BIG:
        return str(value.numerator)
    size = Decimal(value.numerator) / Decimal(value.denominator)
    decimals = _FIGURES - 1 - size.adjusted()
    rounded = round(value, max(decimals, 0) if abs(value) < _BIG else decimals)
    return f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):f}"


def shown(value: Fraction) -> str:
    """Return a number for people: thousands separated, from 1e12 on in scientific notation with three digits.

    >>> shown(Fraction(32256)), shown(Fraction(25362247680000000000000)), shown(Fraction(1, 3))
    ('32,256', '2.54e22', '0.3333')
    """
    is_whole = value.denominator == 1
    if is_whole and abs(value.numerator) < _BIG:
        return f"{value.numerator:,}"
    if is_whole or abs(value) >= _BIG:
        mantissa, exponent = f"{Decimal(value.numerator) / Decimal(value.denominator):.2e}".split("e")
        return f"{Decimal(mantissa).normalize()}e{int(exponent)}"
    size = (Decimal(value.numerator) / Decimal(value.denominator)).adjusted()
    rounded = round(value, max(3 - size, 0))
    plain = f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):f}"
    whole, dot, rest = plain.partition(".")
    return f"{int(whole):,}{dot}{rest}"
