"""Annotations and claims as files: what is read, and how what is wrong with them is told."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.errors import InputError, UsageError
from kg.eval import read_claims, read_gold
from kg.eval._gold import Fact, Negative
from kg.model import Claim
from kg.schema import Schema
from kg.wire import write
from tests.eval.gold_folder import KESTREL_GOLD, fact, write_folder
from tests.samples import claim


def written(folder: Path, content: Any) -> Path:
    (folder / "a.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def test_a_folder_is_read(tmp_path: Path, schema: Schema) -> None:
    golds = read_gold(write_folder(tmp_path / "gold"), schema)
    assert list(golds) == ["kestrel", "merlin"]
    gold = golds["kestrel"]
    assert [item.relation for item in gold.own] == [row["relation"] for row in KESTREL_GOLD["facts"]]
    assert gold.facts[2] == Fact(
        "trainingDataset", ("CC3M", "Conceptual Captions"), ("Kestrel-7B",), "pretraining", evidence="CC3M"
    )
    assert [item.required for item in gold.facts] == [True] * 5 + [False, False]
    assert [item.stage_stated for item in gold.facts].index(False) == 3
    assert gold.negatives[0] == Negative("trainingDataset", ("LAION-5B",), "excluded")
    assert len(gold.negatives) == 3
    assert golds["merlin"].facts[0].models == (None,)


def test_numbers_are_values(tmp_path: Path, schema: Schema) -> None:
    folder = written(tmp_path, {"facts": [fact("steps", "1") | {"value": 5000, "optional": True, "evidence": None}]})
    assert read_gold(folder, schema)["a"].facts == (Fact("steps", ("5000",), ("Kestrel-7B",), required=False),)


def test_other_spellings_of_a_model(tmp_path: Path, schema: Schema) -> None:
    rows = [fact("steps", "1", model_aliases=["K7"]), fact("steps", "1", model=None, model_aliases=["K7"])]
    assert [item.models for item in read_gold(written(tmp_path, {"facts": rows}), schema)["a"].facts] == [
        ("Kestrel-7B", "K7"),
        (None,),
    ]


def test_a_folder_that_there_is_not(tmp_path: Path, schema: Schema) -> None:
    with pytest.raises(UsageError, match=r"there is no folder '.*/gold'\n  hint: give a folder of documents with their gold"):
        read_gold(tmp_path / "gold", schema)


def test_a_file_is_no_folder(tmp_path: Path, schema: Schema) -> None:
    with pytest.raises(UsageError, match=r"'.*/a\.json' is no folder\n  hint: give a folder"):
        read_gold(written(tmp_path, {"facts": []}) / "a.json", schema)


def test_a_folder_without_gold(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / "a.txt").write_text("A")
    (tmp_path / ".hidden.json").write_text("{}")
    (tmp_path / "below").mkdir()
    written(tmp_path / "below", {"facts": []})
    with pytest.raises(UsageError, match=r"no gold in '.*'\n  hint: beside x\.txt must stand x\.json with its facts; subf"):
        read_gold(tmp_path, schema)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"a\.json:1:1: the gold is not JSON: Expecting value\n  hint: mend it"),
        ('{"facts": [\n  {"model": ]}', r"a\.json:2:13: the gold is not JSON"),
        ("[" * 200_000, r"a\.json: the gold is nested too deeply"),
        ("[]", r"a\.json: this is no gold: it has no facts\n  hint: write \{"),
        ({"report": {}}, "it has no facts"),
        ({"facts": {}}, r"a\.json: facts is no list of objects"),
        ({"facts": ["x"]}, "facts is no list of objects"),
        ({"facts": [], "negatives": 5}, "negatives is no list of objects"),
        ({"facts": [], "optional": [None]}, "optional is no list of objects"),
        (
            {"facts": [fact("steps", "1"), fact("stepz", "1")]},
            r"a\.json: facts\[1\]: no relation is named 'stepz'\n  hint: did",
        ),
        ({"facts": [{"value": "1"}]}, r"facts\[0\]: no relation is named 'None'"),
        ({"facts": [fact("hasRun", "1")]}, "no relation is named 'hasRun'"),
        ({"facts": [], "optional": [fact("stepz", "1")]}, r"optional\[0\]: no relation is named 'stepz'"),
        ({"facts": [], "negatives": [{"relation": "stepz", "value": "1"}]}, r"negatives\[0\]: no relation is named 'stepz'"),
        ({"facts": [fact("steps", "1", stage="pretrain")]}, r"no stage is named 'pretrain'\n  hint: did you mean pretraining"),
        ({"facts": [fact("steps", "1") | {"value": None}]}, r"facts\[0\]: value is neither text nor a number"),
        ({"facts": [fact("steps", "1") | {"value": True}]}, "value is neither text nor a number"),
        ({"facts": [fact("steps", "1", model=7)]}, "model is neither a name nor null"),
        ({"facts": [fact("steps", "1", aliases="one")]}, 'aliases is no list of names\n  hint: write "aliases"'),
        ({"facts": [fact("steps", "1", model_aliases=[1])]}, "model_aliases is no list of names"),
    ],
)
def test_what_is_no_gold(content: Any, message: str, tmp_path: Path, schema: Schema) -> None:
    with pytest.raises(InputError, match=message):
        read_gold(written(tmp_path, content), schema)


def test_gold_that_is_no_text(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / "a.json").write_bytes(b'{"facts": "\xff"}')
    with pytest.raises(InputError, match=r"a\.json: the gold is not UTF-8"):
        read_gold(tmp_path, schema)


def test_gold_that_cannot_be_read(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(InputError, match=r"a\.json: cannot be read: Is a directory"):
        read_gold(tmp_path, schema)


CLAIMS = [claim("steps", "10", "alignment", derived=True), claim("name", "Über\u2028", model=None, mention="Ü\u2028")]


def test_claims_of_kg_come_back(tmp_path: Path) -> None:
    (tmp_path / "claims.jsonl").write_bytes(b"\n" + write(CLAIMS, "jsonl") + b" \r\n")
    found = read_claims(tmp_path / "claims.jsonl")
    assert [(c.report, c.relation, c.value, c.stage, c.mention, c.start, c.end, c.derived) for c in found] == [
        (c.report, c.relation, c.value, c.stage, c.mention, c.start, c.end, c.derived) for c in CLAIMS
    ]


def test_an_array_of_claims(tmp_path: Path) -> None:
    (tmp_path / "claims.json").write_bytes(write(CLAIMS, "json"))
    assert [item.value for item in read_claims(tmp_path / "claims.json")] == ["10", "Über\u2028"]
    (tmp_path / "claims.json").write_text('[{"report": "a", "relation": "steps", "value": "5"}, 7]')
    with pytest.raises(InputError, match=r"claims\.json: \[1\]: this is no claim"):
        read_claims(tmp_path / "claims.json")
    (tmp_path / "claims.json").write_text("[")
    with pytest.raises(InputError, match=r"claims\.json: this is not JSON"):
        read_claims(tmp_path / "claims.json")


@pytest.mark.parametrize("text", ["", "\n \n", "[]"])
def test_no_claims(text: str, tmp_path: Path) -> None:
    (tmp_path / "claims.jsonl").write_text(text)
    assert read_claims(tmp_path / "claims.jsonl") == []


def test_claims_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(write(CLAIMS, "jsonl"))))
    assert len(read_claims(Path("-"))) == 2


def test_what_a_claim_may_lack(tmp_path: Path) -> None:
    (tmp_path / "claims.jsonl").write_text('\ufeff{"report": "a", "relation": "steps", "value": "5", "start": "0"}')
    assert read_claims(tmp_path / "claims.jsonl") == [Claim("a", None, "steps", "5", 0, 0, "")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "this is not JSON"),
        ("[" * 200_000, "this is not JSON"),
        ("[]", "this is no claim but a list or a value"),
        ('{"relation": "steps", "value": "5"}', "the claim has no report"),
        ('{"report": "a", "value": "5"}', "the claim has no relation"),
        ('{"report": "a", "relation": "steps", "value": 5}', "the claim has no value"),
        ('{"report": "a", "relation": "steps", "value": "5", "model": 7}', "model is no text"),
        ('{"report": "a", "relation": "steps", "value": "5", "mention": ["5"]}', "mention is no text"),
    ],
)
def test_what_is_no_claim(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "claims.jsonl").write_text(f'{{"report": "a", "relation": "steps", "value": "5"}}\n{line}\n')
    with pytest.raises(InputError, match=rf"claims\.jsonl:2: {message}\n  hint: write one object a line"):
        read_claims(tmp_path / "claims.jsonl")


def test_claims_that_there_are_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no '.*claims\.jsonl'\n  hint: kg extract"):
        read_claims(tmp_path / "claims.jsonl")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_claims(tmp_path)
    (tmp_path / "claims.jsonl").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"claims\.jsonl: the claims are not UTF-8"):
        read_claims(tmp_path / "claims.jsonl")
