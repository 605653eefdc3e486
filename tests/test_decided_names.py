"""What people decided about names, in what names mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from kg.decisions import OfNames
from kg.errors import ConfigError
from kg.model import Claim
from kg.names import Names
from kg.resolve import ambiguous, names_of, resolve
from kg.schema import Schema
from kg.similar import similar
from tests.samples import claim, schema_with

ALIAS = "Conceptual Captions 3M"
BASE = "https://w3id.org/kg/"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    return schema_with(tmp_path_factory.mktemp("schema") / "ontology")


def same(kind: str, *names: str, line: int = 1) -> OfNames:
    return OfNames("same", kind, (names[0], names[1]), line=line)


def different(kind: str, *names: str) -> OfNames:
    return OfNames("different", kind, (names[0], names[1]))


def datasets(*values: str) -> list[Claim]:
    return [claim("trainingDataset", value, report=f"{n}.txt") for n, value in enumerate(values)]


def things(claims: Iterable[Claim], schema: Schema, *decided: OfNames) -> dict[str, str]:
    found = resolve(claims, schema, names_of(claims := list(claims), schema, decided))
    return {item.value: (item.thing or "none").removeprefix(BASE) for item in found}


def test_a_new_name_is_one_with_a_known_thing(small: Schema) -> None:
    said = datasets("CC-3M-Web", "CC3M")
    assert things(said, small) == {"CC-3M-Web": "dataset/cc-3m-web", "CC3M": "dataset/cc3m"}
    for pair in (("CC-3M-Web", "CC3M"), ("Conceptual Captions 3M", "cc 3m web")):
        assert set(things(said, small, same("dataset", *pair)).values()) == {"dataset/cc3m"}


def test_new_names_are_one_through_a_third_that_no_report_has(small: Schema) -> None:
    said = datasets("Our Pile", "The House Pile", "The House Pile", "Another")
    found = things(said, small, same("dataset", "Our Pile", "HP"), same("dataset", "HP", "The House Pile"))
    assert found == {"Our Pile": "dataset/the-house-pile", "The House Pile": "dataset/the-house-pile", "Another": "dataset/another"}
    names = names_of(said, small, [same("dataset", "Our Pile", "The House Pile")])
    assert names.label(f"{BASE}dataset/the-house-pile", "") == "The House Pile"


def test_what_is_decided_in_any_order_is_the_same(small: Schema) -> None:
    said = datasets("A1", "B1", "C1")
    decided = [same("dataset", "A1", "B1"), same("dataset", "C1", "B1")]
    assert things(said, small, *decided) == things(said[::-1], small, *decided[::-1])
    assert len(set(things(said, small, *decided).values())) == 1


def test_another_kind_is_not_touched(small: Schema) -> None:
    assert things(datasets("A1", "B1"), small, same("model", "A1", "B1")) == things(datasets("A1", "B1"), small)


def test_models_that_reports_are_about_are_made_one(small: Schema) -> None:
    said = [claim("steps", "1", model="Kestrel"), claim("steps", "2", model="Kestrel 7B (ours)"), claim("extends", "Kestrel")]
    names = names_of(said, small, [same("model", "Kestrel", "Kestrel 7B (ours)")])
    assert names.model("a", "Kestrel") == names.model("b", "Kestrel 7B (ours)") == names.thing("model", "Kestrel")
    assert names_of(said, small).model("a", "Kestrel") != names_of(said, small).model("b", "Kestrel 7B (ours)")


def test_an_ambiguous_name_is_decided(small: Schema) -> None:
    said = [claim("country", "Korea"), claim("country", "Georgia")]
    found = things(said, small, same("country", "Korea", "Republic of Korea"))
    assert found == {"Korea": "country/kr", "Georgia": "none"}
    resolved = resolve(said, small, names_of(said, small, [same("country", "Korea", "South Korea")]))
    assert [finding.message for finding in ambiguous(resolved, small)] == ["the country 'Georgia' is ambiguous"]


@pytest.mark.parametrize(
    ("values", "pair", "expected"),
    [
        (["CC3M", "cc-3m"], ("CC3M", "cc-3m"), ["dataset/cc3m", "dataset/cc-3m"]),
        (
            ["CC3M", "Conceptual Captions 3M"],
            ("CC3M", "Conceptual Captions 3M"),
            ["dataset/cc3m", "dataset/conceptual-captions-3m"],
        ),
        (
            ["CC3M", "Conceptual Captions 3M"],
            ("Conceptual Captions 3M", "CC3M"),
            ["dataset/cc3m", "dataset/conceptual-captions-3m"],
        ),
        (["New A", "New B"], ("New A", "New B"), ["dataset/new-a", "dataset/new-b"]),
        (["CC3M", "LAION-2B"], ("CC3M", "LAION-2B"), ["dataset/cc3m", "dataset/laion-2b"]),
    ],
)
def test_two_names_are_two_things(values: list[str], pair: tuple[str, str], expected: list[str], small: Schema) -> None:
    assert list(things(datasets(*values), small, different("dataset", *pair)).values()) == expected


def test_spellings_of_one_key_are_parted(small: Schema) -> None:
    found = things(datasets("NewData", "New-Data", "new data"), small, different("dataset", "New-Data", "NewData"))
    assert found["New-Data"] == found["new data"] == "dataset/new-data"
    assert found["NewData"] not in {"dataset/new-data", "none"}
    assert found["NewData"].startswith("dataset/newdata")


def messages(claims: list[Claim], schema: Schema, *decided: OfNames) -> list[str]:
    names: Names = names_of(claims, schema, decided)
    return [finding.message for finding in similar(resolve(claims, schema, names), schema, names)]


@pytest.mark.parametrize(
    "decided",
    [
        different("dataset", "Conceptual Captoins 3M", "CC3M"),
        different("dataset", "CC3M", "conceptual-captoins-3M"),
        different("dataset", "Conceptual Captions 3M", "Conceptual Captoins 3M"),
        same("dataset", "Conceptual Captoins 3M", "CC3M"),
    ],
)
def test_a_name_that_is_decided_is_no_longer_told(decided: OfNames, small: Schema) -> None:
    said = datasets("Conceptual Captoins 3M")
    assert messages(said, small) == ["the dataset 'Conceptual Captoins 3M' is not known; similar: CC3M"]
    assert messages(said, small, decided) == []
    assert messages(said, small, different("dataset", "Conceptual Captoins 3M", "LAION-2B")) != []
    assert messages(said, small, different("model", "Conceptual Captoins 3M", "CC3M")) != []


def test_two_known_things_are_not_made_one(small: Schema) -> None:
    decided: list[Any] = [same("dataset", "CC3M", "New"), same("dataset", "New", "LAION 2B", line=7)]
    with pytest.raises(ConfigError, match=r"CC3M and LAION-2B are two known things: .*\n  hint: it stands in line 7"):
        names_of(datasets("New"), small, decided)
