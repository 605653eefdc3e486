from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any

import pytest
import rdflib
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, URLENCODED, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.serve.clients import questions as q
from tests.served import Served

WAYS = [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)]


def asked(served: Served, text: str, way: tuple[str, str] = WAYS[0], format: str = JSON) -> Any:
    client = SPARQLWrapper(served.url, returnFormat=format)
    client.setMethod(way[0])
    client.setRequestMethod(way[1])
    client.setQuery(text)
    return client.queryAndConvert()


@pytest.mark.parametrize("way", WAYS)
def test_select(served: Served, way: tuple[str, str]) -> None:
    assert q.of_json(asked(served, q.SELECT, way)) == q.rows(served.store, q.SELECT)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "truth"), [(q.YES, True), (q.NO, False)])
def test_ask(served: Served, way: tuple[str, str], text: str, truth: bool) -> None:
    assert asked(served, text, way)["boolean"] is truth


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("format", [TURTLE, N3, RDFXML, XML, JSONLD])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # SPARQLWrapper 2.0 makes one
def test_construct(served: Served, way: tuple[str, str], format: str) -> None:
    found = asked(served, q.CONSTRUCT, way, format)
    graph = rdflib.Graph().parse(data=found, format="turtle") if isinstance(found, bytes) else found
    assert q.of_graph(graph) == q.graph(served.store, q.CONSTRUCT) != set()


def test_xml_rows(served: Served) -> None:
    document = asked(served, q.SELECT, format=XML)
    names = [node.getAttribute("name") for node in document.getElementsByTagName("variable")]
    assert names == ["model", "name", "size"]
    assert len(document.getElementsByTagName("result")) == q.rows(served.store, q.SELECT).total()


def test_csv_and_tsv(served: Served) -> None:
    expected = Counter(tuple(term[1] if term else "" for term in row) for row in q.rows(served.store, q.SELECT).elements())
    table = list(csv.reader(io.StringIO(asked(served, q.SELECT, format=CSV).decode())))
    assert table[0] == ["model", "name", "size"] and Counter(map(tuple, table[1:])) == expected
    lines = asked(served, q.SELECT, format=TSV).decode().splitlines()
    assert lines[0] == "?model\t?name\t?size" and len(lines) == len(table)


@pytest.mark.parametrize("way", WAYS)
def test_a_syntax_error_is_told_with_its_place(served: Served, way: tuple[str, str]) -> None:
    line, column = q.PLACE
    with pytest.raises(QueryBadFormed, match=re.compile(rf'syntax error.*"line":{line},"column":{column}', re.DOTALL)):
        asked(served, q.WRONG, way)


def test_named_graphs(served: Served) -> None:
    assert q.of_json(asked(served, q.GRAPHS)) == q.rows(served.store, q.GRAPHS)


@pytest.mark.parametrize("way", WAYS)
def test_the_graphs_of_the_protocol(served: Served, way: tuple[str, str]) -> None:
    client = SPARQLWrapper(served.url, returnFormat=JSON, defaultGraph=q.CATALOG)
    client.setMethod(way[0])
    client.setRequestMethod(way[1])
    client.setQuery(q.COUNT)
    expected = q.rows(served.store, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{q.CATALOG}> {{ ?s ?p ?o }} }}")
    one: Any = client.queryAndConvert()
    assert q.of_json(one) == expected
    client.addParameter("default-graph-uri", q.ONTOLOGY)
    both: Any = client.queryAndConvert()
    assert q.number(q.of_json(both)) > q.number(expected)


@pytest.mark.parametrize("way", WAYS)
def test_many_rows(served: Served, way: tuple[str, str]) -> None:
    found = q.of_json(asked(served, q.MANY, way))
    assert found.total() >= q.AT_LEAST
    assert found == q.rows(served.store, q.MANY)
