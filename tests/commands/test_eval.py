"""`kg eval` as a user meets it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.command import kg
from tests.eval.gold_folder import KESTREL_GOLD, fact, write_folder
from tests.extract.llm.served import KEY, error, serving


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "gold", tmp_path / "claims.jsonl")


def test_what_kg_extracts_is_scored(gold: Path) -> None:
    ran = kg("eval", gold)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0].split() == ["precision", "recall", "F1", "right", "wrong", "missed"]
    assert "relaxed, by relation" in ran.stdout
    assert "right claims that quote the document  100.0%" in ran.stdout


def test_one_json_document(gold: Path) -> None:
    ran = kg("eval", gold, "--json", "--errors")
    found = json.loads(ran.stdout)
    assert found["relaxed"]["reports"]["kestrel"]["right"] >= 3
    assert found["spans"]["quoted"] == found["spans"]["checked"] > 3
    assert set(found["errors"]) == {"relaxed", "strict"}


def test_extracting_first_is_the_same(gold: Path, tmp_path: Path) -> None:
    (tmp_path / "extracted.jsonl").write_text(kg("extract", gold).stdout)
    assert kg("eval", gold, "--claims", tmp_path / "extracted.jsonl", "--json").stdout == kg("eval", gold, "--json").stdout


def test_given_claims_are_scored(gold: Path, tmp_path: Path) -> None:
    ran = kg("eval", gold, "--claims", tmp_path / "claims.jsonl", "--by", "document")
    assert ran.returncode == 0
    assert ran.stderr == "not scored, because they are about no document here: claims of osprey.txt\n"
    assert "relaxed, micro           0.875   0.875  0.875      7      1       1" in ran.stdout
    assert "relaxed, by document" in ran.stdout


@pytest.mark.parametrize(
    ("least", "code", "said"),
    [("0.875", 0, ""), ("0.876", 1, "the relaxed F1 is 0.8750, below 0.876\n"), ("0", 0, ""), ("1", 1, "below 1\n")],
)
def test_a_threshold(least: str, code: int, said: str, gold: Path, tmp_path: Path) -> None:
    ran = kg("eval", gold, "--claims", tmp_path / "claims.jsonl", "--min-f1", least)
    assert ran.returncode == code
    assert ran.stderr.endswith(said)
    assert "relaxed, micro" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--min-f1", "87.5"], "--min-f1 87.5 is not between 0 and 1"),
        (["--min-f1", "nan"], "--min-f1 nan is not between 0 and 1"),
        (["--min-f1", "high"], "--min-f1"),
        (["--by", "documents"], "no breakdown is named 'documents'\n  hint: did you mean document"),
        (["--claims", "nowhere.jsonl"], "there is no 'nowhere.jsonl'"),
        (["--jobs", "-1"], "jobs"),
    ],
)
def test_wrong_use(arguments: list[str], message: str, gold: Path) -> None:
    ran = kg("eval", gold, *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_a_folder_without_gold(tmp_path: Path) -> None:
    ran = kg("eval", tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"error: no gold in '{tmp_path}'\n  hint: ")


def test_gold_that_is_damaged_is_named_with_its_place(gold: Path) -> None:
    (gold / "kestrel.json").write_text('{"facts": [,]}')
    ran = kg("eval", gold)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith(f"error: {gold}/kestrel.json:1:12: the gold is not JSON")


@pytest.mark.parametrize("relation", ["learningrate", "peakLearningrate"])
def test_gold_with_a_relation_that_there_is_not(relation: str, gold: Path) -> None:
    (gold / "kestrel.json").write_text(json.dumps({"facts": [fact(relation, "1e-4")]}))
    ran = kg("eval", gold)
    assert ran.returncode == 3
    assert ran.stderr.startswith(f"error: {gold}/kestrel.json: facts[0]: no relation is named '{relation}'\n  hint: did you mean ")
    assert "peakLearningRate" in ran.stderr


def test_gold_without_a_document(gold: Path, tmp_path: Path) -> None:
    (gold / "merlin.md").unlink()
    ran = kg("eval", gold)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith(f"error: {gold}: no document beside merlin.json\n  hint: ")
    given = kg("eval", gold, "--claims", tmp_path / "claims.jsonl", "--json")  # what is not extracted need not be there
    assert given.returncode == 0
    assert json.loads(given.stdout)["spans"]["checked"] == 5


def test_many_lonely_files_are_not_all_listed(gold: Path) -> None:
    for i in range(12):
        (gold / f"z{i:02}.json").write_text(json.dumps(KESTREL_GOLD))
    assert "no document beside z00.json, z01.json," in (said := kg("eval", gold).stderr)
    assert "z09.json and 2 more\n" in said


def test_documents_without_gold_are_listed(gold: Path) -> None:
    (gold / "osprey.txt").write_text("Osprey-7B was trained with AdamW.")
    (gold / "kestrel.png").write_bytes(b"\x89PNG")
    (gold / "LICENSE").write_text("MIT")
    ran = kg("eval", gold, "--json")
    assert ran.returncode == 0
    assert ran.stderr == "not scored, because no gold stands beside: osprey.txt\n"
    assert json.loads(ran.stdout)["withoutGold"] == {"documents": ["osprey.txt"], "reports": []}


def test_a_compressed_document(gold: Path) -> None:
    plain = json.loads(kg("eval", gold, "--json").stdout)
    (gold / "kestrel.txt.gz").write_bytes(gzip.compress((gold / "kestrel.txt").read_bytes(), mtime=0))
    (gold / "kestrel.txt").unlink()
    ran = kg("eval", gold, "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == plain


def test_two_documents_for_one_gold(gold: Path) -> None:
    (gold / "kestrel.md").write_text("Kestrel")
    ran = kg("eval", gold)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "kestrel.json: two documents for one gold: kestrel.md and kestrel.txt\n" in ran.stderr


@pytest.mark.parametrize("claims", [False, True])
def test_a_document_that_cannot_be_read_is_partial(claims: bool, gold: Path, tmp_path: Path) -> None:
    (gold / "merlin.md").write_bytes(b"\x00\x01")
    (gold / "kestrel.txt").rename(gold / "kestrel.xyz")
    given = ["--claims", str(tmp_path / "claims.jsonl")] if claims else []
    ran = kg("eval", gold, "--json", "--min-f1", "1", *given)
    assert ran.returncode == 3
    assert "kestrel.xyz: .xyz files are not read" in ran.stderr
    assert "merlin.md: the file is binary" in ran.stderr
    found = json.loads(ran.stdout)
    assert found["documents"] == 2
    assert found["relaxed"]["micro"]["missed"] == (1 if claims else 7)


def test_no_document_at_all_can_be_read(gold: Path) -> None:
    (gold / "merlin.md").rename(gold / "merlin.xyz")
    (gold / "kestrel.txt").rename(gold / "kestrel.xyz")
    ran = kg("eval", gold, "--json")
    assert ran.returncode == 3
    assert json.loads(ran.stdout)["relaxed"]["micro"]["f1"] == 0


def test_a_name_that_would_move_the_cursor(gold: Path) -> None:
    (gold / "os\x1b[2Jprey.txt").write_text("Osprey-7B was trained with AdamW.")
    ran = kg("eval", gold)
    assert "\x1b" not in ran.stdout + ran.stderr
    assert "os␛[2Jprey.txt" in ran.stderr


def test_what_a_service_does_not_read_is_told(gold: Path) -> None:
    with serving(lambda request, before: error(422, "not this one")) as service:
        environ = {"KG_LLM_URL": service.url, "KG_LLM_MODEL": "none", "KG_LLM_KEY": KEY}
        ran = kg("eval", gold, "--extractor", "rules+llm", "--json", environ=environ)
    assert ran.returncode == 4
    assert "KG430" in ran.stderr
    assert json.loads(ran.stdout)["relaxed"]["micro"]["right"] > 3  # what the rules read counts
