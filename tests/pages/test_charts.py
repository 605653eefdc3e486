"""Numbers -> drawings: everything stands inside, in order of size, however strange the numbers are."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.pages.charts import Band, Value, columns, shares, spread
from kg.pages.charts.columns import HEIGHT as COLUMN
from kg.pages.charts.columns import WIDTH as COLUMNS
from kg.pages.charts.scale import Powers, Years, power_of_ten
from kg.pages.charts.shares import WIDTH as BAR
from kg.pages.charts.shares import percent
from kg.pages.charts.spread import HEIGHT, WIDTH

YEAR = st.integers(1950, 2100)
ABOVE = st.floats(1e-30, 1e60)


def value(year: int, low: float, middle: float, high: float, name: str = "m", stated: bool = True) -> Value:
    return Value(f"x:model/{name}", name, year, low, middle, high, stated, f"{middle:g}")


def starts(path: str) -> list[tuple[float, float]]:
    """Return where the parts of a path begin."""
    return [(float(x), float(y)) for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", path)]


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        (2023, 2023, ["2023"]),
        (2020, 2025, ["2020", "2021", "2022", "2023", "2024", "2025"]),
        (2012, 2026, ["2015", "2020", "2025"]),
        (1950, 2025, ["1960", "1980", "2000", "2020"]),
        (1950, 2100, ["1950", "2000", "2050", "2100"]),
    ],
)
def test_round_years_stand_beside_the_axis(first: int, last: int, texts: list[str]) -> None:
    axis = Years(first, last, 10, 110)
    found = axis.ticks()
    assert [tick.text for tick in found] == texts and len(found) <= 6
    assert [float(tick.at) for tick in found] == pytest.approx([axis.at(int(tick.text)) for tick in found], abs=0.06)


@given(YEAR, YEAR)
def test_years_stand_in_order_within_the_axis(one: int, other: int) -> None:
    axis = Years(min(one, other), max(one, other), 10, 510)
    places = [axis.at(year) for year in range(axis.first, axis.last + 1)]
    assert places == sorted(places) and 10 <= places[0] and places[-1] <= 510
    assert (places[0] + places[-1]) / 2 == pytest.approx(260)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([], ["1", "10"]),
        ([0.0], ["1", "10"]),
        ([1000.0], ["1,000", "10⁴"]),
        ([20.0, 3e4], ["10", "100", "1,000", "10⁴", "10⁵"]),
        ([0.002, 5.0], ["0.001", "0.01", "0.1", "1", "10"]),
        ([1e2, 1e26], ["100", "10⁶", "10¹⁰", "10¹⁴", "10¹⁸", "10²²", "10²⁶"]),
    ],
)
def test_powers_of_ten_stand_beside_the_axis(values: list[float], texts: list[str]) -> None:
    assert [tick.text for tick in Powers.around(values, 100, 0).ticks()] == texts


@given(st.lists(st.floats(0, 1e300), max_size=8))
def test_values_stand_in_order_within_the_axis(values: list[float]) -> None:
    axis = Powers.around(values, 300, 10)
    places = [axis.at(value) for value in sorted(values)]
    assert places == sorted(places, reverse=True) and all(10 <= place <= 300 for place in places)
    assert 2 <= len(axis.ticks()) <= 7


@pytest.mark.parametrize(("power", "text"), [(3, "1,000"), (4, "10⁴"), (-3, "0.001"), (-12, "10⁻¹²")])
def test_a_power_of_ten_as_it_is_read(power: int, text: str) -> None:
    assert power_of_ten(power) == text


@given(st.dictionaries(YEAR, st.integers(0, 10**6), max_size=20))
def test_columns_stand_on_the_ground_and_the_highest_fills_the_drawing(numbers: dict[int, int]) -> None:
    one = columns(numbers, 1950, 2100)
    places = starts(one.path)
    assert len(places) == sum(number > 0 for number in numbers.values())
    assert all(0 <= x <= COLUMNS and y == COLUMN for x, y in places)
    assert one.total == sum(numbers.values()) and one.most == max(numbers.values(), default=0)
    if one.total:
        assert f"v-{COLUMN}h" in one.path and numbers[one.year] == one.most
    assert (f"most in {one.year}" in one.told) == bool(one.total)


def test_years_beyond_the_ends_have_no_column() -> None:
    one = columns({1990: 5, 2000: 1, 2001: 3}, 2000, 2001)
    assert (one.total, one.most, one.year) == (4, 3, 2001)
    assert columns({2000: 7}, 2000, 2000).told == "in 2000, most in 2000: 7"
    assert columns({}, 2000, 2001).told == "none from 2000 to 2001"


@given(st.lists(st.integers(0, 10**6), max_size=4))
def test_parts_of_a_bar_follow_each_other_within_it(numbers: list[int]) -> None:
    parts = shares(sum(numbers), [(str(at), number) for at, number in enumerate(numbers)]).parts
    assert [part.number for part in parts] == [number for number in numbers if number]
    ends = [float(part.start) + float(part.size) for part in parts]
    assert all(float(part.size) > 0 for part in parts)
    assert ends == sorted(ends) and all(end <= BAR + 0.1 for end in ends)


def test_a_bar_of_nothing_is_empty() -> None:
    assert shares(0, [("a", 0), ("b", 0)]).parts == ()
    assert percent(0, 0) == "–"


@given(st.lists(st.tuples(YEAR, st.lists(ABOVE, min_size=3, max_size=3), st.booleans()), min_size=1, max_size=70))
def test_points_stand_within_the_drawing(every: Sequence[tuple[int, list[float], bool]]) -> None:
    values = [value(year, min(ends), sorted(ends)[1], max(ends), str(at), stated) for at, (year, ends, stated) in enumerate(every)]
    drawn = spread(values, [])
    assert drawn and len(drawn.points) == len(values) and not drawn.range
    for point in drawn.points:
        ((x, y),) = starts(point.path)
        assert 0 <= x <= WIDTH and -5 <= y <= HEIGHT
        assert ("a" in point.path) == point.value.stated
        for x, y in starts(point.ends):
            assert 0 <= x <= WIDTH and 0 <= y <= HEIGHT


def test_a_point_without_an_interval_has_no_line() -> None:
    drawn = spread([value(2023, 10, 10, 10), value(2024, 10, 20, 4000)], [])
    assert drawn and [bool(point.ends) for point in drawn.points] == [False, True]


def test_points_of_a_year_stand_apart() -> None:
    drawn = spread([value(2023, 10, 10, 10, str(number)) for number in range(8)], [])
    assert drawn and len({starts(point.path)[0] for point in drawn.points}) == 8


def test_quartiles_are_drawn_where_not_all_values_are() -> None:
    values = [value(2023, 10, 10, 10), value(2024, 10, 10, 10)]
    bands = [Band(2023, 1, (10, 10, 10, 10, 10)), Band(2024, 9, (1, 2, 3, 4, 100)), Band(2025, 2, (5, 6, 7, 8, 9))]
    drawn = spread(values, bands)
    assert drawn and [drawn.range.count("M"), drawn.half.count("M"), drawn.medians.count("M")] == [2, 2, 2]
    assert [tick.text for tick in drawn.powers] == ["1", "10", "100"]


def test_nothing_is_no_drawing() -> None:
    assert spread([], []) is None
