"""Which relations a form or kind allows: what it excludes, no words around a mention can bring back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extract import extract
from kg.extract.rules.numbers import Number
from kg.extract.rules.possible import OPEN, of_kinds, of_number
from kg.extract.rules.weights import fitted
from kg.ingest import read_text
from kg.schema import load_schema
from tests.extract.scanning import mention_at, mentions_of


def possible(value: str, form: str, *, year: bool = False) -> tuple[str, ...]:
    return of_number(Number(0, len(value), value, form), year=year)


@pytest.mark.parametrize(
    ("value", "form", "relation"),
    [
        ("7000000000", "integer", "parameterCount"),
        ("64", "words", "acceleratorCount"),
        ("P3D", "duration", "duration"),
        ("224x224", "resolution", "imageResolution"),
        ("224", "integer", "imageResolution"),
        ("3", "percent", "warmupFraction"),
        ("0.0001", "science", "peakLearningRate"),
        ("0.1", "decimal", "weightDecay"),
        ("2.5", "decimal", "epochs"),
        ("2023", "year", "releaseYear"),
    ],
)
def test_a_form_allows_a_relation(value: str, form: str, relation: str) -> None:
    assert relation in possible(value, form)


@pytest.mark.parametrize(
    ("value", "form", "relation"),
    [
        ("9999", "integer", "parameterCount"),  # below the bound
        ("2000000", "integer", "acceleratorCount"),  # above it
        ("64.5", "decimal", "acceleratorCount"),
        ("64", "percent", "acceleratorCount"),
        ("3", "integer", "duration"),
        ("P3D", "duration", "epochs"),
        ("224x224", "resolution", "globalBatchSize"),
        ("12:30:00", "clock", "duration"),  # a clock becomes a duration before it is a mention
        ("49", "integer", "steps"),
        ("2023", "integer", "releaseYear"),
    ],
)
def test_a_form_or_a_size_excludes_a_relation(value: str, form: str, relation: str) -> None:
    assert relation not in possible(value, form)


def test_bounds_are_inclusive() -> None:
    assert "parameterCount" in possible("10000", "integer")
    assert "acceleratorCount" in possible("1000000", "integer")


def test_a_whole_number_that_looks_like_a_year_may_be_one_too() -> None:
    assert possible("2023", "integer", year=True) == (*possible("2023", "integer"), "releaseYear")


@pytest.mark.parametrize(
    ("kinds", "relations"),
    [
        ({"country"}, ("country",)),
        ({"license"}, ("license",)),
        ({"optimizer"}, ("optimizer",)),
        ({"accelerator"}, ("accelerator",)),
    ],
)
def test_sure_kinds_are_nothing_else(kinds: set[str], relations: tuple[str, ...]) -> None:
    assert of_kinds(frozenset(kinds)) == relations


@pytest.mark.parametrize(
    "kinds", [{"dataset"}, {"model"}, {"component"}, {"organization"}, {"software"}, {""}, {"country", "dataset"}]
)
def test_other_kinds_may_be_more_than_the_catalogue_says(kinds: set[str]) -> None:
    found = of_kinds(frozenset(kinds))
    assert set(OPEN) <= set(found)
    assert len(found) == len(set(found))


def test_a_country_that_is_a_dataset_too_may_be_either() -> None:
    assert {"country", "trainingDataset"} <= set(of_kinds(frozenset({"country", "dataset"})))


@pytest.mark.parametrize(
    ("text", "written", "kind"),
    [
        ("Training took 3 days.", "3 days", "number"),
        ("The peak learning rate of the GPUs was 224x224.", "224x224", "number"),
        ("The number of parameters is three.", "three", "number"),
        ("The learning rate was set in Finland.", "Finland", "name"),
        ("The batch size followed a cosine.", "cosine", "value"),
    ],
)
def test_weights_decide_only_among_what_is_possible(text: str, written: str, kind: str) -> None:
    mention = mention_at(text, written, kind)
    decided = fitted().decide(mention)
    assert sorted(relation for _, relation in decided) == sorted(mention.relations)
    assert sum(probability for probability, _ in decided) <= 1


NUMBERS = st.sampled_from("3 0.1 64 1e-4 3% 2,000 7B 224x224 2023 half 12:30:00 10^99".split())
WORDS = st.sampled_from(
    "parameters GPUs epochs steps days of batch size learning rate warm-up weight decay tokens in was with pixels".split()
)


@given(st.lists(st.one_of(NUMBERS, WORDS), min_size=1, max_size=12))
@settings(deadline=None)
def test_no_claim_is_of_a_relation_that_its_form_excludes(pieces: list[str]) -> None:
    text = "Quillon-7B is our model. " + " ".join(pieces) + "."
    allowed = {(m.start, m.end): m.relations for m in mentions_of(text)}
    for claim in extract(read_text(text, "case.txt"), load_schema()).claims:
        if claim.method == "rule:number":
            assert claim.relation in allowed[claim.start, claim.end]
