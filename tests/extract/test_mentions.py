"""What a reading mentions: each number, name and value once, with its possible relations, its value, and what a tag fixes."""

from __future__ import annotations

import pytest

from kg.extract import extract
from kg.ingest import read_text
from kg.schema import load_schema
from tests.extract.scanning import document, mention_at, mentions_of, reading_of

TITLE = "# Quillon-7B\n\nQuillon-7B is a language model.\n\n"
REPORT = TITLE + "It was trained for 4,000 steps with AdamW and a cosine schedule.\n\n- Weight decay: 0.1\n"


def shown(text: str) -> list[tuple[str, str]]:
    """Return (kind, mention) of everything mentioned."""
    source = document(text).source
    return [(m.kind, source[m.start : m.end]) for m in mentions_of(text)]


def claimed(text: str) -> list[tuple[str, str, str]]:
    """Return (relation, value, mention) of what is claimed, the model's name and size left out."""
    claims = extract(read_text(text, "report.md"), load_schema()).claims
    return [(c.relation, c.value, c.mention) for c in claims if c.method not in {"rule:model", "rule:size-in-name"}]


def test_numbers_names_and_values_are_mentioned_in_order_of_sentence() -> None:
    assert shown(REPORT) == [("number", "4,000"), ("value", "cosine"), ("name", "AdamW"), ("number", "0.1")]


def test_own_models_and_labels_state_nothing() -> None:
    text = TITLE + "| Model | Steps 4 |\n|---|---|\n| Quillon-7B | 4,000 |\n"
    assert ("number", "4,000") in shown(text)
    assert not {("name", "Quillon-7B"), ("number", "4")} & set(shown(text))


def test_a_mention_knows_its_value_under_each_relation() -> None:
    number = mention_at(TITLE + "The warm-up takes 3% of the steps, the images have 224 pixels.", "3%")
    assert number.value_of("warmupFraction") == "0.03"
    pixels = mention_at(TITLE + "The images have 224 pixels.", "224")
    assert pixels.value_of("imageResolution") == "224x224"
    assert pixels.value_of("steps") == "224"
    value = mention_at(TITLE + "The schedule is cosine.", "cosine", "value")
    assert value.value_of("learningRateSchedule") == "cosine"
    assert value.value_of("precision") is None


def test_a_year_may_be_a_year_only_as_four_digits() -> None:
    assert "releaseYear" in mention_at(TITLE + "It came out in 2023.", "2023").relations
    assert "releaseYear" not in mention_at(TITLE + "It saw 2,023 pairs.", "2,023").relations


@pytest.mark.parametrize(
    ("source", "written", "relation"),
    [
        ("<model>Quillon-7B</model> has <params>7.2 billion</params> parameters.", "7.2 billion", "parameterCount"),
        ("<model>Quillon-7B</model> ran on <gpu_count>64</gpu_count> GPUs.", "64", "acceleratorCount"),
        ("<model>Quillon-7B</model> took <training>3 days</training>.", "3 days", "duration"),
    ],
)
def test_a_tag_leaves_a_number_one_relation_and_no_features(source: str, written: str, relation: str) -> None:
    mention = mention_at(source, written)
    assert (mention.relations, mention.forced, dict(mention.features)) == ((relation,), "tag", {})


def test_a_tag_says_nothing_of_a_number_that_can_have_no_value_under_it() -> None:
    source = "<model>Quillon-7B</model> took <training>25,000 GPU hours</training>."
    assert mention_at(source, "25,000").forced == ""


def test_a_size_behind_a_family_is_its_models_size() -> None:
    mention = mention_at("We present Quillon at 33B and 65B.", "65B")
    assert (mention.relations, mention.forced) == (("parameterCount",), "rule:number")


@pytest.mark.parametrize(
    ("written", "text", "value"),
    [
        ("A100-40", "It ran on an A100-40.", "NVIDIA A100 40GB"),
        ("A100s with 40 GB", "It ran on 64 A100s with 40 GB.", "NVIDIA A100 40GB"),
        ("A100 (80GB)", "It ran on A100 (80GB) cards.", "NVIDIA A100 80GB"),
        ("A100-PCIe-40GB", "It ran on A100-PCIe-40GB cards.", "NVIDIA A100 PCIe 40GB"),
        ("V100 cards of 32 GB", "It ran on 8 V100 cards of 32 GB each.", "NVIDIA V100 32GB"),
        ("A100", "It ran on an A100 with 512 GB of memory.", "NVIDIA A100"),  # the host's, of no product
    ],
)
def test_memory_belongs_to_the_accelerator_before_it(written: str, text: str, value: str) -> None:
    mention = mention_at(TITLE + text, written, "name")
    assert mention.relations == ("accelerator",)
    assert mention.value_of("accelerator") == value


@pytest.mark.parametrize(
    "text", ["The model was trained on 64 A100s with 40 GB of memory for three days.", "It was trained on 64 A100 (80GB) GPUs."]
)
def test_memory_is_no_count(text: str) -> None:
    assert [value for relation, value, _ in claimed(TITLE + text) if relation == "acceleratorCount"] == ["64"]


def test_memory_after_a_hyphen_is_no_count() -> None:
    found = claimed(TITLE + "We used 64 A100-40 cards.")
    assert [value for relation, value, _ in found if relation == "acceleratorCount"] == ["64"]


def test_the_label_of_a_score_knows_whose_score_it_is() -> None:
    table = "| Benchmark | Quillon-7B | Mistral-7B |\n|---|---|---|\n| MMLU | 61.2 | 60.1 |\n| GSM8K | 33.1 | 40.2 |\n"
    mention = mention_at(TITLE + table, "GSM8K", "name")
    assert mention.owners == ("Quillon-7B",)
    assert mention.features["scored"] > 0.5


def test_a_name_outside_of_a_table_of_scores_has_no_owner_yet() -> None:
    assert mention_at(TITLE + "It was evaluated on MMLU.", "MMLU", "name").owners is None


def test_a_sentence_without_numbers_names_and_words_of_training_mentions_nothing() -> None:
    assert mentions_of("Nobody came.") == []


def test_a_reading_of_nothing() -> None:
    reading = reading_of("")
    assert (list(reading.sentences), reading.models.own, reading.models.main) == ([], (), None)
