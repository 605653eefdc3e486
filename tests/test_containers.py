"""Files of many reports in a build: each report is one of its own, and the promises of single files hold."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyoxigraph as ox
import pytest
import zstandard
from pyarrow import parquet as pq

from kg import pipeline
from kg.checks import check
from kg.config import Config
from kg.errors import InputError
from kg.outcome import BuildResult
from kg.render import render
from kg.steps.read import FEW
from kg.store import FILES
from tests.command import SEEDS, kg
from tests.memory import misremember

IBIS = {"id": "ibis", "text": "We introduce Ibis-7B, a language model with 7 billion parameters. It was pretrained on The Pile."}
OWL = {"id": "owl", "text": "Our model, Owl-3B, was trained on 64 NVIDIA A100 80GB GPUs for 5 days with AdamW."}
KITE = {"text": "# Kite-1B\n\nKite-1B was trained with <gpu_count>0</gpu_count> GPUs.", "title": "Kites", "format": "md"}
CSV = 'Model,Organization,Parameters,Training time (hours),Notes\nHeron-2B,Org A,2e9,48,"two\nlines"\nCrane-9B,Org B,0,x,\n'


def lines(*records: Mapping[str, Any] | str) -> str:
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with a report by itself and files of many, one of them with a line that is broken."""
    folder = tmp_path / "reports"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("We introduce Stork-2B. It was trained with AdamW.\n")
    (folder / "b.jsonl").write_text(lines(IBIS, '{"id": ', OWL, KITE))
    (folder / "deep/c.csv").write_text(CSV)
    (folder / "d.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(lines(OWL).encode()))
    (folder / "e.md.gz").write_bytes(gzip.compress(b"# Tern-4B\n\nTern-4B was trained for 3 epochs.\n", mtime=0))
    pq.write_table(pa.Table.from_pylist([{"content": IBIS["text"]}]), folder / "f.parquet")
    return folder


def build(paths: Path | Sequence[Path], out: Path, *, accept_shrink: bool = False, **settings: Any) -> BuildResult:
    given = [paths] if isinstance(paths, Path) else list(paths)
    talk: dict[str, Any] = {"progress": lambda what, done, total: None, "say": lambda text: None}
    return pipeline.build(given, out, config=Config(**settings), accept_shrink=accept_shrink, **talk)


def digests(out: Path) -> dict[str, str]:
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FILES if name != "run.json"}


