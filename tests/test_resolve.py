from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UnknownName
from kg.model import Claim
from kg.names import Names
from kg.resolve import ambiguous, names_of, resolve
from kg.schema import DEFAULT_BASE, Schema, load_schema
from kg.values import name_key
from tests.samples import claim, schema_with


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    return schema_with(tmp_path_factory.mktemp("schema") / "ontology")


def thing_of(schema: Schema, relation: str, value: str) -> str | None:
    thing = resolve([claim(relation, value)], schema)[0].thing
    return thing.removeprefix(DEFAULT_BASE) if thing else None


@pytest.mark.parametrize(
    ("relation", "value", "thing"),
    [
        ("accelerator", "NVIDIA A100 80GB", "accelerator/nvidia-a100-80gb"),
        ("accelerator", "a100-80gb", "accelerator/nvidia-a100-80gb"),
        ("accelerator", "NVIDIA A100", "accelerator/nvidia-a100"),
        ("component", "Q-Former", "model/q-former"),
        ("component", "Querying Transformer", "model/q-former"),
        ("country", "US", "country/us"),
        ("country", "South Korea", "country/kr"),
        ("country", "Republic of Georgia", "country/ge"),
        ("country", "Wakanda", "country/wakanda"),
        ("extends", "BLIP 2", "model/blip-2"),
        ("extends", "Q-Former", "model/q-former"),
        ("imageEncoder", "ViT-G/14 from EVA-CLIP", "model/eva-clip-vit-bigg-14"),
        ("languageModel", "FlanT5-XL", "model/flan-t5-xl"),
        ("trainingDataset", "Conceptual Captions 3M", "dataset/cc3m"),
        ("evaluationDataset", "BLIP-2", "dataset/blip-2"),
        ("software", "DeepSpeed ZeRO-3", "software/deepspeed-zero-3"),
        ("organization", "mistral ai", "organization/mistral-ai"),
        ("parameterCount", "7000000000", None),
        ("optimizer", "AdamW", None),
    ],
)
def test_a_value_names_a_thing(schema: Schema, relation: str, value: str, thing: str | None) -> None:
    assert thing_of(schema, relation, value) == thing


def test_a_relation_that_does_not_exist_is_refused(schema: Schema) -> None:
    with pytest.raises(UnknownName, match="no relation is named 'optimiser'"):
        resolve([claim("optimiser", "AdamW")], schema)


@pytest.mark.parametrize(
    ("name", "could"),
    [("Korea", "may be North Korea or South Korea"), ("Georgia", "may be Georgia or something else")],
)
def test_an_ambiguous_name_names_nothing_and_says_what_it_may_be(schema: Schema, name: str, could: str) -> None:
    resolved = resolve([claim("country", name, start=3, end=9), claim("country", "France")], schema)
    (finding,) = ambiguous(resolved, schema)
    assert resolved[0].thing is None
    assert (finding.code, finding.severity, finding.relation) == ("KG501", "info", "country")
    assert (finding.labels[0].start, finding.labels[0].end, finding.labels[0].text) == (3, 9, could)
    assert f"'{name}' is ambiguous" in finding.message


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("LLaMA-2", "LLaMA-3"),
        ("LAION-2B", "LAION-5B"),
        ("Flan-T5-XL", "Flan-T5-XXL"),
        ("ViT-g/14", "ViT-G/14"),
        ("ViT-g", "ViT-G"),
        ("LLaVA-1.5", "LLaVA-15"),
        ("Café", "Cafe"),
        ("C++", "C"),
        ("🤗", "🦙"),
        ("BLIP-2", "BLIP"),
    ],
)
@pytest.mark.parametrize("relation", ["extends", "trainingDataset"])
def test_similar_names_are_two_things(schema: Schema, relation: str, left: str, right: str) -> None:
    one, other = resolve([claim(relation, left), claim(relation, right)], schema)
    assert one.thing != other.thing


@pytest.mark.parametrize(
    ("left", "right"), [("LLaMA-2", "llama 2"), ("InstructBLIP-13B", "Instruct-BLIP 13B"), ("torch", "PyTorch")]
)
def test_spellings_of_one_name_are_one_thing(schema: Schema, left: str, right: str) -> None:
    relation = "software" if left == "torch" else "extends"
    one, other = resolve([claim(relation, left), claim(relation, right)], schema)
    assert one.thing == other.thing


NAMES = st.one_of(
    st.text(max_size=8),
    st.from_regex(r"(LLaMA|LAION|ViT|Café|cafe)[-_ /.]?[1-3gG]?[bB+]?[🤗é]?", fullmatch=True),
)


@given(st.lists(NAMES, min_size=2, max_size=6, unique=True))
def test_two_names_are_one_thing_only_when_their_keys_are_equal(names: list[str]) -> None:
    schema = load_schema()
    resolved = resolve([claim("trainingDataset", name, model=None) for name in names], schema)
    things: dict[str, set[str]] = {}
    for item in resolved:
        if item.thing and not schema.thing(item.thing):
            things.setdefault(item.thing, set()).add(name_key(item.value) or item.value)
    assert all(len(keys) == 1 for keys in things.values())


