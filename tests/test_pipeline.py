from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg import outcome, pipeline, wire
from kg.checks import check, check_file
from kg.config import Config
from kg.errors import BuildError, InputError
from kg.model import Claim
from kg.steps.read import FEW, processes
from kg.store import FILES, locked, open_build
from kg.terms import KG
from tests.builds import IMPOSSIBLE, SMALL, build, content, write
from tests.command import ROOT, SEEDS


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return write(tmp_path / "reports", SMALL)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("seeds") / "kg-out"
    build(SEEDS, out)
    return out


def test_a_build_holds_every_file(seeds: Path) -> None:
    assert sorted(path.name for path in open_build(seeds).path.iterdir()) == sorted([*FILES, "store"])


def test_claims_are_sorted_and_their_words_stand_in_the_reports(seeds: Path) -> None:
    claims = [Claim.from_json(row) for row in rows(seeds, "claims.jsonl")]
    assert len(claims) > 50
    assert claims == sorted(claims, key=Claim.sort_key)
    for claim in claims:
        assert (SEEDS / claim.report).read_bytes().decode()[claim.start : claim.end] == claim.mention


def test_the_store_holds_what_graph_nq_says_and_nothing_twice(seeds: Path) -> None:
    lines = (seeds / "graph.nq").read_bytes().splitlines()
    quads = list(ox.parse(path=str(seeds / "graph.nq"), format=ox.RdfFormat.N_QUADS))
    store = open_build(seeds).store()
    assert len(lines) == len(set(quads)) == len(store)
    assert set(store) == set(quads)
    assert not any(isinstance(term, ox.BlankNode) for quad in quads for term in quad)


def test_every_graph_of_the_design_is_there(seeds: Path) -> None:
    names = {str(name).removeprefix("<https://w3id.org/kg/graph/").rstrip(">") for name in open_build(seeds).store().named_graphs()}
    reports = {f"report/{path.name}" for path in SEEDS.glob("*.txt")}
    assert names == {"build", "catalog", "derived", "ontology", "search", "summary", *reports}


def test_a_base_may_end_in_a_number_sign(reports: Path, tmp_path: Path) -> None:
    build(reports, tmp_path / "out", base_iri="https://example.org/kg#")
    store = open_build(tmp_path / "out").store()
    assert store.query("ASK { <https://example.org/kg#model/kestrel-7b> ?p ?o }")


def test_the_default_graph_holds_facts_catalogue_and_ontology_but_no_claim(seeds: Path) -> None:
    store = open_build(seeds).store()
    ask = "PREFIX kg: <" + KG + "> ASK {{ {} }}"
    for pattern in ("?m kg:parameterCount ?n", "?a a kg:Accelerator ; kg:memory ?b", "kg:extends a ?class"):
        assert store.query(ask.format(pattern)), pattern
    for pattern in ("?c a kg:Claim", "?r kg:text ?t"):
        assert not store.query(ask.format(pattern)), pattern


def test_graph_ttl_is_what_the_reports_say_and_the_known_things_they_name(seeds: Path) -> None:
    triples = {quad.triple for quad in ox.parse(path=str(seeds / "graph.ttl"), format=ox.RdfFormat.TURTLE)}
    default = {quad.triple for quad in open_build(seeds).store() if isinstance(quad.graph_name, ox.DefaultGraph)}
    assert triples < default
    text = (seeds / "graph.ttl").read_text("utf-8")
    assert text.startswith("@base <https://w3id.org/kg/> .\n@prefix ")
    assert "<model/instructblip-13b> a kg:Model" in text
    assert "kg:text" not in text
    assert "owl:" not in text


def test_every_line_of_json_can_be_read(seeds: Path) -> None:
    for name in ("claims.jsonl", "suggestions.jsonl", "coverage.jsonl"):
        assert rows(seeds, name)
    for name in ("graph.jsonld", "findings.json", "findings.sarif", "manifest.json", "run.json"):
        json.loads((seeds / name).read_bytes())
    list(ox.parse(path=str(seeds / "findings.ttl"), format=ox.RdfFormat.TURTLE))


def test_the_manifest_names_inputs_and_versions_but_no_place_or_time(seeds: Path) -> None:
    manifest = json.loads((seeds / "manifest.json").read_bytes())
    assert [entry["id"] for entry in manifest["inputs"]] == sorted(path.name for path in SEEDS.glob("*.txt"))
    assert set(manifest["versions"]) == {"kg", "code", "rules", "ontology", "shapes", "base", "extractor", "assumptions"}
    assert str(SEEDS) not in (seeds / "manifest.json").read_text("utf-8")


