from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.serve._negotiation import media_types
from kg.sparql.description import SD, description, write_description
from kg.sparql.formats import FORMATS
from kg.terms import RDF, VOID
from tests.sample_graph import sample_store

ENDPOINT = "http://h/sparql"
BASE = "https://w3id.org/kg/"


def graph(*names: str) -> ox.Store:
    store = ox.Store()
    for name in names:
        store.add_graph(ox.NamedNode(name))
    return store


def said(store: ox.Store, subject: str, predicate: str, **settings: bool) -> list[str]:
    triples = description(store, ENDPOINT, BASE, **settings)
    return [triple.object.value for triple in triples if (triple.subject, triple.predicate) == (_at(subject), _sd(predicate))]  # type: ignore[union-attr]


def _at(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"{ENDPOINT}#{name}")


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(name if ":" in name else SD + name)


def test_what_the_service_is_and_can() -> None:
    store = graph()
    assert said(store, "service", f"{RDF}type") == [f"{SD}Service"]
    assert said(store, "service", "endpoint") == [ENDPOINT]
    assert said(store, "service", "supportedLanguage") == [f"{SD}SPARQL11Query"]
    assert len(said(store, "service", "resultFormat")) == 10
    assert said(store, "service", "defaultDataset") == [f"{ENDPOINT}#dataset"]
    assert said(store, "dataset", "defaultGraph") == [f"{ENDPOINT}#default-graph"]


def test_only_who_answers_service_clauses_says_so() -> None:
    assert said(graph(), "service", "feature") == []
    assert said(graph(), "service", "feature", federated=True) == [f"{SD}BasicFederatedQuery"]


def test_no_union_is_claimed() -> None:
    triples = description(graph(), ENDPOINT, BASE, federated=True)
    assert not any("UnionDefaultGraph" in str(triple) for triple in triples)


def test_the_named_graphs_are_listed_and_those_of_reports_counted() -> None:
    names = [f"{BASE}graph/{name}" for name in ("build", "catalog", "derived", "ontology")]
    store = graph(*names, *(f"{BASE}graph/report/{number}" for number in range(7)), "http://example.org/a?b=c#d")
    listed = said(store, "dataset", "namedGraph")
    assert listed == [
        f"{ENDPOINT}#build",
        f"{ENDPOINT}#catalog",
        f"{ENDPOINT}#derived",
        f"{ENDPOINT}#http%3A//example.org/a%3Fb%3Dc%23d",
        f"{ENDPOINT}#ontology",
    ]
    assert [said(store, name.partition("#")[2], "name") for name in listed][3] == ["http://example.org/a?b=c#d"]
    assert said(store, "service", "availableGraphs") == [f"{ENDPOINT}#reports"]
    assert said(store, "reports", f"{VOID}documents") == ["7"]


def test_too_many_graphs_are_not_listed() -> None:
    assert len(said(graph(*(f"x:{number}" for number in range(150))), "dataset", "namedGraph")) == 100
    assert said(graph("x:y"), "service", "availableGraphs") == []


def test_the_build_says_how_much_there_is(tmp_path: Path) -> None:
    store = sample_store(tmp_path)
    data = ox.NamedNode(f"{BASE}graph/build/data")
    store.add(ox.Quad(data, ox.NamedNode(f"{VOID}triples"), ox.Literal(7), ox.NamedNode(f"{BASE}graph/build")))
    assert said(store, "default-graph", f"{VOID}triples") == ["7"]
    assert ox.Triple(data, ox.NamedNode(f"{VOID}sparqlEndpoint"), ox.NamedNode(ENDPOINT)) in description(store, ENDPOINT, BASE)


def test_nothing_of_it_is_left_to_chance(tmp_path: Path) -> None:
    store = sample_store(tmp_path)
    triples = description(store, ENDPOINT, BASE)
    assert triples == sorted(set(triples), key=str) == description(store, ENDPOINT, BASE)
    assert not any(isinstance(term, ox.BlankNode) for triple in triples for term in (triple.subject, triple.object))


@pytest.mark.parametrize(("media", "name"), media_types("graph").items())
def test_it_is_written_in_every_format(media: str, name: str) -> None:
    triples = description(graph(f"{BASE}graph/derived"), ENDPOINT, BASE)
    content = write_description(triples, name)
    assert {quad.triple for quad in ox.parse(content, format=ox.RdfFormat.from_media_type(str(FORMATS[name].media_type)))} == set(
        triples
    )
