"""Text <-> typed value: written counts, rates, durations and names, literals as the store writes them, round trips."""

from __future__ import annotations

import doctest
import importlib
import math
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.values import (
    XSD,
    canonical_duration,
    duration_of,
    literal,
    name_key,
    number_of,
    plain_decimal,
    scientific,
    slug,
    words_to_number,
)
from tests.extract.case_lines import cases, keys, known_failures

ROOT = Path(__file__).parents[1]
WITH_DOCTESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "kg").rglob("*.py") if ">>> " in path.read_text(encoding="utf-8"))
INTEGERS = st.integers(min_value=0, max_value=10**27)
DECIMALS = st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=9)
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen".split()
_ONES += ["eighteen", "nineteen"]
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = [*_ONES, *_TENS, "hundred", "thousand", "million", "point", "and", "a", "half", "dozen", "-", "x"]


def or_none(value: str | None) -> str:
    return "none" if value is None else value


@pytest.mark.parametrize("path", WITH_DOCTESTS, ids=str)
def test_examples_in_docstrings(path: Path) -> None:
    module = importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_every_public_function_of_values_has_an_example() -> None:
    module = importlib.import_module("kg.values")
    public = [
        name for name in vars(module) if not name.startswith("_") and getattr(vars(module)[name], "__module__", "") == "kg.values"
    ]
    assert public
    assert [name for name in public if ">>>" not in (vars(module)[name].__doc__ or "")] == []


@pytest.mark.parametrize(("written", "expected"), cases("counts"))
def test_count(written: str, expected: str) -> None:
    digits, exponent, scale, comma = (part.strip() for part in f"{written} | | |".split("|")[:4])
    assert or_none(number_of(digits, exponent or None, scale or None, european=comma == "european")) == expected


@pytest.mark.parametrize(("written", "expected"), cases("words"))
def test_words(written: str, expected: str) -> None:
    assert or_none(words_to_number(written)) == expected


@pytest.mark.parametrize(("written", "expected"), cases("rates"))
def test_rate(written: str, expected: str) -> None:
    assert scientific(written) == expected


@pytest.mark.parametrize(("written", "expected"), cases("durations"))
def test_duration(written: str, expected: str) -> None:
    number, unit = written.split()
    assert or_none(duration_of(number, unit)) == expected


@pytest.mark.parametrize(("written", "expected"), cases("canonical_durations"))
def test_canonical_duration(written: str, expected: str) -> None:
    if expected.startswith("error: "):
        with pytest.raises(ValueError, match=expected.removeprefix("error: ")):
            canonical_duration(written)
    else:
        assert canonical_duration(written) == expected


@pytest.mark.parametrize(("one", "other"), cases("names", " == "))
def test_two_spellings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), cases("other_names", " != "))
def test_names_of_two_things(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)
    assert slug(one) != slug(other)


@pytest.mark.parametrize(("written", "expected"), cases("slugs"))
def test_slug(written: str, expected: str) -> None:
    assert slug(written) == expected


def test_known_failures_are_cases() -> None:
    files = {line.partition(": ")[0] for line in known_failures()}
    assert known_failures() <= {key for name in files for key in keys(name)}


def stored(lexical: str, datatype: str) -> str:
    """Return the lexical form that Oxigraph gives back for a literal that it loaded."""
    store = ox.Store()
    store.load(f'<x:s> <x:p> "{lexical}"^^<{datatype}> .'.encode(), format=ox.RdfFormat.N_TRIPLES)
    (quad,) = store
    assert isinstance(quad.object, ox.Literal)
    return quad.object.value


