"""A number and the relation it has been given -> its canonical value, or none when it cannot be one."""

from __future__ import annotations

import re
from collections.abc import Callable

from kg.extract.rules.numbers import Number
from kg.extract.rules.sentences import Sentence
from kg.values import plain_decimal, scientific

YEAR = re.compile(r"(?:19[89]|20[0-4])\d")
_NAMED_YEAR = re.compile(r"(?:[A-Z]\w+|\b(?:since|in|until|from|to|and|early|late|of|for|year))\s$")
_DAYS = re.compile(r"[\s\w-]*?\bdays?\b", re.I)
_NO_NUMBER = frozenset({"clock", "duration", "year", "resolution"})
_NO_YEARS = frozenset({"parameterCount", "trainingExamples"})
# prefix of the unit, what else it says, power of ten; a petaflop/s-day is 10^15 x 86,400 operations
_FLOP_UNITS = (
    ("peta", "day", 19.936514),
    ("pf", "day", 19.936514),
    ("yotta", "", 24),
    ("zetta", "", 21),
    ("zflop", "", 21),
    ("exa", "", 18),
    ("eflop", "", 18),
    ("peta", "", 15),
    ("tera", "", 12),
)


def value_of(sentence: Sentence, number: Number, relation: str) -> str | None:
    """Return the canonical value of a number for a relation."""
    own = _OWN_FORM.get(relation)
    if own:
        return own(sentence, number)
    if number.form in _NO_NUMBER or (relation in _NO_YEARS and _is_named_year(sentence, number)):
        return None
    read = _READ.get(relation, _integer)
    return read(sentence, number)


def _is_named_year(sentence: Sentence, number: Number) -> bool:
    if not YEAR.fullmatch(sentence.slice(number.start, number.end)):
        return False
    return bool(_NAMED_YEAR.search(sentence.slice(max(sentence.start, number.start - 20), number.start)))


def _integer(_: Sentence, number: Number) -> str | None:
    return None if "." in number.value else number.value


def _decimal(_: Sentence, number: Number) -> str:
    return number.value


def _duration(_: Sentence, number: Number) -> str | None:
    return number.value if number.form == "duration" else None


def _year(_: Sentence, number: Number) -> str | None:
    return number.value if YEAR.fullmatch(number.value) else None


def _resolution(_: Sentence, number: Number) -> str | None:
    if number.form == "integer" and not number.scaled:
        return f"{number.value}x{number.value}"
    return number.value if number.form == "resolution" else None


def _share(number: Number) -> str:
    return plain_decimal(str(float(number.value) / 100)) if number.form == "percent" else number.value


def _fraction(_: Sentence, number: Number) -> str | None:
    share = _share(number)
    return share if 0 < float(share) <= 1 else None


def _rate(_: Sentence, number: Number) -> str:
    return scientific(_share(number))


def _hours(sentence: Sentence, number: Number) -> str:
    in_days = _DAYS.match(sentence.text, number.end, min(sentence.end, number.end + 30))
    return plain_decimal(str(float(number.value) * 24)) if in_days else number.value


def _compute(sentence: Sentence, number: Number) -> str | None:
    after = sentence.slice(number.end, min(sentence.end, number.end + 32)).casefold().lstrip()
    for start, needs, power in _FLOP_UNITS:
        if after.startswith(start) and needs in after[:24]:
            return scientific(plain_decimal(f"{number.size * 10**power:.6e}"))
    return scientific(number.value) if number.size >= 1e9 else None


_Read = Callable[[Sentence, Number], str | None]
_OWN_FORM: dict[str, _Read] = {"duration": _duration, "releaseYear": _year, "imageResolution": _resolution}
_READ: dict[str, _Read] = {
    "warmupFraction": _fraction,
    "peakLearningRate": _rate,
    "minLearningRate": _rate,
    "weightDecay": _rate,
    "trainingCompute": _compute,
    "acceleratorHours": _hours,
    "epochs": _decimal,
}
