from __future__ import annotations

from collections import Counter

import pytest
from rdflib import RDF, Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from tests.serve.clients import questions as q
from tests.served import Served


def graph(served: Served, method: str = "GET", identifier: str | None = None) -> Graph:
    return Graph(SPARQLStore(served.url, method=method), URIRef(identifier) if identifier else None)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_select(served: Served, method: str) -> None:
    found = Counter(tuple(map(q.of_rdflib, row)) for row in graph(served, method).query(q.SELECT))  # type: ignore[arg-type]
    assert found == q.rows(served.store, q.SELECT)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize(("text", "truth"), [(q.YES, True), (q.NO, False)])
def test_ask(served: Served, method: str, text: str, truth: bool) -> None:
    assert graph(served, method).query(text).askAnswer is truth


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_construct(served: Served, method: str) -> None:
    found = graph(served, method).query(q.CONSTRUCT).graph
    assert found is not None
    assert q.of_graph(found) == q.graph(served.store, q.CONSTRUCT) != set()


def test_a_syntax_error(served: Served) -> None:
    with pytest.raises(ValueError, match="You did something wrong formulating either the URI or your SPARQL query"):
        graph(served).query(q.WRONG)


@pytest.mark.parametrize("method", ["POST", "POST_FORM"])
def test_a_syntax_error_that_is_posted(served: Served, method: str) -> None:
    found: object = graph(served, method).query(q.WRONG)
    assert found == (400, "HTTP Error 400: Bad Request", None)  # rdflib 7.6 returns the error instead of raising it


def test_named_graphs(served: Served) -> None:
    found = Counter(tuple(map(q.of_rdflib, row)) for row in graph(served).query(q.GRAPHS))  # type: ignore[arg-type]
    assert found == q.rows(served.store, q.GRAPHS)


def test_a_graph_by_its_name(served: Served) -> None:
    whole, part = graph(served), graph(served, identifier=q.ONTOLOGY)
    assert len(part) == q.number(q.rows(served.store, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{q.ONTOLOGY}> {{ ?s ?p ?o }} }}"))
    assert len(whole) == q.number(q.rows(served.store, q.COUNT)) > len(part)


def test_triples_by_pattern(served: Served) -> None:
    kind = URIRef("https://w3id.org/kg/ontology#Report")
    found = {str(subject) for subject in graph(served).subjects(RDF.type, kind)}
    expected = q.rows(served.store, f"SELECT ?s {{ ?s a <{kind}> }}")
    assert found == {term[1] for (term,) in expected if term}
    assert (next(iter(graph(served).subjects(RDF.type, kind))), RDF.type, kind) in graph(served)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_many_rows(served: Served, method: str) -> None:
    found = Counter(tuple(map(q.of_rdflib, row)) for row in graph(served, method).query(q.MANY))  # type: ignore[arg-type]
    assert found.total() >= q.AT_LEAST
    assert found == q.rows(served.store, q.MANY)
