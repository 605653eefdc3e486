"""Text <-> typed value, one function per kind of value; pure, no document, no ontology.

Canonical values are the strings of the claims format: integers in full (`13000000000`), rates in scientific notation (`1e-4`),
durations in days and hours (`P21D`, `PT36H`), names as written. `literal` turns them into RDF literals as the store writes them.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

XSD = "http://www.w3.org/2001/XMLSchema#"

_BIG_G = re.compile(r"\bViT[-_ ]?G(?![a-z])")
_OWNER = re.compile(r"^[A-Za-z][\w.-]*/(?=[A-Za-z])")
_NOT_KEY = re.compile(r"[^\w.+]|_|(?<![0-9])\.|\.(?![0-9])")
_NOT_SLUG = re.compile(r"[^\w.+]+|_+|(?<![0-9])\.|\.(?![0-9])")


def _fold(text: str) -> str:
    # ViT-g (giant) and ViT-G (gigantic) differ by case alone; the field writes the larger one "bigG" where case is lost.
    text = _BIG_G.sub("ViT-bigG", unicodedata.normalize("NFKC", text))
    return _OWNER.sub("", text.strip()).casefold().replace("+", " plus " if text.endswith("+") else "+")


def name_key(text: str) -> str:
    """Return the key under which two spellings are one name: case, spaces, hyphens folded.

    >>> name_key("Flan-T5-XL") == name_key("FlanT5 XL")
    True
    >>> name_key("ViT-g/14") == name_key("ViT-G/14")
    False
    >>> name_key("LLaVA-1.5") == name_key("LLaVA-15")
    False
    """
    return _NOT_KEY.sub("", _fold(text).replace(" plus ", "plus"))


def slug(text: str) -> str:
    """Return the readable last part of an IRI for a name.

    >>> slug("InstructBLIP 13B"), slug("CC3M"), slug("ViT-G/14")
    ('instructblip-13b', 'cc3m', 'vit-bigg-14')
    """
    decomposed = unicodedata.normalize("NFKD", _fold(text))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_SLUG.sub("-", plain).strip("-.") or "-".join(f"{ord(c):x}" for c in text)


def plain_decimal(value: str) -> str:
    """Return a number without exponent, sign of zero or trailing zeros, as the store writes xsd:decimal.

    >>> plain_decimal("1e-4"), plain_decimal("3.0"), plain_decimal("2e3")
    ('0.0001', '3', '2000')
    """
    text = f"{Decimal(value):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?")


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
            number = Decimal(value)
            if number != number.to_integral_value():
                raise ValueError(f"not an integer: {value!r}")
            lexical = f"{number.to_integral_value():f}"
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
    number = float(value)
    return f"{int(number)}" if number.is_integer() else repr(number)
