"""Numbers with bounds: what a claim commits its report to, what its writing is a rounding of, and arithmetic that loses nothing."""

from __future__ import annotations

from fractions import Fraction
from operator import add, mul, truediv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.interval import Interval, number, of_claim, shown, text, written
from tests.samples import claim

POSITIVE = st.fractions(min_value=Fraction(1, 1000), max_value=10**15)


@st.composite
def intervals(draw: st.DrawFn, bounded: bool = True) -> Interval:
    low, value, high = sorted(draw(st.tuples(POSITIVE, POSITIVE, POSITIVE)))
    return Interval(low, value, high if bounded or draw(st.booleans()) else None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("128", Fraction(128)),
        ("1e-4", Fraction(1, 10000)),
        ("P21D", Fraction(504)),
        ("PT36H", Fraction(36)),
        ("P1DT12H", Fraction(36)),
        ("P2M", Fraction(1461)),
        ("P1Y", Fraction(8766)),
        ("PT30M", Fraction(1, 2)),
        ("P", None),
        ("PT", None),
        ("P3W", None),
        ("cosine", None),
        ("", None),
        ("1/0", None),
        ("inf", None),
        ("nan", None),
        ("1e999999999", None),
        ("1e99", None),
        ("1e-99", None),
        ("1/2", None),
        ("1_000", None),
        ("P1.2.3D", None),
        (f"P{'9' * 5000}D", None),
    ],
)
def test_the_number_of_a_value(value: str, expected: Fraction | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "mention", "approximate", "value_max", "low", "high"),
    [
        ("128", "128", False, None, "128", "128"),
        ("P21D", "3 weeks", True, None, "420", "588"),  # half a week to both sides
        ("P21D", "three weeks", True, None, "420", "588"),
        ("P1D", "a day", True, None, "22.8", "25.2"),  # not written in digits: a twentieth
        ("2000", "2,000", True, None, "1900", "2100"),
        ("1000000000", "1 billion", True, None, "2e9/3", "4e9/3"),  # half a billion is more than a third
        ("13000000000", "13 billion", True, None, "12.35e9", "13.65e9"),
        ("10", "10 to 12", False, "12", "10", "12"),
        ("10", "10", False, "8", "10", "10"),  # an upper end below the lower one says nothing
    ],
)
def test_what_a_claim_says(value: str, mention: str, approximate: bool, value_max: str | None, low: str, high: str) -> None:
    found = of_claim(claim("duration", value, mention=mention, approximate=approximate, value_max=value_max))
    bounds = [Fraction(part[0]) / Fraction(part[1] if len(part) > 1 else 1) for part in (low.split("/"), high.split("/"))]
    assert found is not None and [found.low, found.high] == bounds


@pytest.mark.parametrize(
    ("value", "mention", "low", "high"),
    [
        ("13000000000", "13 billion", "12.5e9", "13.5e9"),
        ("12900000000", "12.9B", "12.85e9", "12.95e9"),
        ("12900000000", "12,900,000,000", "12.9e9", "12.9e9"),
        ("128", "128", "128", "128"),
        ("16384", "16,384", "16384", "16384"),
        ("0.0001", "1e-4", "0.0001", "0.0001"),
        ("P21D", "3 weeks", "420", "588"),
        ("P2D", "two days", "36", "60"),
        ("3.8e25", "3.8e25", "3.75e25", "3.85e25"),
        ("1.5", "1.5", "1.45", "1.55"),
        ("7", "", "7", "7"),
    ],
)
def test_what_a_writing_is_a_rounding_of(value: str, mention: str, low: str, high: str) -> None:
    found = written(claim("parameterCount", value, mention=mention))
    assert found is not None and (found.low, found.high) == (Fraction(low), Fraction(high))


@pytest.mark.parametrize("value", ["0", "-3", "cosine", "P0D"])
def test_what_is_no_positive_number_is_none(value: str) -> None:
    assert of_claim(claim("steps", value)) is None and written(claim("steps", value)) is None


@given(st.integers(1, 10**14), st.booleans(), st.text(max_size=12))
def test_any_writing_holds_its_value(value: int, approximate: bool, mention: str) -> None:
    item = claim("steps", str(value), mention=mention, approximate=approximate)
    for found in (of_claim(item), written(item)):
        assert found is not None and found.high is not None
        assert 0 < found.low <= found.value == value <= found.high


@given(intervals(), intervals())
def test_results_hold_what_the_parts_allow(one: Interval, two: Interval) -> None:
    for result, of in ((one + two, add), (one * two, mul), (one / two, truediv)):
        assert result.low <= result.value and result.high is not None and result.value <= result.high
        for a in (one.low, one.value, one.high):
            for b in (two.low, two.value, two.high):
                assert result.low <= of(a, b) <= result.high


@given(intervals(), intervals())
def test_multiplying_and_dividing_by_a_number_is_exact(one: Interval, two: Interval) -> None:
    by = Interval.exactly(two.value)
    assert one * by / by == one


@given(intervals(bounded=False), intervals(bounded=False))
def test_to_meet_is_mutual_and_a_hull_holds_both(one: Interval, two: Interval) -> None:
    assert one.meets(two) is two.meets(one)
    hull = one.hull(two)
    assert hull.low == min(one.low, two.low)
    assert (hull.high is None) is (one.high is None or two.high is None)
    assert hull.meets(one) and hull.meets(two)


def test_without_an_upper_bound_there_is_none_afterwards() -> None:
    open_, two = Interval(Fraction(1), Fraction(2), None), Interval.exactly(2)
    assert (open_ + two).high is None and (open_ * 3).high is None and (open_ / 2).high is None
    assert (two / open_).low == 0


@given(POSITIVE, POSITIVE)
def test_texts_keep_the_order_of_numbers(one: Fraction, two: Fraction) -> None:
    low, high = sorted((one, two))
    assert Fraction(text(low)) <= Fraction(text(high))


@given(POSITIVE)
def test_a_text_is_near_its_number(value: Fraction) -> None:
    assert abs(Fraction(text(value)) - value) <= value / 10**5


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(0), "0"),
        (Fraction(16384), "16,384"),
        (Fraction(312 * 10**12), "3.12e14"),
        (Fraction(10**22), "1e22"),
        (Fraction(2, 3), "0.6667"),
        (Fraction(100001, 3), "33,334"),
        (Fraction(71098, 1000), "71.1"),
    ],
)
def test_numbers_as_people_read_them(value: Fraction, expected: str) -> None:
    assert shown(value) == expected
