"""CSV records: cells with their places in the file, and what becomes of lines that are none."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError
from kg.ingest import _lines, _rows
from kg.ingest._entry import Refused
from kg.ingest._rows import Record, records


def read(text: str | bytes) -> list[Record | Refused]:
    return list(records(io.BytesIO(text.encode() if isinstance(text, str) else text), "in/a.csv"))


def cells(text: str) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in read(text) if isinstance(row, Record)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,\r\n", [["a", "b"], ["1", ""]]),
        ("a\n\n\r\nb", [["a"], ["b"]]),
        ('"a, b","c ""d"" e","f\ng"\n', [["a, b", 'c "d" e', "f\ng"]]),
        ('"",x,""\n', [["", "x", ""]]),
        (",\n", [["", ""]]),
        ('5" disk and 3" disk,x\n', [['5" disk and 3" disk', "x"]]),
        ("\ufeffa,b\n", [["\ufeffa", "b"]]),
    ],
)
def test_cells(text: str, expected: list[list[str]]) -> None:
    assert cells(text) == expected


def test_places_are_those_of_the_file() -> None:
    text = '\ufeffModel,Note\r\nIbis,"said ""7B"" of é\r\nthen"\r\nOwl,x'
    rows = read(text)
    assert [(row.line, row.offset, row.text) for row in rows if isinstance(row, Record)] == [
        (1, 0, "\ufeffModel,Note"),
        (2, 13, 'Ibis,"said ""7B"" of é\r\nthen"'),
        (4, 44, "Owl,x"),
    ]
    row = rows[1]
    assert isinstance(row, Record)
    note = row.cells[1]
    start, end = note.place(note.text.index("7B"), note.text.index("7B") + 2)
    assert text[row.offset + start : row.offset + end] == "7B"
    assert row.text[slice(*note.place(0, len(note.text)))] == 'said ""7B"" of é\r\nthen'


@pytest.mark.parametrize(
    ("text", "line", "reason", "after"),
    [
        ('a\nb,"c\nd\ne\n', 2, "a quote is never closed", [["a"], ["d"], ["e"]]),
        ('a\n"b"c,d\ne\n', 2, "text follows a closing quote", [["a"], ["e"]]),
        ('a\nx,"b\nc" d\ne\n', 2, "text follows a closing quote", [["a"], ['c" d'], ["e"]]),
    ],
)
def test_a_line_that_begins_no_record_is_refused_and_the_next_ones_are_read(
    text: str, line: int, reason: str, after: list[list[str]]
) -> None:
    refused = [row for row in read(text) if isinstance(row, Refused)]
    assert refused[0].line == line
    assert refused[0].reason == reason
    assert [row for row in cells(text) if row in after] == [row for row in after if row in cells(text)]
    assert cells(text)[0] == ["a"] and cells(text)[-1] == ["e"]


def test_a_byte_that_is_no_utf8_costs_its_row_alone() -> None:
    first, bad, last = read(b"a,b\nc,\xe9\nd,e\n")
    assert isinstance(bad, Refused)
    assert (bad.line, bad.reason) == (2, "the row is not UTF-8: byte 0xe9")
    assert isinstance(first, Record) and isinstance(last, Record)
    assert (last.line, last.offset) == (3, 8)


def test_a_record_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_rows, "LONGEST", 20)
    text = 'a\nb,"' + "c\n" * 30 + "d\n"
    rows = read(text)
    assert [(row.line, row.reason) for row in rows if isinstance(row, Refused)] == [(2, "a row of more than 20 characters")]
    assert cells(text) == [["a"], *[["c"]] * 29, ["d"]]
    assert cells("x" * 21 + "\ny\n") == [["y"]]


def test_a_line_without_end_ends_the_file() -> None:
    with pytest.raises(InputError, match="line 2: the line has more than"):
        read(b"a\n" + b"x" * (_lines.LONGEST + 1))


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=2, max_size=4), max_size=6))
def test_what_csv_writes_is_what_is_read(table: list[list[str]]) -> None:
    table = [[cell.replace("\r", " ") for cell in row] for row in table]
    sink = io.StringIO()
    csv.writer(sink).writerows(table)
    text = sink.getvalue()
    rows = [row for row in read(text) if isinstance(row, Record)]
    assert [[cell.text for cell in row.cells] for row in rows] == table
    for row in rows:
        assert text[row.offset :].startswith(row.text)
        assert text[: row.offset].count("\n") == row.line - 1
        for cell in row.cells:
            assert row.text[cell.start : cell.end].replace('""', '"') == cell.text


@given(st.text(st.sampled_from('a,"\n\r é')))
def test_any_text_is_read(text: str) -> None:
    for row in read(text):
        if isinstance(row, Record):
            assert text[row.offset :].startswith(row.text)