LITERALS = [
    ("integer", "64", "64"),
    ("integer", "1e3", "1000"),
    ("integer", "1.0", "1"),
    ("integer", "-5", "-5"),
    ("integer", "007", "7"),
    ("integer", "3140000000000000000000000", "3140000000000000000000000"),
    ("decimal", "1e-4", "0.0001"),
    ("decimal", "2.50", "2.5"),
    ("decimal", "3", "3"),
    ("decimal", "-0.0", "0"),
    ("decimal", "1e22", "10000000000000000000000"),
    ("decimal", "1e-18", "0.000000000000000001"),
    ("double", "0.5", "0.5"),
    ("double", "64", "64"),
    ("double", "1e22", "10000000000000000000000"),
    ("double", "3.14e23", "314000000000000000000000"),
    ("double", "1.2e24", "1200000000000000000000000"),
    ("double", "9.2e23", "920000000000000000000000"),
    ("double", "2.5e-7", "0.00000025"),
    ("duration", "P21D", "P21D"),
    ("duration", "PT36H", "P1DT12H"),
    ("duration", "P2.5D", "P2DT12H"),
    ("duration", "P14M", "P1Y2M"),
    ("duration", "P0D", "PT0S"),
    ("duration", "PT1.5S", "PT1.5S"),
    ("gYear", "2023", "2023"),
    ("gYear", "987", "0987"),
    ("string", "AdamW", "AdamW"),
    ("boolean", "true", "true"),
    ("date", "2023-05-11", "2023-05-11"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), LITERALS)
def test_literal_is_what_the_store_writes(kind: str, value: str, expected: str) -> None:
    lexical, datatype = literal(f"xsd:{kind}", value)
    assert (lexical, datatype) == (expected, XSD + kind)
    assert stored(lexical, datatype) == lexical


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("integer", "1.5", "not an integer: '1.5'"),
        ("integer", "many", "not a number: 'many'"),
        ("integer", "", "not a number: ''"),
        ("integer", "Infinity", "Infinity"),
        ("integer", "NaN", "NaN"),
        ("decimal", "1,5", "not a number: '1,5'"),
        ("decimal", "Infinity", "Infinity"),
        ("decimal", "NaN", "NaN"),
        ("double", "many", "many"),
        ("double", "1e400", "1e400"),
        ("double", "nan", "nan"),
        ("duration", "P3W", "not a duration: 'P3W'"),
        ("duration", "", "not a duration: ''"),
        ("duration", "three weeks", "not a duration: 'three weeks'"),
        ("gYear", "May", "'May'"),
        ("gYear", "2023.5", "'2023.5'"),
    ],
)
def test_value_without_a_literal(kind: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        literal(f"xsd:{kind}", value)


@given(INTEGERS)
def test_integers_are_stored_as_written(number: int) -> None:
    assert stored(*literal("xsd:integer", str(number))) == str(number)


@given(st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=18))
def test_decimals_are_stored_as_written(number: Decimal) -> None:
    lexical, datatype = literal("xsd:decimal", str(number))
    assert stored(lexical, datatype) == lexical
    assert Decimal(lexical) == number


@given(st.integers(1, 10**15 - 1), st.integers(-30, 30))
@example(12, 23)
@example(1, -7)
def test_doubles_are_stored_as_written(digits: int, power: int) -> None:
    lexical, datatype = literal("xsd:double", f"{digits}e{power}")
    assert stored(lexical, datatype) == lexical
    assert float(lexical) == float(f"{digits}e{power}")


@given(
    st.integers(0, 999), st.integers(0, 99), st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 999)
)
def test_durations_are_stored_as_written(years: int, months: int, days: int, hours: int, minutes: int, milliseconds: int) -> None:
    lexical, datatype = literal("xsd:duration", f"P{years}Y{months}M{days}DT{hours}H{minutes}M{milliseconds / 1000}S")
    assert stored(lexical, datatype) == lexical
    assert literal("xsd:duration", lexical) == (lexical, datatype)


@given(INTEGERS)
def test_counts_survive_writing(number: int) -> None:
    assert number_of(str(number)) == str(number)
    assert number_of(f"{number:,}") == str(number)
    assert number_of(f"{number:,}".replace(",", "\u202f")) == str(number)
    assert number_of(f"{number:,}".replace(",", "."), european=True) == str(number)


@given(st.integers(1, 99999), st.sampled_from([("k", 3), ("M", 6), ("million", 6), ("B", 9), ("billions", 9), ("T", 12)]))
def test_scales_survive_writing(thousandths: int, scale: tuple[str, int]) -> None:
    word, power = scale
    written = plain_decimal(str(Decimal(thousandths) / 1000))
    assert number_of(written, scale=word) == str(thousandths * 10 ** (power - 3))


