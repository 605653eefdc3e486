from __future__ import annotations

import pytest

from kg.errors import UnknownName
from kg.serve._negotiation import choose, formats_for, media_types

ROWS = ["application/sparql-results+json", "text/csv", "text/tab-separated-values"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", ROWS[0]),
        ("*/*", ROWS[0]),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values"),
        ("text/*;q=0.9, text/csv;q=0.1", "text/tab-separated-values"),
        ("*/*, application/sparql-results+json;q=0", "text/csv"),
        ("text/csv;charset=utf-8;header=present;q=0.8", "text/csv"),
        ("text/csv ; q=0.300 , text/tab-separated-values ; q=0.301", "text/tab-separated-values"),
        ("image/png, text/csv;q=0.1", "text/csv"),
        ("text/csv;q=2, text/tab-separated-values;q=0.1", "text/tab-separated-values"),
        ("nonsense, text/csv", "text/csv"),
        ("image/png", None),
        ("*/*;q=0", None),
        ("text/csv;q=0", None),
        ('text/csv;header="a,b;q=0";q=0.5, text/tab-separated-values;q=0.4', "text/csv"),
        ('text/csv;header="a, text/tab-separated-values', "text/csv"),
        ("text/csv;q=0.1, text/csv;q=0.9, text/tab-separated-values;q=0.5", "text/csv"),
    ],
)
def test_what_a_client_likes_best(accept: str, chosen: str | None) -> None:
    assert choose(accept, ROWS) == chosen


@pytest.mark.parametrize(
    ("accept", "rows", "truth", "graph"),
    [
        ("", "json", "json", "turtle"),
        ("application/json", "json", "json", None),
        ("text/xml", "xml", "xml", None),
        ("text/csv", "csv", None, None),
        ("text/plain", None, None, "nt"),
        ("application/ld+json", None, None, "jsonld"),
        ("application/sparql-results+json, text/turtle", "json", "json", "turtle"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "xml", "xml", "turtle"),
    ],
)
def test_a_format_for_each_kind_of_answer(accept: str, rows: str | None, truth: str | None, graph: str | None) -> None:
    assert formats_for(accept) == {"rows": rows, "truth": truth, "graph": graph}


def test_the_preferred_media_type_comes_first() -> None:
    assert next(iter(media_types("rows"))) == "application/sparql-results+json"
    assert next(iter(media_types("graph"))) == "text/turtle"
    assert "text/csv" not in media_types("truth")


@pytest.mark.parametrize(
    ("accept", "named", "rows", "truth", "graph"),
    [
        ("text/csv", ["json"], "json", "json", "jsonld"),
        ("text/csv", ["xml"], "xml", "xml", "rdfxml"),
        ("*/*", ["csv"], "csv", "json", "turtle"),
        ("text/turtle", ["csv"], "csv", None, "turtle"),
        ("", ["TTL"], "json", "json", "turtle"),
        ("", ["n3"], "json", "json", "turtle"),
        ("", ["json-ld"], "json", "json", "jsonld"),
        ("", ["application/sparql-results+xml"], "xml", "xml", "turtle"),
        ("", ["application/sparql-results xml"], "xml", "xml", "turtle"),
        ("", ["application/n-triples; charset=utf-8"], "json", "json", "nt"),
        ("text/csv", ["auto", ""], "csv", None, None),
        ("", ["", "tsv", "xml"], "tsv", "json", "turtle"),
        ("", ["json-ld", "application/ld+json,application/x-json+ld"], "json", "json", "jsonld"),
        ("", ["application/x-json+ld, application/ld json"], "json", "json", "jsonld"),
        ("", ["auto,text/csv"], "csv", "json", "turtle"),
    ],
)
def test_a_format_by_name(accept: str, named: list[str], rows: str, truth: str | None, graph: str | None) -> None:
    assert formats_for(accept, named) == {"rows": rows, "truth": truth, "graph": graph}


@pytest.mark.parametrize("named", [["cvs"], ["xml", "image/png"], ["table"], ["table,cvs"], ["jsonl"], ["x" * 1000]])
def test_a_format_that_is_none(named: list[str]) -> None:
    with pytest.raises(UnknownName, match="no format is named"):
        formats_for("*/*", named)


def test_a_long_header_is_read_to_its_end() -> None:
    assert formats_for("image/png, " * 4000 + "text/csv") == {"rows": "csv", "truth": None, "graph": None}
