"""JSON Lines: which field is the text, what the others say, and what becomes of a line that is no report."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ingest._entry import Part, Refused
from kg.ingest._file import LARGEST
from kg.ingest._lines import lines as lines_of
from kg.ingest.jsonl import documents
from kg.model import Field, Origin
from tests.ingest.containers import TEXT, found, lines, made


def test_a_line_is_a_report(tmp_path: Path) -> None:
    text = f"# Ibis\r\n\r\n{TEXT}"
    (document,), failures, findings = found(made(tmp_path, "a.jsonl", lines({"id": "org/ibis", "text": text, "stars": 3})))
    assert (document.id, document.source, document.format) == ("a.jsonl/org/ibis", text, "text")
    assert document.origin == Origin("a.jsonl", 1, None)
    assert document.path == str(tmp_path / "a.jsonl")
    assert [document.source[s.start : s.end] for s in document.segments if s.kind == "sentence"] == [TEXT]
    assert (failures, findings) == ([], [])


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"text": "A.", "content": "B."}, "A."),
        ({"content": "B.", "abstract": "C."}, "B."),
        ({"text": None, "body": "B."}, "B."),
        ({"text": "  ", "README": "R."}, "R."),
        ({"Model-Card": "M."}, "M."),
        ({"abstract": "C.", "title": "T"}, "C."),
    ],
)
def test_the_text_is_the_first_field_that_holds_one(tmp_path: Path, record: dict[str, Any], text: str) -> None:
    documents, failures, _ = found(made(tmp_path, "a.jsonl", lines(record)))
    assert ([document.source for document in documents], failures) == ([text], [])


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({"title": " On\n Ibis ", "date": "2024-02-01T10:00:00Z"}, [("title", "On Ibis"), ("published", "2024-02-01")]),
        ({"published": "2024"}, [("published", "2024")]),
        ({"published": "2024-02", "date": "2023"}, [("published", "2024-02")]),
        ({"published": "last May", "date": "2023"}, [("published", "2023")]),
        ({"published": 2024, "title": ["T"]}, [("published", "2024")]),
        ({"title": True, "date": None}, []),
        ({"arxiv_id": "arXiv:2301.12345v2"}, [("arxivId", "2301.12345")]),
        ({"arxiv_id": "cs/0112017"}, []),
    ],
)
def test_what_a_record_says_of_its_report(tmp_path: Path, record: dict[str, Any], fields: list[tuple[str, str]]) -> None:
    (document,), _, _ = found(made(tmp_path, "a.jsonl", lines({"text": TEXT, **record})))
    assert document.fields == tuple(Field(name, value, 0, 0) for name, value in fields)


LISTING = "Computer Vision\nSep 18, 2023\n\nOwls See\n\narXiv:2309.09958v143 citations\n\nAbstract\n\nWe train Owl-2B.\n"


def test_what_a_record_says_goes_before_what_its_text_seems_to(tmp_path: Path) -> None:
    record = {"text": LISTING, "title": "Owls"}
    (document,), _, _ = found(made(tmp_path, "a.jsonl", lines(record)))
    assert document.format == "arxiv_listing"
    assert {field.name: field.value for field in document.fields} == {
        "title": "Owls",
        "arxivId": "2309.09958",
        "published": "2023-09-18",
    }
    assert [(finding.code, finding.report) for finding in document.findings] == [("KG406", "a.jsonl/1")]


@pytest.mark.parametrize(
    ("record", "format"),
    [
        ({"format": "md"}, "markdown"),
        ({"format": ".txt"}, "text"),
        ({"mime": "text/markdown; charset=UTF-8"}, "markdown"),
        ({"mime": "text/x-markdown"}, "markdown"),
        ({"content_type": "text/plain"}, "text"),
        ({"format": "markdown"}, "markdown"),
        ({"format": "jsonl"}, "text"),
        ({"format": "image/png"}, "text"),
        ({"id": "card.md"}, "markdown"),
    ],
)
def test_the_format_of_a_record(tmp_path: Path, record: dict[str, Any], format: str) -> None:
    (document,), _, _ = found(made(tmp_path, "a.jsonl", lines({"text": TEXT, **record})))
    assert document.format == format


def test_a_readme_is_markdown(tmp_path: Path) -> None:
    (document,), _, _ = found(made(tmp_path, "a.jsonl", lines({"readme": TEXT})))
    assert document.format == "markdown"


BAD = {
    "cut off": ('{"text": "a', "the line is not JSON: Unterminated string starting at at its column 10"),
    "no JSON": ("text", "the line is not JSON: Expecting value at its column 1"),
    "a list": ("[1, 2]", "the line is not a JSON object"),
    "a string": ('"text"', "the line is not a JSON object"),
    "no text": ('{"url": "u", "id": 1}', "no field holds a text; the fields are: id, url"),
    "no fields": ("{}", "no field holds a text; the fields are: none"),
    "many fields": (json.dumps({f"f{n:02}": n for n in range(14)}), "f11 and 2 more"),
    "empty text": ('{"text": ""}', "the field 'text' is empty"),
    "null": ('{"text": null}', "the field 'text' is empty"),
    "a list as text": ('{"text": ["a"]}', "the field 'text' is no text: list"),
    "only a mark": ('{"text": "\\ufeff"}', "its text is empty"),
    "NUL": ('{"text": "a\\u0000b"}', "its text is binary: character 1 is NUL"),
    "deep": ('{"text": ' + "[" * 100_000, "JSON beyond all measure"),
    "a long number": ('{"text": ' + "9" * 5_000 + "}", "JSON beyond all measure"),
    "too long": (json.dumps({"text": "é" * (LARGEST // 2 + 1)}), f"its text has more than {LARGEST:,} bytes"),
}


@pytest.mark.parametrize(("line", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_fails_alone(tmp_path: Path, line: str, reason: str) -> None:
    documents, failures, _ = found(made(tmp_path, "a.jsonl", lines({"text": TEXT}, line, {"text": TEXT})))
    assert [document.id for document in documents] == ["a.jsonl/1", "a.jsonl/3"]
    ((path, said),) = failures
    assert path == "a.jsonl:2"
    assert reason in said


def test_bytes_that_are_no_text_fail_alone(tmp_path: Path) -> None:
    data = b'{"text": "caf\xe9"}\n' + lines({"text": TEXT}).encode()
    documents, failures, _ = found(made(tmp_path, "a.jsonl", data))
    assert [document.id for document in documents] == ["a.jsonl/2"]
    assert failures == [("a.jsonl:1", "the line is not UTF-8: byte 0xe9 at its offset 13")]


def test_blank_lines_marks_and_line_ends(tmp_path: Path) -> None:
    data = "\ufeff" + lines({"text": "A."}).replace("\n", "\r\n") + "\n  \n" + lines({"text": "B."}).rstrip("\n")
    documents, failures, _ = found(made(tmp_path, "a.ndjson", data))
    assert [(document.id, document.source) for document in documents] == [("a.ndjson/1", "A."), ("a.ndjson/4", "B.")]
    assert failures == []


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff\n"], ids=["empty", "blank", "only a mark"])
def test_a_file_without_a_report(tmp_path: Path, data: str) -> None:
    assert found(made(tmp_path, "a.jsonl", data))[:2] == ([], [("a.jsonl", "the file holds no report")])


def test_utf16_is_refused_as_a_whole(tmp_path: Path) -> None:
    assert found(made(tmp_path, "a.jsonl", lines({"text": TEXT}).encode("utf-16")))[:2] == (
        [],
        [("a.jsonl", "the file is UTF-16, not UTF-8")],
    )


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    input = made(tmp_path, "a.jsonl", "")
    input.path.unlink()
    assert found(input)[1] == [("a.jsonl", "the file is gone")]


def test_ids_are_the_entries_own_and_no_two_are_equal(tmp_path: Path) -> None:
    keys: list[Any] = ["x", 7, "x", None, "", "../up", "a//b", "tab\there", "k" * 201, " y ", "x@3", "12", "\ud800", True]
    documents, failures, _ = found(made(tmp_path, "a.jsonl", lines(*({"id": key, "text": TEXT} for key in keys))))
    ids = [document.id.removeprefix("a.jsonl/") for document in documents]
    assert ids == ["x", "7", "x@3", "4", "5", "6", "7@7", "8", "9", "y", "x@3@11", "12", "13", "14"]
    assert failures == []


def test_an_id_that_cannot_be_made_different(tmp_path: Path) -> None:
    data = lines({"id": "a@2", "text": TEXT}, {"id": "x", "text": TEXT}, "", {"id": "x@5", "text": TEXT}, {"id": "x", "text": TEXT})
    documents, failures, _ = found(made(tmp_path, "a.jsonl", data))
    assert [document.id for document in documents] == ["a.jsonl/a@2", "a.jsonl/x", "a.jsonl/x@5"]
    assert failures == [("a.jsonl:5", "an entry before is named 'x@5' too")]


def test_the_hash_follows_text_and_format(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"text": TEXT},
        {"text": TEXT, "stars": 1},
        {"text": TEXT, "format": "md"},
        {"text": TEXT + " "},
    ]
    hashes = [document.sha256 for document in found(made(tmp_path, "a.jsonl", lines(*records)))[0]]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_a_long_line_is_passed_over_without_being_held() -> None:
    file = io.BytesIO(b"ab\n" + b"x" * 100 + b"\ncd\n" + b"y" * 30)
    met = list(lines_of(file, "in", longest=10))
    assert [item if isinstance(item, tuple) else (item.line, item.reason) for item in met] == [
        (1, "ab\n"),
        (2, "the line has more than 10 bytes"),
        (3, "cd\n"),
        (4, "the line has more than 10 bytes"),
    ]


def test_lines_are_read_as_they_are_wanted() -> None:
    file = io.BytesIO(lines({"text": "A."}).encode() * 10_000)
    first = next(iter(documents(file, "in")))
    assert isinstance(first, Part)
    assert file.tell() < 1_000


@given(st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=40)))
def test_any_lines_are_read(texts: list[str]) -> None:
    data = "\n".join(texts).encode("utf-8", "surrogatepass")
    for entry in documents(io.BytesIO(data), "in"):
        assert isinstance(entry, Part | Refused)
        assert 1 <= entry.line <= len(texts)
