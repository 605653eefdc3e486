"""Values of facts -> how people read them: 13 B and 13,000,000,000 parameters, 21 days, 1e-4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

from kg.schema import load_schema
from kg.values import plain_decimal, scientific

_SCALES = ((15, " quadrillion"), (12, " T"), (9, " B"), (6, " M"))
_PREFIXES = ((18, " E"), (15, " P"), (12, " T"), (9, " G"), (6, " M"), (3, " k"))
_LONG = 18  # digits of a whole number from which on it is written with an exponent
_CLIPPED = 300
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

UNITS = {
    "parameterCount": "parameters",
    "acceleratorHours": "accelerator-hours",
    "trainingCompute": "FLOP",
    "warmupSteps": "steps",
    "steps": "steps",
    "epochs": "epochs",
    "acceleratorCount": "accelerators",
    "memory": "B",
    "memoryBandwidth": "B/s",
    "tdp": "W",
    **dict.fromkeys(("peakFp64", "peakFp32", "peakTf32", "peakFp16", "peakFp8", "peakFp4"), "FLOP/s"),
    "peakInt8": "op/s",
}
"""Units of the relations whose values name none, by local name."""

_COUNTED = frozenset(unit for unit in UNITS.values() if unit.endswith("s") and "/" not in unit)
_MEASURED = frozenset({"B", "B/s", "FLOP/s", "op/s"})
_NAMES = frozenset({"releaseYear", "releaseDate", "name"})  # digits that count nothing


@dataclass(frozen=True, slots=True)
class Amount:
    """A value as a person reads it, and (`exact`) in full, or in another measure, where that says more."""

    text: str
    exact: str | None = None


def amount(relation: str, value: str, unit: str | None = None) -> Amount:
    """Return a value of a relation, by its local name, with its unit.

    >>> amount("parameterCount", "13000000000")
    Amount(text='13 B parameters', exact='13,000,000,000 parameters')
    >>> amount("duration", "P21D"), amount("peakLearningRate", "0.0001"), amount("steps", "20000")
    (Amount(text='21 days', exact='504 hours'), Amount(text='1e-4', exact='0.0001'), Amount(text='20,000 steps', exact=None))
    """
    unit = unit or UNITS.get(relation)
    if relation in _NAMES:
        return Amount(clipped(value))
    if relation in _durations() and any(parts := _parts(value)):
        return _duration(parts)
    if not _NUMBER.fullmatch(value) or len(value) > _CLIPPED:
        return Amount(_with(clipped(value), unit))
    try:
        return _number(value, unit)
    except (InvalidOperation, ValueError, OverflowError):
        return Amount(_with(value, unit))


@cache
def _durations() -> frozenset[str]:
    return frozenset(name for name, relation in load_schema().relations.items() if relation.range == "xsd:duration")


def clipped(text: str, most: int = _CLIPPED) -> str:
    """Return a text without its end when it is long.

    >>> clipped("a long word", 6)
    'a long…'
    """
    return text if len(text) <= most else f"{text[:most]}…"


def _number(value: str, unit: str | None) -> Amount:
    number = Decimal(value)
    if abs(number.adjusted()) > 400:
        return Amount(_with(value, unit))
    full = grouped(value)
    if unit in _MEASURED:
        return _measured(number, full, unit or "")
    if number.adjusted() >= _LONG:
        return Amount(_with(_power(number), unit))
    if short := _scaled(number, _SCALES):
        return Amount(_with(short, unit), _with(full, unit))
    if number != 0 and number.adjusted() < -2:
        return Amount(_with(scientific(plain_decimal(value)), unit), _with(full, unit))
    return Amount(_with(full, unit))


def grouped(value: str) -> str:
    """Return a number in full, its thousands set apart; one of many digits with an exponent.

    >>> grouped("13000000000"), grouped("0.0001"), grouped("12680500000000000000000"), grouped("1234.50")
    ('13,000,000,000', '0.0001', '1.26805 × 10²²', '1,234.5')
    """
    number = Decimal(value)
    if number.adjusted() >= _LONG:
        return _power(number, 6)
    whole, dot, rest = plain_decimal(value).partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-') or 0):,}{dot}{rest}"


def _power(number: Decimal, figures: int = 3) -> str:
    """Return a large number with a power of ten."""
    mantissa, exponent = f"{number:.{figures - 1}e}".split("e")
    plain = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{plain} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def _scaled(number: Decimal, scales: Sequence[tuple[int, str]]) -> str | None:
    """Return a number in the largest scale in which it is 1 or more as it is shown, None when it is smaller than all.

    It has at most three digits behind the point; what rounds to 1000 of a scale is 1 of the next.
    """
    for at, (exponent, word) in enumerate(scales):
        if number.adjusted() >= exponent:
            shown = round(number.scaleb(-exponent), 3)
            if abs(shown) >= 1000 and at:
                shown, word = shown.scaleb(exponent - scales[at - 1][0]), scales[at - 1][1]
            return f"{grouped(str(shown))}{word}"
    return None


def _measured(number: Decimal, full: str, unit: str) -> Amount:
    short = _scaled(number, _PREFIXES)
    return Amount(f"{short}{unit}", f"{full} {unit}") if short else Amount(f"{full} {unit}")


def _with(text: str, unit: str | None) -> str:
    if text == "1" and unit in _COUNTED:
        unit = unit.removesuffix("s")
    return f"{text} {clipped(unit, 60)}" if unit else text


def _parts(value: str) -> Sequence[str | None]:
    """Return the years, months, days, hours, minutes and seconds of a duration, nothing for what is none."""
    match = _DURATION.fullmatch(value)
    return match.groups() if match and not value.endswith("T") else ()


def _duration(parts: Sequence[str | None]) -> Amount:
    """Return a duration in words, and in hours when it has no months, which are of no certain length."""
    years, months, days, hours, minutes, seconds = (Decimal(part or 0) for part in parts)
    numbers = zip((years, months, days, hours, minutes, seconds), _UNITS, strict=True)
    text = " ".join(f"{grouped(str(number))} {unit}{'' if number == 1 else 's'}" for number, unit in numbers if number)
    total = days * 24 + hours + minutes / 60 + seconds / 3600
    exact = f"{grouped(str(round(total, 2)))} hours" if days and not (years or months) else None
    return Amount(text or "0 seconds", exact)
