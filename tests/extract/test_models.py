"""Which models a document presents as its own: by tag, title, definition, key, labels; families; and when it names none."""

from __future__ import annotations

import pytest

from kg.extract import extract
from kg.model import Extraction
from kg.schema import load_schema
from tests.extract.case_lines import cases
from tests.extract.scanning import document


def read(text: str) -> Extraction:
    return extract(document(text), load_schema())


@pytest.mark.parametrize(("text", "expected"), cases("models"))
def test_models_of(text: str, expected: str) -> None:
    found = read(text)
    names = [claim for claim in found.claims if claim.relation == "name"]
    assert "; ".join(claim.value for claim in names) == expected.removeprefix("none")
    presented: set[str | None] = {claim.value for claim in names}
    assert {claim.model for claim in (*found.claims, *found.suggestions)} <= (presented or {None})


@pytest.mark.parametrize("text", ["a large language model", "the model", "our best models"])
def test_a_tag_around_a_description_is_reported(text: str) -> None:
    source = f"<model>{text}</model> was trained for 3 days."
    (finding,) = read(source).findings
    assert (finding.code, finding.severity) == ("KG420", "warning")
    assert text in finding.message
    (label,) = finding.labels
    assert source[label.start : label.end] == text


@pytest.mark.xfail(reason="a number in the description passes for what the tag says")
def test_a_tag_around_a_description_with_a_number_is_reported() -> None:
    source = "<model>a language model with 7 billion parameters</model> was trained for 3 days."
    assert [finding.code for finding in read(source).findings] == ["KG420"]


@pytest.mark.parametrize(
    "source",
    [
        "<model>Quillon-7B</model> has <params>many</params> parameters.",
        "<model>Quillon-7B</model> ran on <hardware>some machines</hardware>.",
        "<model>Quillon-7B</model> ran on <gpu_count>several</gpu_count> GPUs.",
        "<model>Quillon-7B</model> took <training>a long time</training>.",
        "<model>Quillon-7B</model> came out in <year>spring</year>.",
    ],
)
def test_a_tag_whose_content_says_nothing_is_reported(source: str) -> None:
    assert [finding.code for finding in read(source).findings] == ["KG420"]


@pytest.mark.parametrize(
    ("source", "relation", "value"),
    [
        ("<model>Quillon-7B</model> has <params>7.2 billion</params> parameters.", "parameterCount", "7200000000"),
        ("<model>Quillon-7B</model> ran on <hardware>NVIDIA A100</hardware>.", "accelerator", "NVIDIA A100"),
        ("<model>Quillon-7B</model> ran on <gpu_count>64</gpu_count> GPUs.", "acceleratorCount", "64"),
        ("<model>Quillon-7B</model> took <training>3 days</training>.", "duration", "P3D"),
        ("<model>Quillon-7B</model> came out in <year>2023</year>.", "releaseYear", "2023"),
        ("<model>Quillon-7B</model> was made in <country>Finland</country>.", "country", "Finland"),
        ("<model>Quillon-7B</model> is by <organization>Ferrith Labs</organization>.", "organization", "Ferrith Labs"),
    ],
)
def test_a_tag_says_what_its_content_is(source: str, relation: str, value: str) -> None:
    found = read(source)
    assert [(claim.value, claim.method) for claim in found.claims if claim.relation == relation] == [(value, "tag")]
    assert found.findings == ()


def test_a_name_is_shown_where_it_stands() -> None:
    source = "We present Quillon at 33B and 65B."
    names = {claim.value: claim.mention for claim in read(source).claims if claim.relation == "name"}
    assert names == {"Quillon-33B": "Quillon at 33B", "Quillon-65B": "Quillon at 33B and 65B"}
