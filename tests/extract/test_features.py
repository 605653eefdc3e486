"""What a decider weighs: topics with their side and distance, labels, the mention itself, the models named before it."""

from __future__ import annotations

import pytest

from tests.extract.scanning import mention_at, mentions_of

TITLE = "# Quillon-7B\n\nQuillon-7B is a language model.\n\n"


def features_of(text: str, written: str, kind: str = "number") -> dict[str, float]:
    return dict(mention_at(TITLE + text, written, kind).features)


@pytest.mark.parametrize(
    ("text", "written", "features"),
    [
        # the noun right after a number, and the topics to its left and right
        (
            "It was trained for 4,000 steps.",
            "4,000",
            {"u:step_word", "R:step_word:0", "R1:step_word", "L:took:0", "b1=for", "a1=steps"},
        ),
        ("The peak learning rate was 1e-4.", "1e-4", {"L:rate_word", "b12=rate_was", "a1=.", "a2=</s>"}),
        # its form, size and neighbours
        ("The batch size was 1,024.", "1,024", {"form=integer", "mag=3", "pow2"}),
        ("The rate was 3e-4.", "3e-4", {"form=science", "mag=-4"}),
        ("It saw about 2 billion tokens.", "2 billion", {"approx", "mag=9"}),
        ("It saw 2 to 3 billion tokens.", "2 to 3 billion", {"approx", "range"}),
        ("The grid is 16 / 64 wide.", "64", {"nb-1=integer", "nbg-1=/"}),
        ("The grid is 16 / 64 wide.", "16", {"nb1=integer", "nbg1=/"}),
        ("Images have 224x224 pixels.", "224x224", {"form=resolution"}),
        # the models named before it
        ("Quillon-7B saw 64 files.", "64", {"hasown", "pm=own"}),
        ("Mistral-7B saw 64 files.", "64", {"hasother", "pm=other", "rival"}),
    ],
)
def test_features_of_a_number(text: str, written: str, features: set[str]) -> None:
    assert features <= features_of(text, written).keys()


@pytest.mark.parametrize("form", ["3 days", "224x224"])
def test_what_is_no_plain_number_has_no_size(form: str) -> None:
    found = features_of(f"It took {form}.", form)
    assert not [name for name in found if name.startswith("mag=")]


def test_a_number_before_any_model_has_none_before_it() -> None:
    (number,) = [m for m in mentions_of("In 64 files it learned, Quillon-7B, our model.") if m.kind == "number"]
    assert not [name for name in number.features if name.startswith("pm=")]


def test_a_near_topic_is_stronger_than_a_far_one() -> None:
    near = features_of("It was trained for 4,000 steps.", "4,000")["R:step_word"]
    far = features_of("It was trained on 4,000 of the many new examples in steps.", "4,000")["R:step_word"]
    assert 0 < far < near <= 1


def test_a_topic_of_another_clause_is_marked_and_weaker() -> None:
    same = features_of("It read 64 files with many steps.", "64")
    other = features_of("It read 64 files; as many steps.", "64")
    assert other["R:step_word"] < same["R:step_word"]
    assert next(name for name in other if name.startswith("R:step_word:")).endswith("x")


def test_distances_have_steps() -> None:
    steps = [
        next(name for name in features_of(f"Take 64 {'x' * gap} steps.", "64") if name.startswith("R:step_word:"))
        for gap in (1, 8, 30, 80, 120)
    ]
    assert steps == [f"R:step_word:{step}" for step in range(5)]


def test_labels_headings_and_leads_are_features() -> None:
    table = "## Training set-up\n\n| Setting | Stage 1 |\n|---|---|\n| Weight decay | 0.1 |\n"
    found = features_of(table, "0.1")
    assert {"row", "row=decay weight", "roww=weight", "roww=decay", "hw=training", "K:weight_decay"} <= found.keys()
    item = features_of("We used this learning rate:\n\n- 3e-4 in all runs\n", "3e-4")
    assert "D:rate_word" in item


def test_code_is_marked() -> None:
    text = "```bash\ntrain --steps 4000\n```\n\nIt was trained for 5,000 steps.\n"
    assert "code" in features_of(text, "4000")
    assert "code" not in features_of(text, "5,000")


def test_the_first_sentence_is_marked() -> None:
    (first,) = [m for m in mentions_of("Quillon-7B has 64 layers. It is our model.") if m.kind == "number"]
    assert {"first": 1.0, "pos": 0.0}.items() <= dict(first.features).items()


def test_names_of_a_list_share_its_surroundings() -> None:
    found = [features_of("It was evaluated on MMLU, GSM8K and Zorb.", name, "name") for name in ("MMLU", "GSM8K", "Zorb")]
    shared = {"ln=3", "gb1=on", "lk:dataset", "lk:", "lu:evaluation"}
    assert all(shared <= features.keys() for features in found)
    assert "kind=dataset" in found[0] and "dataset.use=evaluation" in found[0]
    assert {"unk", "shape=plain", "nw=1", "last=zorb", "pat=Aa"} <= found[2].keys()
    assert found[1].keys() >= {"upper", "dig"}


@pytest.mark.parametrize(
    ("text", "written", "feature"),
    [
        ("It was trained at the University of Ferrith.", "University of Ferrith", "isorg"),
        ("It was trained on ZorbWeb-2.", "ZorbWeb-2", "shaped"),
        ("It was trained on the Zorb corpus.", "Zorb", "ip:dataset_noun"),
        ("Its encoder is a ViT-g/14 pre-trained on LAION-2B.", "LAION-2B", "ofpart"),
        ("Quillon-7B is just Mistral-7B with a head.", "Mistral-7B", "identity"),
    ],
)
def test_features_of_a_name(text: str, written: str, feature: str) -> None:
    assert feature in features_of(text, written, "name")


def test_how_often_a_name_stands_there_is_counted_up_to_four() -> None:
    text = "It was trained on Zorb. " + "We like Zorb. " * 5
    source_names = [m for m in mentions_of(TITLE + text) if m.kind == "name"]
    assert {name for m in source_names for name in m.features if name.startswith("cnt=")} == {"cnt=4"}


def test_features_of_a_value() -> None:
    found = features_of("The learning rate follows a cosine schedule.", "cosine", "value")
    assert {"v=cosine", "rel=learningRateSchedule", "b1=a", "a1=schedule", "L:rate_word"} <= found.keys()
    assert not [name for name in found if name.startswith("form=")]


@pytest.mark.parametrize("gap", ["\n", "\n\n\n", "  "])
def test_spaces_between_neighbours_are_one(gap: str) -> None:
    found = [m.features for m in mentions_of(f"Q: 16 /{gap}64 GPUs were used.") if m.kind == "number"]
    assert all(name == name.strip() and "\n" not in name for features in found for name in features)


def test_equal_texts_have_equal_features() -> None:
    text = TITLE + "It was trained for 4,000 steps on 64 A100 GPUs with AdamW and a cosine schedule."
    assert [(m.start, m.features) for m in mentions_of(text)] == [(m.start, m.features) for m in mentions_of(text)]
    assert all(list(a.features) == list(b.features) for a, b in zip(mentions_of(text), mentions_of(text), strict=True))
