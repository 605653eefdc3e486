"""Filters of the templates: numbers as people read them, and any other text as it is."""

from __future__ import annotations

import pytest

from kg.pages.shown import number, rough


@pytest.mark.parametrize("text", ["--5", "-", "", "5-", "٢", "²", "9" * 50, "1e5", "<b>", "5\n"])
def test_what_is_no_whole_number_stays(text: str) -> None:
    assert number(text) == text


@pytest.mark.parametrize(("value", "shown"), [("-1234", "-1,234"), ("1234", "1,234"), (0, "0"), ("-0012", "-12")])
def test_whole_numbers(value: object, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("999.4", "999"),
        ("999.49", "999"),
        ("999.5", "1,000"),
        ("999.9", "1,000"),
        ("999.99", "1,000"),
        ("-999.7", "-1,000"),
        ("1000", "1,000"),
        ("99.96", "100"),
        ("999999.4", "999,999"),
        ("1e6", "1 × 10⁶"),
        ("9.999e22", "1 × 10²³"),
        ("0.0009999", "1 × 10⁻³"),
        ("0", "0"),
        ("1e400", "1e400"),
        ("nan", "nan"),
    ],
)
def test_numbers_of_about_three_figures(value: str, shown: str) -> None:
    assert rough(value) == shown
