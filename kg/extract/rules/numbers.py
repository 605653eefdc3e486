"""Text -> every number in it, with its written form: the scanner is measured by recall alone, roles are decided elsewhere.

A number inside a name (`LAION-400M`, `ViT-L/14`, `v1.5`) is part of the name and is not scanned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import nan

from kg.values import number_of, words_to_number

_NOT_NUMERIC = frozenset({"clock", "duration", "resolution"})
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
_WORD = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|trillion|"
    r"half a(?= (?:m|b|tr)illion)|half(?! a\b)|dozen|single"
)
_SCALE = (
    r"thousands?|millions?|billions?|trillions?|bn|mn|mln|mio\.?|"
    r"milliard(?:s|en)?|millionen|mrd\.?|млн|млрд|万亿|萬億|亿|億|억|万|萬|만|조"
)
_EXPONENT = (
    rf"[eE][-−–‑+]?\d{{1,2}}(?!\w)|\s?[x×·*⋅]\s?10\s?(?:\^|\*\*)?\s?\{{?[-−–‑]?\d{{1,2}}\}}?|\s?[x×·⋅]\s?10[{SUPERSCRIPTS}]+"
)
_NOT_INSIDE_NAME = r"(?<![\w$€£#])(?<![\s:=]-)(?:(?<![A-Za-z\s(-][A-Za-z][-‑/.])|(?<=[a-z]{4}/))(?<!\d[.,:/])"
_WHOLE = re.compile(r"\d+|\d{1,3}(?:,\d{3})+")
_RUN = re.compile(r"\.?\d[\d.,:]*")
_DIGITS = re.compile(
    rf"""{_NOT_INSIDE_NAME}
    (?:
      (?P<power>10(?:\^|\*\*)\{{?[-−–‑]?\d{{1,2}}\}}?|10[{SUPERSCRIPTS}]+)
    | (?P<clock>\d{{1,3}}:\d\d:\d\d)(?![\d:])
    | (?P<digits>\d{{1,3}}(?:,\d{{3}})++(?!\d)(?:\.\d++)?+|\d{{1,3}}(?:[\u202f\u00a0]\d{{3}})++(?![\dx×])(?:\.\d++)?+
        |\d{{1,3}}(?:\ \d{{3}})++(?![\d.x×])|\d++(?:[.,]\d++)?+(?!\.\d)|\.\d++(?!\.\d))
      (?!(?:st|nd|rd|th)\b)
      (?:\^(?P<exp>\d{{1,2}})(?![\d.]))?(?P<by>[x×]\d{{2,5}}(?![\w^*⁻])(?!\.\d))?(?P<half>½)?(?P<square>²)?(?P<exponent>{_EXPONENT})?
      (?:(?P<percent>\s?%|\s?percent\b|\s?per\ cent\b)
        |(?P<letter>[kKMBT]|\s[MBKTk](?=\s[a-z(]|\s*(?:[|,;)\]/]|\.?(?:\r?\n|\Z)))|M{{2}})(?![A-Za-z0-9])(?!\.\d)
        |(?:\s[\ \t]*+|-)?(?P<scale>{_SCALE})(?![A-Za-z]))?
    )""",
    re.X | re.I,
)
_WORDS = re.compile(
    rf"(?<![\w-])(?:{_WORD})(?:(?:[\s-]|(?<=hundred)\sand\s|(?<=thousand)\sand\s|\spoint\s)(?:{_WORD})){{0,12}}(?:\sand\sa\shalf)?(?!\w)"
    r"(?!-(?:stage|shot|way|layer|dimensional|thirds?|step|fold|phase|hop|pass)\b)",
    re.I,
)
_EUROPEAN = re.compile(r"(?<![\w.,])0,0\d|\d,\d\d?\s(?:billions?|millions?|milliards?)\b|(?<![\w.,])\d+,\d\s?%")
_COMMA = re.compile(r",\d")
_REFERENCES = frozenset(
    (
        "section sec sec. table tab. figure fig fig. appendix chapter equation eq eq. "
        "page p. pp. step phase version no. stage part seed exercise annex article slide §"
    ).split()
)
_RANGE = re.compile(r"\s?(?:-|–|—|to|and|or|/)\s?")
_HEDGES = frozenset(
    (
        "approximately approx approx. about around roughly circa ca. ca c. nearly almost some over under "
        "~ ≈ ∼ > < ≥ ≤ possibly perhaps estimated beyond above"
    ).split()
)
_HEDGES_OF_TWO = frozenset(
    (
        "more than,less than,at least,up to,close to,little over,just over,just under,well over,upwards of,order of,not quite,"
        "an estimated,region of,fewer than,bit over,estimated at,slightly over,slightly under"
    ).split(",")
)


def _hedged(before: str) -> bool:
    """Return whether the words before a number say that it is approximate."""
    words = before.casefold().split()[-2:]
    last = words[-1] if words else ""
    return last in _HEDGES or (last[-1:] in "~≈∼><≥≤" and bool(last)) or " ".join(words) in _HEDGES_OF_TWO


def _refers(before: str) -> bool:
    """Return whether the words before a number make it the number of a table, section or reference."""
    words = before.casefold().split()[-1:]
    return before.endswith(("[", "@")) or (bool(words) and (words[0] in _REFERENCES or words[0].endswith("arxiv:")))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: `value` is exact decimal text; `form` is one of integer decimal science percent clock words."""

    start: int
    end: int
    value: str
    form: str
    scaled: bool = False
    approximate: bool = False
    value_max: str | None = None
    bare: str = ""

    @property
    def is_count(self) -> bool:
        """Whether the number is a plain whole one, as machines are counted."""
        return self.form in {"integer", "words"} and not self.scaled

    @property
    def size(self) -> float:
        """The value as a float, for ranges of plausibility; not a number for durations and resolutions."""
        return nan if self.form in _NOT_NUMERIC else float(self.value)


