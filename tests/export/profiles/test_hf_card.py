"""Model cards: the Hub's own library reads them, front matter keeps to its specification, and text shows what reports say."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pyoxigraph as ox
import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from huggingface_hub import ModelCard

from kg.export.profiles import Missing
from kg.export.profiles.hf_card import _plain, _text
from tests.export.profiles.sample import content, store_of, written

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
        "datasets": ["allenai/c4"],
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


def test_several_licenses_of_which_one_is_unknown(store: ox.Store) -> None:
    missing = Missing()
    assert "license" not in front(store, "InstructBLIP-13B", missing)
    assert "left out: license of the model: several are stated, and the Hub does not know all of them" in missing.lines()


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
    ("text", "shown"), [("a|b", "a\\|b"), ("two\nlines", "two lines"), ("<b>", "\\<b\\>"), ("_x_*", "\\_x\\_\\*")]
)
def test_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert _plain(text) == shown
