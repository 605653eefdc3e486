"""Values as people read them: any text comes out as text, numbers keep their value, units stand behind."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.pages._amounts import UNITS, Amount, amount, grouped


@pytest.mark.parametrize(
    "value", ["", "P", "PT", "-", ".", "1e", "1e999999999", "9" * 5000, "-0", "١٢", "1_000", "NaN", "inf", "\x00"]
)
def test_any_text_is_shown(value: str) -> None:
    for relation in (*UNITS, "duration", "name", "unknown"):
        shown = amount(relation, value)
        assert len(shown.text) < 400
        assert value[:20] in shown.text or shown.text[0].isdigit() or not value or shown.text.startswith("-")


@pytest.mark.parametrize(
    ("relation", "value", "unit", "text", "exact"),
    [
        ("parameterCount", "13000000000", None, "13 B parameters", "13,000,000,000 parameters"),
        ("parameterCount", "13700000000", None, "13.7 B parameters", "13,700,000,000 parameters"),
        ("parameterCount", "124439808", None, "124.44 M parameters", "124,439,808 parameters"),
        ("parameterCount", "999", None, "999 parameters", None),
        ("trainingExamples", "129000000", "image-text pairs", "129 M image-text pairs", "129,000,000 image-text pairs"),
        ("trainingExamples", "1400000000000", "tokens", "1.4 T tokens", "1,400,000,000,000 tokens"),
        ("trainingCompute", "12680500000000000000000", None, "1.27 × 10²² FLOP", None),
        ("runCompute", "6.04e21", "FLOP", "6.04 × 10²¹ FLOP", None),
        ("peakLearningRate", "0.0001", None, "1e-4", "0.0001"),
        ("weightDecay", "0.05", None, "0.05", None),
        ("steps", "20000", None, "20,000 steps", None),
        ("acceleratorCount", "1", None, "1 accelerator", None),
        ("acceleratorHours", "64512", None, "64,512 accelerator-hours", None),
        ("releaseYear", "2023", None, "2023", None),
        ("name", "70000000000", None, "70000000000", None),
        ("duration", "P21D", None, "21 days", "504 hours"),
        ("duration", "P1DT12H", None, "1 day 12 hours", "36 hours"),
        ("duration", "PT90M", None, "90 minutes", None),
        ("duration", "P2M", None, "2 months", None),
        ("duration", "PT0S", None, "0 seconds", None),
        ("memory", "80000000000", None, "80 GB", "80,000,000,000 B"),
        ("peakFp16", "312000000000000", None, "312 TFLOP/s", "312,000,000,000,000 FLOP/s"),
        ("tdp", "400", None, "400 W", None),
        ("memory", "12", None, "12 B", None),
        ("optimizer", "AdamW", None, "AdamW", None),
        ("imageResolution", "336x336", None, "336x336", None),
        ("precision", "P100", None, "P100", None),
        ("epochs", "0", None, "0 epochs", None),
        ("parameterCount", "999999999", None, "1 B parameters", "999,999,999 parameters"),
        ("parameterCount", "-999999999", None, "-1 B parameters", "-999,999,999 parameters"),
        ("parameterCount", "999999499", None, "999.999 M parameters", "999,999,499 parameters"),
        ("parameterCount", "999600000", None, "999.6 M parameters", "999,600,000 parameters"),
        ("parameterCount", "999999999999", None, "1 T parameters", "999,999,999,999 parameters"),
        ("trainingExamples", "999999999999999999", "tokens", "1,000 quadrillion tokens", "999,999,999,999,999,999 tokens"),
        ("memory", "999999999", None, "1 GB", "999,999,999 B"),
        ("memory", "999999999999999999999", None, "1,000 EB", "1 × 10²¹ B"),
        ("optimizer", "P", None, "P", None),
        ("optimizer", "PT", None, "PT", None),
        ("optimizer", "P21D", None, "P21D", None),
        ("name", "P1Y", None, "P1Y", None),
        ("duration", "P", None, "P", None),
        ("duration", "PT", None, "PT", None),
        ("duration", "P1DT", None, "P1DT", None),
    ],
)
def test_values(relation: str, value: str, unit: str | None, text: str, exact: str | None) -> None:
    assert amount(relation, value, unit) == Amount(text, exact)


@given(st.decimals(min_value=Decimal("-1e30"), max_value=Decimal("1e30"), allow_nan=False, allow_infinity=False, places=4))
def test_a_number_in_full_keeps_its_value(number: Decimal) -> None:
    text = grouped(f"{number:f}")
    if "×" not in text:
        assert Decimal(text.replace(",", "")) == number
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?|-?\d(\.\d+)? × 10[⁰¹²³⁴⁵⁶⁷⁸⁹]+", text)


@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=80)))
def test_any_value_and_unit_come_out(value: str, unit: str | None) -> None:
    for relation in ("duration", "parameterCount", "memory", "name"):
        assert isinstance(amount(relation, value, unit).text, str)