def test_coverage_says_of_every_model_and_relation_what_was_found(reports: Path, tmp_path: Path) -> None:
    (reports / "none.txt").write_text("Nothing of interest is in here.\n")
    (reports / "broken.txt").write_bytes(b"\x00\x01\x02")
    build(reports, tmp_path / "out")
    table = {(row["report"], row["model"], row["relation"]): row["status"] for row in rows(tmp_path / "out", "coverage.jsonl")}
    assert table["a.txt", "Kestrel-7B", "parameterCount"] == "stated"
    assert table["a.txt", "Kestrel-7B", "optimizer"] == "not-stated"
    assert table["none.txt", None, "optimizer"] == "not-stated"
    assert table["broken.txt", None, "optimizer"] == "unreadable"
    relations = {relation for _, _, relation in table}
    assert {"name", "duration", "license"} <= relations
    assert not relations & {"hasRun", "trainedOn", "memory", "sha256"}
    assert len(table) == len({(report, model) for report, model, _ in table}) * len(relations)


def test_a_document_that_fails_is_told_and_the_others_are_built(reports: Path, tmp_path: Path) -> None:
    (reports / "broken.txt").write_bytes(b"\x00\x01\x02 not text")
    result = build(reports, tmp_path / "out")
    (failed,) = result.build.manifest["failed"]
    assert failed["id"] == "broken.txt"
    assert result.exit_code("violation") == 3
    assert [failure.path for failure in result.failures] == ["broken.txt"]
    (finding,) = [finding for finding in result.findings if finding.code == "KG400"]
    assert (finding.report, finding.message) == ("broken.txt", failed["reason"])
    assert result.build.manifest["counts"]["reports"] == 3
    again = build(reports, tmp_path / "out")
    assert (again.changed, again.exit_code("violation"), [item.path for item in again.failures]) == (False, 3, ["broken.txt"])


def test_when_no_report_can_be_read_nothing_is_published(reports: Path, tmp_path: Path) -> None:
    build(reports, tmp_path / "out")
    before = content(tmp_path / "out")
    for name in SMALL:
        (reports / name).write_bytes(b"\x00\x01\x02")
    with pytest.raises(InputError, match=r"(?s)none of 3 reports could be read.*a\.txt: "):
        build(reports, tmp_path / "out")
    assert content(tmp_path / "out") == before


