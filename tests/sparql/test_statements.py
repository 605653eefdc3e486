"""Statements that are found without being read: those of a fact, of a subject, the derived ones."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.sparql.statements import Statements
from kg.terms import KG, RDF
from tests.sample_graph import sample_store

BASE = "https://w3id.org/kg/"
RUN = f"{BASE}run/kestrel-7b"
DERIVED = f"{BASE}derived/kestrel-7b/energy/1"
MOST = 100


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    """Return the sample graph with a derived fact."""
    made: ox.Store = sample_store(Path(tmp_path_factory.mktemp("sample")))
    inside = ox.NamedNode(f"{BASE}graph/derived")
    told: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        ("subject", ox.NamedNode(RUN)),
        ("predicate", ox.NamedNode(f"{KG}trainingEnergy")),
        ("object", ox.Literal(1.5)),
    ]
    for name, value in told:
        made.add(ox.Quad(ox.NamedNode(DERIVED), ox.NamedNode(RDF + name), value, inside))
    return made


@pytest.fixture
def statements(store: ox.Store) -> Statements:
    return Statements(store, BASE)


@pytest.mark.parametrize("subject", ["", "no iri", f"{BASE}run/nothing", "\ud800"])
def test_nothing_is_stated_of_what_is_not_there(statements: Statements, subject: str) -> None:
    assert statements.listed(subject) == {} == statements.derived(subject)
    assert statements.values_of(subject, f"{KG}duration") == {}


def test_what_is_listed_is_what_is_read(statements: Statements) -> None:
    read = {item.iri: item.relation for item in statements.about(RUN)}
    assert dict(statements.listed(RUN)) == read
    assert statements.derived(RUN) == {DERIVED: f"{KG}trainingEnergy"}


def test_derived_facts_are_found_alone(statements: Statements) -> None:
    assert statements.derived(RUN) == {DERIVED: f"{KG}trainingEnergy"}
    assert statements.derived(f"{BASE}model/kestrel-7b") == {}


def test_claims_stand_by_their_values(statements: Statements) -> None:
    found = statements.values_of(RUN, f"{KG}duration")
    assert sorted(str(getattr(value, "value", "")) for value in found) == ["P4D", "P5D"]
    for value, iris in found.items():
        assert [item.iri for item in statements.about(RUN) if item.value == value] == iris
        assert statements.stating(RUN, f"{KG}duration", value, MOST) == iris


def test_claims_about_others_with_the_same_value_are_left_out(statements: Statements) -> None:
    dataset = ox.NamedNode(f"{BASE}dataset/cc3m")
    found = statements.stating(RUN, f"{KG}trainingDataset", dataset, MOST)
    assert found is not None and len(found) == 1 and len(statements.naming(dataset.value)) == 3
    assert statements.stating(RUN, f"{KG}evaluationDataset", dataset, MOST) == []


def test_a_value_of_many_statements_is_not_looked_through(statements: Statements) -> None:
    assert statements.stating(RUN, f"{KG}trainingDataset", ox.NamedNode(f"{BASE}dataset/cc3m"), 2) is None
