"""Answers that are bounded: nothing is left out unseen, what is there is what the store says."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UnknownName, UsageError
from kg.sparql.formats import FORMATS, Layout
from kg.sparql.rows import Bounds, bounded

LAYOUT = Layout({"x": "http://x/", "unused": "http://unused/"})
TYPES = """SELECT ?iri ?whole ?decimal ?double ?infinite ?truth ?year ?words ?none ?quoted {
  VALUES (?iri ?whole ?decimal ?double ?infinite ?truth ?year ?words ?none) {
    (<http://x/é> 1 1.50 1e-5 'INF'^^<http://www.w3.org/2001/XMLSchema#double> true
     '2023'^^<http://www.w3.org/2001/XMLSchema#gYear> "été | “x”\\n"@fr UNDEF)
  }
  BIND (TRIPLE(?iri, ?iri, ?words) AS ?quoted)
}"""


def numbers(count: int) -> str:
    return f"SELECT ?n {{ VALUES ?n {{ {' '.join(map(str, range(count)))} }} }}"


def answer(query: str, format: str | None = None, **bounds: int) -> dict[str, Any]:
    return bounded(ox.Store().query(query), format, LAYOUT, Bounds(**bounds))


@pytest.mark.parametrize("format", ["jsn", "parquet", "Compact"])
def test_an_unknown_format_is_refused_with_the_near_ones(format: str) -> None:
    with pytest.raises(UnknownName, match=f"no format is named '{format}'"):
        answer(numbers(1), format)


@pytest.mark.parametrize(
    ("query", "format", "fitting"),
    [
        (numbers(1), "turtle", "table, json"),
        ("ASK {}", "csv", "table, json"),
        ("CONSTRUCT { <http://x/a> <http://x/b> 1 } WHERE {}", "csv", "turtle, nt"),
    ],
)
def test_a_format_for_another_kind_of_answer_is_refused(query: str, format: str, fitting: str) -> None:
    with pytest.raises(UsageError, match=f"cannot be written as {format}\n  hint: choose one of: {fitting}"):
        answer(query, format)


def test_a_format_is_refused_before_anything_is_evaluated() -> None:
    endless = "SELECT * { " + " ".join(f"VALUES ?x{n} {{ {' '.join(map(str, range(99)))} }}" for n in range(9)) + " }"
    with pytest.raises(UsageError, match="cannot be written as turtle"):
        answer(endless, "turtle")


def test_terms_become_the_values_that_json_has() -> None:
    found = answer(TYPES)
    assert found["rows"] == [
        {
            "iri": "http://x/é",
            "whole": 1,
            "decimal": 1.5,
            "double": 0.00001,
            "infinite": "INF",
            "truth": True,
            "year": "2023",
            "words": "été | “x”\n",
            "none": None,
            "quoted": '<http://x/é> <http://x/é> "été | “x”\\n"@fr',
        }
    ]
    assert found["truncated"] is False and "note" not in found
    json.dumps(found, allow_nan=False)


def test_the_compact_text_has_a_line_for_each_row_and_short_iris() -> None:
    lines = answer(TYPES)["text"].splitlines()
    assert lines[0].split("\t") == "iri whole decimal double infinite truth year words none quoted".split()
    cells = ["x:é", "1", "1.5", "0.00001", "INF", "true", "2023", "été | “x” ", ""]
    assert len(lines) == 2 and lines[1].split("\t")[:-1] == cells


@pytest.mark.parametrize("cell", ["a | b", "a\tb", "a\nb", "a\r\nb", "a\u2028b", "\t", "", " "])
def test_what_stands_in_a_cell_separates_no_cells_and_no_rows(cell: str) -> None:
    text = answer(f"SELECT ?a ?b ?c {{ VALUES (?a ?b) {{ (1 {ox.Literal(cell)}) ({ox.Literal(cell)} UNDEF) }} }}")["text"]
    shown = "".join(char if char.isprintable() else " " for char in cell)
    assert [line.split("\t") for line in text.split("\n")] == [["a", "b", "c"], ["1", shown, ""], [shown, "", ""], [""]]


@pytest.mark.parametrize("format", [name for name in FORMATS if "rows" in FORMATS[name].kinds])
def test_a_text_that_is_not_cut_is_what_the_format_writes(format: str) -> None:
    whole = FORMATS[format].write(ox.Store().query(TYPES), LAYOUT)
    assert str(answer(TYPES, format)["text"]).encode() == whole


@pytest.mark.parametrize(("count", "limit", "kept"), [(0, 1, 0), (3, 3, 3), (4, 3, 3), (500, 1, 1)])
def test_rows_beyond_the_limit_are_left_out_and_told(count: int, limit: int, kept: int) -> None:
    found = answer(numbers(count), rows=limit)
    assert found["rows"] == [{"n": n} for n in range(kept)]
    assert found["truncated"] is (count > limit)
    assert ("note" in found) is (count > limit)
    if count > limit:
        assert str(found["note"]).startswith(f"only the first {kept} rows are here and there are more")


def test_an_endless_answer_is_read_as_far_as_it_is_given() -> None:
    endless = "SELECT * { " + " ".join(f"VALUES ?x{n} {{ {' '.join(map(str, range(99)))} }}" for n in range(9)) + " }"
    assert answer(endless, rows=5)["truncated"] is True


def test_characters_are_bounded_and_the_first_row_is_given_whatever_its_size() -> None:
    query = 'SELECT ?n ?text { VALUES ?n { 1 2 3 4 5 6 } BIND (REPLACE("xxxxxxxxxx", "x", "0123456789") AS ?text) }'
    found = answer(query, characters=400)
    assert [row["n"] for row in found["rows"]] == [1, 2, 3]
    assert found["truncated"] is True
    [first] = answer(query, characters=5)["rows"]
    assert first["n"] == 1 and len(first["text"]) < 100


def test_a_long_cell_is_cut_and_told_with_a_way_to_the_rest() -> None:
    found = answer('SELECT ?a ?b { BIND ("0123456789ABCDEFGHIJKLMNOP" AS ?a) BIND ("short" AS ?b) }', cell=20)
    assert found["rows"] == [{"a": "0123456789ABCDEFGHIJ…", "b": "short"}]
    assert found["truncated"] is True
    assert found["note"] == "1 long cells are cut, at …: select SUBSTR(?x, start, length) of them"


def test_truth_is_told_in_words_and_in_every_format() -> None:
    assert answer("ASK {}") == {"form": "truth", "truth": True, "truncated": False, "text": "yes\n"}
    assert answer("ASK { FILTER (false) }")["text"] == "no\n"
    assert json.loads(str(answer("ASK {}", "json")["text"]))["boolean"] is True


CONSTRUCT = "CONSTRUCT { ?a <http://x/p> ?n } WHERE { VALUES ?n { 1 2 3 } BIND (IRI(CONCAT('http://x/', STR(?n))) AS ?a) }"


@pytest.mark.parametrize("format", [None, "compact", *(name for name in FORMATS if "graph" in FORMATS[name].kinds)])
def test_a_graph_is_given_as_text_that_can_be_read_back(format: str | None) -> None:
    found = answer(CONSTRUCT, format)
    assert (found["form"], found["triples"], found["truncated"]) == ("graph", 3, False)
    syntax = ox.RdfFormat.from_media_type(str(FORMATS["turtle" if format in {None, "compact"} else str(format)].media_type))
    assert len(list(ox.parse(str(found["text"]).encode(), format=syntax, base_iri="http://x/"))) == 3


def test_a_graph_is_bounded_and_declares_only_the_prefixes_it_uses() -> None:
    found = answer(CONSTRUCT, rows=2)
    assert found["triples"] == 2 and found["truncated"] is True
    assert str(found["note"]).startswith("only the first 2 triples are here")
    assert "unused" not in str(found["text"]) and "@prefix x:" in str(found["text"])
    assert answer(CONSTRUCT, characters=10)["triples"] == 1
    long = answer('CONSTRUCT { <http://x/a> <http://x/b> "0123456789ABCDEFGHIJKLMNOP" } WHERE {}', cell=20)
    assert "0123456789ABCDEFGHIJ…" in str(long["text"]) and long["truncated"] is True


def test_each_row_comes_with_what_it_states() -> None:
    solutions = ox.Store().query(numbers(2))
    found = bounded(solutions, None, LAYOUT, Bounds(), lambda row: [{"said": str(row["n"])}])
    assert found["evidence"] == [
        [{"said": '"0"^^<http://www.w3.org/2001/XMLSchema#integer>'}],
        [{"said": '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'}],
    ]


PRINTED = st.characters(codec="utf-8", exclude_categories=["Cc"])


@given(
    st.lists(st.lists(st.none() | st.text(PRINTED, max_size=60), min_size=2, max_size=2), max_size=8),
    st.integers(1, 8),
    st.integers(1, 400),
    st.sampled_from([None, "json", "tsv", "table", "jsonl"]),
)
def test_what_is_given_is_the_beginning_of_the_answer(
    rows: list[list[str | None]], limit: int, characters: int, format: str | None
) -> None:
    rows = [
        [None if cell is None else "".join(c for c in cell if c >= " " and not "\ud800" <= c <= "\udfff") for cell in row]
        for row in rows
    ]
    values = " ".join(f"({' '.join('UNDEF' if cell is None else ox.Literal(cell).__str__() for cell in row)})" for row in rows)
    found = answer(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {values} }} }}", format, rows=limit, characters=characters)
    kept = found["rows"]
    assert len(kept) <= min(limit, len(rows))
    for row, whole in zip(kept, rows, strict=False):
        for cell, text in zip((row["a"], row["b"]), whole, strict=True):
            assert cell == text or (text is not None and cell.endswith("…") and text.startswith(cell[:-1]))
    whole_is_there = len(kept) == len(rows) and all([row["a"], row["b"]] == list(w) for row, w in zip(kept, rows, strict=True))
    assert found["truncated"] is not whole_is_there
