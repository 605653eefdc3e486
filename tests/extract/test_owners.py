"""Whose fact it is: the report's own model's, another model's, one of several's."""

from __future__ import annotations

import pytest

from kg.extract import extract
from kg.schema import load_schema
from tests.extract.case_lines import cases
from tests.extract.scanning import document


@pytest.mark.parametrize(("text", "expected"), cases("owners"))
def test_owners_of(text: str, expected: str) -> None:
    wanted = [part for part in expected.split("; ") if not part.startswith("none:")]
    asked = {part.partition("=")[0].removeprefix("none:") for part in expected.split("; ")}
    claims = [claim for claim in extract(document(text), load_schema()).claims if claim.relation in asked]
    assert sorted(f"{claim.relation}={claim.value} of {claim.model or '-'}" for claim in claims) == sorted(wanted)


@pytest.mark.parametrize("relation", ["acceleratorCount", "duration", "parameterCount", "peakLearningRate", "optimizer"])
def test_owners_are_tested_for_a_relation(relation: str) -> None:
    assert any(relation in str(case.values[1]) for case in cases("owners"))
