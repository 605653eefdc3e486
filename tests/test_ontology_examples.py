"""Every relation's example in the ontology is a promise: the sentence alone, read and extracted, gives that relation."""

from __future__ import annotations

import pytest

from kg.extract import extract
from kg.ingest import read_text
from kg.schema import Relation, Schema, load_schema

FROM_REPORTS = tuple(relation for relation in load_schema().relations.values() if relation.origin == "report")


@pytest.mark.parametrize("relation", FROM_REPORTS, ids=lambda relation: relation.name)
def test_example_gives_its_relation_and_no_other(schema: Schema, relation: Relation) -> None:
    extraction = extract(read_text(relation.example, id="example.txt"), schema)
    assert {claim.relation for claim in extraction.claims} == {relation.name}
    for claim in extraction.claims:
        assert relation.example[claim.start : claim.end] == claim.mention
        assert not relation.values or claim.value in relation.values