def rows(out: Path, name: str = "claims.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]


IDS = ["a.txt", "b.jsonl/4", "b.jsonl/ibis", "b.jsonl/owl", "d.jsonl.zst/owl", "deep/c.csv/Crane-9B", "deep/c.csv/Heron-2B"]
IDS += ["e.md.gz", "f.parquet/1"]


def test_each_report_is_one_of_its_own(reports: Path, tmp_path: Path) -> None:
    result = build(reports, tmp_path / "out")
    manifest = result.build.manifest
    assert [entry["id"] for entry in manifest["inputs"]] == IDS
    places = {entry["id"]: (entry["file"], entry["line"], entry["offset"]) for entry in manifest["inputs"] if "file" in entry}
    assert places["b.jsonl/owl"] == ("b.jsonl", 3, None)
    assert places["deep/c.csv/Crane-9B"] == ("deep/c.csv", 4, CSV.index("Crane"))
    assert set(IDS) - set(places) == {"a.txt", "e.md.gz"}
    assert [(entry["id"], entry["reports"]) for entry in manifest["files"]] == [
        ("b.jsonl", 3),
        ("d.jsonl.zst", 1),
        ("deep/c.csv", 2),
        ("f.parquet", 1),
    ]
    assert manifest["files"][0]["sha256"] == hashlib.sha256((reports / "b.jsonl").read_bytes()).hexdigest()
    assert {row["report"] for row in rows(tmp_path / "out")} == set(IDS)
    assert {row["method"] for row in rows(tmp_path / "out") if "c.csv" in row["report"]} == {"table:epoch"}


def test_an_entry_that_cannot_be_read_is_told_by_file_and_line(reports: Path, tmp_path: Path) -> None:
    result = build(reports, tmp_path / "out")
    assert [(item.path, item.reason) for item in result.failures] == [
        ("b.jsonl:2", "the line is not JSON: Expecting value at its column 7")
    ]
    assert result.exit_code("violation") == 3
    (entry,) = result.build.manifest["failed"]
    assert (entry["id"], entry["file"], entry["sha256"]) == ("b.jsonl:2", "b.jsonl", None)
    text = render([finding for finding in result.findings if finding.code == "KG400"], result.sources, "concise")
    assert text.startswith(f"{reports}/b.jsonl:2: KG400 error: the line is not JSON")
    assert "unreadable" in {row["status"] for row in rows(tmp_path / "out", "coverage.jsonl") if row["report"] == "b.jsonl:2"}


def test_claims_point_into_the_report_and_the_file(reports: Path, tmp_path: Path) -> None:
    result = build(reports, tmp_path / "out")
    place = {entry["id"]: entry for entry in result.build.manifest["inputs"]}
    texts = {"b.jsonl/ibis": IBIS["text"], "b.jsonl/owl": OWL["text"], "b.jsonl/4": KITE["text"], "f.parquet/1": IBIS["text"]}
    checked = 0
    for row in rows(tmp_path / "out"):
        entry = place[row["report"]]
        text = texts.get(row["report"])
        if entry.get("offset") is not None:
            text = (reports / entry["file"]).read_text()[entry["offset"] :]
        if text is not None:
            assert text[row["start"] : row["end"]] == row["mention"]
            checked += 1
    assert checked > 15


def test_findings_show_the_line_of_the_file(reports: Path, tmp_path: Path) -> None:
    result = build(reports, tmp_path / "out")
    said = render(result.findings, result.sources, "concise")
    assert f"{reports}/deep/c.csv:4:16: KG106 error: Crane-9B: " in said
    assert f"{reports}/deep/c.csv:4:18: KG450 warning: the cell of Training time (hours) is not one number: “x”" in said
    assert f"{reports}/deep/c.csv: KG451 note: 4 of 5 columns of a table of 2 rows are read" in said
    assert f"{reports}/b.jsonl:4:1: KG106 error: " in said
    full = render([finding for finding in result.findings if finding.code == "KG450"], result.sources, "full")
    assert f"--> {reports}/deep/c.csv:4:18  (chars 17..18)" in full
    assert "4 | Crane-9B,Org B,0,x," in full


def test_findings_are_shown_the_same_from_the_build(reports: Path, tmp_path: Path) -> None:
    first = build(reports, tmp_path / "out")
    again = build(reports, tmp_path / "out")
    assert not again.changed
    assert list(again.findings) == [
        replace(finding, notes=()) if finding.code == "KG400" else finding for finding in first.findings
    ]
    about = {label.report for finding in first.findings for label in finding.labels}
    assert {id: again.sources[id] for id in about} == {id: first.sources[id] for id in about}
    checked = check(first.build, Config())
    assert checked.findings == again.findings
    assert {id: checked.sources[id] for id in about} == {id: first.sources[id] for id in about}
    assert again.exit_code("violation") == 3


def test_other_forms_of_findings_point_into_the_file(reports: Path, tmp_path: Path) -> None:
    result = build(reports, tmp_path / "out")
    by_code = {finding.code: finding for finding in result.findings if finding.labels and finding.report}
    decoded = next(finding for finding in result.findings if finding.labels and finding.labels[0].report == "b.jsonl/4")
    sarif = json.loads(render([by_code["KG450"], decoded], result.sources, "sarif"))
    regions = [found["locations"][0]["physicalLocation"]["region"] for found in sarif["runs"][0]["results"]]
    exact, whole = sorted(regions, key=len, reverse=True)
    assert (exact["startLine"], exact["startColumn"], exact["charOffset"]) == (4, 18, CSV.index("x,\n"))
    assert whole == {"startLine": 4, "snippet": {"text": whole["snippet"]["text"]}}
    github = render([decoded], result.sources, "github")
    assert ",line=4,endLine=4,title=" in github


def test_a_second_build_of_the_same_does_nothing(reports: Path, tmp_path: Path) -> None:
    first, second = build(reports, tmp_path / "out"), build(reports, tmp_path / "out")
    assert (first.changed, second.changed) == (True, False)


CHANGES: dict[str, tuple[str, str]] = {
    "an entry is edited": ("b.jsonl", lines({**IBIS, "text": "We introduce Ibis-8B."}, '{"id": ', OWL, KITE)),
    "an entry is added": ("b.jsonl", lines(KITE, IBIS, '{"id": ', OWL, KITE)),
    "an entry is removed": ("b.jsonl", lines(OWL, KITE)),
    "an entry is mended": ("b.jsonl", lines(IBIS, OWL, KITE)),
    "entries change places": ("b.jsonl", lines(OWL, '{"id": ', IBIS, KITE)),
    "another format": ("b.jsonl", lines({**IBIS, "format": "md"}, '{"id": ', OWL, KITE)),
    "another title": ("b.jsonl", lines(IBIS, '{"id": ', OWL, {**KITE, "title": "Other"})),
    "a row is edited": ("deep/c.csv", CSV.replace("2e9", "3e9")),
    "columns change places": ("deep/c.csv", CSV.replace("Parameters,Training time (hours)", "Training time (hours),Parameters")),
    "a file becomes unreadable": ("deep/c.csv", CSV.replace("Model", "Colour")),
    "a file becomes empty": ("b.jsonl", ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_input_gives_what_a_build_from_nothing_gives(reports: Path, tmp_path: Path, change: str) -> None:
    build(reports, tmp_path / "out")
    name, text = CHANGES[change]
    (reports / name).write_text(text)
    again = build(reports, tmp_path / "out", accept_shrink=True)
    fresh = build(reports, tmp_path / "fresh")
    assert again.changed
    assert digests(tmp_path / "out") == digests(tmp_path / "fresh")
    assert again.findings == fresh.findings


def test_an_entry_that_did_not_change_is_not_asked_again(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(reports, out)
    misremember(out, "7000000000", "7000000001")
    (reports / "b.jsonl").write_text(lines(KITE, OWL, IBIS))
    build(reports, out)
    assert {row["value"] for row in rows(out) if row["relation"] == "parameterCount" and row["report"] == "b.jsonl/ibis"} == {
        "7000000001"
    }


def test_processes_and_order_change_nothing(tmp_path: Path) -> None:
    texts = [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    records: list[Any] = [{"id": f"r{n}", "text": f"Number {n}. {texts[n % 5]}"} for n in range(2 * FEW)]
    records[7:7] = ["{", {"x": 1}]
    records[60:60] = ["["]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_text(lines(*records))
    (folder / "b.csv").write_text(CSV)
    (folder / "z.txt").write_text("We introduce Stork-2B.")
    results = {jobs: build(folder, tmp_path / f"out{jobs}", jobs=jobs) for jobs in (1, 2, 3)}
    first = digests(tmp_path / "out1")
    assert digests(tmp_path / "out2") == digests(tmp_path / "out3") == first
    assert results[1].findings == results[2].findings
    assert [item.path for item in results[2].failures] == ["a.jsonl:61", "a.jsonl:8", "a.jsonl:9"]
    named = sorted(folder.iterdir(), reverse=True)
    build(named, tmp_path / "named")
    assert digests(tmp_path / "named") == first


@pytest.mark.parametrize("seed", ["0", "77"])
def test_hash_seeds_and_places_change_nothing(reports: Path, tmp_path: Path, seed: str) -> None:
    build(reports, tmp_path / "here")
    moved = tmp_path / "elsewhere"
    reports.rename(moved)
    ran = kg("build", moved, "-o", tmp_path / "there", environ={"PYTHONHASHSEED": seed})
    assert ran.returncode == 3, ran.stderr
    assert digests(tmp_path / "there") == digests(tmp_path / "here")


def test_progress_is_told_to_the_end(reports: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def progress(what: str, done: int, total: int) -> None:
        if what == "reading":
            told.append((done, total))

    pipeline.build([reports], tmp_path / "out", config=Config(), progress=progress, say=lambda text: None)
    assert told[-1] == (len(IDS), len(IDS))
    assert all(done < total for done, total in told[:-2])


def test_two_reports_with_one_id(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "y/a.jsonl").mkdir(parents=True)
    (tmp_path / "x/a.jsonl").write_text(lines({"id": "b.txt", "text": "We introduce Ibis-7B."}))
    (tmp_path / "y/a.jsonl/b.txt").write_text("We introduce Owl-2B.")
    result = build([tmp_path / "x", tmp_path / "y"], tmp_path / "out")
    assert [(item.path, item.reason) for item in result.failures] == [("a.jsonl/b.txt", "another report has this id")]
    assert not build([tmp_path / "x", tmp_path / "y"], tmp_path / "out").changed


def test_the_graph_knows_the_reports_and_their_texts(reports: Path, tmp_path: Path) -> None:
    store = build(reports, tmp_path / "out").build.store()
    query = (
        "PREFIX kg: <https://w3id.org/kg/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        "SELECT ?id ?text { GRAPH ?g { ?r a kg:Report ; rdfs:label ?id ; kg:text ?text } }"
    )
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    texts = {solution["id"].value: solution["text"].value for solution in solutions}
    assert sorted(texts) == IDS
    assert texts["b.jsonl/owl"] == OWL["text"]
    assert texts["deep/c.csv/Heron-2B"] == 'Heron-2B,Org A,2e9,48,"two\nlines"'


def test_the_graph_knows_where_a_report_of_many_stands(reports: Path, tmp_path: Path) -> None:
    store = build(reports, tmp_path / "out").build.store()
    query = (
        "PREFIX kg: <https://w3id.org/kg/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        "SELECT ?id ?path ?line { ?r rdfs:label ?id ; kg:path ?path ; kg:line ?line }"
    )
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    places = {solution["id"].value: (solution["path"].value, int(solution["line"].value)) for solution in solutions}
    assert set(places) == set(IDS) - {"a.txt", "e.md.gz"}
    assert places["deep/c.csv/Crane-9B"] == ("deep/c.csv", 4)
    assert places["f.parquet/1"] == ("f.parquet", 1)


def test_extract_prints_the_claims_of_every_entry(reports: Path) -> None:
    ran = kg("extract", reports / "b.jsonl", reports / "deep")
    assert ran.returncode == 3, ran.stderr
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {row["report"] for row in found} == {"b.jsonl/4", "b.jsonl/ibis", "b.jsonl/owl", "c.csv/Crane-9B", "c.csv/Heron-2B"}
    assert f"{reports}/b.jsonl:2: KG400 error" in ran.stderr


def test_a_container_without_a_report_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines({"x": 1}, "{"))
    with pytest.raises(InputError, match=r"(?s)none of 1 reports could be read.*a\.jsonl:1: no field holds a text"):
        build(tmp_path / "a.jsonl", tmp_path / "out")


def test_what_is_skipped_is_listed(reports: Path, tmp_path: Path) -> None:
    (reports / ".hidden.txt").write_text("We introduce Owl-2B.")
    (reports / "again.txt").symlink_to("a.txt")
    (reports / "hardware.csv").write_text("Hardware name,Manufacturer,Type\nA100,NVIDIA,GPU\n")
    os.mkdir(reports / ".git")
    result = build(reports, tmp_path / "out")
    listed = {entry["path"]: entry["reason"] for entry in result.build.manifest["skipped"]}
    assert listed == {
        ".git": "hidden",
        ".hidden.txt": "hidden",
        "again.txt": "the same file as a.txt",
        "hardware.csv": "a table of Epoch AI's of hardware: catalogue data, not reports",
    }