def test_a_folder_without_reports_says_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"(?s)holds no report.*kg reads .*\.txt"):
        build(tmp_path / "empty", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_skipped_changes_no_exit_code(reports: Path, tmp_path: Path) -> None:
    (reports / "picture.png").write_bytes(b"\x89PNG")
    result = build(reports, tmp_path / "out")
    assert result.exit_code("violation") == 0
    assert [entry["path"] for entry in result.build.manifest["skipped"]] == ["picture.png"]


def many(folder: Path, count: int) -> Path:
    texts = [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    return write(folder, {f"{number:03}.txt": f"Number {number}. {texts[number % len(texts)]}" for number in range(count)})


def test_more_processes_give_the_same(tmp_path: Path) -> None:
    reports = many(tmp_path / "reports", FEW + 6)
    one, two = build(reports, tmp_path / "one", jobs=1), build(reports, tmp_path / "two", jobs=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert one.findings == two.findings


@pytest.mark.parametrize(("jobs", "documents", "expected"), [(8, FEW, 1), (8, FEW + 1, 5), (2, 1000, 2), (1, 1000, 1)])
def test_processes_are_started_when_they_are_worth_it(jobs: int, documents: int, expected: int) -> None:
    assert processes(jobs, documents) == expected


def test_without_a_number_there_is_a_process_per_core() -> None:
    assert processes(0, 10_000) == (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())


def test_a_process_that_is_killed_is_told(tmp_path: Path) -> None:
    def kill(what: str, done: int, total: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    reports = many(tmp_path / "reports", 4 * FEW)
    with pytest.raises(BuildError, match=r"(?s)was stopped from outside.*fewer processes with --jobs"):
        pipeline.build([reports], tmp_path / "out", config=Config(jobs=2), progress=kill, say=print)
    assert not (tmp_path / "out" / ".current").is_symlink()


LARGE = """
import os, sys
from pathlib import Path
from kg.config import Config
from kg.pipeline import build
def progress(what, done, total):
    print(*[child.pid for child in __import__("multiprocessing").active_children()], flush=True)
    sys.stdin.read()
build([sys.argv[1]], Path(sys.argv[2]), config=Config(jobs=2), progress=progress, say=print)
"""


def test_the_processes_of_a_killed_build_end_and_free_the_folder(tmp_path: Path) -> None:
    reports, out = many(tmp_path / "reports", 2 * FEW), tmp_path / "out"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LARGE, str(reports), str(out)]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        children = [int(pid) for pid in process.stdout.readline().split()]
        assert len(children) == 2
        process.send_signal(signal.SIGKILL)
    with locked(out, wait=30):
        assert [
            pid for pid in children if Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes()
        ] == []


def test_extraction_alone_gives_the_claims_of_a_build(seeds: Path) -> None:
    found = pipeline.extract_only([SEEDS], config=Config(), progress=lambda what, done, total: None)
    assert [claim.to_json() for claim in found.claims] == rows(seeds, "claims.jsonl")
    assert wire.write(found.suggestions, "jsonl", scores=True) == (seeds / "suggestions.jsonl").read_bytes()
    assert found.failures == []


SHAPE = """
@prefix kg: <https://w3id.org/kg/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<x:shape> a sh:NodeShape ; sh:targetClass kg:Model ; sh:property [ sh:path kg:license ; sh:minCount 1 ; sh:message "no license" ] .
"""


def test_a_file_of_the_users_shapes_is_part_of_what_a_build_is_made_of(reports: Path, tmp_path: Path) -> None:
    shapes = tmp_path / "house.ttl"
    shapes.write_text(SHAPE, encoding="utf-8")
    build(reports, tmp_path / "out")
    result = build(reports, tmp_path / "out", shapes=(shapes,))
    assert result.changed
    assert {finding.code for finding in result.findings} >= {"KG100"}
    assert not build(reports, tmp_path / "out", shapes=(shapes,)).changed
    shapes.write_text(SHAPE + "# another line\n", encoding="utf-8")
    assert build(reports, tmp_path / "out", shapes=(shapes,)).changed


def test_findings_are_told_again_when_nothing_changed(reports: Path, tmp_path: Path) -> None:
    write(reports, IMPOSSIBLE)
    first, second = build(reports, tmp_path / "out"), build(reports, tmp_path / "out")
    assert (second.changed, second.exit_code("violation")) == (False, 1)
    assert second.findings == first.findings
    told = {finding.report for finding in second.findings}
    assert second.sources == {id: first.sources[id] for id in told if id}
    assert "z.txt" in told


def test_a_violation_fails_the_build_and_can_be_shown_again(reports: Path, tmp_path: Path) -> None:
    write(reports, IMPOSSIBLE)
    result = build(reports, tmp_path / "out")
    assert result.exit_code("violation") == 1
    checked = check(result.build, Config())
    assert checked.findings == list(result.findings)
    assert checked.sources["z.txt"].text == IMPOSSIBLE["z.txt"]
    assert checked.report() == (result.build.path / "findings.ttl").read_bytes()
    of_shapes = [finding for finding in checked.findings if finding.code == "KG106"]
    again = check(result.build, Config(shapes=(write(tmp_path, {"house.ttl": SHAPE}) / "house.ttl",))).findings
    assert [finding for finding in again if finding.code != "KG100"] == checked.findings
    assert of_shapes and len(again) > len(checked.findings)


def test_a_file_of_anybodys_is_checked(reports: Path, tmp_path: Path) -> None:
    write(reports, IMPOSSIBLE)
    build(reports, tmp_path / "out")
    assert {finding.code for finding in check_file(tmp_path / "out" / "graph.ttl", Config()).findings} == {"KG106"}


def test_what_was_built_is_told_to_a_program(reports: Path, tmp_path: Path) -> None:
    write(reports, {"broken.txt": "\0\1", "photo.png": ""})
    told = build(reports, tmp_path / "out").to_json()
    assert (told["changed"], told["reports"], told["models"]) == (True, 3, 3)
    assert [item["path"] for item in told["failed"]] == ["broken.txt"]
    assert [item["path"] for item in told["skipped"]] == [str(reports / "photo.png")]
    json.dumps(told)


@pytest.mark.parametrize(
    ("severities", "fail_on", "code"),
    [
        (["info"], "violation", 0),
        (["warning"], "violation", 0),
        (["violation"], "violation", 1),
        (["warning"], "warning", 1),
        ([], "info", 0),
        (["info"], "info", 1),
    ],
)
def test_the_exit_code_follows_the_worst_finding(severities: list[str], fail_on: Any, code: int) -> None:
    assert outcome.exit_code(severities, fail_on) == code
