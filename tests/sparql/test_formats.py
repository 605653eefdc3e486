from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

from kg.errors import UnknownName, UsageError
from kg.sparql.formats import FORMATS, Layout, write

LAYOUT = Layout({"x": "http://x/"})
XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
SELECT = f"""{XSD} SELECT ?iri ?n ?d ?e ?b ?year ?none {{
  VALUES (?iri ?n ?d ?e ?b ?year ?none) {{ (<http://x/é> 1 1.50 1e-5 true '2023'^^xsd:gYear UNDEF) }}
}}"""
GRAPH = "CONSTRUCT { <http://x/b> <http://x/p> 'é' . <http://x/a> <http://x/p> 1.5 } WHERE { VALUES ?twice { 1 2 } }"
QUERIES = {"rows": SELECT, "truth": "ASK {}", "graph": GRAPH}


def written(query: str, name: str | None) -> bytes:
    return write(ox.Store().query(query), name, LAYOUT)


@pytest.mark.parametrize("kind", QUERIES)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_what_fits_and_refuses_the_rest(name: str, kind: str) -> None:
    if kind in FORMATS[name].kinds:
        content = written(QUERIES[kind], name)
        assert content.endswith(b"\n")
        assert content == written(QUERIES[kind], name)
        content.decode("utf-8")
    else:
        with pytest.raises(UsageError, match=f"cannot be written as {name}\n  hint: choose one of: ") as caught:
            written(QUERIES[kind], name)
        listed = str(caught.value).rpartition(": ")[2].split(", ")
        assert listed == [other for other in FORMATS if kind in FORMATS[other].kinds]


def test_an_unknown_format_suggests_the_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"no format is named 'jsn'\n  hint: did you mean .*json"):
        written(SELECT, "jsn")


@pytest.mark.parametrize(("kind", "start"), [("rows", b"iri"), ("truth", b"true\n"), ("graph", b"@prefix x: <http://x/> .\n")])
def test_without_a_format_it_is_what_a_person_reads(kind: str, start: bytes) -> None:
    assert written(QUERIES[kind], None).startswith(start)


@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_rows_come_back_as_they_were(name: str) -> None:
    media = FORMATS[name].media_type
    format = ox.QueryResultsFormat.from_media_type(str(media))
    assert format
    read = ox.parse_query_results(written(SELECT, name), format=format)
    rows = ox.Store().query(SELECT)
    assert isinstance(read, ox.QuerySolutions) and isinstance(rows, ox.QuerySolutions)
    assert [list(row) for row in read] == [list(row) for row in rows]


@pytest.mark.parametrize("name", [name for name in FORMATS if "graph" in FORMATS[name].kinds])
def test_a_graph_comes_back_as_it_was(name: str) -> None:
    format = ox.RdfFormat.from_media_type(str(FORMATS[name].media_type))
    assert format
    read = {quad.triple for quad in ox.parse(written(GRAPH, name), format=format)}
    assert read == set(ox.Store().query(GRAPH))  # type: ignore[arg-type]  # what a CONSTRUCT answers


def test_a_graph_is_sorted_and_has_each_triple_once() -> None:
    assert written(GRAPH, "nt").decode().splitlines() == [
        '<http://x/a> <http://x/p> "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .',
        '<http://x/b> <http://x/p> "é" .',
    ]


def test_json_lines_hold_values_of_their_kind() -> None:
    assert json.loads(written(SELECT, "jsonl")) == {
        "iri": "http://x/é",
        "n": 1,
        "d": 1.5,
        "e": 1e-5,
        "b": True,
        "year": "2023",
        "none": None,
    }
    assert written("ASK { FILTER(false) }", "jsonl") == b'{"boolean": false}\n'


def test_json_lines_hold_what_is_no_number_as_text() -> None:
    query = XSD + "SELECT * { VALUES (?a ?b ?c) { ('x'^^xsd:integer 'INF'^^xsd:double 'y'^^xsd:boolean) } }"
    assert json.loads(written(query, "jsonl")) == {"a": "x", "b": "INF", "c": "y"}
    assert json.loads(written("SELECT (BNODE('b') AS ?a) {}", "jsonl"))["a"].startswith("_:")


def test_false_is_shown_as_false() -> None:
    assert written("ASK { FILTER(false) }", "table") == b"false\n"


def test_an_empty_graph_is_empty() -> None:
    assert written("CONSTRUCT WHERE { ?s ?p ?o }", "nt") == b""
