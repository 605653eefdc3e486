"""Scraped listing pages: what is certain becomes a field, what is furniture is not read."""

from __future__ import annotations

import pytest

from kg.ingest import read_text
from kg.model import Document

PAGE = """CLLGMar 5, 2024

Ibis: a Small Model
for Large Birds

arXiv:2403.01234v217 citationsh-index: 40Has Code
Originality Highly original work
AI Analysis

This work helps people who watch birds.

Abstract
We present Ibis. It has 7B parameters.

Code Implementations3 repos
Foundations

The foundational work for this paper's niche, ranked by how specifically others build on it.

Your Notes"""


def fields(document: Document) -> dict[str, str]:
    return {field.name: field.value for field in document.fields}


def texts(document: Document) -> list[str]:
    return [" ".join(document.text[segment.start : segment.end].split()) for segment in document.segments]


def test_fields_with_the_words_they_stand_in() -> None:
    document = read_text(PAGE, "a.txt")
    assert document.format == "arxiv_listing"
    assert [(field.name, field.value, PAGE[field.start : field.end]) for field in document.fields] == [
        ("title", "Ibis: a Small Model for Large Birds", "Ibis: a Small Model\nfor Large Birds"),
        ("published", "2024-03-05", "Mar 5, 2024"),
        ("arxivId", "2403.01234", "2403.01234"),
    ]


def test_furniture_is_not_read() -> None:
    document = read_text(PAGE, "a.txt")
    assert texts(document) == [
        "Ibis: a Small Model for Large Birds",
        "This work helps people who watch birds.",
        "We present Ibis.",
        "It has 7B parameters.",
    ]
    assert document.segments[0].kind == "heading"
    assert len(document.text) == len(PAGE)


def test_the_version_is_left_open() -> None:
    (finding,) = read_text(PAGE, "a.txt").findings
    assert (finding.code, finding.severity) == ("KG406", "info")
    assert PAGE[finding.labels[0].start : finding.labels[0].end] == "v217"
    assert finding.notes == ("it may be v2 and 17 citations, v21 and 7 citations or v217; none is taken",)


@pytest.mark.parametrize(
    "line", ["arXiv:2403.01234v2", "arXiv:2403.01234v2 citations", "arXiv:2403.01234 citations", "arXiv:2403.01234v22"]
)
def test_a_version_that_can_be_told_is_no_finding(line: str) -> None:
    document = read_text(f"CLMar 5, 2024\n\nA Title\n\n{line}\n\nText.", "a.txt")
    assert document.findings == ()
    assert fields(document)["arxivId"] == "2403.01234"


@pytest.mark.parametrize(
    ("first", "date"),
    [
        ("CVCLSep 18, 2023", "2023-09-18"),
        ("18 September 2023", "2023-09-18"),
        ("cs.CL, cs.LG · May 1 2024", "2024-05-01"),
        ("STAT-MECHJune 30, 2024", "2024-06-30"),
        ("CLFeb 31, 2024", None),
    ],
)
def test_dates(first: str, date: str | None) -> None:
    document = read_text(f"{first}\n\nA Title\n\narXiv:2403.01234v1\n\nText.", "a.txt")
    assert fields(document).get("published") == date
    assert document.format == "arxiv_listing"


def test_a_page_with_labels() -> None:
    source = "arXiv:2309.01234 (cs)\n[Submitted on 18 Sep 2023 (v1), last revised 2 Oct 2023]\nTitle: Ibis, a Model\n\nIt is small."
    document = read_text(source, "a.txt")
    assert fields(document) == {"title": "Ibis, a Model", "published": "2023-09-18", "arxivId": "2309.01234"}
    assert texts(document)[-1] == "It is small."


def test_old_identifiers_have_four_digits() -> None:
    assert fields(read_text("CLMar 5, 2014\n\nA Title\n\narXiv:1403.12343 citations\n", "a.txt"))["arxivId"] == "1403.1234"


def test_a_page_without_a_date_or_title() -> None:
    document = read_text("arXiv:2403.01234v15 citationsh-index: 4\n\nIt is small.", "a.txt")
    assert fields(document) == {"arxivId": "2403.01234"}


def test_tags_in_furniture_are_left_out() -> None:
    document = read_text("arXiv:2403.01234v1 citations <year>2024</year>\n\nBy <year>2023</year>.", "a.txt")
    assert [(tag.name, document.source[tag.start : tag.end]) for tag in document.tags] == [("year", "2023")]


@pytest.mark.parametrize(
    "source",
    [
        "We follow arXiv:2403.01234v1 here. Mar 5, 2024",
        "Some text.\n\narXiv:2403.01234v1 [cs.CL]\n\nMore text.",
        "Mar 5, 2024\n\nA post without any identifier.",
        "Text.\n" * 1000 + PAGE,
    ],
)
def test_other_texts_are_not_listings(source: str) -> None:
    assert read_text(source, "a.txt").format == "text"


def test_what_lies_inside_a_comment_is_no_field() -> None:
    document = read_text("<!--\narXiv:2403.01234v15 citations\n-->\nText.", "a.md")
    assert document.fields == ()
    assert texts(document) == ["Text."]


def test_many_lines_of_furniture() -> None:
    document = read_text(PAGE + "\nAbstract" * 20_000, "a.txt")
    assert len(document.segments) == 4
