"""`kg why` and `kg query --evidence` as a user meets them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ROOT, SEEDS, environment, kg
from tests.readme import blocks, outputs, pattern, shown
from tests.why.builds import write_reports


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the seeds' build, as `kg-out`."""
    folder = tmp_path_factory.mktemp("why")
    (folder / "seeds").symlink_to(SEEDS)
    assert kg("build", "seeds", cwd=folder).returncode in {0, 1}
    return folder


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the build of reports of many kinds, as `kg-out`."""
    folder = tmp_path_factory.mktemp("mixed")
    write_reports(folder / "reports")
    assert kg("build", "reports", cwd=folder).returncode in {0, 1}
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a fact, or a query and a row"),
        (["InstructBLIP-13B", "--query", "training", "--row", "1"], "name a fact, or a query and a row"),
        (["InstructBLIP-13B", "--row", "1"], "--row and --param belong to --query"),
        (["InstructBLIP-13B", "--param", "a=b"], "--row and --param belong to --query"),
        (["--query", "training"], "no row of the query is named"),
        (["--query", "training", "--row", "0"], "there is no row 0"),
        (["--query", "training", "--row", "99"], "there is no row 99"),
        (["--query", "training", "--row", "1", "--param", "model"], "'model' is no parameter"),
        (["--query", "trainin", "--row", "1"], "did you mean training"),
        (["--query", "ASK {}", "--row", "1"], "the query has no rows"),
        (["--query", "SELECT ?x { ?x", "--row", "1"], "the query ends too early"),
        (["InstructBLP-13B"], "did you mean InstructBLIP-13B"),
        (["InstructBLIP-13B.durations"], "did you mean duration"),
        (["InstructBLIP-13B", "--stage", "pretrainin"], "did you mean pretraining"),
        ([""], "no fact is named"),
        (["InstructBLIP-13B", "--build", "seeds"], "no build at seeds"),
    ],
)
def test_wrong_use_exits_with_2(arguments: list[str], message: str, built: Path) -> None:
    ran = kg("why", *arguments, cwd=built)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    page = (ROOT / "docs/why.md").read_text("utf-8")
    examples = [item for block in blocks(page, "console") for item in shown(block)]
    printed = outputs([item.command for item in examples], tmp_path)
    assert len(examples) > 5
    for item in examples:
        assert pattern(item.output).fullmatch(printed[item.command]), item.command


def piped(folder: Path, *arguments: str, content: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kg", "why", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), input=content, capture_output=True, check=False, timeout=240)


@pytest.mark.parametrize("content", [b"", b"\n", b"[1]\n", b"\xff\xfe{", b'{"a": 1}\nx'])
def test_standard_input_that_holds_no_rows(content: bytes, built: Path) -> None:
    ran = piped(built, "-", content=content)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"error: standard input" in ran.stderr


def test_a_fact_with_its_words(built: Path) -> None:
    ran = kg("why", "InstructBLIP-13B.duration", cwd=built)
    assert (ran.returncode, ran.stderr) == (0, "")
    head, arrow, _, line, marks = ran.stdout.splitlines()
    assert head == "InstructBLIP-13B, pretraining: duration about P21D"
    assert re.fullmatch(r" --> seeds/000_instructblip\.txt:3:755  \(chars \d+\.\.\d+\)", arrow)
    assert line[marks.index("^") : marks.rindex("^") + 1] == "3 weeks"
    assert marks.endswith("about P21D, by tag")


def test_a_derived_fact_with_its_formula_and_inputs(built: Path) -> None:
    ran = kg("why", "InstructBLIP-13B.pretraining.impliedAcceleratorHours", cwd=built)
    assert ran.returncode == 0
    assert ran.stdout.startswith(
        "InstructBLIP-13B, pretraining: impliedAcceleratorHours 32,256 accelerator-hours (26,880 to 37,632)\n"
    )
    assert " = formula: 64 accelerators × 504 hours = 32,256 accelerator-hours\n = rule: accelerator-hours\n" in ran.stdout
    assert "  InstructBLIP-13B, pretraining: impliedAcceleratorCount 64 accelerators\n   = formula: 16,384 ÷" in ran.stdout
    assert ran.stdout.count("^") >= len("3 weeks")


def test_all_facts_of_a_model_in_brief_and_in_full(built: Path) -> None:
    ran = kg("why", "Meta-LLaVA-13B-v1.5", cwd=built)
    blocks = ran.stdout.split("\n\n")
    assert (ran.returncode, blocks[0]) == (
        0,
        "Meta-LLaVA-13B-v1.5  model https://w3id.org/kg/model/meta-llava-13b-v1.5\n  described in 002_meta-llava.txt",
    )
    assert [block.split("\n")[0] for block in blocks[1:-1]] == ["the model", "training", "pretraining", "instruction-tuning"]
    assert blocks[-1].startswith("not stated: ")
    assert re.search(r"\n  acceleratorCount +128 +seeds/002_meta-llava\.txt:5:83 “128”\n", ran.stdout)
    assert "^" not in ran.stdout
    full = kg("why", "Meta-LLaVA-13B-v1.5", "--full", cwd=built).stdout
    assert full.count("\n\n") > 30 and "^^^ 128, by tag" in full
    stage = kg("why", "Meta-LLaVA-13B-v1.5", "--stage", "pretraining", cwd=built).stdout
    assert "trainingExamples" in stage and "parameterCount" not in stage


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (
            "InstructBLIP-13B.evaluationDataset",
            ["evaluationDataset not stated", "looked for: A named benchmark", "in: 000_instructblip.txt"],
        ),
        (
            "InstructBLIP-13B.acceleratorHours",
            ["acceleratorHours not stated", "instead: impliedAcceleratorHours of pretraining is 32,256"],
        ),
        (
            "InstructBLIP-13B.alignment.duration",
            ["alignment: duration not stated", "instead: duration of pretraining is about P21D"],
        ),
        ("BLIP-2-Flan-T5-XL.impliedAcceleratorHours", ["impliedAcceleratorHours not computed", "no accelerator count is stated"]),
        ("InstructBLIP-13B.alignment", ["nothing is known of InstructBLIP-13B.alignment"]),
    ],
)
def test_a_fact_that_is_not_there_exits_with_1(fact: str, words: list[str], built: Path) -> None:
    ran = kg("why", fact, cwd=built)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert all(word in ran.stdout for word in words)
    data = json.loads(kg("why", fact, "--json", cwd=built).stdout)
    assert data["facts"] == []


def test_suggestions_are_shown_for_what_is_not_stated(built: Path) -> None:
    rows = [json.loads(line) for line in (built / "kg-out/suggestions.jsonl").read_text("utf-8").splitlines()]
    shown = [kg("why", f"{row['report']}.{row['relation']}", cwd=built).stdout for row in rows[:4]]
    assert any(
        " = perhaps: " in text and f"score {row['score']}" in text and "^" in text
        for text, row in zip(shown, rows[:4], strict=True)
    )


def test_an_accelerator_with_its_source(built: Path) -> None:
    out = kg("why", "NVIDIA A100 80GB", cwd=built).stdout
    assert "  peakFp16         312,000,000,000,000\n" in out
    assert "  source: https://" in out and "  credit: Epoch AI" in out
    assert "\nMeta-LLaVA-13B-v1.5, training\n  accelerator " in out


def test_a_row_of_a_query_and_a_pipe_give_the_same(built: Path) -> None:
    by_number = kg("why", "--query", "training", "--row", "3", cwd=built)
    assert (by_number.returncode, by_number.stdout.count("-->")) == (0, 1)
    for flags in ([], ["--evidence"]):
        rows = kg("query", "training", "--format", "jsonl", *flags, cwd=built).stdout.splitlines()
        ran = piped(built, "-", content=rows[2].encode())
        assert by_number.stdout in ran.stdout.decode()
    of_model = kg("why", "--query", "training", "--row", "1", "--param", "model=Meta-LLaVA-13B-v1.5", "--json", cwd=built)
    assert {fact["relation"] for fact in json.loads(of_model.stdout)["facts"]} == {"duration", "accelerator", "acceleratorCount"}


def test_one_json_document(built: Path) -> None:
    ran = kg("why", "InstructBLIP-13B", "--json", cwd=built)
    data = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr) == (0, "")
    for fact in data["facts"]:
        for claim in fact["claims"]:
            place = claim["words"]
            text = (SEEDS / place["report"]).read_text("utf-8")
            assert text.split("\n")[place["line"] - 1][place["column"] - 1 :].startswith(place["mention"].split("\n")[0])
            assert place["before"] + place["mention"] + place["after"] in text


def test_what_a_report_holds_cannot_harm_a_terminal(mixed: Path) -> None:
    names = [
        json.loads(line)["model"] for line in (mixed / "kg-out/claims.jsonl").read_text("utf-8").splitlines() if "hostile" in line
    ]
    assert names
    for arguments in (
        ["hostile.txt"],
        ["hostile.txt", "--full"],
        ["hostile.txt.acceleratorHours"],
        ["hostile.txt.acceleratorCount"],
    ):
        ran = kg("why", *arguments, cwd=mixed)
        assert ran.returncode in {0, 1, 2}, ran.stderr
        assert "Traceback" not in ran.stderr
        assert "\x1b" not in ran.stdout + ran.stderr and "\u202e" not in ran.stdout + ran.stderr
    assert "\x1b" not in kg("query", "training", "--evidence", cwd=mixed).stdout


def test_three_reports_stand_below_each_other(mixed: Path) -> None:
    out = kg("why", "Kestrel-7B.parameterCount", cwd=mixed).stdout
    assert out.count(" --> reports/") == 1 and out.count(" ::: reports/") == 2
    other = kg("why", "Kestrel-7B.duration", cwd=mixed).stdout
    assert "otherwise about P5D, by tag" in other and "otherwise P4D, by tag" in other


def test_pages_and_files_of_several_reports(mixed: Path) -> None:
    assert " --> reports/stork.pdf:page 2:2:1  (chars " in kg("why", "Stork-9B.acceleratorCount", cwd=mixed).stdout
    assert " --> reports/birds.jsonl:2:1  (chars " in kg("why", "Crane-1.5.parameterCount", cwd=mixed).stdout
    assert "“512”" in kg("query", "training", "--evidence", cwd=mixed).stdout


def test_evidence_on_the_command_line(built: Path) -> None:
    ran = kg("query", "training", "--evidence", cwd=built)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "[1] duration: seeds/001_blip2-flant5-xl.txt:5:33 “6 weeks”" in ran.stdout
    none = kg("query", "by-country-year", "--evidence", "--format", "csv", cwd=built)
    assert (none.returncode, none.stderr.count("\n")) == (0, 1)
    assert "no evidence: the rows name no fact of a model" in none.stderr
    refused = kg("query", "ASK { ?s ?p ?o }", "--evidence", cwd=built)
    assert (refused.returncode, refused.stdout) == (2, "")


def test_the_reports_the_project_was_asked_to_handle(shared: Path, tmp_path: Path) -> None:
    assert kg("build", shared / "eval/seeds", "-o", "out", cwd=tmp_path).returncode in {0, 1}
    hours = kg("why", "InstructBLIP-13B.pretraining.impliedAcceleratorHours", "-b", "out", cwd=tmp_path).stdout
    assert "32,256 accelerator-hours" in hours and "impliedAcceleratorCount 64 accelerators" in hours
    assert "64,512 accelerator-hours" in kg("why", "Meta-LLaVA-13B-v1.5.impliedAcceleratorHours", "-b", "out", cwd=tmp_path).stdout
    claims = [json.loads(line) for line in (tmp_path / "out/claims.jsonl").read_text("utf-8").splitlines()]
    for model in sorted({claim["model"] for claim in claims if claim["model"]}):
        data = json.loads(kg("why", model, "--json", "-b", "out", cwd=tmp_path).stdout)
        said = {
            (item["words"]["report"], item["words"]["start"], item["relation"]) for fact in data["facts"] for item in fact["claims"]
        }
        own = {(claim["report"], claim["start"], claim["relation"]) for claim in claims if claim["model"] == model}
        assert own <= said
    rows = kg("query", "evidence", "--evidence", "--format", "jsonl", "-b", "out", cwd=tmp_path).stdout.splitlines()
    assert len(rows) == len(claims)
    for row in map(json.loads, rows):
        assert row["words"] in {item["mention"] for item in row["evidence"]}
