"""What a cell states: numbers as tables hold them, dates, lists of names; what it must not be taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ingest._cells import Stated, read_cell
from kg.ingest._columns import Column, Kind, epoch
from kg.values import literal


def stated(text: str, kind: Kind, **settings: object) -> list[tuple[str, bool, str | None]]:
    column = Column(("x",), "x", kind, **settings)  # type: ignore[arg-type]
    return [(item.value, item.approximate, item.value_max) for item in read_cell(text, column, epoch().nothing).stated]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("2400000000.0", "integer", ("2400000000", False, None)),
        ("243000000.00000003", "integer", ("243000000", False, None)),
        ("1365333.3333333333", "integer", ("1365333", True, None)),
        ("1,234,567", "integer", ("1234567", False, None)),
        ("7B", "integer", ("7000000000", False, None)),
        ("7 billion parameters", "integer", ("7000000000", False, None)),
        ("~7e9", "integer", ("7000000000", True, None)),
        ("approx. 7e9", "integer", ("7000000000", True, None)),
        ("7e9 (estimate)", "integer", ("7000000000", True, None)),
        ("64?", "integer", ("64", True, None)),
        ("64-128", "integer", ("64", False, "128")),
        ("1 to 2 billion", "integer", ("1000000000", False, "2000000000")),
        ("0.0", "integer", ("0", False, None)),
        ("1.7e+25", "compute", ("1.7e25", False, None)),
        ("1.7 × 10^25 FLOP", "compute", ("1.7e25", False, None)),
        ("1e24–2e25", "compute", ("1e24", False, "2e25")),
        ("40.0", "compute", ("40", False, None)),
        ("0.17", "number", ("0.17", False, None)),
        (" 30.5\n", "number", ("30.5", False, None)),
        ("2400.0", "hours", ("PT2400H", False, None)),
        ("16.7 hours", "hours", ("PT16.7H", False, None)),
    ],
)
def test_numbers(text: str, kind: Kind, expected: tuple[str, bool, str | None]) -> None:
    assert stated(text, kind) == [expected]


@pytest.mark.parametrize(
    "text", ["many", "-5", "2260275840,2290000001", "12,34", "1 2", "7B or 13B", ">1e25", "1e25, 2e25", "inf", "3 days"]
)
def test_what_is_no_number(text: str) -> None:
    reading = read_cell(text, Column(("x",), "x", "integer"), epoch().nothing)
    assert (reading.stated, reading.complaint) == ((), "is not one number")


@pytest.mark.parametrize(
    ("text", "kind", "complaint"),
    [
        ("128-64", "integer", "is a range that ends before it begins"),
        ("0", "hours", "is no such quantity"),
        ("1e12", "hours", "is no such quantity"),
        ("1-9999999999", "hours", "is no such quantity"),
        ("FP17", "term", "is no value that is known"),
        ("soon", "year", "is no date of one year"),
        ("2023 or 2024", "year", "is no date of one year"),
        ("x" * 161, "names", "is too long for a name (161 characters)"),
    ],
)
def test_what_a_cell_should_not_hold(text: str, kind: Kind, complaint: str) -> None:
    reading = read_cell(text, Column(("x",), "x", kind, splits="any"), epoch().nothing)
    assert (reading.stated, reading.complaint) == ((), complaint)


@pytest.mark.parametrize("text", ["2024-02-01", "2024", "2/1/2024", "Feb 1, 2024", "2024-02-01T00:00:00Z"])
def test_years(text: str) -> None:
    assert stated(text, "year") == [("2024", False, None)]


@pytest.mark.parametrize(
    ("text", "splits", "expected"),
    [
        ("Google,DeepMind", "bare", ["Google", "DeepMind"]),
        ("Booz Allen Hamilton, McLean,Google; Meta", "bare", ["Booz Allen Hamilton, McLean", "Google", "Meta"]),
        ("Institute of\nTechnology", "bare", ["Institute of Technology"]),
        ("C4, The Pile\nRedPajama;LAION", "any", ["C4", "The Pile", "RedPajama", "LAION"]),
        ("BookCorpus (BooksCorpus, Toronto Book Corpus),C4", "any", ["BookCorpus (BooksCorpus, Toronto Book Corpus)", "C4"]),
        ('"Cats, dogs",C4', "any", ["Cats, dogs", "C4"]),
        ("C4,,C4, C4", "any", ["C4"]),
        ("Unspecified unreleased,C4,unknown", "any", ["C4"]),
        ("Mamba 2, 2.7B\n", "", ["Mamba 2, 2.7B"]),
    ],
)
def test_names(text: str, splits: str, expected: list[str]) -> None:
    assert [value for value, _, _ in stated(text, "names", splits=splits)] == expected


def test_what_became_of_entries_is_counted() -> None:
    reading = read_cell("C4,Unspecified,C4,None,C4", Column(("x",), "x", "names", splits="any"), epoch().nothing)
    assert (len(reading.stated), reading.empty, reading.repeated) == (1, 2, 2)
    assert read_cell("Unknown", Column(("x",), "x", "integer"), epoch().nothing).empty == 1


def test_names_that_stand_for_others() -> None:
    country = next(column for column in epoch().columns if column.relation == "country")
    reading = read_cell("Korea (Republic of),Multinational", country, epoch().nothing)
    assert (reading.stated, reading.empty) == ((Stated("South Korea", 0, 19),), 1)


@given(
    st.text(),
    st.sampled_from(["name", "names", "integer", "number", "compute", "hours", "year", "term"]),
    st.sampled_from(["", "any", "bare"]),
)
def test_any_text_is_read_and_every_place_is_in_it(text: str, kind: Kind, splits: str) -> None:
    reading = read_cell(text, Column(("x",), "x", kind, splits=splits), epoch().nothing)
    for item in reading.stated:
        assert 0 <= item.start < item.end <= len(text)
        assert text[item.start : item.end].strip() == text[item.start : item.end] != ""
    assert not (reading.stated and reading.complaint)


@given(
    st.floats(min_value=1e-6, max_value=1e30),
    st.sampled_from([("number", "decimal"), ("compute", "double"), ("integer", "integer")]),
)
def test_a_number_that_python_writes_is_read(number: float, kinds: tuple[Kind, str]) -> None:
    ((value, _, _),) = stated(repr(number), kinds[0])
    lexical, _ = literal(f"xsd:{kinds[1]}", value)
    assert float(lexical) == pytest.approx(number, rel=1e-9, abs=0.5 if kinds[0] == "integer" else 0)