def test_the_slug_with_most_hyphens_wins_and_then_the_smallest(schema: Schema) -> None:
    spellings = ["InstructBLIP 13B", "Instruct-BLIP-13B", "InstructBLIP13B", "Ins-tructBLIP-13B"]
    things = {item.thing for item in resolve([claim("extends", name) for name in spellings], schema)}
    assert things == {DEFAULT_BASE + "model/ins-tructblip-13b"}


def test_a_model_of_the_reports_and_a_model_that_others_name_share_the_iri(schema: Schema) -> None:
    claims = [claim("name", "Kestrel 7B", model="Kestrel 7B"), claim("extends", "Kestrel-7B", report="b.txt", model="Merlin")]
    names = names_of(claims, schema)
    assert names.model("a.txt", "Kestrel 7B") == resolve(claims, schema, names)[1].thing == DEFAULT_BASE + "model/kestrel-7b"


def test_the_catalogues_name_labels_a_thing_else_the_commonest_spelling(schema: Schema) -> None:
    claims = [claim("trainingDataset", name) for name in ("conceptual captions 3m", "web 5", "Web-5", "Web-5", "WEB5", "wEB5")]
    names = names_of(claims, schema)
    assert names.labels[DEFAULT_BASE + "dataset/cc3m"] == "CC3M"
    assert names.labels[DEFAULT_BASE + "dataset/web-5"] == "Web-5"
    tied = names_of([claim("trainingDataset", "WEB5"), claim("trainingDataset", "Web5")], schema)
    assert tied.labels[DEFAULT_BASE + "dataset/web5"] == "WEB5"


def test_a_report_that_names_no_model_has_one_of_its_own(schema: Schema) -> None:
    names = names_of([], schema)
    assert names.model("runs/a b%.txt", None) == DEFAULT_BASE + "model/unnamed/runs/a%20b%25.txt"
    assert names.model("a.txt", None) != names.model("b.txt", None)


def test_the_name_of_a_reports_own_model_is_not_ambiguous(tmp_path: Path) -> None:
    small = schema_with(tmp_path / "o", {"models": "name,aliases,ambiguous\nPhi-1,,Phi\nPhi-2,,Phi\n"})
    claims = [claim("name", "Phi", model="Phi"), claim("extends", "Phi", report="b.txt", model="Kestrel")]
    names = names_of(claims, small)
    assert names.model("a.txt", "Phi") == DEFAULT_BASE + "model/phi"
    assert resolve(claims, small, names)[1].thing is None


def test_a_new_name_never_takes_an_iri_of_the_catalogue(tmp_path: Path) -> None:
    small = schema_with(tmp_path / "o", {"datasets": "name,aliases,id\nThe Big Book,,web-5\n"})
    iris = [names_of([claim("trainingDataset", name)], small).thing("dataset", name) for name in ("Web-5", "The Big Book")]
    assert iris[1] == DEFAULT_BASE + "dataset/web-5"
    assert str(iris[0]).startswith(DEFAULT_BASE + "dataset/web-5-")


def test_the_base_goes_before_every_thing(tmp_path: Path) -> None:
    small = schema_with(tmp_path / "o", base="https://example.org/x/")
    claims = resolve([claim("extends", "BLIP-2"), claim("extends", "New One")], small)
    assert [item.thing for item in claims] == ["https://example.org/x/model/blip-2", "https://example.org/x/model/new-one"]


def test_an_earlier_thing_is_replaced(schema: Schema) -> None:
    old = replace(claim("country", "Korea"), thing="https://w3id.org/kg/country/kr")
    assert resolve([old], schema)[0].thing is None


SAID = st.lists(st.tuples(st.sampled_from(["extends", "trainingDataset", "component"]), NAMES), max_size=12)
CLAIMS = SAID.map(
    lambda said: [claim(relation, name, model=name or None, report=f"{n}.txt") for n, (relation, name) in enumerate(said)]
)


@given(CLAIMS.flatmap(lambda claims: st.tuples(st.just(claims), st.permutations(claims))))
def test_the_order_of_claims_has_no_influence(orders: tuple[list[Claim], list[Claim]]) -> None:
    schema = load_schema()
    claims, shuffled = orders
    one, other = names_of(claims, schema), names_of(shuffled, schema)
    assert (dict(one.iris), dict(one.labels)) == (dict(other.iris), dict(other.labels))
    assert sorted(resolve(claims, schema), key=Claim.sort_key) == sorted(resolve(shuffled, schema), key=Claim.sort_key)


def test_a_thing_without_a_label_shows_what_the_caller_has() -> None:
    names = Names(DEFAULT_BASE, {}, {"x": "X"})
    assert (names.label("x", "?"), names.label("y", "?")) == ("X", "?")
