"""What the comparison of servers rests on: equal answers are found equal, different ones are not, and all that runs is counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.serve import __main__ as bench
from bench.serve import load, report
from bench.serve.answers import ROWS, TRIPLES, differs, read
from bench.serve.cases import Case, cases, pairs, shipped_cases
from bench.serve.engines import KINDS
from bench.serve.processes import tree, used
from kg import pipeline
from kg.config import Config
from kg.query import run
from kg.schema import DEFAULT_BASE
from kg.store import Build
from tests.command import SEEDS
from tests.lacking import lacking

XSD = "http://www.w3.org/2001/XMLSchema#"


def rows(*values: tuple[str, str | None]) -> bytes:
    terms = [{"value": {"type": "literal", "value": value, **({"datatype": XSD + kind} if kind else {})}} for value, kind in values]
    return json.dumps({"head": {"vars": ["value"]}, "results": {"bindings": terms}}).encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("128", "integer"), ("128.0", "decimal")),
        (("1e3", "double"), ("1000", "integer")),
        (("P3DT12H", "duration"), ("302400", "duration")),
        (("PT1M30.5S", "duration"), ("90.5", "double")),
        (("2023", "gYear"), ("2023", None)),
        (("true", "boolean"), ("1", "integer")),
    ],
)
def test_one_value_in_two_writings_is_equal(one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
    assert differs(read(ROWS, rows(one)), read(ROWS, rows(other))) is None


def test_rows_in_another_order_are_equal_and_another_value_is_told() -> None:
    here, there = ("a", None), ("b", None)
    assert differs(read(ROWS, rows(here, there)), read(ROWS, rows(there, here))) is None
    assert differs(read(ROWS, rows(here, there)), read(ROWS, rows(here))) == (
        "1 of 2 rows are missing, 0 are added, such as (('value', 'b'),)"
    )


def test_triples_and_truth_are_compared_too() -> None:
    one = read(TRIPLES, b'<x:a> <x:b> "1.0"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n')
    assert differs(one, read(TRIPLES, b'<x:a> <x:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n')) is None
    assert differs(one, read(TRIPLES, b'<x:a> <x:b> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'))
    assert differs(read(ROWS, b'{"boolean": true}'), read(ROWS, b'{"boolean": false}'))


def test_a_process_counts_with_those_that_it_started() -> None:
    script = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(3 * 10**7)); print(1, flush=True); input()'])"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"1\n"
        assert len(tree(process.pid)) == 2 and tree(process.pid)[0] == process.pid
        found = used(process.pid)
        process.communicate(b"\n")
    assert found.seconds > 0.1 and found.rss >= found.pss > 10**6
    assert os.getpid() in tree(os.getppid())


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("build")
    return pipeline.build([SEEDS], folder, config=Config(), progress=lambda *_: None, say=lambda _: None).build


def test_texts_never_repeat(build: Build) -> None:
    for case in (*cases(build.store(), DEFAULT_BASE), *shipped_cases(DEFAULT_BASE), *(facts for facts, _ in pairs(DEFAULT_BASE))):
        texts = case.texts(0, 40)
        assert len(set(texts)) == len(texts), case.name
        assert texts[7:9] == case.texts(7, 2)
        assert "data:" not in case.text(0) or "PREFIX data: <" in case.text(0)


@pytest.mark.parametrize(("facts", "summary"), [pair for pair in pairs(DEFAULT_BASE) if pair[1]], ids=lambda case: case.name)
def test_summaries_say_what_the_facts_say(facts: Case, summary: Case, build: Build) -> None:
    found = [read(ROWS, run(build.store(), case.text(0), format="json")) for case in (facts, summary)]
    assert found[0]
    assert differs(*found) is None


def test_a_short_run_checks_and_times_what_is_installed(build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not load.installed():
        lacking("wrk is not installed")
    if not KINDS["oxigraph"].installed():
        lacking("oxigraph is not installed")
    written = tmp_path / "found.json"
    folder = build.path.parent.parent
    bench.main(["-b", str(folder), "--quick", "--engines", "kg,oxigraph", "--only", "look-up,models", "--json", str(written)])
    found = json.loads(written.read_bytes())
    assert {(item["case"], item["engine"]) for item in found["checked"]} == {
        (case, engine) for case in ("look-up", "models") for engine in ("kg", "oxigraph")
    }
    assert not [item for item in found["checked"] if item["wrong"]]
    assert all(item["requests"] > 0 and not item["errors"] and item["p50"] > 0 for item in found["loads"])
    assert {(item["engine"], item["texts"]) for item in found["loads"]} == {
        (engine, texts) for engine in ("kg", "oxigraph") for texts in ("new", "repeated")
    }
    assert {item["engine"] for item in found["times"]} == {"kg", "oxigraph", "store"}
    assert all(memory["rss"] > 10**7 for memory in found["memory"].values())
    told = capsys.readouterr().out
    assert "× oxigraph's time" in told and "models" in told


def test_what_is_not_installed_or_wrong_is_said() -> None:
    checked = [{"case": "hours", "engine": "virtuoso", "rows": 3, "wrong": "virtuoso answers 500: no"}]
    told = report.text(
        {"loads": [], "times": [], "memory": {}, "missing": {"oxigraph": "pip install oxigraph"}, "checked": checked}
    )
    assert told.endswith(
        "oxigraph is not installed and not compared: pip install oxigraph\n"
        "virtuoso is not timed for hours: virtuoso answers 500: no\n"
    )
