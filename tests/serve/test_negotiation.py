from __future__ import annotations

import pytest

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
