"""The command line as a whole: help, exit codes, what goes where, what a slip is answered with."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import typer

from kg.cli import app
from tests.command import SEEDS, environment, kg, start

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group, which typer does not say
COLOR = "\x1b[1;"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the seeds' build, as `kg-out`."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "seeds").symlink_to(SEEDS)
    ran = kg("build", "seeds", cwd=folder)
    assert ran.returncode in {0, 1}, ran.stderr
    return folder


def test_help_lists_every_command() -> None:
    ran = kg("--help")
    assert ran.returncode == 0
    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", ran.stdout)] == []
    assert {"build", "query", "validate", "extract", "export", "serve"} <= set(COMMANDS)


def test_no_command_is_answered_with_help() -> None:
    ran = kg()
    assert "Usage: kg" in ran.stdout + ran.stderr
    assert ran.returncode in {0, 2}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example(command: str) -> None:
    ran = kg(command, "--help")
    assert ran.returncode == 0
    assert re.search(rf"\bkg {command}\b.*", ran.stdout.partition("Usage:")[2].partition("\n")[2])


def test_version() -> None:
    ran = kg("--version")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(r"\b\d+\.\d+\.\d+\b", ran.stdout)


SLIPS = [
    ("biuld seeds", "build"),
    ("qurey models", "query"),
    ("query modles", "models"),
    ("query models --format jsn", "json"),
    ("query training --param modle=X", "model"),
    ("query evidence --param relation=parametercount", "parameterCount"),
    ("query training --param model=InstructBLP-13B", "InstructBLIP-13B"),
    ("rule KG1O1", "KG101"),
    ("validate --format concis", "concise"),
    ("extract seeds --format jsonlines", "jsonl"),
    ("export jsonl-d", "jsonld"),
    ("catalog a100 --kind acelerator", "accelerator"),
]


@pytest.mark.parametrize(("line", "near"), SLIPS, ids=[line for line, _ in SLIPS])
def test_a_slip_is_answered_with_the_near_name(line: str, near: str, built: Path) -> None:
    ran = kg(*line.split(), cwd=built)
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    assert re.search(rf"[Dd]id you mean .*{near}\b", ran.stderr)
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_flag_that_does_not_exist(command: str) -> None:
    ran = kg(command, "--no-such-flag")
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "--no-such-flag" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "line",
    [
        "build",
        "build seeds --jobs many",
        "build seeds --jobs=-1",
        "build seeds --fail-on everything",
        "build seeds --base-iri kg",
        "build no-such-folder",
        "extract no-such-file.txt",
        "extract",
        "query models --param model",
        "query",
        "query SELECT",
        "query no-such-file.rq",
        "export",
        "export no-such-format",
        "rule KG999",
        "validate no-such-file.ttl",
        "export csv -o no-such-folder/claims.csv",
        "export csv -o seeds",
        "query models --timeout 0",
        "query models --timeout=-1",
        "query models --timeout nan",
    ],
)
def test_wrong_use_exits_with_2(line: str, built: Path) -> None:
    before = (built / "kg-out/.current").readlink()
    ran = kg(*line.split(), cwd=built)
    assert "Traceback" not in ran.stderr
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert ran.stderr.strip()
    assert (built / "kg-out/.current").readlink() == before


def test_a_wrong_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text("ouput = 'x'\n", encoding="utf-8")
    ran = kg("query", "models", cwd=tmp_path)
    assert ran.returncode == 2
    assert "kg.toml" in ran.stderr
    assert "did you mean output" in ran.stderr


def test_settings_hold_for_every_command(built: Path, tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text(f"output = '{built / 'kg-out'}'\n", encoding="utf-8")
    assert kg("query", "models", cwd=tmp_path).stdout == kg("query", "models", cwd=built).stdout != ""


@pytest.mark.parametrize(
    "line",
    [
        "build seeds --json",
        "extract seeds --format json",
        "query models --format json",
        "validate --json",
        "validate --format sarif",
        "stats --json",
        "catalog --json",
        "catalog a100 --json",
        "query models --timeout 200 --format json",
    ],
)
def test_json_is_one_document_on_stdout(line: str, built: Path) -> None:
    ran = kg(*line.split(), cwd=built)
    assert ran.returncode in {0, 1}
    assert json.loads(ran.stdout)


def test_extract_prints_one_claim_a_line_in_order() -> None:
    ran = kg("extract", SEEDS)
    assert ran.returncode == 0
    claims = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(claims) > 50
    keys = [(claim["report"], claim["start"], claim["end"], claim["relation"]) for claim in claims]
    assert keys == sorted(keys)


def test_talk_goes_to_stderr(tmp_path: Path) -> None:
    ran = kg("build", SEEDS, "-o", tmp_path / "out")
    assert ran.stderr != ""
    quiet = kg("query", "models", "-b", tmp_path / "out", "--format", "csv")
    assert quiet.stderr == ""
    assert quiet.stdout.splitlines()[0].startswith("model,")


@pytest.mark.parametrize("line", ["build no-such-folder", "query modles", "query models -b nowhere"])
def test_color_is_for_terminals_that_want_it(line: str, built: Path) -> None:
    assert COLOR in kg(*line.split(), cwd=built, terminal=True, environ={"NO_COLOR": "", "TERM": "xterm"}).stderr
    assert COLOR not in kg(*line.split(), cwd=built, terminal=True, environ={"NO_COLOR": "1", "TERM": "xterm"}).stderr
    assert COLOR not in kg(*line.split(), cwd=built, environ={"NO_COLOR": ""}).stderr


def test_a_traceback_is_shown_on_demand_only(tmp_path: Path) -> None:
    assert "Traceback" not in kg("query", "models", cwd=tmp_path).stderr
    assert "Traceback" in kg("-vv", "query", "models", cwd=tmp_path).stderr


def test_nobody_need_read_on(built: Path) -> None:
    """`kg query … | head -1` ends quietly, however much there would be to print."""
    with start("query", "SELECT ?s ?p ?o WHERE { ?s ?p ?o }", "--format", "csv", cwd=built) as process:
        assert process.stdout and process.stdout.readline() == "s,p,o\n"
        process.stdout.close()
        assert process.stderr and process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    "line",
    [
        "--version",
        "build seeds --json",
        "query models",
        "query --list",
        "export csv",
        "extract seeds",
        "catalog --json",
        "rule",
    ],
)
def test_a_full_disk_behind_standard_output(line: str, built: Path) -> None:
    command = [sys.executable, "-m", "kg", *line.split()]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(command, cwd=built, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=240)
    said = "error: cannot write standard output: No space left on device\n  hint: free some space, or send the output elsewhere\n"
    assert (ran.returncode, ran.stderr[-len(said) :]) == (3, said)


def test_standard_output_that_is_closed(built: Path) -> None:
    ran = kg("query", "models", cwd=built, before=lambda: os.close(1))
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith("error: cannot write standard output: Bad file descriptor\n")


def test_a_query_that_is_interrupted_ends(built: Path) -> None:
    with start("-vv", "query", ENDLESS, cwd=built) as process:
        try:
            _wait_for_query(process)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=60) == ("", "interrupted\n")
        finally:
            process.kill()
    assert process.returncode == 130


def _wait_for_query(process: subprocess.Popen[str]) -> None:
    """Wait until a thread beside the main one has used half a second of a processor, or the process has ended."""
    half = os.sysconf("SC_CLK_TCK") // 2
    while process.poll() is None:
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # threads of the store come and go
                used = task.joinpath("stat").read_text().rpartition(")")[2].split()[11]
                if int(task.name) != process.pid and int(used) > half:
                    return


def test_a_query_that_takes_too_long_ends(built: Path) -> None:
    ran = kg("query", ENDLESS, "--timeout", "0.5", cwd=built)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith("error: the query took longer than 0.5 seconds\n  hint: ")


@pytest.mark.parametrize("depth", [10_000, 60_000, 100_000])
def test_a_deep_query_is_answered_or_refused(depth: int, built: Path, tmp_path: Path) -> None:
    (tmp_path / "deep.rq").write_text("ASK" + "{" * depth)
    ran = kg("query", tmp_path / "deep.rq", cwd=built)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ("is longer than 65,536 characters" in ran.stderr) is (depth > 65536), ran.stderr[:1000]


def test_what_is_not_found_is_no_failure() -> None:
    ran = kg("catalog", "zzzzqq")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "nothing found\n")
    assert json.loads(kg("catalog", "zzzzqq", "--json").stdout) == []


def test_a_model_of_the_catalogue_that_no_report_describes(built: Path) -> None:
    ran = kg("export", "csv", "--model", "GPT-4", cwd=built)
    assert (ran.returncode, ran.stderr) == (0, "no report of this build has facts about GPT-4\n")
    assert kg("export", "csv", "--model", "InstructBLIP-13B", cwd=built).stderr == ""


@pytest.mark.parametrize("name", ["", " "])
def test_a_model_without_a_name(name: str, built: Path) -> None:
    ran = kg("export", "csv", "--model", name, cwd=built)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "the model's name is empty" in ran.stderr


def test_a_hint_lists_ten_names_at_most(built: Path) -> None:
    ran = kg("query", "training", "--param", "model=", cwd=built)
    assert ran.returncode == 2
    hint = ran.stderr.partition("hint: ")[2]
    assert re.search(r"^choose one of: .+ and [\d,]+ more\n$", hint)
    assert hint.count(", ") < 20


@pytest.mark.parametrize("command", ["build", "extract"])
def test_a_file_that_is_no_report_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    ran = kg(command, tmp_path / "a.json", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert re.match(rf"error: {tmp_path}/a\.json: \.json files are not read\n  hint: kg reads .*\.md", ran.stderr)


def test_what_can_be_asked_for_is_in_the_help() -> None:
    assert "jsonl" in kg("query", "--help").stdout


@pytest.mark.parametrize("manifest", ["{}", "[]", '{"versions": {}}'])
@pytest.mark.parametrize("line", ["stats", "query models", "export csv", "validate"])
def test_a_folder_of_something_else(line: str, manifest: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    ran = kg(*line.split(), "-b", tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "this is no build of kg\n  hint: run `kg build PATH -o " in ran.stderr


def test_the_endpoint_answers_until_interrupted(built: Path) -> None:
    with start("serve", "--port", "0", cwd=built) as process:
        assert process.stderr
        address = re.search(r"http://127\.0\.0\.1:\d+/sparql", process.stderr.readline())
        assert address
        answer = urlopen(f"{address[0]}?query={quote('ASK { ?model a kg:Model }')}", timeout=60)  # noqa: S310  # http, on this machine
        assert json.load(answer)["boolean"] is True
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 130


def test_lists() -> None:
    assert re.search(r"^models +\S", kg("query", "--list").stdout, re.MULTILINE)
    assert re.search(r"^KG101 +violation +\S", kg("rule").stdout, re.MULTILINE)
    assert "KG101" in kg("rule", "KG101").stdout
    assert re.search(r"^accelerator +[\d,]+$", kg("catalog").stdout, re.MULTILINE)


def test_an_export_goes_to_a_file_or_to_stdout(built: Path, tmp_path: Path) -> None:
    printed = kg("export", "csv", cwd=built)
    written = kg("export", "csv", "-o", tmp_path / "claims.csv", cwd=built)
    assert (printed.returncode, written.returncode, written.stdout) == (0, 0, "")
    assert (tmp_path / "claims.csv").read_bytes().decode() == printed.stdout.replace("\r\n", "\n") != ""
