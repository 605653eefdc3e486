"""The scanner of words and names, and the data files of the rules: nothing misspelt, nothing twice."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import kg.extract.rules
from kg.extract.rules.lexicon import Lexicon, fold
from kg.extract.rules.weights import NONE, OWN, fitted
from kg.ingest import read_text
from kg.model import Thing
from kg.schema import Schema, load_schema, ontology_dir
from tests.extract.scanning import hits, lexicon, parsed

RULES = Path(kg.extract.rules.__file__).parent
LETTERS = st.text(alphabet=st.characters(max_codepoint=0x3000))


def named(text: str) -> list[tuple[str, list[str]]]:
    """Return the names of a text with the catalogue's things of each."""
    return [(name.text, [thing.name for thing in name.things]) for name in hits(text).names]


def cued(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the cues of a text with their topics."""
    return [(text[cue.start : cue.end], cue.topics) for cue in hits(text).cues]


@given(st.text())
def test_folding_keeps_one_byte_a_character(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert folded == folded.lower()
    assert folded.isascii()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Pre-Training", b"pre training"),
        ("pre\u2011train\u2013ing", b"pre train ing"),
        ("learning\nrate", b"learning rate"),
        ("learning\u00a0rate", b"learning rate"),
        ("num_gpus", b"num gpus"),
        ("Universit\u00e9 \u00d6stlich \u0141\u00f3d\u017a", b"universite ostlich ?odz"),
        ("224\u00d7224", b"224x224"),
        ("the model\u2019s", b"the model's"),
        ("\u4e2d\U0001f600", b"??"),
        ("", b""),
    ],
)
def test_folded(text: str, folded: bytes) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("64 GPUs", [("GPUs", ("device",))]),
        ("64 gpus.", [("gpus", ("device",))]),
        ("64 GPUsX", []),
        ("megapixels", []),
        ("80GB", [("GB", ("memory",))]),
        ("pretrained", [("pretrain", ("stage:pretraining",))]),
        ("Pre\u2011training's", [("Pre\u2011training", ("stage:pretraining",))]),
        ("the pretender", []),
        ("learning_rate", [("learning_rate", ("rate_word",))]),
        ("Learning\nRate", [("Learning\nRate", ("rate_word",))]),
        ("bf16", [("bf16", ("value:precision:bfloat16",))]),
    ],
)
def test_cues_stand_at_boundaries(text: str, cues: list[tuple[str, tuple[str, ...]]]) -> None:
    assert cued(text) == cues


@pytest.mark.parametrize(
    ("text", "cue", "topic"),
    [
        ("the learning rate schedule", "learning rate schedule", "schedule_word"),
        ("warm-up steps", "warm-up", "warmup"),
        ("per-device batch size", "per-device", "per_device"),
        ("in half precision", "half precision", "value:precision:float16"),
    ],
)
def test_the_longest_cue_wins(text: str, cue: str, topic: str) -> None:
    found = dict(cued(text))
    assert topic in found[cue]
    assert not any(other != cue and other in cue for other in found)


@pytest.mark.parametrize(
    "text",
    [
        "learning  rate",
        "learning\n  rate",
    ],
)
def test_a_cue_over_a_wrapped_line(text: str) -> None:
    assert cued(text) == [(text, ("rate_word",))]


@pytest.mark.parametrize("symbol", ["\u2192", "\u2248", "\u2022", "\u2026", "\u4e2d", "\u0416", "\U0001f600", "\u2211"])
def test_a_symbol_is_no_cue(symbol: str) -> None:
    assert cued(f"rate {symbol} 1") == [("rate", ("rate_word",))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("on NVIDIA A100 80GB cards", [("NVIDIA A100 80GB", ["NVIDIA A100 80GB"])]),
        ("on an A100 card", [("A100", ["NVIDIA A100"])]),
        ("Flan-T5-XL and T5", [("Flan-T5-XL", ["Flan-T5-XL"]), ("T5", ["T5"])]),
        ("Flan-T5-XXL", [("Flan-T5-XXL", ["Flan-T5-XXL"])]),
        ("BLIP-2 and BLIP", [("BLIP-2", ["BLIP-2"]), ("BLIP", ["BLIP"])]),
        ("Common\u00a0Voice", [("Common\u00a0Voice", ["Common Voice"])]),
    ],
)
def test_the_longest_name_wins(text: str, names: list[tuple[str, list[str]]]) -> None:
    assert named(text) == names


@pytest.mark.parametrize("text", ["8 x A100", "8x A100", "8 \u00d7 A100"])
def test_a_name_after_a_sign_of_multiplication(text: str) -> None:
    assert named(text) == [("A100", ["NVIDIA A100"])]


@pytest.mark.parametrize("text", ["8xA100", "8\u00d7A100", "32\u00d7A100 (80 GB)"])
def test_a_name_glued_to_a_sign_of_multiplication(text: str) -> None:
    assert named(text) == [("A100", ["NVIDIA A100"])]


@pytest.mark.xfail(strict=True, reason="a name that begins inside of another and ends behind it is found as well")
@pytest.mark.parametrize("text", ["on 64 NVIDIA A100 GPUs"])
def test_no_two_names_overlap(text: str) -> None:
    assert named(text) == [("NVIDIA A100 GPUs", ["NVIDIA A100"])]


def test_a_number_that_is_a_name_too() -> None:
    (sentence,) = parsed("The batch holds 4M tokens.")
    assert [number.value for number in sentence.numbers] == ["4000000"]


@pytest.mark.parametrize("text", ["LLaVA-v1.9", "LLaVA-v2"])
def test_a_version_continues_a_name(text: str) -> None:
    assert "LLaVA" not in [name for name, _ in named(text)]


@pytest.mark.parametrize(
    "text", ["xBLIP", "BLIPs", "BLIPx", "Meta-LLaVA", "LLaVA-Xyz", "LLaVA-9.5", "LLaVA.9", "my_LLaVA", "LLaVA_9"]
)
def test_a_part_of_a_longer_name_is_no_name(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    "text", ["LLaVA.", "LLaVA/x", "(LLaVA)", "non-LLaVA", "LLaVA-based", "\u201eLLaVA\u201c", "LLaVA's", "LLaVA,"]
)
def test_a_name_among_signs(text: str) -> None:
    assert named(text) == [("LLaVA", ["LLaVA"])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("64 A100s", "NVIDIA A100"), ("eight H100s.", "NVIDIA H100"), ("64 V100s", "NVIDIA V100"), ("TPU v4s", "Google TPU v4")],
)
def test_accelerators_in_the_plural(text: str, expected: str) -> None:
    assert [things for _, things in named(text)] == [[expected]]


def test_case_tells_the_giant_from_the_gigantic() -> None:
    assert named("ViT-g/14, ViT-G/14") == [("ViT-g/14", ["ViT-g/14"]), ("ViT-G/14", ["ViT-G/14"])]
    assert named("EVA-CLIP ViT-G/14") == [("EVA-CLIP ViT-G/14", ["EVA-CLIP ViT-G/14"])]


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Deutschland", "Germany"),
        pytest.param("\u00d6sterreich", "Austria"),
    ],
)
def test_names_that_begin_with_an_accent(name: str, country: str) -> None:
    assert named(f"in {name}") == [(name, [country])]


def test_words_in_other_letters_are_no_names() -> None:
    assert named("\u044d\u0442\u043e \u0431\u044b\u043b") == []


@given(LETTERS)
@example("\u044d\u0442\u043e \u0431\u044b\u043b \u043c\u0438\u0440")
@settings(max_examples=300)
def test_any_text_is_scanned(text: str) -> None:
    found = hits(text)
    assert [n.start for n in found.names] == sorted(n.start for n in found.names)
    assert all(a.end <= b.start for a, b in zip(found.names, found.names[1:], strict=False))
    assert all(text[n.start : n.end] == n.text and n.things for n in found.names)
    assert all(0 <= c.start < c.end <= len(text) and c.topics for c in found.cues)
    assert found.words == sorted(found.words)


NAMES = st.sampled_from([thing for thing in load_schema().things if thing.name.isascii() and thing.name.replace(" ", "").isalnum()])


@given(st.lists(NAMES, min_size=1, max_size=6))
@settings(deadline=None)
def test_names_of_a_list_are_found_where_they_stand(things: list[Thing]) -> None:
    text = ", ".join(thing.name for thing in things if not thing.name.islower()) + "."
    for name in hits(text).names:
        assert any(fold(alias).strip() == fold(name.text) for thing in name.things for alias in (thing.name, *thing.aliases))


def test_nearly_every_name_of_the_catalogue_is_found_in_a_sentence() -> None:
    schema = load_schema()
    missed = []
    names = [(thing, name) for thing in schema.things for name in (thing.name, *thing.aliases)]
    for thing, name in names:
        sentence = f"We use {name} here."
        found = [n for n in hits(sentence).names if (n.start, n.text) == (7, name)]
        if not any(thing in n.things for n in found):
            missed.append(name)
    assert len(missed) < 0.01 * len(names), missed


CATALOGUE = "name,aliases,context,use\nForest,,yes,training\nForest Floor,FF|Floor of Forests,,training\nForest-10K,,,evaluation\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """Return the ontology with three data sets, one of which has the name of an ordinary word."""
    folder = tmp_path_factory.mktemp("ontology")
    (folder / "catalog").mkdir()
    shutil.copy(ontology_dir() / "kg.ttl", folder)
    (folder / "catalog" / "datasets.csv").write_text(CATALOGUE, encoding="utf-8")
    return load_schema(directory=folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trained on Forest", ["Forest"]),
        ("trained on Forest Floor", ["Forest Floor"]),
        ("trained on Forest-10K", ["Forest-10K"]),
        ("trained on FOREST FLOOR", ["Forest Floor"]),
        ("trained on the floor of forests", ["Forest Floor"]),
        ("trained on FF", ["Forest Floor"]),
        ("trained in the forest", []),
        ("trained on Forests", []),
        ("trained on ff", []),
    ],
)
def test_names_of_a_small_catalogue(small: Schema, text: str, expected: list[str]) -> None:
    assert [name.things[0].name for name in Lexicon(small).scan(text).names] == expected


@pytest.mark.parametrize(
    ("text", "datasets"),
    [
        ("Kestrel-7B was trained on the Forest dataset.", ["Forest"]),
        ("Kestrel-7B was trained on Forest Floor and Forest.", ["Forest", "Forest Floor"]),
        ("Forest rangers use Kestrel-7B in the Forest of Dean.", []),
    ],
)
def test_a_name_that_is_an_ordinary_word_needs_its_context(small: Schema, text: str, datasets: list[str]) -> None:
    claims = kg.extract.rules.extract(read_text(text, "case.txt"), small).claims
    assert sorted(claim.value for claim in claims if claim.relation == "trainingDataset") == datasets


def data(name: str) -> dict[str, Any]:
    """Read one of the data files of the rules."""
    return tomllib.loads((RULES / f"{name}.toml").read_text(encoding="utf-8"))


TOPICS = data("lexicon")["topic"]
SECTIONS = [
    *((f"topic.{name}", literals) for name, literals in TOPICS.items()),
    *((f"stage.{name}", literals) for name, literals in data("lexicon")["stage"].items()),
    *((f"value.{r}.{name}", literals) for r, values in data("lexicon")["value"].items() for name, literals in values.items()),
]
WEIGHTS = fitted().by_kind
TOPICAL = ("n", "u", "ip", "kk", "K", "H", "D", "P", "L", "R", "L1", "R1")  # kinds of features that name a topic
DERIVED = frozenset("stage phase own optimizer accelerator at city in_place dataset_noun".split())  # computed from the surroundings


def weighed() -> set[str]:
    """Return every topic that a fitted weight names; stages and values are told apart by what follows a colon."""
    parts = {tuple(feature.split(":")[:2]) for features in WEIGHTS.values() for feature in features if ":" in feature}
    return {part[1] for part in parts if part[0] in TOPICAL}


def test_every_topic_weighs_something_and_every_weighed_topic_exists() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.py")))
    assert sorted(topic for topic in TOPICS.keys() - weighed() if f'"{topic}"' not in code) == []
    assert weighed() - TOPICS.keys() - {"value"} == DERIVED
    assert sorted(topic for topic in DERIVED if f'"{topic}"' not in code) == []


def test_every_fitted_relation_is_one_that_its_kind_may_state() -> None:
    stated = {kind: {r for pairs in features.values() for r, _ in pairs} - {NONE} for kind, features in WEIGHTS.items()}
    assert stated["model"] == {OWN}
    assert stated["value"] == data("lexicon")["value"].keys()
    conditions = data("relations")
    assert stated["number"] == {relation for relation, needs in conditions.items() if "forms" in needs}
    assert stated["name"] == {relation for relation, needs in conditions.items() if "kinds" in needs}


def test_conditions_are_of_relations_that_exist(schema: Schema) -> None:
    assert data("relations").keys() <= schema.relations.keys()
    assert {schema.relation(name).origin for name in data("relations")} == {"report"}


def test_every_relation_of_reports_is_extracted(schema: Schema) -> None:
    from_files = data("relations").keys() | data("lexicon")["value"].keys()
    assert {r.name for r in schema.relations.values() if r.origin == "report"} == from_files | {"name", "language"}


def test_closed_values_and_stages_are_those_of_the_ontology(schema: Schema) -> None:
    assert data("lexicon")["stage"].keys() == schema.stages.keys()
    for relation, values in data("lexicon")["value"].items():
        assert values.keys() <= set(schema.relation(relation).values)


def test_kinds_and_forms_exist(schema: Schema) -> None:
    kinds = {kind for needs in data("relations").values() for kind in needs.get("kinds", ())}
    assert kinds <= {*schema.kinds(), "shaped-organization", ""}
    forms = {form for needs in data("relations").values() for form in needs.get("forms", ())}
    assert forms == {"integer", "decimal", "words", "science", "percent", "duration", "resolution", "year"}


@pytest.mark.parametrize("needs", data("relations").values(), ids=data("relations").keys())
def test_a_condition_is_of_forms_within_bounds_or_of_kinds(needs: dict[str, Any]) -> None:
    assert needs.keys() == ({"forms", "low", "high"} if "forms" in needs else {"kinds"})
    assert "kinds" in needs or needs["low"] < needs["high"]


@pytest.mark.parametrize(
    "literals",
    [pytest.param(literals, id=name) for name, literals in SECTIONS],
)
def test_no_word_is_twice_in_a_topic(literals: list[str]) -> None:
    assert literals
    assert repeated(literals) == []
    assert repeated(literal for literal in literals if literal != literal.strip()) == []


def repeated(items: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [item for item in items if item in seen or seen.add(item)]  # type: ignore[func-returns-value]


def test_every_word_of_the_lexicon_is_found() -> None:
    for name, literals in SECTIONS:
        for literal in literals:
            word = literal.removesuffix("*")
            found = lexicon().scan(f"( {word} )")
            assert any(cue.start <= 2 < cue.end for cue in found.cues) or found.words or "number_word" in name, (name, literal)
