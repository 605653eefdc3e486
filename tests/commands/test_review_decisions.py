"""`kg review accept`, `reject`, `correct`, `add`, `same`, `different`, `list`, `undo` and `--ask` as a user meets them."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.command import SEEDS, environment, kg

A = """\
We introduce Kestrel-7B. Kestrel-7B was trained with AdamW on 64 GPUs for 5 days on Conceptual Captoins.

The cluster was kind to us. Evaluation took 2 days.
"""
B = "Our model, Merlin-3B, was trained on 128 GPUs for 3 days.\n"
FILE = "kg-decisions.toml"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decide")
    (folder / "reports").mkdir()
    (folder / "reports" / "a.txt").write_text(A)
    (folder / "reports" / "b.txt").write_text(B)
    assert kg("build", "reports", cwd=folder).returncode == 0
    return folder


@pytest.fixture
def built(once: Path) -> Path:
    """A folder with two reports and their build; nothing is decided."""
    (once / FILE).unlink(missing_ok=True)
    return once


@pytest.fixture
def own(once: Path, tmp_path: Path) -> Path:
    """Such a folder that a test may build anew."""
    shutil.copytree(once, tmp_path / "own", symlinks=True)
    (tmp_path / "own" / FILE).unlink(missing_ok=True)
    return tmp_path / "own"


def rows(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    ran = kg("review", *arguments, "--json", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def claim(folder: Path, relation: str, value: str) -> str:
    """Return the id of a claim."""
    (row,) = [row for row in rows(folder, "--claims", "--relation", relation) if row["value"] == value]
    return str(row["id"])


def decisions(folder: Path) -> list[dict[str, Any]]:
    return list(tomllib.loads((folder / FILE).read_text("utf-8")).get("decision", []))


# Wrong use -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("accept", "Missing argument 'ID...'"),
        ("accept 00000000", "no claim or suggestion is named '00000000'"),
        ("reject ID x", "no claim or suggestion is named 'x'"),
        ("correct ID", "what is right is not said\n  hint: give --value, --stage"),
        ("correct ID --value 64", "says that already\n  hint: kg review accept"),
        ("correct ID --value many", "'many' is no value of acceleratorCount\n  hint: write a whole number in full"),
        ("correct ID --value=", "--value is empty\n  hint: reject what is not so"),
        ("correct ID --stage=", "--stage is empty\n  hint: write 'none' to take it away"),
        ("correct ID --stage pretrainig", "no stage is named 'pretrainig'\n  hint: did you mean pretraining"),
        ("correct ID --relation steppes", "no relation is named 'steppes'\n  hint: did you mean steps"),
        ("correct ID --relation parameterCount --stage pretraining", "is of the whole model, it has no stage"),
        ("correct ID --model Kestrel-8B", "no model of a.txt is named 'Kestrel-8B'\n  hint: did you mean Kestrel-7B"),
        ("add c.txt --relation steps --value 1 --quote x", "no report is named 'c.txt'"),
        ("add a.txt --value 1 --quote x", "Missing option '--relation'"),
        ("add a.txt --relation step --value 1 --quote x", "no relation is named 'step'\n  hint: did you mean steps"),
        ("add a.txt --relation steps --value 1e --quote x", "'1e' is no value of steps"),
        ("add a.txt --relation steps --value 1 --quote=", "the quote is empty"),
        ("add a.txt --relation steps --value 1 --model Merlin --quote x", "no model of a.txt is named 'Merlin'"),
        ("add a.txt --relation steps --value 1 --quote was", "the quote stands 2 times in a.txt: in lines 1, 3"),
        ("add a.txt --relation steps --value 1 --quote kind --mention no", "the mention 'no' does not stand in the quote"),
        ("same CC3M", "Missing argument 'NAME'"),
        ("same CC3M MMLU", "Missing option '--kind'"),
        ("same CC3M MMLU --kind data", "no kind of thing is named 'data'\n  hint: did you mean dataset"),
        ("same CC3M MMLU --kind dataset", "CC3M and MMLU are two known things of the catalogue"),
        ("same CC3M cc-3m --kind dataset", "CC3M and cc-3m are one dataset already"),
        ("same CC3M Conceptual --kind dataset", "no dataset is named 'Conceptual'"),
        ("different CC3M CC3M --kind dataset", "these are not two names"),
        ("undo 1234", "nothing is decided yet"),
        ("list all", "all"),
        ("acept ID", "No such command 'acept'. Did you mean 'accept'?"),
        ("--ask --json", "--ask and --json exclude each other"),
        ("--ask --claims", "--claims, --stale and --ask exclude each other"),
        ("list -b nowhere", "no build at nowhere"),
    ],
)
def test_wrong_use_is_answered_and_changes_nothing(line: str, message: str, built: Path) -> None:
    id = claim(built, "acceleratorCount", "64") if " ID" in line else ""
    ran = kg("review", *line.replace("ID", id).split(), cwd=built)
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (built / FILE).exists()


def test_a_quote_that_does_not_stand_there_is_answered_with_the_nearest(built: Path) -> None:
    ran = kg("review", "add", "a.txt", "--relation", "steps", "--value", "9", "--quote", "The cluster was kind to you.", cwd=built)
    assert ran.returncode == 2
    assert "the quote does not stand in a.txt\n  hint: the nearest is “The cluster was kind to us.”" in ran.stderr
    ran = kg("review", "add", "a.txt", "--relation", "steps", "--value", "9", "--quote", "nothing like it", cwd=built)
    assert "hint: copy it from the report, as it stands" in ran.stderr


@pytest.mark.parametrize("command", ["list", "accept 12345678", "undo 12345678", "--stale"])
def test_a_wrong_file_is_told_with_its_line(command: str, built: Path) -> None:
    (built / FILE).write_text('# ours\n[[decision]]\ndo = "perhaps"\n')
    for line in (["review", *command.split()], ["build", "reports"]):
        ran = kg(*line, cwd=built)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert f"{FILE}:2: 'perhaps' is no decision" in ran.stderr


def test_what_is_decided_is_not_decided_again(built: Path) -> None:
    id = claim(built, "acceleratorCount", "64")
    assert kg("review", "reject", id, cwd=built).returncode == 0
    before = (built / FILE).read_text()
    for again in ("accept", "reject", "correct --value 8"):
        ran = kg("review", *again.split()[:1], id, *again.split()[1:], cwd=built)
        assert ran.returncode == 2
        assert f"this is decided already: reject, {FILE}:4\n  hint: kg review undo {id}" in ran.stderr
    assert (built / FILE).read_text() == before
    ran = kg("review", "undo", "00", cwd=built)
    assert (ran.returncode, f"choose one of: {id}" in ran.stderr) == (2, True)


# Deciding ------------------------------------------------------------------------------------------------------------------------


def test_from_a_suggestion_to_a_claim_and_back(own: Path) -> None:
    (own / "seeds").symlink_to(SEEDS)
    shutil.rmtree(own / "kg-out", ignore_errors=True)
    plain = kg("build", "seeds", cwd=own)
    (first, second, *others) = rows(own)
    assert f"{2 + len(others)} suggestions" in plain.stderr
    ran = kg("review", "accept", first["id"], "--note", "two\nlines", "--by", "Ana", cwd=own)
    assert ran.stdout.startswith(f"{first['id']} accept {first['relation']} {first['value']} (")
    assert ran.stderr == f"{FILE}: 1 decision added; kg build applies it\n"
    assert kg("review", "reject", second["id"][:6], cwd=own).returncode == 0
    (accepted, rejected) = decisions(own)
    assert (accepted["do"], accepted["note"], accepted["by"], accepted["value"]) == ("accept", "two lines", "Ana", first["value"])
    assert rejected["mention"] in rejected["quote"]
    listed = kg("review", cwd=own)
    assert first["id"] not in listed.stdout and second["id"] not in listed.stdout
    assert f"{FILE} has changed since the build: kg build applies it" in listed.stderr
    ran = kg("build", "seeds", cwd=own)
    assert ran.returncode == plain.returncode
    assert f"decisions of {FILE}: 2 applied\n" in ran.stderr
    assert f"{len(others)} suggestions" in ran.stderr
    assert kg("build", "seeds", cwd=own).stderr.startswith(f"decisions of {FILE}: 2 applied\nunchanged: kg-out")
    (claimed,) = [row for row in rows(own, "--claims", "--report", first["report"]) if row["id"] == first["id"]]
    assert (claimed["method"], claimed["start"]) == ("review", first["start"])
    assert "has changed" not in kg("review", cwd=own).stderr
    assert (
        kg("review", "undo", first["id"], second["id"], cwd=own).stderr == f"{FILE}: 2 decisions taken back; kg build applies it\n"
    )
    assert decisions(own) == []
    kg("build", "seeds", cwd=own)
    assert [row["id"] for row in rows(own)] == [first["id"], second["id"], *(row["id"] for row in others)]


def test_everything_that_can_be_decided(own: Path) -> None:
    lines = [
        ["correct", claim(own, "acceleratorCount", "64"), "--value", "32", "--stage", "pretraining"],
        ["correct", claim(own, "acceleratorCount", "128"), "--model", "(no name)"],
        ["reject", claim(own, "duration", "P5D")],
        ["add", "a.txt", "--relation", "organization", "--value", "Aerie", "--quote", "The\ncluster was kind", "--mention", "kind"],
        ["same", "Kestrel-7B", "Merlin-3B", "--kind", "model", "--note", "a new name"],
        ["different", "CC3M", "MMLU", "--kind", "dataset"],
    ]
    for line in lines:
        ran = kg("review", *line, cwd=own)
        assert (ran.returncode, ran.stdout.split()[1]) == (0, line[0]), ran.stderr
    assert [row["state"] for row in rows(own, "list")] == ["applied"] * 6
    ran = kg("build", "reports", "--accept-shrink", cwd=own)
    assert f"decisions of {FILE}: 6 applied\n" in ran.stderr
    assert "2 reports, 2 models" in ran.stderr
    said = {(row["relation"], row["value"], row["model"], row["stage"], row["method"]) for row in rows(own, "--claims")}
    assert ("acceleratorCount", "32", "Kestrel-7B", "pretraining", "review") in said
    assert ("acceleratorCount", "128", None, None, "review") in said
    assert ("organization", "Aerie", "Kestrel-7B", None, "review") in said
    assert not {value for relation, value, *_ in said if relation == "duration"} & {"P5D"}
    assert [row["value"] for row in rows(own, "--claims", "--relation", "organization")] == ["Aerie"]


def test_a_decision_outlives_edits_elsewhere_and_is_listed_when_its_words_are_gone(own: Path) -> None:
    id = claim(own, "duration", "P5D")
    kg("review", "reject", id, cwd=own)
    report = own / "reports" / "a.txt"
    report.write_text("A preface.\n\n" + A.replace(" for 5 days", "\nfor 5 days").replace("kind to us", "kind"))
    assert "1 applied\n" in kg("build", "reports", "--accept-shrink", cwd=own).stderr
    assert kg("review", "--stale", cwd=own).stderr == "every decision applies\n"
    report.write_text(A.replace("5 days", "6 days"))
    ran = kg("build", "reports", "--accept-shrink", cwd=own)
    assert ran.returncode == 0
    assert f"decisions of {FILE}: 0 applied, 1 no longer applies (kg review --stale)\n" in ran.stderr
    assert "KG460 warning: a decision no longer applies: reject duration P5D" in ran.stderr
    stale = kg("review", "--stale", cwd=own).stdout
    assert stale == kg("review", "list", "--stale", cwd=own).stdout
    assert stale.startswith(f"{id} reject duration P5D (Kestrel-7B): no longer applies: its quote does not stand in the report\n")
    assert f"  in: {FILE}:4\n" in stale
    kg("review", "undo", id, cwd=own)
    ran = kg("review", "--stale", cwd=own)
    assert (ran.stdout, ran.stderr) == ("", "nothing is decided yet\n")
    assert "KG460" not in kg("build", "reports", "--accept-shrink", cwd=own).stderr


def test_what_is_decided_anew_stands_beside_what_no_longer_applies(own: Path) -> None:
    kg("review", "reject", claim(own, "acceleratorCount", "128"), cwd=own)
    (own / "reports" / "b.txt").write_text(B.replace("Our model, Merlin-3B,", "Merlin-3B"))
    kg("build", "reports", "--accept-shrink", cwd=own)
    assert kg("review", "reject", claim(own, "acceleratorCount", "128"), cwd=own).returncode == 0
    assert [row["state"] for row in rows(own, "list")] == ["stale", "applied"]
    first, second = rows(own, "list")
    assert second["id"] == f"{first['id']}-2"


def test_the_settings_name_the_file(own: Path) -> None:
    (own / "kg.toml").write_text('decisions = "team/ours.toml"\n')
    ran = kg("build", "reports", cwd=own)
    assert (ran.returncode, "team/ours.toml: cannot be read" in ran.stderr) == (2, True)
    ran = kg("review", "reject", claim(own, "duration", "P3D"), cwd=own)
    assert ran.stderr == "team/ours.toml: 1 decision added; kg build applies it\n"
    (own / "deeper").mkdir()
    assert rows(own / "deeper", "list", "-b", "../kg-out")[0]["value"] == "P3D"
    assert "decisions of team/ours.toml: 1 applied" in kg("build", "reports", "--accept-shrink", cwd=own).stderr


def test_no_decision_is_part_of_what_is_evaluated(own: Path) -> None:
    (own / "reports" / "b.json").write_text(
        '{"facts": [{"model": "Merlin-3B", "relation": "duration", "value": "P3D", "evidence": "3 days"}]}'
    )
    (own / "reports" / "a.txt").unlink()
    plain = kg("eval", "reports", cwd=own).stdout
    kg("review", "reject", claim(own, "duration", "P3D"), cwd=own)
    assert kg("eval", "reports", cwd=own).stdout == plain != ""
    assert '"P3D"' not in kg("extract", "reports", cwd=own).stdout


# Asking --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ask")
    (folder / "seeds").symlink_to(SEEDS)
    assert kg("build", "seeds", cwd=folder).returncode in {0, 1}
    return folder


def answered(folder: Path, answers: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / FILE).unlink(missing_ok=True)
    command = [sys.executable, "-m", "kg", "review", "--ask", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), input=answers, capture_output=True, text=True, timeout=240)


def test_suggestions_are_asked_about_one_by_one(seeds: Path) -> None:
    every = rows(seeds)
    ran = answered(seeds, "x\na\nr\ns\nq\n")
    assert ran.returncode == 0
    assert ran.stdout.count(" --> ") == 4
    assert "answer with a, r, c, s or q\n" in ran.stderr
    assert f"4 of {len(every)}: (a)ccept, (r)eject, (c)orrect, (s)kip, (q)uit? " in ran.stderr
    assert ran.stderr.endswith(f"{FILE}: 2 decisions added\n")
    assert [(item["do"], item["value"]) for item in decisions(seeds)] == [
        ("accept", every[0]["value"]),
        ("reject", every[1]["value"]),
    ]


def test_a_correction_is_asked_for_and_asked_again_when_it_is_wrong(seeds: Path) -> None:
    answers = "c\nmany\n\n\n\nc\n\n\n\n\nc\n65000000000\n\n\n\n"
    ran = answered(seeds, answers, "--relation", "parameterCount", "--limit", "1")
    assert "  value [70000000000]:   stage [none]:   model [" in ran.stderr
    assert "'many' is no value of parameterCount" in ran.stderr
    assert "says that already" in ran.stderr
    assert [item["to"] for item in decisions(seeds)] == [{"value": "65000000000"}]


def test_no_answer_is_the_end(seeds: Path) -> None:
    ran = answered(seeds, "a\n")
    assert (ran.returncode, len(decisions(seeds))) == (0, 1)


def test_what_was_decided_before_an_interruption_is_kept(seeds: Path) -> None:
    (seeds / FILE).unlink(missing_ok=True)
    command = [sys.executable, "-m", "kg", "review", "--ask"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=seeds, env=environment(), **pipes) as process:
        assert process.stdin and process.stderr
        process.stdin.write("a\n")
        process.stdin.flush()
        talk = ""
        while not re.search(r"2 of \d+: .*\(q\)uit\? ", talk):
            read = process.stderr.read(1)
            assert read, talk
            talk += read
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert "interrupted" in process.stderr.read()
    assert [item["do"] for item in decisions(seeds)] == ["accept"]
