"""The scanner of numbers: what is one, what it is worth, and that no text is too odd for it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.extract.rules.numbers import Number, scan
from kg.schema import load_schema
from tests.extract.case_lines import cases
from tests.extract.scanning import numbers, parsed, shown

FORMS = {
    "integer": re.compile(r"\d+"),
    "decimal": re.compile(r"\d+\.\d+"),
    "science": re.compile(r"\d+(\.\d+)?"),
    "percent": re.compile(r"\d+(\.\d+)?"),
    "words": re.compile(r"\d+(\.\d+)?"),
    "clock": re.compile(r"\d+:\d\d:\d\d"),
    "resolution": re.compile(r"\d+x\d+"),
}
PIECES = (
    "0 1 64 16,384 1.5 0,5 00 ½ ² ⁻⁴ 10 10^ 10** 10⁻⁴ x10^-5 e-5 E6 x × x224 ^2 224x224 12:34:56 \u0663 { } % percent k M MB B bn "
    "million one two half hundred thousand and a point single dozen - – — to or / . , : ; ( ) [ ] $ # ~ ≈ about between from "
    "Table v GPT- A100 ViT-L/14 LAION-400M days GB | <b> &nbsp; é 中 😀"
)
SEPARATORS = ["", "", " ", "\n", "\u00a0", "\u202f", "\u200b", "\t"]
NUMERIC_TEXT = st.lists(st.tuples(st.sampled_from(PIECES.split()), st.sampled_from(SEPARATORS)), max_size=30).map(
    lambda parts: "".join(a + b for a, b in parts)
)


def assert_well_formed(text: str, found: list[Number]) -> None:
    """Check places and values of all numbers of a text."""
    place = 0
    for number in found:
        assert place <= number.start < number.end <= len(text)
        place = number.end
        mention = text[number.start : number.end]
        assert mention == mention.strip()
        if number.value_max is None:
            assert FORMS[number.form].fullmatch(number.value)
        else:
            assert number.approximate
            assert Decimal(number.value) < Decimal(number.value_max)


@pytest.mark.parametrize(("sentence", "expected"), cases("numbers"))
def test_numbers_of(sentence: str, expected: str) -> None:
    assert "; ".join(shown(sentence, number) for number in numbers(sentence)) == expected.removeprefix("none")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_form_has_a_case(form: str) -> None:
    assert any(str(case.values[1]).endswith(form) for case in cases("numbers"))


@given(st.text())
def test_any_text_is_scanned(text: str) -> None:
    assert_well_formed(text, numbers(text))


@given(NUMERIC_TEXT)
@example("0 224x224")
@example("0\u00a0224x224")
@example("1.5x224")
@settings(max_examples=400, deadline=None)
def test_any_pieces_of_numbers_are_scanned(text: str) -> None:
    assert_well_formed(text, numbers(text))


ENGLISH = NUMERIC_TEXT.filter(lambda text: "0,5" not in text)  # a decimal comma is a habit of the whole document


@given(ENGLISH, ENGLISH)
@settings(deadline=None)
def test_a_paragraph_does_not_change_the_next(text: str, other: str) -> None:
    gap = "\n\nThe end.\n\n"
    both = [shown(text + gap + other, number) for number in numbers(text + gap + other)]
    apart = [shown(part, number) for part in (text, f"\n{other}") for number in numbers(part)]
    assert both == apart


@given(st.integers(0, 10**15), st.sampled_from(["{}", "{:,}", "x = {}", "({})", "{} steps", "\n{}\n"]))
def test_a_written_integer_is_found(value: int, written: str) -> None:
    (found,) = numbers(written.format(value))
    assert (found.value, found.form) == (str(value), "integer")


def test_no_number_of_a_catalogue_name_is_scanned() -> None:
    schema = load_schema()
    names = sorted({name for kind in schema.kinds() for name in schema.names(kind) if any(c.isdigit() for c in name)})
    inside = []
    for name in names:
        sentence = f"We use {name} here."
        for part in parsed(sentence):
            known = [(n.start, n.end) for n in part.names]
            inside += [name for n in part.numbers if any(s <= n.start and n.end <= e for s, e in known)]
    assert len(names) > 1000
    assert inside == []


@pytest.mark.parametrize(
    "shape", ["Kestrel-{}", "Kestrel-{}B", "Kestrel{}", "K{}-XL", "v{}", "Kestrel-v{}.5", "Q/{}", "[{}]", "Table {}", "${}"]
)
@given(value=st.integers(1, 999))
def test_no_number_of_a_name_or_reference_is_scanned(shape: str, value: int) -> None:
    assert numbers(f"Here {shape.format(value)} stands.") == []


def of_length(unit: str, length: int) -> str:
    return unit * (length // len(unit))


@pytest.mark.parametrize("unit", ["1", "9,", ",", "1.", "x10^", "10^", "1,000", "1:", "1e5"])
def test_a_megabyte_of_digits_is_scanned(unit: str) -> None:
    text = of_length(unit, 1_000_000)
    assert_well_formed(text, scan(text))


@pytest.mark.parametrize(
    "unit", ["1 ", "1x10^", "10^-5 ", "1:11:11:", "1 000 ", "1-", "1/", "½", "10⁵", "²", "~1", "1%", "0,0", "1x1x", "{1}"]
)
def test_many_small_numbers_are_scanned(unit: str) -> None:
    text = of_length(unit, 100_000)
    assert_well_formed(text, scan(text))


@pytest.mark.parametrize(
    "unit", ["one ", "hundred and ", "one-", "and a half ", "one point ", "table one ", "| 1 ", "[1] ", "A-1", "\u0663"]
)
def test_many_words_are_scanned(unit: str) -> None:
    text = of_length(unit, 20_000)
    assert_well_formed(text, numbers(text))
