"""Fitting the decider's weights: what annotations make of mentions, equal input gives equal weights, wrong input is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.extract.rules import read, scan
from kg.extract.rules.claims import settle
from kg.extract.rules.weights import FILE, NONE, Weights, fitted, lines_of, read_weights
from kg.fit import UNSURE, examples_of, labelled, main
from kg.fit import fitted as fit
from kg.ingest import read_text
from kg.schema import load_schema

TRAINING = Path(__file__).parent / "training"
PASSAGES = sorted((TRAINING / "passages").glob("*.txt"))
WEIGHTS = Path(__file__).parents[1] / "kg" / "extract" / "rules" / FILE
SCHEMA = load_schema()

FEW = """=== prose
[[name|Okapi-3B]] was trained for [[steps|4,000 steps]] on [[acceleratorCount|32]] [[accelerator|H100]] GPUs.
A pilot with 512 sequences diverged.
=== prose
[[name|Heron-7B]] ran for [[steps|9,000 steps]] on [[acceleratorCount|64]] [[accelerator|A100]] GPUs.
Its vocabulary has 32,000 entries.
=== keys
Model: [[name|Stork-1B]]
Steps: [[steps|7,000]]
GPUs: [[acceleratorCount|8]]
Layers: 32
Optimizer: [[optimizer|AdamW]]
"""


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("passages") / "few.txt"
    path.write_text(FEW * 24, encoding="utf-8")
    return path


def test_a_span_labels_the_mentions_it_overlaps(few: Path) -> None:
    example = next(examples_of([], [few], SCHEMA))
    found = {example.scanned.document.source[m.start : m.end]: label for m, label in labelled(example, fitted(), SCHEMA)}
    assert found["4,000"] == "steps"
    assert found["32"] == "acceleratorCount"
    assert found["512"] == NONE


def test_a_question_mark_leaves_a_mention_out(tmp_path: Path) -> None:
    path = tmp_path / "unsure.txt"
    path.write_text("=== prose\nIt has [[?|7 billion]] parameters.\n", encoding="utf-8")
    example = next(examples_of([], [path], SCHEMA))
    assert [label for _, label in labelled(example, fitted(), SCHEMA)] == [UNSURE]


def test_gold_labels_what_stands_in_its_evidence(tmp_path: Path) -> None:
    text = "Okapi-3B was trained for 4,000 steps. The vocabulary has 4,000 entries."
    gold = {
        "facts": [{"model": "Okapi-3B", "relation": "steps", "value": "4000", "evidence": "trained for 4,000 steps"}],
        "negatives": [],
    }
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(gold), encoding="utf-8")
    example = next(examples_of([tmp_path], [], SCHEMA))
    labels = [label for mention, label in labelled(example, fitted(), SCHEMA) if mention.kind == "number"]
    assert labels == ["steps", UNSURE]  # the second has the value, but not the annotated words


def test_equal_input_gives_equal_weights(few: Path) -> None:
    examples = list(examples_of([], [few], SCHEMA))
    assert list(lines_of(fit(examples, SCHEMA))) == list(lines_of(fit(examples, SCHEMA)))


def test_what_was_fitted_decides(few: Path) -> None:
    weights = fit(list(examples_of([], [few], SCHEMA)), SCHEMA)
    document = read_text("Ibis-5B was trained for 6,000 steps on 16 H100 GPUs.", "a.txt")
    claims = settle(read(scan(document, SCHEMA), SCHEMA, weights), weights).claims
    assert {("steps", "6000"), ("acceleratorCount", "16")} <= {(claim.relation, claim.value) for claim in claims}


def test_the_command_writes_the_file_it_reads_back(few: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights.tsv"
    assert main(["--passages", str(few), "-o", str(out)]) == 0
    weights = read_weights(out)
    assert "".join(f"{line}\n" for line in lines_of(weights)) == out.read_text(encoding="utf-8")


def test_folds_print_scores_and_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], few: Path) -> None:
    for k in range(4):
        (tmp_path / f"{k}.txt").write_text(f"Okapi-3B was trained for {k + 4},000 steps.", encoding="utf-8")
        fact = {"model": "Okapi-3B", "relation": "steps", "value": f"{k + 4}000", "evidence": f"{k + 4},000 steps"}
        (tmp_path / f"{k}.json").write_text(json.dumps({"facts": [fact], "negatives": []}), encoding="utf-8")
    out = tmp_path / "weights.tsv"
    assert main([str(tmp_path), "--passages", str(few), "--folds", "2"]) == 0
    assert "relaxed, micro" in capsys.readouterr().out
    assert not out.exists()


def test_a_folder_without_gold_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--folds", "2"]) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize("path", PASSAGES, ids=lambda path: path.stem)
def test_every_passage_has_known_relations(path: Path) -> None:
    relations = {relation for example in examples_of([], [path], SCHEMA) for _, _, relation in example.spans}
    assert relations - {UNSURE} <= set(SCHEMA.relations)


def test_the_committed_weights_are_sorted_and_name_known_relations() -> None:
    weights = read_weights(WEIGHTS)
    assert "".join(f"{line}\n" for line in lines_of(weights)) == WEIGHTS.read_text(encoding="utf-8")
    relations = {relation for features in weights.by_kind.values() for pairs in features.values() for relation, _ in pairs}
    assert relations <= {*SCHEMA.relations, NONE, "own"}


def test_weights_of_nothing_state_nothing() -> None:
    nothing = Weights({"number": {}, "name": {}, "value": {}, "model": {}})
    document = read_text("Ibis-5B was trained for 6,000 steps on 16 H100 GPUs.", "a.txt")
    claims = settle(read(scan(document, SCHEMA), SCHEMA, nothing), nothing).claims
    assert not [claim for claim in claims if claim.relation == "steps"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--folds", "2"], "nothing to learn from"),
        (["--passages", "nowhere.txt", "--folds", "2"], "nowhere.txt"),
        (["--passages", "{few}", "--folds", "1"], "in 1 folds"),
        (["--passages", "{few}", "-o", "nowhere/weights.tsv"], "nowhere"),
    ],
)
def test_wrong_use_is_told(few: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([argument.format(few=few) for argument in arguments]) == 2
    assert told in capsys.readouterr().err


def test_nothing_is_written_unasked(few: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--passages", str(few)])
