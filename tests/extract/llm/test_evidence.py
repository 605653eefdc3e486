"""A claim of a model stands only on words of the document: what is invented, hidden or misread is rejected and counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract.llm.evidence import FORM, MENTION, MODEL, QUOTE, RELATION, STAGE, UNASKED, VALUE, Checked, Evidence, lines
from kg.extract.llm.folding import fold
from kg.extract.llm.form import asked
from kg.ingest import read_text
from kg.model import Claim, Span
from kg.schema import Schema, load_schema

TEXT = """\
---
license: apache-2.0
---
# Kestrel-7B

Kestrel-7B, by the National Library of Norway, was pretrained for 3 weeks on 16 nodes of 8 NVIDIA A100 80GB GPUs with bf16 and fp32.
It saw 1.4 trillion tokens of CC3M and “Laion‑2B”, in ﬁve epochs. <!-- It was trained on ImageNet for 90 days. -->
The rate was 1e-3, then 1280 steps at 3e-4; we warmed up for 128 steps. Warm-up took between 10 and 12 days, then a cosine decay.
We used R&amp;D tools and ViT-g/14 from EVA-CLIP. The license of [the code](https://example.org/SBU) is MIT.

| setting | value |
|---|---|
| learning rate | 1e-4 |
| epochs | 1 |
"""

ONE = {"model": "Kestrel-7B", "stage": None}
WEEKS = "was pretrained for 3 weeks on 16 nodes of 8 NVIDIA A100 80GB GPUs"


def check(*items: object, text: str = TEXT, asked_for: frozenset[str] | None = None, schema: Schema | None = None) -> Checked:
    schema = schema or load_schema()
    document = read_text(text, "card.md")
    names = asked_for or frozenset(relation.name for relation in asked(schema))
    return Evidence.of(document, schema, "llm:m").check([({"claims": items}, Span(0, len(text)))], names)


def one(checked: Checked) -> Claim:
    (claim,) = checked.claims.values()
    return claim


@pytest.mark.parametrize(
    ("relation", "mention", "quote", "says", "value", "words"),
    [
        ("duration", "3 weeks", WEEKS, "P21D", "P21D", "3 weeks"),
        ("duration", "3", WEEKS, "P3D", "P21D", "3 weeks"),
        ("acceleratorCount", "16 nodes of 8", WEEKS, "128", "128", "16 nodes of 8"),
        ("acceleratorCount", "16", WEEKS, "16", "128", "16 nodes of 8"),
        ("accelerator", "A100 80GB", WEEKS, "A100-80GB", "NVIDIA A100 80GB", "A100 80GB"),
        ("accelerator", "A100 80GB", WEEKS, "NVIDIA H100", "NVIDIA A100 80GB", "A100 80GB"),
        ("trainingDataset", "Laion-2B", 'CC3M and "Laion-2B", in five epochs', "LAION-2B", "LAION-2B", "Laion‑2B"),
        ("trainingDataset", "CC3M", "1.4  trillion\ntokens of CC3M", "CC3M", "CC3M", "CC3M"),
        ("trainingExamples", "1.4 trillion", "It saw 1.4 trillion tokens", "1.4e12", "1400000000000", "1.4 trillion"),
        ("precision", "bf16", "with bf16 and fp32", "bfloat16", "bfloat16", "bf16"),
        ("precision", "bf16", "with bf16 and fp32", "float16", "bfloat16", "bf16"),
        ("precision", "bf16 and fp32", "with bf16 and fp32", "mixed", "mixed", "bf16 and fp32"),
        ("warmupSteps", "128", "then 1280 steps at 3e-4; we warmed up for 128 steps", "128", "128", "128"),
        ("peakLearningRate", "1e-3", "The rate was 1e-3", "0.001", "1e-3", "1e-3"),
        ("epochs", "1", "| learning rate | 1e-4 |\n| epochs | 1 |", "1", "1", "1"),
        ("duration", "between 10 and 12 days", "Warm-up took between 10 and 12 days", "P12D", "P10D", "between 10 and 12 days"),
        ("learningRateSchedule", "cosine", "then a cosine decay", "linear", "cosine", "cosine"),
        ("imageEncoder", "ViT-g/14 from EVA-CLIP", "ViT-g/14 from EVA-CLIP", "EVA-CLIP ViT-g/14", None, "ViT-g/14 from EVA-CLIP"),
        (
            "organization",
            "National Library",
            "by the National Library of Norway",
            "National Library of Norway",
            None,
            "National Library",
        ),
        ("software", "R&D tools", "We used R&D tools", "R&D tools", "R&D tools", "R&amp;D tools"),
        ("license", "apache-2.0", "license: apache-2.0", "Apache 2.0", "Apache-2.0", "apache-2.0"),
        ("name", "Kestrel-7B", "# Kestrel-7B", "Kestrel 7B", None, "Kestrel-7B"),
    ],
)
def test_a_claim_with_evidence_stands(relation: str, mention: str, quote: str, says: str, value: str | None, words: str) -> None:
    checked = check({**ONE, "relation": relation, "value": says, "mention": mention, "quote": quote})
    assert not checked.rejected
    claim = one(checked)
    assert claim.value == (value or says)
    assert claim.mention == words == TEXT[claim.start : claim.end]
    assert claim.method == "llm:m" and claim.model == "Kestrel-7B"


def test_what_is_counted_is_read_too() -> None:
    quote = "It saw 1.4 trillion tokens"
    claim = one(check({**ONE, "relation": "trainingExamples", "value": "1", "mention": "1.4 trillion", "quote": quote}))
    assert claim.unit == "tokens"


def test_a_range_keeps_its_upper_end() -> None:
    quote = "Warm-up took between 10 and 12 days"
    claim = one(check({**ONE, "relation": "duration", "value": "P10D", "mention": "10 and 12 days", "quote": quote}))
    assert (claim.value, claim.value_max, claim.approximate) == ("P10D", "P12D", True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quote": "Kestrel-7B was trained on ImageNet-21k"}, QUOTE),
        ({"quote": "\u200b", "mention": "3 weeks"}, QUOTE),
        ({"mention": "4 weeks"}, MENTION),
        ({"mention": "eeks"}, MENTION),
        ({"mention": "00", "quote": "A100 80GB"}, MENTION),
        ({"mention": "12", "quote": "for 128 steps"}, MENTION),
        ({"mention": "1", "quote": "The rate was 1e-3"}, MENTION),
        ({"mention": "4 trillion", "quote": "It saw 1.4 trillion tokens"}, MENTION),
        ({"mention": "90 days", "quote": "It was trained on ImageNet for 90 days."}, MENTION),
        (
            {"mention": "SBU", "quote": "[the code](https://example.org/SBU)", "relation": "trainingDataset", "value": "SBU"},
            MENTION,
        ),
        ({"mention": "nodes", "quote": WEEKS}, VALUE),
        ({"mention": "16 nodes of 8 NVIDIA A100 80GB", "quote": WEEKS, "relation": "steps", "value": "7"}, VALUE),
        ({"mention": "GPUs", "relation": "accelerator", "value": "NVIDIA H100"}, VALUE),
        ({"mention": "tokens", "quote": "trillion tokens of", "relation": "trainingDataset", "value": "The Pile"}, VALUE),
        ({"mention": "the", "quote": "by the National", "relation": "organization", "value": "OpenAI"}, VALUE),
        ({"mention": "weeks", "relation": "precision", "value": "float16"}, VALUE),
        ({"mention": "bf16 and fp32", "quote": "bf16 and fp32", "relation": "precision", "value": "fp8"}, VALUE),
        ({"relation": "shoeSize"}, RELATION),
        ({"relation": "hasRun"}, RELATION),
        ({"relation": "manufacturer"}, RELATION),
        ({"stage": "warm-up"}, STAGE),
        ({"model": "GPT-5"}, MODEL),
        ({"model": " "}, MODEL),
        ({"quote": 7}, FORM),
    ],
)
def test_a_claim_without_evidence_is_rejected(changes: dict[str, Any], reason: str) -> None:
    claim = {**ONE, "relation": "duration", "value": "P21D", "mention": "3 weeks", "quote": WEEKS, **changes}
    checked = check(claim)
    assert checked.claims == {} and dict(checked.rejected) == {reason: 1}


def test_what_was_not_asked_for_is_rejected() -> None:
    claim = {**ONE, "relation": "duration", "value": "P21D", "mention": "3 weeks", "quote": WEEKS}
    assert dict(check(claim, asked_for=frozenset({"epochs"})).rejected) == {UNASKED: 1}


def test_what_belongs_to_the_model_has_no_stage() -> None:
    claim = {**ONE, "relation": "name", "value": "Kestrel-7B", "mention": "Kestrel-7B", "quote": "# Kestrel-7B"}
    assert one(check({**claim, "stage": "pretraining"})).stage is None


def test_one_claim_is_made_of_the_same_said_twice() -> None:
    late = {**ONE, "relation": "trainingDataset", "value": "CC3M", "mention": "CC3M", "quote": "We use CC3M"}
    early = {**late, "value": "CC-3M", "quote": "With CC3M"}
    text = "Kestrel-7B. With CC3M it began. We use CC3M."
    checked = check(late, early, text=text)
    assert one(checked).start == text.index("CC3M") and checked.accepted == 2


def test_rejections_are_told_with_an_example_each() -> None:
    wrong = {**ONE, "relation": "duration", "value": "P21D" * 40, "mention": "3 weeks", "quote": "nowhere"}
    told = list(lines(check(wrong, wrong, None)))
    assert told == [f"1: {FORM}", f"2: {QUOTE} (duration “{('P21D' * 40)[:59]}…”)"]


def test_words_are_found_in_their_part_first(schema: Schema) -> None:
    text = "Kestrel-7B used AdamW.\n\nLater Kestrel-7B used AdamW."
    document = read_text(text, "a.md")
    item = {**ONE, "relation": "optimizer", "value": "AdamW", "mention": "AdamW", "quote": "Kestrel-7B used AdamW."}
    evidence = Evidence.of(document, schema, "llm:m")
    assert one(evidence.check([({"claims": [item]}, Span(24, len(text)))], {"optimizer"})).start == text.rindex("AdamW")
    assert one(evidence.check([({"claims": [item]}, Span(40, len(text)))], {"optimizer"})).start == text.index("AdamW")


@pytest.mark.parametrize(
    ("text", "mention", "found"),
    [
        ("模型在训练使用了CC3M数据集", "CC3M", True),
        ("模型在英伟达上训练", "英伟达", True),
        ("eight TPUs", "TPU", True),
        ("eight TPUsets", "TPU", False),
        ("8xA100", "A100", True),
        ("maxA100", "A100", False),
        ("A100s", "A100", True),
        ("1,280 steps", "280", False),
        ("12.5 days", "12", False),
        ("in 2023.", "2023", True),
    ],
)
def test_mentions_are_whole_words(text: str, mention: str, found: bool, schema: Schema) -> None:
    places = Evidence.of(read_text(text, "a.txt"), schema, "llm:m").places
    assert bool(list(places.mentions(mention, Span(0, len(text))))) is found


@given(st.text(max_size=60))
def test_folding_keeps_places(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.offsets)
    assert list(folded.offsets) == sorted(folded.offsets)
    assert not any(char.isspace() for char in folded.text)


WORDS = st.sampled_from(
    ["Kestrel-7B", "3 weeks", "128", "CC3M", "bf16", WEEKS, "", "duration", "trainingDataset", "precision", "P21D", "a"]
)
ITEMS = st.fixed_dictionaries(
    {name: WORDS | st.text(max_size=8) | st.none() for name in ("model", "relation", "value", "stage", "mention", "quote")}
)


@given(st.lists(ITEMS | st.integers() | st.none(), max_size=4))
def test_whatever_comes_back_every_claim_shows_its_words(items: list[object]) -> None:
    checked = check(*items)
    assert sum(checked.rejected.values()) + checked.accepted == len(items)
    for claim in checked.claims.values():
        assert TEXT[claim.start : claim.end] == claim.mention != ""
