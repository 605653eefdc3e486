"""Which new names are told to be close to a known one, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract import extract
from kg.ingest import read_text
from kg.model import Finding
from kg.resolve import names_of, resolve
from kg.schema import Schema, load_schema
from kg.similar import Similar, similar
from tests.samples import claim, schema_with

DOCUMENTS = (".md", ".txt")


@pytest.fixture(scope="module")
def models(schema: Schema) -> Similar:
    return Similar(thing for thing in schema.things if thing.kind in {"component", "model"})


@pytest.fixture(scope="module")
def datasets(schema: Schema) -> Similar:
    return Similar(thing for thing in schema.things if thing.kind == "dataset")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Flan-T5-XLL", ["Flan-T5-XL", "Flan-T5-XXL"]),
        ("Vicnua-13B", ["Vicuna-13B"]),
        ("Mistrl 7B", ["Mistral 7B"]),
        ("InstructBILP-13B", ["InstructBLIP-13B"]),
        ("RoBERTaa", ["RoBERTa"]),
        ("PaliGema", ["PaliGemma"]),
        ("Q-Formr", ["Q-Former"]),
        ("SigLlP", ["SigLIP"]),
        ("BioBIRT", ["BioBART", "BioBERT"]),
        ("LLaMA-2-7B-Caht", ["Llama-2-7B-Chat"]),
    ],
)
def test_a_slip_is_close_to_what_was_meant(models: Similar, name: str, near: list[str]) -> None:
    assert [known.replace(" ", "-").casefold() for known in models.to(name)] == [
        known.replace(" ", "-").casefold() for known in near
    ]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("LLaMA-9", id="version"),
        pytest.param("LLaVA-1.57", id="decimal"),
        pytest.param("Vicuna-14B", id="size"),
        pytest.param("Pythia-160B", id="unit"),
        pytest.param("Flan-T5-XXXL", id="size-in-letters"),
        pytest.param("ViT-K/14", id="letter"),
        pytest.param("Whisper large-v9", id="version-letter"),
        pytest.param("FoBERTa", id="first-letter"),
        pytest.param("OPT-Q", id="short"),
        pytest.param("Open-CLIP", id="part-of-a-known-name"),
        pytest.param("GPT-2 XXL", id="another-size"),
        pytest.param("Kestrel", id="nothing-like-it"),
        pytest.param("Flan-T5+", id="sign"),
        pytest.param("", id="empty"),
        pytest.param("🦙🦙🦙🦙🦙🦙🦙", id="signs"),
    ],
)
def test_another_thing_is_not(models: Similar, name: str) -> None:
    assert models.to(name) == []


@pytest.mark.parametrize("name", ["JMMLA", "MMLUX", "CMMLUP", "TRIVIAQB", "KMMLV"])
def test_an_acronym_is_not(datasets: Similar, name: str) -> None:
    assert datasets.to(name) == []


def findings(schema: Schema, *claims: tuple[str, str, str]) -> list[Finding]:
    """Return the findings for claims of (report, relation, value)."""
    given = [claim(relation, value, report=report, start=n, end=n + 1) for n, (report, relation, value) in enumerate(claims)]
    names = names_of(given, schema)
    return list(similar(resolve(given, schema, names), schema, names))


def test_a_finding_says_what_is_close_and_where(schema: Schema) -> None:
    (finding,) = findings(schema, ("a.txt", "optimizer", "AdamV"), ("a.txt", "languageModel", "Flan-T5-XLL"))
    assert (finding.code, finding.severity, finding.report, finding.relation) == ("KG502", "info", "a.txt", "languageModel")
    assert finding.message == "the model 'Flan-T5-XLL' is not known; similar: Flan-T5-XL, Flan-T5-XXL"
    assert [(label.start, label.end) for label in finding.labels] == [(1, 2)]


def test_each_report_is_told_once(schema: Schema) -> None:
    said = [("a.txt", "extends", "Vicnua"), ("a.txt", "languageModel", "vicnua"), ("b.txt", "extends", "Vicnua")]
    assert [finding.report for finding in findings(schema, *said)] == ["a.txt", "b.txt"]


def test_a_kind_is_compared_with_its_own(schema: Schema) -> None:
    assert findings(schema, ("a.txt", "trainingDataset", "Flan-T5-XLL")) == []
    assert findings(schema, ("a.txt", "trainingDataset", "LibriSpech"))[0].message.endswith("similar: LibriSpeech")


def test_a_report_s_own_model_is_not_told(schema: Schema) -> None:
    given = [claim("name", "Vicnua", model="Vicnua"), claim("extends", "Vicnua", report="b.txt")]
    names = names_of(given, schema)
    assert list(similar(resolve(given, schema, names), schema, names)) == []


def test_a_known_or_ambiguous_name_is_not_told(schema: Schema) -> None:
    assert findings(schema, ("a.txt", "extends", "Vicuna"), ("a.txt", "country", "Korea")) == []


def test_three_names_are_listed_at_most(tmp_path: Path) -> None:
    many = schema_with(tmp_path / "o", {"datasets": "name,aliases\nWebcorpa,\nWebcorpb,\nWebcorpc,\nWebcorpd,\n"})
    (finding,) = findings(many, ("a.txt", "trainingDataset", "Webcorpus"), ("a.txt", "trainingDataset", "Webcorpx"))
    assert finding.message.endswith("similar: Webcorpa, Webcorpb, Webcorpc")


def test_the_seeds_have_none(schema: Schema, shared: Path) -> None:
    claims = [
        item
        for file in sorted((shared / "eval/seeds").iterdir())
        if file.suffix in DOCUMENTS
        for item in extract(read_text(file.read_text(encoding="utf-8"), file.name), schema).claims
    ]
    names = names_of(claims, schema)
    assert claims
    assert list(similar(resolve(claims, schema, names), schema, names)) == []


@given(st.text(max_size=12), st.sampled_from([thing.name for thing in load_schema().things if thing.kind == "dataset"][::97]))
def test_any_name_can_be_asked_for(text: str, known: str) -> None:
    asked = Similar(thing for thing in load_schema().things if thing.name == known)
    assert asked.to(known + text) in ([], [known])
    assert asked.to(text) in ([], [known])
