"""Suggestions as blocks with carets, and as rows for programs."""

from __future__ import annotations

from typing import Any

import pytest

from kg.model import Origin
from kg.render import ReportSource, suggestions_rows, suggestions_text
from tests.samples import claim

TEXT = "One.\nIt was trained for 3 days or so.\n"
SOURCES = {"a.txt": ReportSource("reports/a.txt", TEXT)}
DAYS: dict[str, Any] = {"start": 24, "end": 30, "mention": "3 days", "score": 0.4}


def test_the_words_are_marked_in_their_line() -> None:
    assert suggestions_text([claim("duration", "P3D", "pretraining", **DAYS)], SOURCES, color=False, width=80).splitlines() == [
        "0.400: duration P3D (Kestrel-7B, pretraining)",
        " --> reports/a.txt:2:20  (chars 24..30)",
        "  |",
        "2 | It was trained for 3 days or so.",
        "  |                    ^^^^^^",
    ]


@pytest.mark.parametrize(
    ("fields", "head"),
    [
        ({"model": None}, "0.400: duration P3D (no name)"),
        ({"approximate": True, "value_max": "P4D"}, "0.400: duration about P3D to P4D (Kestrel-7B)"),
        ({"unit": "days"}, "0.400: duration P3D days (Kestrel-7B)"),
        ({"model": "K\x1b[2J"}, "0.400: duration P3D (K␛[2J)"),
    ],
)
def test_what_it_would_say(fields: dict[str, Any], head: str) -> None:
    shown = suggestions_text([claim("duration", "P3D", **DAYS, **fields)], SOURCES, color=False, width=80)
    assert shown.splitlines()[0] == head


def test_blocks_are_apart() -> None:
    both = suggestions_text([claim("duration", "P3D", **DAYS)] * 2, SOURCES, color=False, width=80)
    assert both.count("\n\n") == 1
    assert suggestions_text([], SOURCES, color=False, width=80) == ""


def test_color_is_where_it_is_asked_for() -> None:
    assert suggestions_text([claim("duration", "P3D", **DAYS)], SOURCES, color=True, width=80).startswith("\x1b[1;36m0.400\x1b[0m")


def test_rows_for_programs() -> None:
    item = claim("duration", "P3D", **DAYS)
    (row,) = suggestions_rows([item], SOURCES)
    placed = {"path": "reports/a.txt", "line": 2, "column": 20, "endLine": 2, "endColumn": 26}
    around = {"before": "One.\nIt was trained for ", "after": " or so.\n"}
    assert row == {**item.to_json(), "score": 0.4, **placed, **around}


def test_a_report_among_others_in_a_file() -> None:
    among = {"a.txt": ReportSource("papers.jsonl", TEXT, Origin("papers.jsonl", 7))}
    (row,) = suggestions_rows([claim("duration", "P3D", **DAYS)], among)
    assert (row["path"], row["line"], row["before"][-4:]) == ("papers.jsonl", 7, "for ")


def test_a_report_that_is_not_known() -> None:
    item = claim("duration", "P3D", **DAYS)
    (row,) = suggestions_rows([item], {})
    assert (row["path"], row["line"], row["before"], row["mention"]) == (None, None, None, "3 days")
    assert "a.txt  (chars 24..30)" in suggestions_text([item], {}, color=False, width=80)


def test_lines_of_another_writing_keep_their_numbers_in_a_column() -> None:
    text = "x\n" * 11 + TEXT
    among = {"a.txt": ReportSource("papers.jsonl", text, Origin("papers.jsonl", 7))}
    item = claim("duration", "P3D", **DAYS | {"start": 46, "end": 52})
    assert suggestions_text([item], among, color=False, width=80).splitlines()[1:] == [
        "  --> papers.jsonl:7:1  (chars 46..52)",
        "   |",
        "13 | It was trained for 3 days or so.",
        "   |                    ^^^^^^",
    ]