def scan(text: str, word_starts: Iterable[int] = ()) -> list[Number]:
    """Return every number of the text in order; the ends of a range are one number with `value_max`.

    `word_starts` are the places where a number word begins.
    """
    european = any(_is_european(text, comma.start()) for comma in _COMMA.finditer(text))
    found: list[Number] = []
    for number in sorted((*_in_digits(text, european), *_in_words(text, word_starts)), key=lambda n: n.start):
        if found and number.start - found[-1].end <= 5 and (merged := _as_range(text, found[-1], number)):
            found[-1] = merged
        elif not found or number.start >= found[-1].end:
            found.append(number)
    return found


def _is_european(text: str, comma: int) -> bool:
    """Return whether the comma is that of a decimal; looking at commas alone is faster than at every character."""
    start = comma
    while start and text[start - 1].isdecimal():
        start -= 1
    return start < comma and bool(_EUROPEAN.match(text, start) or _EUROPEAN.match(text, comma - 1))


def _in_digits(text: str, european: bool) -> Iterator[Number]:
    done = 0
    for run in _RUN.finditer(text):
        start = run.start()
        match = _DIGITS.match(text, start) if start >= done else None
        if not match:
            continue
        done = match.end()
        before = text[max(0, start - 24) : start]
        groups = match.groupdict()
        if (
            (match.end() - start <= 4 or before.endswith(("[", "@")) or "." in match[0])
            and not groups["exponent"]
            and _refers(before)
        ):
            continue
        scale = groups["letter"] or groups["scale"]
        if groups["clock"]:
            yield Number(start, done, groups["clock"], "clock")
        elif groups["by"]:
            if _WHOLE.fullmatch(groups["digits"]):
                yield Number(start, done, f"{groups['digits'].replace(',', '')}x{groups['by'][1:]}", "resolution")
        elif groups["exp"]:
            yield from _power(start, done, groups["digits"], groups["exp"])
        elif groups["square"] and groups["digits"].isdigit():
            yield Number(start, done, f"{groups['digits']}x{groups['digits']}", "resolution")
        elif groups["half"] and groups["digits"].isdigit():
            yield Number(start, done, groups["digits"] + ".5", "decimal", approximate=_hedged(before))
        elif value := number_of(groups["power"] or groups["digits"], groups["exponent"], scale, european):
            approximate = _hedged(before)
            yield Number(start, done, value, _form(groups, value), bool(scale), approximate, bare=(groups["letter"] or "").strip())


def _power(start: int, end: int, base: str, exponent: str) -> Iterator[Number]:
    """Yield `2^20` as the number it is, `490^2` as a square image."""
    if not base.isdigit():
        return
    if int(base) <= 10:
        yield Number(start, end, str(int(base) ** int(exponent)), "integer")
    elif exponent == "2":
        yield Number(start, end, f"{base}x{base}", "resolution")


def _in_words(text: str, starts: Iterable[int]) -> Iterator[Number]:
    done = 0
    for start in starts:
        match = _WORDS.match(text, start) if start >= done else None
        if match and not _refers(text[max(0, start - 16) : start]) and (value := words_to_number(match[0])):
            done = match.end()
            before = text[max(0, start - 24) : start]
            yield Number(start, done, value, "words", approximate=_hedged(before))


def _form(groups: dict[str, str | None], value: str | None) -> str:
    if groups["percent"]:
        return "percent"
    if groups["power"] or groups["exponent"]:
        return "science"
    return "decimal" if value and "." in value else "integer"


def _as_range(text: str, low: Number, high: Number) -> Number | None:
    """Join `10 to 12`, `10-12`, `between 10 and 12`; scale and unit are shared (`1 to 2 billion`)."""
    if high.start - low.end > 5 or not _NOT_NUMERIC.isdisjoint((low.form, high.form)):
        return None
    between = text[low.end : high.start]
    if not _RANGE.fullmatch(between):
        return None
    joiner = between.strip().lower()
    opening = text[max(0, low.start - 9) : low.start].lower().rstrip()
    if joiner == "/" or (joiner in {"and", "or"} and not opening.endswith("between") and joiner != "or"):
        return None
    if joiner == "to" and opening.endswith("from"):
        return None
    value = _share_scale(low.value, high.size) if high.scaled and not low.scaled else low.value
    if "science" in (low.form, high.form) or float(value) >= high.size:
        return None
    return Number(low.start, high.end, value, high.form, high.scaled, True, high.value, high.bare)


def _share_scale(low: str, high: float) -> str:
    for power in (12, 9, 6, 3):
        scaled = float(low) * 10**power
        if scaled < high <= scaled * 100:
            return f"{scaled:.0f}"
    return low
