"""Two readings of one document: what stands, what is suggested, what is told."""

from __future__ import annotations

from typing import Any

import pytest

from kg.extract.llm import merge
from kg.ingest import read_text
from kg.model import Claim, Document, Extraction
from kg.schema import Schema

TEXT = """\
---
license: mit
---
Kestrel-7B has <params>7B</params> parameters, 6.7B without embeddings. It was trained on CC3M with AdamW, or Lion.
"""
RULES, MODEL = "rule:number", "llm:m"


@pytest.fixture(scope="module")
def document() -> Document:
    return read_text(TEXT, "card.md")


def claim(relation: str, value: str, mention: str, method: str, **fields: Any) -> Claim:
    start = TEXT.index(mention)
    return Claim(
        "card.md", fields.pop("model", "Kestrel-7B"), relation, value, start, start + len(mention), mention, method=method, **fields
    )


SIZE = claim("parameterCount", "7000000000", "7B</", RULES)
SMALLER = claim("parameterCount", "6700000000", "6.7B", MODEL)
DATA = claim("trainingDataset", "CC3M", "CC3M", "rule:name", stage="pretraining")
ADAM = claim("optimizer", "AdamW", "AdamW", "rule:name")


def test_agreement_is_one_claim_with_the_span_of_the_rules(document: Document, schema: Schema) -> None:
    theirs = claim("trainingDataset", "CC-3M", "on CC3M", MODEL, stage="pretraining", model="kestrel 7b")
    both = merge.whole(document, schema, Extraction((DATA,)), [theirs])
    assert both == Extraction((DATA,))


def test_a_name_is_spelled_as_the_report_does(document: Document, schema: Schema) -> None:
    theirs = claim("trainingDataset", "Conceptual Captions", "CC3M", MODEL, stage="pretraining")
    assert merge.whole(document, schema, Extraction((DATA,)), [theirs]) == Extraction((theirs,))


def test_what_the_model_passes_over_is_a_suggestion(document: Document, schema: Schema) -> None:
    lion = claim("optimizer", "Lion", "Lion", "rule:name", score=0.3)
    both = merge.whole(document, schema, Extraction((ADAM,), (lion,)), [])
    assert both == Extraction((), (ADAM, lion))


@pytest.mark.parametrize(
    "marked",
    [
        claim("parameterCount", "7000000000", "7B</", "tag"),
        claim("license", "MIT", "mit", "rule:name"),
        claim("optimizer", "AdamW", "AdamW", "table:hyperparameters"),
    ],
    ids=["tag", "front matter", "table"],
)
def test_what_the_author_marked_up_stands(marked: Claim, document: Document, schema: Schema) -> None:
    assert merge.whole(document, schema, Extraction((marked,)), []) == Extraction((marked,))


@pytest.mark.parametrize(
    "text",
    ["Kestrel-7B\n---\nlicense: mit\n---\n", "---\nIts license is mit, they say.\n---\nKestrel-7B"],
    ids=["below", "between rules"],
)
def test_the_body_is_no_front_matter(text: str, schema: Schema) -> None:
    at = text.index("mit")
    said = Claim("a.md", "Kestrel-7B", "license", "MIT", at, at + 3, "mit", method="rule:name")
    assert merge.whole(read_text(text, "a.md"), schema, Extraction((said,)), []).claims == ()


def test_the_name_of_a_model_that_is_spoken_of_stands(document: Document, schema: Schema) -> None:
    names = [claim("name", name, "Kestrel-7B", "rule:model", model=name) for name in ("Kestrel-7B", "Merlin-3B")]
    both = merge.whole(document, schema, Extraction(tuple(names)), [SMALLER])
    assert both == Extraction((names[0], SMALLER), (names[1],))


def test_disagreement_leaves_both_and_is_told(document: Document, schema: Schema) -> None:
    both = merge.whole(document, schema, Extraction((SIZE,)), [SMALLER])
    assert both.claims == (SIZE, SMALLER) and both.suggestions == ()
    (finding,) = both.findings
    assert (finding.code, finding.severity, finding.relation) == ("KG440", "info", "parameterCount")
    assert finding.message == "the rules and the language model read the parameterCount of Kestrel-7B differently"
    assert [label.text for label in finding.labels] == ["7000000000 (rule:number)", "6700000000 (llm:m)"]


def test_a_stage_and_an_unnamed_model_are_told(document: Document, schema: Schema) -> None:
    ours = claim("steps", "7", "7B</", RULES, stage="alignment", model=None)
    theirs = claim("steps", "6", "6.7B", MODEL, stage="alignment", model=None)
    (finding,) = merge.whole(document, schema, Extraction((ours,)), [theirs]).findings
    assert finding.message.endswith("the steps of the model in alignment differently")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ((SIZE,), claim("parameterCount", "6700000000", "6.7B", MODEL, model="Kestrel-30B")),
        ((SIZE, claim("parameterCount", "6700000000", "6.7B", RULES)), SMALLER),
        ((ADAM,), claim("component", "Lion", "Lion", MODEL)),
        ((DATA,), claim("trainingDataset", "Lion", "Lion", MODEL, stage="pretraining")),
    ],
    ids=["another model", "one of several", "another relation", "a relation of several values"],
)
def test_what_is_no_disagreement(ours: tuple[Claim, ...], theirs: Claim, document: Document, schema: Schema) -> None:
    both = merge.whole(document, schema, Extraction(ours), [theirs])
    assert both.findings == ()
    assert [c.value for c in both.claims] == [theirs.value]


def test_another_stage_of_one_fact_is_that_of_the_model(document: Document, schema: Schema) -> None:
    theirs = claim("trainingDataset", "CC3M", "CC3M", MODEL, stage="fine-tuning")
    assert merge.whole(document, schema, Extraction((DATA,)), [theirs]) == Extraction((theirs,))


def test_what_the_rules_left_open_is_added(schema: Schema) -> None:
    lion = claim("optimizer", "Lion", "Lion", "rule:name", score=0.3)
    confirmed = claim("optimizer", "Lion", "Lion", MODEL)
    other_stage = claim("trainingDataset", "CC3M", "CC3M", MODEL, stage="fine-tuning")
    both = merge.opened(schema, Extraction((DATA,), (lion,)), [confirmed, other_stage])
    assert both == Extraction((DATA, confirmed))


def test_open_is_what_is_not_claimed_or_only_suggested() -> None:
    rules = Extraction((DATA, ADAM), (claim("optimizer", "Lion", "Lion", "rule:name"),))
    names = ["duration", "optimizer", "trainingDataset"]
    assert merge.open_relations(rules, names) == ["duration", "optimizer"]
