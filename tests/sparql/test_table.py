from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.sparql.table import short, table

PREFIXES = {"x": "http://x/", "y": "http://x/y/"}


def shown(query: str, width: int | None = None) -> list[str]:
    found = ox.Store().query(query, prefixes=PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    return table(found, PREFIXES, width).splitlines()


def test_columns_are_aligned_and_numbers_stand_at_the_right() -> None:
    assert shown("SELECT ?name ?n { VALUES (?name ?n) { ('a' 1) ('longer' 20) (UNDEF UNDEF) } }") == [
        "name     n",
        "──────  ──",
        "a        1",
        "longer  20",
        "",
    ]


def test_wide_and_combining_characters_take_the_columns_they_take() -> None:
    assert shown("SELECT * { VALUES (?a ?b) { ('日本' 'x') ('e\u0301' 'y') } }") == [
        "a     b",
        "────  ─",
        "日本  x",
        "e\u0301     y",
    ]


def test_the_widest_cells_are_cut_to_the_terminal() -> None:
    lines = shown("SELECT ?short ?long { VALUES (?short ?long) { ('abc' 'a long text that does not fit') } }", 20)
    assert lines[2] == "abc    a long text …"
    assert all(len(line) <= 20 for line in lines)


def test_cells_keep_some_columns_on_the_narrowest_terminal() -> None:
    assert shown("SELECT * { VALUES (?a ?b) { ('abcdefghijk' 'abcdefghijk') } }", 5)[2] == "abcdefg…  abcdefg…"


def test_a_wide_character_is_not_cut_in_two() -> None:
    assert shown("SELECT ('日本日本日本日本' AS ?a) {}", 8)[2] == "日本日 …"


@pytest.mark.parametrize(("text", "cell"), [(r"a\nb", "a b"), (r"a\u001B[31mb", "a [31mb"), (r"a\u202Eb", "a b"), (r"a\tb", "a b")])
def test_control_characters_are_not_shown(text: str, cell: str) -> None:
    assert shown(f"SELECT ('{text}' AS ?a) {{}}")[2] == cell


def test_no_columns() -> None:
    assert shown("SELECT * {}") == ["1 rows without columns"]


def test_no_rows() -> None:
    assert shown("SELECT ?a ?b { FILTER(false) }") == ["a  b", "─  ─"]


def test_other_terms() -> None:
    assert shown("SELECT * { VALUES ?a { <http://x/y/z> <http://z/> 'text'@en } }")[2:] == ["y:z", "http://z/", "text"]
    assert shown("SELECT (BNODE('b') AS ?a) {}")[2].startswith("_:")


def test_the_longest_namespace_wins() -> None:
    assert short("http://x/y/z", PREFIXES) == "y:z"
    assert short("http://x/w", PREFIXES) == "x:w"
