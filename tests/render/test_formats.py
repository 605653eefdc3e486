"""What programs read: each format against its own syntax, expected text written by hand."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Schema  # type: ignore[import-untyped]

from kg.codes import codes
from kg.errors import UnknownName
from kg.model import Finding, Label, Origin
from kg.render import ReportSource, formats, render

TEXT = "Title\r\n模型 trained on 256 GPUs,\n100% of <data> & more"
SOURCES = {"a.txt": ReportSource("seeds/über a:b.txt", TEXT), "clean.txt": ReportSource("seeds/clean.txt", "")}
COUNT, TAG = TEXT.index("256"), TEXT.index("<data>")
FINDINGS = [
    Finding("KG402", "warning", "no, such: 100% \n tag", (Label("a.txt", TAG, TAG + 6),), report="a.txt"),
    Finding(
        "KG102",
        "violation",
        "256 is no <thing>",
        (Label("a.txt", COUNT, COUNT + 3, "a number"), Label("a.txt", TEXT.index("GPUs"), TEXT.index("\n100%") + 5, "two lines")),
        ("a note: 1, 2",),
        "a.txt",
        "https://w3id.org/kg/hardware/x",
        "accelerator",
    ),
    Finding("KG400", "violation", "not a PDF", report="b.pdf"),
    Finding("KG501", "info", "two things are named X"),
]


def test_formats_are_the_files() -> None:
    assert formats() == ("concise", "full", "github", "json", "junit", "sarif")


def test_an_unknown_format_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="no format of findings is named 'jsn'\n  hint: did you mean json"):
        render([], {}, "jsn")
    with pytest.raises(UnknownName, match="_place"):  # what is shared is no format
        render([], {}, "_place")


def test_concise() -> None:
    assert render(FINDINGS, SOURCES, "concise") == (
        "KG501 note: two things are named X\n"
        "seeds/über a:b.txt:2:15: KG102 error: 256 is no <thing>\n"
        "seeds/über a:b.txt:3:9: KG402 warning: no, such: 100% ␊ tag\n"
        "b.pdf: KG400 error: not a PDF\n"
    )
    assert render(FINDINGS[2:3], SOURCES, "concise", color=True) == "\x1b[1mb.pdf\x1b[0m: \x1b[1;31mKG400 error\x1b[0m: not a PDF\n"


def test_json() -> None:
    data = json.loads(render(FINDINGS, SOURCES, "json"))
    assert [finding["code"] for finding in data] == ["KG501", "KG102", "KG402", "KG400"]
    assert data[1] == {
        "code": "KG102",
        "severity": "violation",
        "message": "256 is no <thing>",
        "report": "a.txt",
        "path": "seeds/über a:b.txt",
        "subject": "https://w3id.org/kg/hardware/x",
        "relation": "accelerator",
        "labels": [
            {
                "report": "a.txt",
                "path": "seeds/über a:b.txt",
                "start": 21,
                "end": 24,
                "line": 2,
                "column": 15,
                "endLine": 2,
                "endColumn": 18,
                "mention": "256",
                "text": "a number",
            },
            {
                "report": "a.txt",
                "path": "seeds/über a:b.txt",
                "start": 25,
                "end": 35,
                "line": 2,
                "column": 19,
                "endLine": 3,
                "endColumn": 5,
                "mention": "GPUs,\n100%",
                "text": "two lines",
            },
        ],
        "notes": ["a note: 1, 2"],
    }
    assert data[3]["path"] == "b.pdf" and data[3]["labels"] == []
    lost = json.loads(render([Finding("KG401", "warning", "m", (Label("gone", 1, 2),))], {}, "json"))[0]["labels"][0]
    assert (lost["start"], lost["line"], lost["path"]) == (1, None, None)
    assert render([], {}, "json") == "[]\n"


def test_github() -> None:
    file = "file=seeds/über a%3Ab.txt"
    assert render(FINDINGS, SOURCES, "github") == (
        f"::error {file},line=2,endLine=2,col=15,endColumn=18,title=KG102::256 is no <thing>%0Aa note: 1, 2\n"
        "::error file=b.pdf,title=KG400::not a PDF\n"
        f"::warning {file},line=3,endLine=3,col=9,endColumn=15,title=KG402::no, such: 100%25 ␊ tag\n"
        "::notice title=KG501::two things are named X\n"
    )
    over_lines = Finding("KG401", "warning", "m", (Label("a.txt", 0, len(TEXT)),))
    assert render([over_lines], SOURCES, "github") == f"::warning {file},line=1,endLine=3,title=KG401::m\n"


def test_github_writes_the_ten_worst_and_counts_the_rest() -> None:
    many = [Finding("KG402", "warning", f"w{n:02}") for n in range(12)] + [Finding("KG101", "violation", "worst")]
    lines = render(many, {}, "github").splitlines()
    assert lines[0] == "::error title=KG101::worst"
    assert lines[9] == "::warning title=KG402::w08"
    assert lines[10:] == ["::notice title=kg::and 3 more findings: 3 warnings"]
    assert len(render(many[:10], {}, "github").splitlines()) == 10


def test_junit() -> None:
    root = ET.fromstring(render(FINDINGS, SOURCES, "junit").encode())  # noqa: S314 - our own output
    assert root.attrib == {"name": "kg", "tests": "5", "failures": "2", "errors": "0", "skipped": "0"}
    suites = {suite.attrib["name"]: suite for suite in root}
    assert list(suites) == ["seeds/über a:b.txt", "seeds/clean.txt", "kg", "b.pdf"]
    first, second = suites["seeds/über a:b.txt"]
    assert first.attrib == {"classname": "seeds/über a:b.txt", "name": "KG102 256 is no <thing>"}
    assert first[0].tag == "failure" and first[0].attrib == {"type": "KG102", "message": "256 is no <thing>"}
    assert (first[0].text or "").splitlines() == [
        "error[KG102]: 256 is no <thing>",
        "seeds/über a:b.txt:2:15: a number",
        "seeds/über a:b.txt:2:19: two lines",
        "note: a note: 1, 2",
    ]
    assert [child.tag for child in second] == ["system-out"]
    assert [case.attrib["name"] for case in suites["seeds/clean.txt"]] == ["no findings"]
    assert suites["seeds/clean.txt"].attrib["tests"] == "1" and suites["b.pdf"].attrib["failures"] == "1"


def sarif(findings: list[Finding]) -> Any:
    return json.loads(render(findings, SOURCES, "sarif"))


def test_sarif_results() -> None:
    run = sarif(FINDINGS)["runs"][0]
    file = {"uri": "seeds/%C3%BCber%20a%3Ab.txt"}
    results = {result["ruleId"]: result for result in run["results"]}
    assert [result["ruleId"] for result in run["results"]] == ["KG501", "KG102", "KG402", "KG400"]
    assert results["KG102"]["level"] == "error" and results["KG501"]["level"] == "note"
    assert results["KG102"]["message"] == {"text": "256 is no <thing>\na note: 1, 2"}
    assert results["KG102"]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": file,
                "region": {
                    "startLine": 2,
                    "startColumn": 15,
                    "endLine": 2,
                    "endColumn": 18,
                    "charOffset": 21,
                    "charLength": 3,
                    "snippet": {"text": "256"},
                },
            },
            "message": {"text": "a number"},
        }
    ]
    assert [place["id"] for place in results["KG102"]["relatedLocations"]] == [1]
    assert results["KG400"]["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "b.pdf"}}}]
    assert "locations" not in results["KG501"]


def test_sarif_has_what_the_standard_demands() -> None:
    log = sarif([*FINDINGS, Finding("MY-1", "warning", "a shape of the user's")])
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["columnKind"] == "unicodeCodePoints" and run["tool"]["driver"]["name"] == "kg"
    assert {code.code for code in codes()} | {"MY-1"} == {rule["id"] for rule in rules}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"] and result["level"] in {"error", "warning", "note"}
        assert len(result["partialFingerprints"]["kg/v1"]) == 16
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
        assert rule["id"] == "MY-1" or rule["help"]["markdown"]


def test_sarif_is_valid_against_its_schema() -> None:
    """The classes are generated from the schema of the standard, and refuse what it does not know."""
    pages = Finding("KG402", "info", "on a page", (Label("p.pdf", 9, 13),), report="p.pdf")
    row = Finding("KG450", "warning", "in a row", (Label("r", 0, 1),), report="r")
    sources = SOURCES | {
        "p.pdf": ReportSource("p.pdf", "one\f\nsome words", paged=True),
        "r": ReportSource("r.jsonl", "text", Origin("r.jsonl", 4)),
    }
    for found in ([], [*FINDINGS, pages, row, Finding("MY-1", "warning", "a shape of the user's")]):
        log = json.loads(render(found, sources, "sarif"))
        Schema.model_validate(log)
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(ValidationError, match=r"results\.0\.level"):
        Schema.model_validate(log)


def test_a_pdf_has_pages_and_no_lines() -> None:
    finding = Finding("KG402", "info", "odd", (Label("p.pdf", 5, 9, "a word"), Label("p.pdf", 0, 3)), ("a note",), "p.pdf")
    sources = {"p.pdf": ReportSource("p.pdf", "one\f\nsome words", paged=True)}
    result = json.loads(render([finding], sources, "sarif"))["runs"][0]["results"][0]
    assert result["message"]["text"] == "odd\npage 2, line 2: “some”\na note"
    assert result["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "p.pdf"}},
            "message": {"text": "page 2, line 2: a word"},
            "properties": {"page": 2, "line": 2, "column": 1, "mention": "some"},
        }
    ]
    assert result["relatedLocations"][0]["message"] == {"text": "page 1, line 1: one"}
    assert render([finding], sources, "github") == "::notice file=p.pdf,title=KG402::odd%0Apage 2, line 2: “some”%0Aa note\n"
    assert render([finding], sources, "concise") == "p.pdf:page 2:2:1: KG402 note: odd\n"


def test_reports_of_one_file_stand_in_its_order() -> None:
    found = [Finding("KG402", "info", "m", (Label(f"a.jsonl:{line}", 3, 4),), report=f"a.jsonl:{line}") for line in (10, 9, 100, 1)]
    assert [line.partition(": ")[0] for line in render(found, {}, "concise").splitlines()] == [
        f"a.jsonl:{n}" for n in (1, 9, 10, 100)
    ]
    assert render(found[::-1], {}, "json") == render(found, {}, "json")


def test_what_is_not_stated_is_shown_at_what_is_near() -> None:
    """A gap has no words of its own: the label says what it stands at, the message what was looked for."""
    gap = Finding(
        "KG203",
        "info",
        "Kestrel-7B: no number of accelerators is stated",
        (Label("a.txt", COUNT, COUNT + 3, "accelerator X"),),
        ("looked for acceleratorCount",),
    )
    bare = replace(gap, labels=(), report="a.txt")
    for name in formats():
        shown = render([gap], SOURCES, name)
        assert (
            all(words in shown for words in ("no number of accelerators is stated", "looked for acceleratorCount", "KG203"))
            or name == "concise"
        )
        assert "über" in render([bare], SOURCES, name) or "%C3%BCber" in render([bare], SOURCES, name)
    assert "^^^ accelerator X" in render([gap], SOURCES, "full")
    assert "2:15: accelerator X" in render([gap], SOURCES, "junit")


def test_sarif_of_a_file_outside_the_working_directory() -> None:
    finding = Finding("KG400", "violation", "m", report="/data/a b.txt")
    location = sarif([finding])["runs"][0]["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "file:///data/a%20b.txt"


def test_a_fingerprint_stays_when_text_moves() -> None:
    prints = [
        sarif([Finding("KG102", "violation", "m", (Label(report, start, 9),), report=report)])["runs"][0]["results"][0][
            "partialFingerprints"
        ]
        for report, start in (("a.txt", 1), ("a.txt", 5), ("clean.txt", 1))
    ]
    assert prints[0] == prints[1] != prints[2]


anything = st.text(st.characters(exclude_categories=()), max_size=60)
spans = st.lists(st.tuples(st.integers(-2, 70), st.integers(-2, 70), anything), max_size=3)


@given(anything, anything, spans, st.sampled_from(formats()))
def test_any_text_and_any_span(text: str, message: str, spans: list[tuple[int, int, str]], name: str) -> None:
    finding = Finding("KG402", "warning", message, tuple(Label("r", *span) for span in spans), (message,), "r")
    out = render([finding], {"r": ReportSource("a.txt", text)}, name)
    data = out.encode()  # no half of a surrogate pair is left
    if name in {"json", "sarif"}:
        json.loads(data)
    elif name == "junit":
        ET.fromstring(data)  # noqa: S314 - our own output
    elif name in {"concise", "github"}:
        assert len(out.splitlines()) == 1