@given(st.integers(1, 99999), st.integers(-30, 30))
def test_powers_of_ten_survive_writing(mantissa: int, power: int) -> None:
    expected = plain_decimal(f"{mantissa}e{power}")
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    for exponent in (f"e{power}", f"E{power:+}", f" x 10^{power}", f"×10^{{{power}}}", f" * 10**{power}", f" · 10{raised}"):
        assert number_of(str(mantissa), exponent) == expected


@given(DECIMALS)
def test_rates_survive_the_notation_of_the_field(number: Decimal) -> None:
    assert Decimal(scientific(str(number))) == number
    assert plain_decimal(scientific(str(number))) == plain_decimal(str(number))


@given(DECIMALS)
def test_plain_decimals_have_no_exponent_and_no_spare_zero(number: Decimal) -> None:
    text = plain_decimal(str(number))
    assert Decimal(text) == number
    assert "e" not in text.lower()
    assert "." not in text or text[-1] != "0"


def in_words(number: int, joiner: str = " and ") -> str:
    """Write a number below a trillion in English words."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10 - 2] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    for size, word in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred")):
        if number >= size:
            rest = number % size
            tail = joiner if rest < 100 else " "
            return f"{in_words(number // size, joiner)} {word}" + (tail + in_words(rest, joiner) if rest else "")
    raise AssertionError(number)


@given(st.integers(0, 10**12 - 1))
def test_words_survive_writing(number: int) -> None:
    assert words_to_number(in_words(number)) == str(number)
    assert words_to_number(in_words(number, " ").title()) == str(number)


@given(st.integers(1, 10**6), st.sampled_from([("day", 24 * 60), ("week", 7 * 24 * 60), ("hour", 60), ("minute", 1)]))
def test_durations_keep_their_length(quarters: int, unit: tuple[str, int]) -> None:
    name, minutes = unit
    found = duration_of(plain_decimal(str(Decimal(quarters) / 4)), name)
    assert found is not None
    wanted = canonical_duration(f"PT{plain_decimal(str(Decimal(quarters) / 4 * minutes))}M")
    assert canonical_duration(found) == wanted
    assert canonical_duration(wanted) == wanted


@given(st.text())
@example("INF")
def test_number_of_never_crashes_on_what_is_no_number(text: str) -> None:
    found = number_of(text)
    assert found is None or math.isfinite(float(found))


@given(st.text(alphabet="0123456789.,:-+^*x×e ⁻⁴²{}", max_size=12))
@example("10²⁻")
def test_number_of_never_crashes_on_what_looks_like_a_number(text: str) -> None:
    for european in (False, True):
        found = number_of(text, european=european)
        assert found is None or Decimal(found).is_finite()


@given(
    st.lists(st.sampled_from([*_ONES, *_TENS, "hundred", "thousand", "million", "point", "and", "a", "half", "dozen", "-", "x"]))
)
def test_words_to_number_never_crashes(words: list[str]) -> None:
    found = words_to_number(" ".join(words))
    assert found is None or Decimal(found) >= 0


@given(st.text())
@example("C++.")
def test_a_name_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


@given(st.text(min_size=1))
@example("St. Gallen")
@settings(max_examples=300)
def test_a_slug_is_never_empty_and_fit_for_an_iri(text: str) -> None:
    part = slug(text)
    assert part
    assert part == slug(part)
    assert not set(part) & set(' /#?%<>"{}|\\^`:@&=\t\n\u00a0')
    assert ox.NamedNode(f"https://w3id.org/kg/model/{part}").value.endswith(part)


@given(st.text(alphabet=st.characters(max_codepoint=127)), st.text(alphabet=" -_."))
def test_one_slug_means_one_name(text: str, joint: str) -> None:
    other = joint.join(text.split())
    if slug(text or "x") == slug(other or "x") and any(c.isalnum() for c in text):
        assert name_key(text) == name_key(other)
