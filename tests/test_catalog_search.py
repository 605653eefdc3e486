from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.catalog import find, kinds, kinds_text, things_json, things_text
from kg.errors import UnknownName
from kg.schema import Schema
from tests.samples import schema_with


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    return schema_with(tmp_path_factory.mktemp("schema") / "ontology")


@pytest.mark.parametrize(
    ("word", "kind", "names"),
    [
        ("korea", None, ["North Korea", "South Korea"]),
        ("republic of korea", "country", ["South Korea"]),
        ("blip", "model", ["BLIP-2"]),
        ("T5-xl", None, ["Flan-T5-XL"]),
        ("torch", None, ["PyTorch"]),
        ("us", "country", ["United States"]),
        (None, "component", ["Q-Former"]),
        ("nothing", None, []),
    ],
)
def test_a_word_finds_names_and_other_names(small: Schema, word: str | None, kind: str | None, names: list[str]) -> None:
    assert [thing.name for thing in find(small, word, kind)] == names


def test_an_equal_name_comes_first(tmp_path: Path) -> None:
    schema = schema_with(tmp_path / "o", {"datasets": "name,aliases\nA MMLU mix,\nMMLU,\n"})
    assert [thing.name for thing in find(schema, "mmlu", None)] == ["MMLU", "A MMLU mix"]


def test_an_unknown_kind_lists_the_known_ones(small: Schema) -> None:
    with pytest.raises(UnknownName, match="no kind of thing is named 'datasets'\n  hint: did you mean dataset"):
        find(small, None, "datasets")


def test_kinds_are_counted(small: Schema) -> None:
    assert kinds(small)["country"] == 5
    assert kinds_text({"country": 5, "dataset": 1867}) == "country            5\ndataset        1,867\n"


def test_things_are_written(small: Schema) -> None:
    things = find(small, None, "country")
    assert things_text(things[:2]) == "country      France\ncountry      Georgia  (Republic of Georgia)\n"
    assert json.loads(things_json(things[:1])) == [
        {
            "iri": "https://w3id.org/kg/country/fr",
            "kind": "country",
            "name": "France",
            "aliases": [],
            "facts": {"countryCode": "FR"},
        }
    ]
