"""Model cards: the Hub's own library reads them, front matter keeps to its specification, and text shows what reports say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pyoxigraph as ox
import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from huggingface_hub import ModelCard

from kg.export.profiles import Missing
from kg.export.profiles.hf_card import _plain, _text, hub_id
from kg.terms import KG, string
from tests.command import kg
from tests.export.profiles.sample import INSTRUCT, content, store_of, written
from tests.sample_graph import sample_store

# What https://github.com/huggingface/hub-docs/blob/main/modelcard.md says of the keys that kg writes.
FRONT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tags", "model_name"],
    "properties": {
        "language": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"}, "minItems": 1},
        "license": {"type": "string", "pattern": r"^[a-z0-9.+-]+$"},
        "license_name": {"type": "string", "pattern": "^[a-z0-9.-]+$"},
        "license_link": {"type": "string", "format": "uri"},
        "datasets": {"type": "array", "items": {"type": "string", "pattern": "^[^/]+/[^/]+$"}, "minItems": 1},
        "base_model": {"type": "array", "items": {"type": "string", "pattern": "^[^/]+/[^/]+$"}, "minItems": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
        "model_name": {"type": "string"},
    },
    "dependentRequired": {"license_name": ["license"], "license_link": ["license_name"]},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return store_of(tmp_path_factory.mktemp("cards"))


def front(store: ox.Store, model: str, missing: Missing | None = None) -> dict[str, Any]:
    text = content(store, "hf-card", model, missing).decode()
    return dict(yaml.safe_load(text.split("---\n")[1]))


def test_the_hub_reads_every_card(store: ox.Store) -> None:
    cards = written(store, "hf-card")
    assert set(cards) == {f"model/{name}/README.md" for name in ("instructblip-13b", "kestrel-7b", "owl-1b")}
    for text in cards.values():
        card = ModelCard(text.decode(), ignore_metadata_errors=False)
        data = card.data.to_dict()  # type: ignore[no-untyped-call]
        assert data == yaml.safe_load(text.decode().split("---\n")[1])
        jsonschema.validate(data, FRONT)
        assert card.text.lstrip().startswith(f"# {data['model_name']}\n")


def test_front_matter_has_what_the_hub_knows(store: ox.Store) -> None:
    missing = Missing()
    assert front(store, "Kestrel-7B", missing) == {
        "language": ["en"],
        "license": "apache-2.0",
        "tags": ["kg"],
        "model_name": "Kestrel-7B",
    }
    assert list(missing.lines()) == [
        "left out: base_model of the model: the Hub wants its own identifiers, owner/name, and the reports use other names",
        "left out: datasets of the model: the Hub wants its own identifiers, owner/name, and the reports use other names",
        "left out: language of the model: the Hub wants a tag such as en, and the report has a name",
    ]


def test_a_license_that_the_hub_does_not_know(store: ox.Store) -> None:
    found = front(store, "Owl-1B")
    assert (found["license"], found["license_name"]) == ("other", "owl-license-1")
    assert "license_link" not in found


@pytest.mark.parametrize(
    ("licenses", "written_"),
    [
        (["Apache-2.0", "Owl License 1"], None),
        (["Apache-2.0", "CC-BY-NC-4.0"], None),
        (["GPL-3.0", "gpl 3.0"], "gpl-3.0"),
    ],
)
def test_of_several_licenses_the_card_has_one_only_where_the_hub_calls_them_alike(
    licenses: list[str], written_: str | None, tmp_path: Path
) -> None:
    more = [f"<{INSTRUCT}> <{KG}license> {string(name)}" for name in licenses]
    missing = Missing()
    assert front(sample_store(tmp_path, more=more), "InstructBLIP-13B", missing).get("license") == written_
    told = "left out: license of the model: it may have one value, and reports state different ones"
    assert (told in missing.lines()) == (written_ is None)


def test_identifiers_are_those_that_reports_give_as_such(card: Path) -> None:
    ran = kg("export", "--profile", "hf-card", "--model", "Egret-7B", cwd=card)
    data = yaml.safe_load(ran.stdout.split("---\n")[1])
    assert (data.get("datasets"), data.get("base_model")) == (["allenai/c4"], None), ran.stdout
    assert [line.split(":")[1] for line in ran.stderr.splitlines()] == [" base_model of the model", " datasets of the model"]


def test_ranges_hedges_and_units_are_shown(card: Path) -> None:
    ran = kg("export", "--profile", "hf-card", "--model", "Egret-7B", cwd=card)
    assert "| duration | about 8 days to 16 days |" in ran.stdout
    assert "| accelerator count | about 64 to 128 |" in ran.stdout
    assert "| training examples | 600,000,000 image-text pairs |" in ran.stdout
    process = kg("export", "--profile", "mldcat-ap", cwd=card).stdout
    assert "about 64 to 128 accelerators, training data 600,000,000 image-text pairs, duration about 8 days to 16 days" in process


@pytest.mark.parametrize(
    ("source", "words", "identifier"),
    [
        ("see https://huggingface.co/lab/kite-7b.", "kite-7b", "lab/kite-7b"),
        ("see https://huggingface.co/datasets/allenai/c4#top", "c4", "allenai/c4"),
        ("see https://github.com/allenai/c4", "c4", None),
        ('AutoModel.from_pretrained("lab/kite-7b")', "lab/kite-7b", "lab/kite-7b"),
        ("datasets: [allenai/c4, lab/kites]", "kites", "lab/kites"),
        ("  - 'lab/kites'", "kites", "lab/kites"),
        ("- lab/kites and more", "kites", None),
        ("trained on lab/kites", "kites", None),
        ("`ViT-g/14`", "ViT-g/14", None),
        ("`a/b/kites`", "kites", None),
        ("`UniRef50/S`", "UniRef50/S", None),
    ],
)
def test_what_is_an_identifier(source: str, words: str, identifier: str | None) -> None:
    start = source.index(words)
    assert hub_id(source, start, start + len(words)) == identifier


def test_the_section_shows_words_and_their_report(store: ox.Store) -> None:
    text = content(store, "hf-card", "InstructBLIP-13B").decode()
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == ["What reports state", "Training: instruction-tuning", "Training: pretraining"]
    assert "| duration | 21 days | “21 days” | a.txt |\n" in text
    assert "| parameter count | 13,000,000,000 | “13B parameters” | a.txt |\n" in text
    assert "| release year | 2023 | “2023” | a.txt |\n" in text
    assert "| accelerator | NVIDIA A100 80GB | “NVIDIA A100 80GB” | a.txt |\n" in text
    assert "computeByHardware" not in text


def test_disagreeing_reports_both_stand_there(store: ox.Store) -> None:
    text = content(store, "hf-card", "Kestrel-7B").decode()
    assert "| duration | 5 days | “5 days” | c.txt |\n" in text
    assert "| duration | 4 days | “4 days” | sub/b c.txt |\n" in text


def test_a_model_that_no_report_is_about(store: ox.Store) -> None:
    assert content(store, "hf-card", "BLIP-2").decode().endswith("# BLIP-2\n\nNo report of this build says more of it.\n")


@pytest.mark.parametrize(
    "text", ['a "b" \\ c', "é 🦜", "tab\tline\n", "\x7f \x85 \u2028 \ufeff \uffff", "#: - x", "", "yes", "\u0000"]
)
def test_any_text_is_the_same_in_yaml(text: str) -> None:
    assert yaml.safe_load(_text(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a\\|b"),
        ("two\nlines", "two lines"),
        ("<b>", "\\<b\\>"),
        ("_x_*", "\\_x\\_\\*"),
        ("R&amp;D & more", "R\\&amp;D & more"),
        ("me@lab.org https://lab.org: 1", "me\\@lab.org https\\://lab.org: 1"),
    ],
)
def test_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert _plain(text) == shown
