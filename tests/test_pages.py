"""Reports of pages: claims, findings and the graph tell the page; reports without pages do not mention any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.model import Claim, Finding, Label
from kg.render import ReportSource
from kg.render.concise import render as concise
from kg.render.full import render as full
from kg.render.json import render as as_json
from tests.command import kg
from tests.ingest.printed import lines, printed

FIRST = ["Ibis: A Small Model", "", "", "We introduce Ibis-7B, a small model of language that is good at it."]
SECOND = [
    "We trained Ibis-7B for 21 days on 64 A100 GPUs with AdamW and a",
    "learning rate of 1e-4, and we used a batch size of 2048.",
]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "ibis.pdf"
    path.write_bytes(printed(lines(FIRST), lines(SECOND)))
    return path


def test_claims_of_a_pdf_tell_their_page(paper: Path) -> None:
    rows = [json.loads(line) for line in kg("extract", paper, "--format", "jsonl").stdout.splitlines()]
    found = {row["relation"]: row for row in rows}
    rate, name = found["peakLearningRate"], found["name"]
    assert (name["page"], name["pageStart"]) == (1, name["start"])
    assert (rate["page"], rate["mention"]) == (2, "1e-4")
    assert "\n".join(SECOND)[rate["pageStart"] :].startswith("1e-4")
    assert list(rate)[-2:] == ["page", "pageStart"]
    assert all(Claim.from_json(row).to_json() == row for row in rows)


def test_claims_of_a_text_mention_no_page(tmp_path: Path) -> None:
    path = tmp_path / "ibis.txt"
    path.write_text("\n".join(FIRST) + "\f" + "\n".join(SECOND))
    rows = [json.loads(line) for line in kg("extract", path, "--format", "jsonl").stdout.splitlines()]
    assert rows
    assert not any("page" in row or "pageStart" in row for row in rows)


def test_the_graph_tells_the_page(paper: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert kg("build", paper, "-o", out).returncode == 0
    query = """SELECT ?page (SUBSTR(?text, ?start + 1, ?end - ?start) AS ?words) WHERE { GRAPH ?graph {
        ?claim kg:page ?page ; rdf:predicate kg:peakLearningRate ; oa:start ?start ; oa:end ?end . ?report kg:text ?text } }"""
    assert kg("query", query, "-b", out, "--format", "csv").stdout.splitlines()[1] == "2,1e-4"
    again = kg("build", paper, "-o", out, "--json")
    assert json.loads(again.stdout)["changed"] is False


SOURCE = {"a.pdf": ReportSource("a.pdf", "One.\nTwo\f\fThree and\nfour 5", paged=True), "a.txt": ReportSource("a.txt", "One\f2\n3")}


@pytest.mark.parametrize(
    ("report", "start", "spot", "line"),
    [
        ("a.pdf", 0, "a.pdf:page 1:1:1", "1 | One."),
        ("a.pdf", 5, "a.pdf:page 1:2:1", "2 | Two"),
        ("a.pdf", 10, "a.pdf:page 3:1:1", "1 | Three and"),
        ("a.pdf", 25, "a.pdf:page 3:2:6", "2 | four 5"),
        ("a.txt", 6, "a.txt:2:1", "2 | 3"),
    ],
)
def test_findings_tell_the_page(report: str, start: int, spot: str, line: str) -> None:
    findings = [Finding("KG106", "violation", "it cannot be", (Label(report, start, start + 1),))]
    assert concise(findings, SOURCE, color=False, width=80) == f"{spot}: KG106 error: it cannot be\n"
    assert full(findings, SOURCE, color=False, width=80).splitlines()[1:4:2] == [f" --> {spot}  (chars {start}..{start + 1})", line]
    (label,) = json.loads(as_json(findings, SOURCE, color=False, width=80))[0]["labels"]
    assert label.get("page") == (int(spot[11]) if "page" in spot else None)
