"""When two values, names, models and stages are the same; by example, and as the script of the evaluation material has it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.eval._gold import Fact, Negative
from kg.eval._same import NUMBERS, has_value, is_model, same_value, says, spelling
from kg.model import Claim
from kg.schema import load_schema

RELATIONS = sorted(relation.name for relation in load_schema().relations.values() if relation.origin == "report")


def claim(relation: str, value: str, mention: str = "", model: str | None = None, stage: str | None = None) -> Claim:
    return Claim("a.txt", model, relation, value, 0, 1, mention, stage)


@pytest.mark.parametrize(
    ("relation", "gold", "value", "same"),
    [
        ("parameterCount", "13000000000", "1.3e10", True),
        ("parameterCount", "13,000", "13000", True),
        ("parameterCount", "13000000000", "13000100000", False),
        ("parameterCount", "13B", "13B", False),  # no number, whatever the spelling
        ("peakLearningRate", "1e-4", "0.0001", True),
        ("peakLearningRate", "1e-4", "0.00010001", False),
        ("weightDecay", "0", "0.0", True),
        ("weightDecay", "0", "1e-9", False),
        ("releaseYear", "2023", "2023", True),
        ("duration", "P3D", "PT72H", True),
        ("duration", "P3D", "PT73H", True),
        ("duration", "P3D", "PT74H", False),
        ("duration", "P1M", "P30D", True),
        ("duration", "P1Y", "P12M", True),
        ("duration", "P2W", "P14D", True),
        ("duration", "P1M", "PT1M", False),
        ("duration", "P", "P", False),
        ("duration", "three days", "three days", False),
        ("accelerator", "NVIDIA A100 80GB", "A100-80GB GPUs", True),
        ("accelerator", "Google TPU v4", "TPU v4", True),
        ("accelerator", "NVIDIA A100 80GB", "NVIDIA A100", False),
        ("trainingDataset", "The Pile", "pile", True),
        ("trainingDataset", "LAION-400M", "laion/LAION_400M dataset", True),
        ("trainingDataset", "CC3M", "CC12M", False),
        ("trainingDataset", "the dataset", "a dataset", False),
        ("trainingDataset", "the dataset", "the dataset", False),  # of such a name nothing is left to compare
        ("imageEncoder", "ViT-G/14", "ViT-g/14", False),
        ("imageEncoder", "ViT-B/16", "B/16", False),
        ("imageEncoder", "ViT-G/14", "ViT G-14", True),
        ("license", "Apache-2.0", "apache 2.0", True),
        ("extends", "model.safetensors", "model", False),
        ("extends", "llama.ckpt", "Llama", True),
        ("extends", "C++", "C", False),
    ],
)
def test_values(relation: str, gold: str, value: str, same: bool) -> None:
    assert same_value(relation, (gold,), value) is same
    assert has_value(claim(relation, value), Fact(relation, ("no such value", gold))) is same


def test_a_name_may_be_right_as_it_is_written() -> None:
    assert has_value(claim("optimizer", "AdamW", "Adam with decoupled decay"), Fact("optimizer", ("Adam with decoupled decay",)))
    assert not has_value(claim("steps", "5", "6"), Fact("steps", ("6",)))


def test_backbones_are_one_unless_strict() -> None:
    fact = Fact("extends", ("BLIP-2",))
    assert says(claim("languageModel", "BLIP-2"), fact, strict=False)
    assert not says(claim("languageModel", "BLIP-2"), fact, strict=True)
    assert not says(claim("component", "BLIP-2"), fact, strict=False)
    assert not says(claim("name", "BLIP-2"), Fact("component", ("BLIP-2",)), strict=False)


@pytest.mark.parametrize(
    ("name", "models", "same"),
    [
        ("Kestrel 7b", ("Kestrel-7B",), True),
        ("K7", ("Kestrel-7B", "K7"), True),
        ("Kestrel", ("Kestrel-7B", "K7"), False),
        (None, ("Kestrel-7B",), False),
        (None, (None,), True),
        ("Unnamed 7B model", (None,), True),
        ("Kestrel-7B", (None,), False),
    ],
)
def test_models(name: str | None, models: tuple[str | None, ...], same: bool) -> None:
    assert is_model(name, models) is same
    assert says(claim("steps", "5", model=name), Fact("steps", ("5",), models), strict=True) is same
    assert says(claim("steps", "5", model=name), Fact("steps", ("5",), models), strict=False)


@pytest.mark.parametrize(
    ("gold", "stated", "given", "same"),
    [
        (None, True, "pretraining", True),
        ("pretraining", True, "pretraining", True),
        ("pretraining", True, None, False),
        ("pretraining", False, None, True),
        ("pretraining", False, "fine-tuning", False),
        ("fine-tuning", True, "instruction-tuning", True),
        ("instruction-tuning", True, "fine-tuning", True),
        ("alignment", True, "fine-tuning", False),
    ],
)
def test_stages(gold: str | None, stated: bool, given: str | None, same: bool) -> None:
    fact = Fact("steps", ("5",), stage=gold, stage_stated=stated)
    assert says(claim("steps", "5", stage=given), fact, strict=True) is same
    assert says(claim("steps", "5", stage=given), fact, strict=False)


@pytest.fixture(scope="module")
def script(shared: Path) -> ModuleType:
    """Return the script of the evaluation material as a module."""
    spec = importlib.util.spec_from_file_location("score_script", shared / "eval" / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PIECES = [
    *"the The dataset Models GPUs tpu chip corpus accelerators nvidia Google AMD A100 ViT ViT-G ViT-g G LLaMA LAION Pile".split(),
    *"a/ meta-llama/ 7B/ 1.5 400M 2 .ckpt .pt .bin .safetensors 1e-4 1,000 0 P3D PT72H P1M P2W PT36.5H nan inf -1 1_000".split(),
    *" |-|_|/|.|,|+|(|)|é|ﬁ|²|ß|İ|\u200b|\u00a0|中|😀|P|T|D".split("|"),
]
NAMES = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=6).map("".join)


@given(NAMES, NAMES)
def test_names_are_those_of_the_script(script: ModuleType, one: str, other: str) -> None:
    assert (spelling(one) == spelling(other)) is (script.name_key(one) == script.name_key(other))
    assert bool(spelling(one)) is bool(script.name_key(one))


@given(st.sampled_from(RELATIONS), NAMES, NAMES, NAMES, NAMES)
def test_values_are_those_of_the_script(script: ModuleType, relation: str, gold: str, alias: str, value: str, mention: str) -> None:
    theirs = script.same_value(relation, {"value": gold, "aliases": [alias]}, {"value": value, "mention": mention or None})
    ours = has_value(claim(relation, value, mention), Negative(relation, (gold, alias)))
    # infinity is itself
    assert ours is theirs or (relation in NUMBERS and "inf" in {gold.strip("-_ "), alias.strip("-_ ")})
