"""Text <-> typed value, one function per kind of value; pure, no document, no ontology.

Canonical values are the strings of the claims format: integers in full (`13000000000`), rates in scientific notation (`1e-4`),
durations in days and hours (`P21D`, `PT36H`), names as written. `literal` turns them into RDF literals as the store writes them.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite

XSD = "http://www.w3.org/2001/XMLSchema#"

_BIG_G = re.compile(r"\bViT[-_ ]?G(?![a-z])")
_OWNER = re.compile(r"^[A-Za-z][\w.-]*/(?=[A-Za-z])")
_NOT_KEY = re.compile(r"[^\w.+]|_|(?<![0-9])\.|\.(?![0-9])")
_HYPHENS = re.compile(r"-{2,}")
_SIMPLE = "abcdefghijklmnopqrstuvwxyz0123456789- "  # what most names are made of: those need no pattern
_NOT_SLUG = re.compile(r"[^\w.+]+|_+|(?<![0-9])\.|\.(?![0-9])")


def _fold(text: str) -> str:
    # The tests before the patterns halve the time: every start folds the names of the whole catalogue.
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.strip()
    if "ViT" in text:
        # ViT-g (giant) and ViT-G (gigantic) differ by case alone; the field writes the larger one "bigG" where case is lost.
        text = _BIG_G.sub("ViT-bigG", text)
    if "/" in text:
        text = _OWNER.sub("", text)
    if "+" in text:
        text = text.replace("+", " plus ")
    return text.casefold()


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """Return the key under which two spellings are one name: case, spaces, hyphens folded.

    >>> name_key("Flan-T5-XL") == name_key("FlanT5 XL")
    True
    >>> name_key("ViT-g/14") == name_key("ViT-G/14")
    False
    >>> name_key("LLaVA-1.5") == name_key("LLaVA-15")
    False
    """
    plain = _fold(text)
    return plain.replace("-", "").replace(" ", "") if not plain.strip(_SIMPLE) else _NOT_KEY.sub("", plain)


def slug(text: str) -> str:
    """Return the readable last part of an IRI for a name.

    >>> slug("InstructBLIP 13B"), slug("CC3M"), slug("ViT-G/14")
    ('instructblip-13b', 'cc3m', 'vit-bigg-14')
    """
    plain = _fold(text)
    if plain and not plain.strip(_SIMPLE):
        return _HYPHENS.sub("-", plain.replace(" ", "-")).strip("-") or "-".join(f"{ord(c):x}" for c in text)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _HYPHENS.sub("-", _NOT_SLUG.sub("-", plain)).strip("-.") or "-".join(f"{ord(c):x}" for c in text)


def plain_decimal(value: str) -> str:
    """Return a number without exponent, sign of zero or trailing zeros, as the store writes xsd:decimal.

    >>> plain_decimal("1e-4"), plain_decimal("3.0"), plain_decimal("2e3")
    ('0.0001', '3', '2000')
    """
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value!r}")
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


_PART = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile(rf"P(?:(\d+)Y)?(?:(\d+)M)?(?:{_PART}D)?(?:T(?:{_PART}H)?(?:{_PART}M)?(?:{_PART}S)?)?")


def canonical_duration(value: str) -> str:
    """Return an xsd:duration as the store writes it: hours above a day carried over, fractions in smaller units.

    >>> canonical_duration("PT36H"), canonical_duration("P2.5D"), canonical_duration("P2M")
    ('P1DT12H', 'P2DT12H', 'P2M')
    """
    match = _DURATION.fullmatch(value)
    if not match or not any(match.groups()):
        raise ValueError(f"not a duration: {value!r}")
    years, months, days, hours, minutes, seconds = (Decimal(part or 0) for part in match.groups())
    total_months = int(years * 12 + months)
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    y, m = divmod(total_months, 12)
    d, rest = divmod(total, 86400)
    h, rest = divmod(rest, 3600)
    mi, s = divmod(rest, 60)
    date = "".join(f"{n}{u}" for n, u in ((y, "Y"), (m, "M"), (int(d), "D")) if n)
    time = "".join(f"{n}{u}" for n, u in ((int(h), "H"), (int(mi), "M")) if n)
    if s:
        time += plain_decimal(str(s)) + "S"
    return "P" + date + ("T" + time if time else "") if date or time else "PT0S"


def literal(range_: str, value: str) -> tuple[str, str]:
    """Return (lexical form, datatype IRI) of a canonical value for a range such as `xsd:decimal`.

    Raises ValueError when the value has no such form.

    >>> literal("xsd:decimal", "1e-4")
    ('0.0001', 'http://www.w3.org/2001/XMLSchema#decimal')
    """
    kind = range_.removeprefix("xsd:")
    try:
        if kind == "integer":
            lexical = plain_decimal(value)
            if "." in lexical:
                raise ValueError(f"not an integer: {value!r}")
        elif kind == "decimal":
            lexical = plain_decimal(value)
        elif kind == "double":
            lexical = _double(value)
        elif kind == "duration":
            lexical = canonical_duration(value)
        elif kind == "gYear":
            lexical = f"{int(value):04d}"
        else:
            lexical = value
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value!r}") from error
    return lexical, XSD + kind


def _double(value: str) -> str:
    """Return a double as the store writes it: without exponent."""
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"not a finite number: {value!r}")
    return plain_decimal(repr(number))


_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺−–‑", "0123456789-+---")
_SCALES = {
    "k": 3,
    "thousand": 3,
    "m": 6,
    "mm": 6,
    "mn": 6,
    "mln": 6,
    "mio": 6,
    "million": 6,
    "b": 9,
    "bn": 9,
    "billion": 9,
    "t": 12,
    "trillion": 12,
    "millionen": 6,
    "млн": 6,
    "milliard": 9,
    "milliarden": 9,
    "mrd": 9,
    "млрд": 9,
    **dict.fromkeys("万萬만", 4),
    **dict.fromkeys("亿億억", 8),
    **dict.fromkeys(("万亿", "萬億", "조"), 12),
}
_PLAIN = re.compile(r"\d+(?:\.\d*)?|\.\d+")
_EXPONENT_DIGITS = re.compile(r"(?:[eE]|10\s?(?:\^|\*\*)?\s?\{?)([-+]?\d+)\}?$")


@lru_cache(maxsize=8192)
def number_of(digits: str, exponent: str | None = None, scale: str | None = None, european: bool = False) -> str | None:
    """Return the exact decimal text of a written number; None when the writing is ambiguous or no number.

    `european` reads a comma as the decimal sign and a full stop before three digits as the thousands sign.

    >>> number_of("16,384"), number_of("1.5", scale="million"), number_of("5", "e−5"), number_of("10⁻⁴"), number_of("2", " × 10^22")
    ('16384', '1500000', '0.00005', '0.0001', '20000000000000000000000')
    >>> number_of("2,78", scale="billions", european=True)
    '2780000000'
    """
    text = digits.translate(_SUPERSCRIPT)
    power = 0
    if text.startswith("10") and len(text) > 2 and ("^" in text or "*" in text or text != digits):
        power_digits = re.sub(r"[^-\d]", "", text[2:])
        if not re.fullmatch(r"-?\d+", power_digits):
            return None
        power, text = int(power_digits), "1"
    text = _plain_digits(text, european)
    if exponent:
        match = _EXPONENT_DIGITS.search(exponent.strip().translate(_SUPERSCRIPT))
        if not match:
            return None
        power += int(match[1])
    if scale:
        power += _SCALES.get(scale.strip().casefold().rstrip(".").removesuffix("s") or "", 0)
    return plain_decimal(str(Decimal(text).scaleb(power))) if _PLAIN.fullmatch(text) and abs(power) < 400 else None


def _plain_digits(text: str, european: bool) -> str:
    text = re.sub(r"[\s\u202f\u00a0]", "", text)
    if european:
        if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", text):
            return text.replace(".", "")
        if not re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", text):  # `16,384` beside `0,5 %`: nobody writes three decimals of so much
            return text.replace(",", ".")
    if re.fullmatch(r"\d+,\d{1,2}|0,\d+", text):
        return text.replace(",", ".")
    return text.replace(",", "")


_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_MULTIPLES = {"dozen": 12, "hundred": 100}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS: dict[str, int] = {"single": 1} | {w: i for i, w in enumerate(_ONES)} | {w: 20 + 10 * i for i, w in enumerate(_TENS)}


def words_to_number(text: str) -> str | None:
    """Return the value of a number in English words; None when the words make no one number (`one two three`).

    >>> words_to_number("two hundred and fifty-six"), words_to_number("One point three billion"), words_to_number("half a million")
    ('256', '1300000000', '500000')
    """
    total, current, fraction = Decimal(0), Decimal(0), Decimal(0)
    room = Decimal(1000)  # what may still be added to the group: 100 after `hundred`, 10 after `twenty`, nothing after `three`
    for word in re.split(r"[\s-]+", text.casefold()):
        if word in {"and", "a"}:
            continue
        value = Decimal(_WORDS.get(word, 0))
        if word == "point":
            fraction, room = Decimal("0.1"), Decimal(10)
        elif word in _WORDS and fraction:
            current, fraction = current + value * fraction, fraction / 10
        elif word in _WORDS:
            if value >= room:
                return None
            current, room = current + value, Decimal(10) if value >= 20 else Decimal(0)
        elif word == "half":
            current += Decimal("0.5")
        elif word in _MULTIPLES:
            current, room = (current or Decimal(1)) * _MULTIPLES[word], Decimal(100)
        elif word in _SCALES:
            total, current = total + (current or Decimal(1)) * Decimal(10) ** _SCALES[word], Decimal(0)
            fraction, room = Decimal(0), Decimal(1000)
        else:
            return None
    return plain_decimal(str(total + current)) if total + current or "zero" in text.casefold() else None


@lru_cache(maxsize=8192)
def scientific(value: str) -> str:
    """Return a small number in the notation of the field.

    >>> scientific("0.0001"), scientific("0.00025"), scientific("0.3"), scientific("920000000000000000000000")
    ('1e-4', '2.5e-4', '0.3', '9.2e23')
    """
    number = Decimal(value)
    if number == 0 or Decimal("0.01") <= abs(number) < 1_000_000:
        return plain_decimal(value)
    mantissa, exponent = f"{number:e}".lower().split("e")
    return f"{plain_decimal(mantissa)}e{int(exponent)}"


_TIME = {"month": "M", "year": "Y", "week": "W", "day": "D", "hour": "H", "minute": "m", "second": "S", "night": "D"}


_LONGEST = 10**9  # of any unit; no training takes as long, and such a number is no time


def duration_of(number: str, unit: str) -> str | None:
    """Return a duration in the canonical form from a number and the singular of its unit.

    >>> duration_of("3", "week"), duration_of("36", "hour"), duration_of("2.5", "day"), duration_of("2", "month")
    ('P21D', 'PT36H', 'P2DT12H', 'P2M')
    """
    amount = Decimal(number)
    code = _TIME.get(unit)
    if code is None or not 0 < amount < _LONGEST:
        return None
    if code == "W":
        amount, code = amount * 7, "D"
    if code in {"M", "Y"} and amount != int(amount):
        amount, code = amount * (30 if code == "M" else 365), "D"
    if code == "D" and amount != int(amount):
        return _days_and_hours(amount)
    if code in {"H", "m", "S"}:
        return f"PT{plain_decimal(str(amount))}{code.upper()}"
    return f"P{int(amount)}{code}"


def _days_and_hours(amount: Decimal) -> str:
    """Return a fraction of days in hours, rounded to hundredths."""
    days, hours = divmod(round(amount * 24, 2), 24)
    if not days and not hours:
        return f"PT{plain_decimal(str(round(amount * 86400, 2)))}S"
    return (f"P{int(days)}D" if days else "P") + (f"T{plain_decimal(str(hours))}H" if hours else "")
