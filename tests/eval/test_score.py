"""Scores computed by hand, and those of the evaluation material's own script."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import UnknownName
from kg.eval import Scores, as_text, check_breakdown, read_claims, read_gold, score, to_json
from kg.eval._gold import Fact, Gold, Negative
from kg.eval._judge import main_model, places_of
from kg.eval._score import Counts, mean
from kg.model import Claim
from kg.schema import Schema
from tests.command import kg
from tests.eval.gold_folder import KESTREL, MERLIN, write_folder

SETS = ("seeds", "style", "real", "vlm")


@pytest.fixture
def scores(tmp_path: Path, schema: Schema) -> Scores:
    folder = write_folder(tmp_path / "gold", tmp_path / "claims.jsonl")
    claims = read_claims(tmp_path / "claims.jsonl")
    return score(read_gold(folder, schema), claims, {"kestrel": KESTREL, "merlin": MERLIN}, ["osprey.txt"])


def test_relaxed_by_hand(scores: Scores) -> None:
    assert scores.total("relaxed") == Counts(right=7, wrong=1, missed=1)
    assert scores.relations("relaxed") == {
        "accelerator": Counts(right=1),
        "acceleratorCount": Counts(right=1),
        "duration": Counts(right=2),
        "languageModel": Counts(right=1),
        "name": Counts(right=1),
        "optimizer": Counts(missed=1),
        "trainingDataset": Counts(right=1, wrong=1),
    }
    assert scores.reports("relaxed") == {"kestrel": Counts(right=5, wrong=1, missed=1), "merlin": Counts(right=2)}


def test_strict_by_hand(scores: Scores) -> None:
    assert scores.relations("strict") == {
        "accelerator": Counts(right=1),
        "acceleratorCount": Counts(wrong=1, missed=1),
        "duration": Counts(right=2),
        "extends": Counts(missed=1),
        "languageModel": Counts(wrong=1),
        "name": Counts(right=1),
        "optimizer": Counts(missed=1),
        "trainingDataset": Counts(wrong=2, missed=1),
    }
    assert scores.total("strict") == Counts(right=4, wrong=4, missed=4)


def test_shares_by_hand(scores: Scores) -> None:
    total = scores.total("relaxed")
    assert (total.precision, total.recall, total.f1) == (0.875, 0.875, 0.875)
    by_document = mean(scores.reports("relaxed").values())
    assert (by_document.precision, by_document.recall) == (0.9166, 0.9166)  # (0.8333 + 1) / 2
    by_relation = mean(scores.relations("relaxed").values())
    assert (by_relation.precision, by_relation.recall) == (0.7857, 0.8571)  # 5.5 of 7, 6 of 7


def test_nothing_is_no_share() -> None:
    nothing = Counts()
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
    assert mean([]) == mean([nothing])
    assert mean([nothing, Counts(right=1)]).f1 == 1


def test_spans_by_hand(scores: Scores) -> None:
    spans = scores.spans()
    assert (spans.checked, spans.on_evidence, spans.quoted, spans.both) == (7, 6, 7, 6)


@pytest.mark.parametrize(
    ("start", "end", "mention", "both"),
    [
        (45, 49, "CC3M", (1, 1)),
        (44, 48, "CC3M", (1, 0)),
        (0, 4, "Kest", (0, 1)),
        (0, 0, "", (0, 0)),
        (49, 49, "", (0, 0)),
        (45, 4000, "CC3M", (1, 0)),
    ],
)
def test_a_span_is_where_the_words_are(start: int, end: int, mention: str, both: tuple[int, int]) -> None:
    gold = Gold(Path("a.json"), (Fact("trainingDataset", ("CC3M",), evidence="CC3M"),), 1, ())
    claim = Claim("a", None, "trainingDataset", "CC3M", start, end, mention)
    spans = score({"a": gold}, [claim], {"a": KESTREL}).spans()
    assert KESTREL[45:49] == "CC3M"
    assert (spans.checked, spans.on_evidence, spans.quoted) == (1, *both)


@pytest.mark.parametrize("evidence", ["", "not in the document"])
def test_evidence_that_stands_nowhere_is_not_counted(evidence: str) -> None:
    gold = Gold(Path("a.json"), (Fact("steps", ("5",), evidence=evidence),), 1, ())
    assert score({"a": gold}, [Claim("a", None, "steps", "5", 0, 1, "K")], {"a": KESTREL}).spans().checked == 0


def test_without_the_text_no_span_is_counted(tmp_path: Path, schema: Schema) -> None:
    folder = write_folder(tmp_path / "gold", tmp_path / "claims.jsonl")
    found = score(read_gold(folder, schema), read_claims(tmp_path / "claims.jsonl"), {})
    assert found.spans().checked == 0
    assert to_json(found, errors=False)["spans"]["accuracy"] is None
    assert "span accuracy: both                   -\n" in as_text(found, "relation", errors=False)


@given(st.text("ab", max_size=3), st.text("ab", max_size=12))
@settings(deadline=None)
def test_every_place_of_words_is_found(words: str, text: str) -> None:
    places = [(i, i + len(words)) for i in range(len(text)) if words and text.startswith(words, i)]
    assert list(places_of(words, text)) == places


def test_a_wrong_reading_is_asserted_once(scores: Scores) -> None:
    assert [(document.report, [item.values for item in document.negatives]) for document in scores.documents] == [
        ("kestrel", [("LAION-5B",)]),
        ("merlin", []),
    ]


def test_what_has_no_counterpart_is_listed(scores: Scores) -> None:
    assert (scores.without_gold, scores.strangers) == (("osprey.txt",), ("osprey.txt",))


def named(*models: str | None) -> list[Claim]:
    return [Claim("a", model, "steps", "5", 0, 1, "5") for model in models]


def facts(*models: str | None) -> list[Fact]:
    return [Fact("steps", ("5",), (model,)) for model in models]


@pytest.mark.parametrize(
    ("gold", "claims", "right"),
    [
        (["A", "A", "B"], ["A", "B"], True),
        (["A", "A", "B"], ["B", "B", "A"], False),
        (["A", "B"], ["B"], True),  # as many facts are about the one as about the other
        (["A", "B"], ["C"], False),
        ([None, None, "A"], [None], True),
        ([None], ["Unnamed model"], True),
        ([None], [], True),
        (["A"], [], False),
        (["A"], [None, "A"], False),  # of as many, the first
        (["A-7B"], ["a 7b", "A7B", "B"], True),  # two spellings of one model
    ],
)
def test_the_main_model(gold: list[str | None], claims: list[str | None], right: bool) -> None:
    main = main_model(facts(*gold), named(*claims))
    assert main is not None
    assert main.right is right


def test_every_spelling_of_the_main_model_is_right() -> None:
    gold = [Fact("steps", ("5",), ("A-7B", "Alpha")), Fact("epochs", ("1",), ("A 7B", "Alpha-7B"))]
    assert all(getattr(main_model(gold, named(name)), "right", None) for name in ("A-7B", "alpha", "Alpha 7B"))


def test_without_facts_there_is_no_main_model() -> None:
    assert main_model([], named("A")) is None
    found = score({"a": Gold(Path("a.json"), (), 0, ())}, named("A"), {})
    assert found.main_models() == (0, 0)
    assert to_json(found, errors=False)["mainModel"] == {"right": 0, "of": 0, "share": None, "reports": {}}
    assert as_text(found, "document", errors=False).endswith("-  -\n")


def test_a_negative_counts_only_of_relations_with_facts() -> None:
    negatives = (Negative("steps", ("5",)), Negative("epochs", ("5",)))
    gold = Gold(Path("a.json"), (Fact("steps", ("4",)),), 1, negatives)
    found = score({"a": gold}, [*named(None), Claim("a", None, "epochs", "5", 0, 1, "5")], {})
    assert [item.relation for item in found.documents[0].negatives] == ["steps"]


def test_as_json(scores: Scores) -> None:
    found = to_json(scores, errors=True)
    assert json.loads(json.dumps(found)) == found
    assert found["documents"] == 2
    assert found["relaxed"]["micro"] == {
        "precision": 0.875,
        "recall": 0.875,
        "f1": 0.875,
        "right": 7,
        "wrong": 1,
        "missed": 1,
    }
    assert found["strict"]["reports"]["merlin"]["f1"] == 0.5
    assert found["relaxed"]["macroByDocument"]["f1"] == 0.9166
    assert found["mainModel"]["reports"]["merlin"] == {"gold": [None], "claims": None, "right": True}
    assert (found["mainModel"]["share"], found["spans"]["accuracy"]) == (1, 0.8571)
    assert [(row["report"], row["value"], row["why"]) for row in found["negatives"]] == [("kestrel", "LAION-5B", "excluded")]
    assert found["errors"]["relaxed"] == [
        {
            "error": "wrong",
            "report": "kestrel",
            "relation": "trainingDataset",
            "value": "LAION-5B",
            "model": "Kestrel-7B",
            "stage": "pretraining",
            "mention": "LAION-5B",
            "start": KESTREL.index("LAION"),
            "end": KESTREL.index("LAION") + 8,
        },
        {
            "error": "missed",
            "report": "kestrel",
            "relation": "optimizer",
            "value": "AdamW",
            "model": "Kestrel-7B",
            "stage": None,
            "evidence": "AdamW",
        },
    ]
    assert "errors" not in to_json(scores, errors=False)


def test_as_text(scores: Scores) -> None:
    lines = as_text(scores, "relation", errors=True).splitlines()
    assert lines[1].split() == ["relaxed,", "micro", "0.875", "0.875", "0.875", "7", "1", "1"]
    assert "right claims on the annotated words   85.7% (6 of 7)" in lines
    assert "wrong readings asserted               1" in lines
    rows = {line.split()[0]: line.split()[1:] for line in lines if line}
    assert rows["trainingDataset"] == ["0.500", "1.000", "0.667", "1", "1", "0", "0.000"]
    assert rows["languageModel"][-1] == "0.000"
    errors = [line.split()[:3] for line in lines if line.startswith(("wrong  ", "missed  ", "asserted"))]
    assert errors.count(["missed", "relaxed", "kestrel"]) == 1
    assert ["wrong", "strict", "merlin:28-29"] in errors
    assert ["asserted", "kestrel", "trainingDataset"] in errors


def test_by_document(scores: Scores) -> None:
    text = as_text(scores, "document", errors=False)
    assert [line.split() for line in text.splitlines() if line.startswith(("kestrel", "merlin"))] == [
        ["kestrel", "0.833", "0.833", "0.833", "5", "1", "1", "0.500", "right"],
        ["merlin", "1.000", "1.000", "1.000", "2", "0", "0", "0.500", "right"],
    ]


def test_a_wrong_main_model_is_named() -> None:
    gold = Gold(Path("a.json"), tuple(facts("A-7B")), 1, ())
    assert "\x1b" not in (text := as_text(score({"a": gold}, named("B\x1b"), {}), "document", errors=True))
    assert "B␛ (gold: A-7B)" in text


def test_a_breakdown_that_there_is_not() -> None:
    with pytest.raises(UnknownName, match="no breakdown is named 'relatin'\n  hint: did you mean relation"):
        check_breakdown("relatin")


@pytest.fixture(scope="module", params=SETS)
def both(request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The scores of a set's claims by kg and by the script that comes with the set."""
    folder, claims = shared / "eval" / request.param, tmp_path_factory.mktemp("claims") / "claims.jsonl"
    claims.write_text(kg("extract", folder).stdout, encoding="utf-8")
    command = [sys.executable, str(shared / "eval" / "score.py"), str(folder), str(claims), "--json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, check=True, text=True, timeout=240).stdout)
    return json.loads(kg("eval", folder, "--claims", claims, "--json", "--errors").stdout), theirs


@pytest.mark.parametrize("mode", ["relaxed", "strict"])
def test_the_figures_are_those_of_the_script(both: tuple[Any, Any], mode: str) -> None:
    ours, theirs = both[0][mode], both[1][mode]

    def told(counts: dict[str, float]) -> list[float]:
        names = ("precision", "recall", "f1", "right", "wrong", "missed", "tp", "fp", "fn")
        return [counts[name] for name in names if name in counts]

    assert told(ours["micro"]) == told(theirs["all"])
    assert {name: told(counts) for name, counts in ours["relations"].items()} == {
        name: told(counts) for name, counts in theirs["relations"].items()
    }


def test_the_errors_are_those_of_the_script(both: tuple[Any, Any]) -> None:
    ours = [
        # the script knows a document by its name up to the first full stop
        (mode, row["error"], row["report"].split(".")[0], row["relation"], row["value"], row["model"], row["stage"])
        for mode in ("relaxed", "strict")
        for row in both[0]["errors"][mode]
    ]
    assert sorted(ours, key=str) == sorted((tuple(row) for row in both[1]["errors"]), key=str)


def test_the_negatives_are_those_of_the_script(both: tuple[Any, Any]) -> None:
    ours = [[row["report"], row["relation"], row["value"], row["why"]] for row in both[0]["negatives"]]
    assert ours == both[1]["negatives"]
