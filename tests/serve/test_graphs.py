from __future__ import annotations

import io
from collections.abc import Mapping

import pyoxigraph as ox
import pytest

from kg.serve._graphs import Wanted, graph_of
from kg.serve._negotiation import media_types
from kg.serve._protocol import Problem
from kg.sparql.formats import FORMATS
from kg.sparql.graphs import NoGraph, graph_triples, write_graph
from kg.terms import PREFIXES
from tests.serve.scopes import request_of

A, B, C = (ox.Triple(ox.NamedNode(f"x:{name}"), ox.NamedNode("x:p"), ox.Literal(name)) for name in "abc")


@pytest.fixture
def store() -> ox.Store:
    store = ox.Store()
    store.add(ox.Quad(A.subject, A.predicate, A.object))
    for triple in (B, C):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode("http://h/graphs/bc")))
    store.add_graph(ox.NamedNode("x:empty"))
    return store


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        ("/graphs?default&graph=x:y", 400, "several graphs"),
        ("/graphs?graph=x:y&graph=x:z", 400, "several graphs"),
        ("/graphs?default&default", 400, "several graphs"),
        ("/graphs/bc?default", 400, "named twice"),
        ("/graphs/bc?graph=x:y", 400, "named twice"),
        ("/graphs?graph=http://%3Cx%3E", 400, "is no IRI"),
        ("/graphs?graph=http://[", 400, "is no IRI"),
        ("/graphs?graph=%FF", 400, "the query string is not UTF-8"),
        ("/graphs?default&timeout=0", 400, "the timeout"),
        ("/graphs?default&format=cvs", 406, "no format is named 'cvs'"),
    ],
)
def test_a_wrong_request(address: str, status: int, detail: str) -> None:
    with pytest.raises(Problem, match=detail) as caught:
        graph_of(request_of("GET", address))
    assert caught.value.status == status


def test_a_format_that_no_graph_has() -> None:
    with pytest.raises(Problem, match="in a format that the request accepts") as caught:
        graph_of(request_of("GET", "/graphs?default", {"accept": "text/csv"}))
    assert caught.value.status == 406
    assert caught.value.members["formats"] == list(media_types("graph"))


@pytest.mark.parametrize("graph", ["x:nothing", "http://h/graphs", ""])
def test_a_graph_that_is_not_there(store: ox.Store, graph: str) -> None:
    with pytest.raises((NoGraph, ValueError), match=rf"there is no graph <{graph}>|No scheme"):
        graph_triples(store, graph)


@pytest.mark.parametrize(
    ("address", "headers", "wanted"),
    [
        ("/graphs?default", {}, Wanted(None, "turtle")),
        ("/graphs/?default=", {}, Wanted(None, "turtle")),
        ("/sparql?default", {"accept": "application/n-quads;q=0.1, text/csv"}, Wanted(None, "nq")),
        ("/graphs?graph=https%3A%2F%2Fw3id.org%2Fkg%2Fgraph%2Fbuild", {}, Wanted("https://w3id.org/kg/graph/build", "turtle")),
        ("/graphs?graph=http://h/a/../b?c%23d&format=nt", {}, Wanted("http://h/a/../b?c#d", "nt")),
        ("/graphs?graph=urn:x&output=application/trig&timeout=2", {}, Wanted("urn:x", "trig", 2.0)),
        ("/graphs?graph=graphs/bc", {}, Wanted("http://h/graphs/bc", "turtle")),
        ("/graphs?graph=/a%20b", {}, None),
        ("/graphs?graph=%23b", {}, Wanted("http://h/graphs#b", "turtle")),
        ("/sparql?graph=", {}, Wanted("http://h/sparql", "turtle")),
        ("/graphs/bc", {}, Wanted("http://h/graphs/bc", "turtle")),
        ("/graphs/b%20c/d", {}, Wanted("http://h/graphs/b%20c/d", "turtle")),
    ],
)
def test_which_graph_is_wanted(address: str, headers: Mapping[str, str], wanted: Wanted | None) -> None:
    if wanted is None:
        with pytest.raises(Problem, match="is no IRI"):
            graph_of(request_of("GET", address, headers))
    else:
        assert graph_of(request_of("GET", address, headers)) == wanted


@pytest.mark.parametrize("address", ["/graphs", "/graphs/", "/sparql", "/sparql?format=nt", "/sparql?query=ASK{}&graph=x:y"])
def test_no_graph_is_wanted(address: str) -> None:
    assert graph_of(request_of("GET", address)) is None


@pytest.mark.parametrize(("graph", "triples"), [(None, {A}), ("http://h/graphs/bc", {B, C}), ("x:empty", set())])
def test_the_triples_of_a_graph(store: ox.Store, graph: str | None, triples: set[ox.Triple]) -> None:
    assert set(graph_triples(store, graph)) == triples


@pytest.mark.parametrize(("media", "name"), media_types("graph").items())
def test_a_graph_in_every_format(store: ox.Store, media: str, name: str) -> None:
    assert graph_of(request_of("GET", "/graphs?default", {"accept": media})) == Wanted(None, name)
    output = io.BytesIO()
    write_graph(graph_triples(store, "http://h/graphs/bc"), name, output, PREFIXES)
    format = ox.RdfFormat.from_media_type(str(FORMATS[name].media_type))
    assert {quad.triple for quad in ox.parse(output.getvalue(), format=format)} == {B, C}


def test_what_crosses_to_another_process_is_the_graph_and_its_format() -> None:
    assert Wanted("x:y", "nt", 2.0).to_json() == {"graph": "x:y", "format": "nt"}
