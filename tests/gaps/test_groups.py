"""Groups of models: by what reports state, and by the catalogue where they do not state a country."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from kg.gaps import Asked, Group, Profile, Score, Told, groups, score, told
from kg.gaps.groups import NOT_STATED, By
from kg.model import Claim
from kg.resolve import names_of, resolve
from kg.runs import said
from kg.schema import Schema
from tests.samples import claim, schema_with

PROFILE = Profile("p", "P", (), (Asked("steps", ("steps",), weight=Fraction(3)), Asked("license", ("license",))))


def of(model: str, *facts: tuple[str, str]) -> list[Claim]:
    return [claim(relation, value, model=model, report=f"{model}.txt") for relation, value in [("name", model), *facts]]


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    return schema_with(tmp_path)


def scored(schema: Schema, *claims: list[Claim]) -> list[tuple[Told, Score]]:
    every = [item for of_model in claims for item in of_model]
    names = names_of(every, schema)
    of_report = {of_model[0].report: resolve(of_model, schema, names) for of_model in claims}
    return [(model, score(model, PROFILE)) for model in told(said(of_report, of_report, names, schema))]


def found(schema: Schema, by: By, *claims: list[Claim]) -> dict[str, Group]:
    return {group.value: group for group in groups(scored(schema, *claims), by, schema)}


def test_the_mean_and_what_is_missing_most_often(schema: Schema) -> None:
    by_year = found(
        schema,
        "year",
        of("A", ("releaseYear", "2023"), ("steps", "10")),
        of("B", ("releaseYear", "2023")),
        of("C", ("license", "MIT")),
        of("D", ("releaseYear", "2022"), ("steps", "10"), ("license", "MIT")),
    )
    assert list(by_year) == ["2022", "2023", NOT_STATED]
    assert by_year["2023"] == Group("2023", ("A", "B"), Fraction(3, 8), (("license", 2), ("steps", 1)))
    assert by_year["2022"].missing == ()
    assert by_year[NOT_STATED].mean == Fraction(1, 4)


def test_a_model_of_two_developers_is_in_both_groups(schema: Schema) -> None:
    by_developer = found(schema, "organization", of("A", ("organization", "Mistral"), ("organization", "Us & Co")), of("B"))
    assert {value: group.models for value, group in by_developer.items()} == {
        "Mistral AI": ("A",),
        "Us & Co": ("A",),
        NOT_STATED: ("B",),
    }


def test_the_country_of_the_developer_serves_where_none_is_stated(schema: Schema) -> None:
    by_country = found(
        schema,
        "country",
        of("A", ("organization", "Mistral AI")),
        of("B", ("organization", "Mistral AI"), ("country", "United States")),
        of("C", ("organization", "NVIDIA"), ("organization", "Us & Co")),
        of("D", ("country", "France")),
        of("E", ("country", "France"), ("country", "United States")),
        of("F", ("organization", "Us & Co")),
    )
    assert {value: (group.models, group.by_catalog) for value, group in by_country.items()} == {
        "France": (("A", "D", "E"), 1),
        "United States": (("B", "C", "E"), 1),  # the catalogue names this one by its name, not by its id
        NOT_STATED: (("F",), 0),
    }


def test_a_country_that_the_catalogue_does_not_know(tmp_path: Path) -> None:
    organizations = "name,aliases,basedIn\nAtlantis Labs,,Atlantis\n"
    schema = schema_with(tmp_path / "own", {"organizations": organizations})
    assert list(found(schema, "country", of("A", ("organization", "Atlantis Labs")))) == ["Atlantis"]


def test_models_of_which_nothing_is_asked_have_no_mean(schema: Schema) -> None:
    (model, _), *_ = scored(schema, of("A"))
    empty = score(model, Profile("p", "P", (), (Asked("owner", ()),)))
    (group,) = groups([(model, empty)], "year", schema)
    assert (group.mean, group.missing) == (None, ())
