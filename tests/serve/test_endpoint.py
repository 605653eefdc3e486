"""The endpoint as a client sees it: a real server on a free port, real clients."""

from __future__ import annotations

import json
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from kg.guard import Asked, Guard, Reply
from kg.sparql.named import shipped
from kg.sparql.thread import LONGEST
from tests.serve.server import problem, running

ROWS = "SELECT ?model { ?model kg:describedIn ?report } ORDER BY ?model"
FORM = {"content-type": "application/x-www-form-urlencoded"}
DIRECT = {"content-type": "application/sparql-query"}


# bad input ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "line", "column", "detail"),
    [
        ("SELECT * {", 1, 11, "the query ends too early"),
        ("SELECT *\n{ ?s zz:p ?o }", 2, 6, "the prefix zz: is not declared"),
        ("SELECT * { ?s ?p 'é' ; bad }", 1, 24, "syntax error at 'bad'"),
        ("DROP ALL", 1, 1, "DROP is an update, and the graph is read-only"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 1, 12, "SERVICE is refused: a query reads this graph only"),
        ("", 1, 1, "the query is empty"),
    ],
)
@pytest.mark.parametrize("method", ["get", "form", "direct"])
def test_a_wrong_query_shows_the_place(client: httpx.Client, method: str, query: str, line: int, column: int, detail: str) -> None:
    if method == "get":
        response = client.get("/sparql", params={"query": query})
    elif method == "form":
        response = client.post("/sparql", data={"query": query})
    else:
        response = client.post("/sparql", content=query.encode(), headers=DIRECT)
    members = problem(response, 400)
    assert (members["line"], members["column"], members["detail"]) == (line, column, detail)


def test_a_problem_says_what_to_do_where_it_can(client: httpx.Client) -> None:
    assert "PREFIX zz: <...>" in problem(client.get("/sparql", params={"query": "ASK { zz:a ?p ?o }"}), 400)["hint"]
    assert "hint" not in problem(client.get("/sparql", params={"query": "ASK {"}), 400)


@pytest.mark.parametrize(
    ("path", "headers", "content", "status", "detail"),
    [
        ("/sparql", FORM, b"", 400, "there is no query"),
        ("/sparql", FORM, b"quer=ASK", 400, "there is no query"),
        ("/sparql", FORM, b"query=ASK{}&query=ASK{}", 400, "there are several queries"),
        ("/sparql?query=ASK{}", DIRECT, b"ASK {}", 400, "there are several queries"),
        ("/sparql", FORM, b"query=ASK%7B%7D%FF", 400, "the form is not UTF-8"),
        ("/sparql", FORM, "query=ASK{}é".encode(), 400, "the form is not UTF-8 text, percent-encoded"),
        ("/sparql?default-graph-uri=%FF", DIRECT, b"ASK {}", 400, "the query string is not UTF-8"),
        ("/sparql", DIRECT, b"ASK { ?s ?p '\xff' }", 400, "the query is not UTF-8 text: byte 14"),
        ("/sparql", DIRECT, "ASK {}".encode("utf-16"), 400, "the query is not UTF-8 text: byte 1"),
        ("/sparql", {"content-type": "application/sparql-query; charset=UTF-16"}, b"ASK {}", 415, "not in utf-16"),
        ("/sparql", {"content-type": "text/plain"}, b"ASK {}", 415, "not as 'text/plain'"),
        ("/sparql", {"content-type": "application/json"}, b"{}", 415, "not as 'application/json'"),
        ("/sparql", {}, b"ASK {}", 415, "the request has no Content-Type"),
        ("/sparql", {"content-type": "application/sparql-update"}, b"DROP ALL", 403, "read-only"),
        ("/sparql", FORM, b"update=DROP+ALL", 403, "read-only"),
        ("/sparql?default-graph-uri=not+an+iri", DIRECT, b"ASK {}", 400, "a graph's name is no IRI"),
        ("/sparql", DIRECT, b"#" * (LONGEST + 1), 413, "longer than 65536 characters"),
        ("/sparql", {**DIRECT, "accept": "image/png"}, b"ASK {}", 406, "cannot be had in a format"),
        ("/sparql", {**DIRECT, "accept": "text/turtle"}, b"SELECT * {}", 406, "cannot be had in a format"),
        ("/sparql", {**DIRECT, "accept": "text/csv"}, b"ASK {}", 406, "cannot be had in a format"),
        ("/sparql", {**DIRECT, "accept": "text/csv"}, b"CONSTRUCT WHERE { ?s ?p ?o }", 406, "cannot be had in a format"),
    ],
)
def test_a_wrong_request(
    client: httpx.Client, path: str, headers: dict[str, str], content: bytes, status: int, detail: str
) -> None:
    assert detail in problem(client.post(path, headers=headers, content=content), status)["detail"]


def test_a_wrong_media_type_is_told_the_right_ones(client: httpx.Client) -> None:
    response = client.post("/sparql", headers={"content-type": "text/plain"}, content=b"ASK {}")
    assert response.headers["accept-post"] == "application/sparql-query, application/x-www-form-urlencoded"


def test_what_is_not_acceptable_names_what_is(client: httpx.Client) -> None:
    formats = problem(client.get("/sparql", params={"query": "ASK {}"}, headers={"accept": "text/csv"}), 406)["formats"]
    assert "application/sparql-results+json" in formats and "text/csv" not in formats


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/sparql", params={"query": "ASK {}"})
    problem(response, 405)
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_form_whose_query_is_too_long(client: httpx.Client) -> None:
    assert "the query is longer" in problem(client.post("/sparql", data={"query": "a" * (LONGEST + 1)}), 413)["detail"]
    assert "the request is longer" in problem(client.post("/sparql", data={"query": "a" * (12 * LONGEST)}), 413)["detail"]
    for longest in ("ASK {}#" + "a" * (LONGEST - 7), "ASK {}#" + "\U0001f99c" * (LONGEST - 7)):
        assert client.post("/sparql", data={"query": longest}).status_code == 200
        assert client.post("/sparql", content=longest.encode(), headers=DIRECT).status_code == 200
    assert "longer than 262144 bytes" in problem(client.post("/sparql", content=b"a" * 262145, headers=DIRECT), 413)["detail"]


def test_a_host_that_makes_no_iri(client: httpx.Client) -> None:
    assert problem(client.get("/sparql", headers={"host": "%zz"}), 400)["detail"] == "the Host header makes no IRI"


def test_an_unknown_page(client: httpx.Client) -> None:
    problem(client.get("/nothing"), 404)


# answers ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_the_three_ways_to_ask(client: httpx.Client, path: str) -> None:
    answers = [
        client.get(path, params={"query": ROWS}),
        client.post(path, data={"query": ROWS}),
        client.post(path, content=ROWS.encode(), headers={"content-type": "application/sparql-query; charset=UTF-8"}),
    ]
    assert [response.status_code for response in answers] == [200] * 3
    assert len({response.content for response in answers}) == 1
    assert [row["model"]["value"].rpartition("/")[2] for row in answers[0].json()["results"]["bindings"]][-1] == "owl-1b"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.6", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_rows_in_every_format(client: httpx.Client, accept: str, media: str) -> None:
    response = client.get("/sparql", params={"query": ROWS}, headers={"accept": accept})
    assert (response.headers["content-type"], response.headers["vary"]) == (media, "Accept")
    format = ox.QueryResultsFormat.from_media_type(media.partition(";")[0])
    assert format
    if format != ox.QueryResultsFormat.CSV:
        found = ox.parse_query_results(response.content, format=format)
        assert isinstance(found, ox.QuerySolutions)
        assert len(list(found)) == 4
    else:
        assert len(response.text.splitlines()) == 5


@pytest.mark.parametrize("media", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"])
def test_graphs_in_every_format(client: httpx.Client, store: ox.Store, media: str) -> None:
    response = client.post("/sparql", content=b"CONSTRUCT WHERE { ?s kg:extends ?o }", headers={**DIRECT, "accept": media})
    assert response.headers["content-type"].partition(";")[0] == media
    format = ox.RdfFormat.from_media_type(media)
    found = {quad.triple for quad in ox.parse(response.content, format=format)}
    extends = ox.NamedNode("https://w3id.org/kg/ontology#extends")
    assert found == {quad.triple for quad in store.quads_for_pattern(None, extends, None, ox.DefaultGraph())}


def test_every_named_query_is_answered(client: httpx.Client) -> None:
    for name, query in shipped().items():
        rows = client.get("/sparql", params={"query": query.text}).json()["results"]["bindings"]
        assert bool(rows) == (name != "hours"), name  # these reports state none


def test_relative_iris_are_those_of_the_endpoint(client: httpx.Client) -> None:
    response = client.get("/sparql", params={"query": "SELECT (<x> AS ?iri) {}"})
    assert response.json()["results"]["bindings"][0]["iri"]["value"] == f"{str(client.base_url).rstrip('/')}/x"


def test_graphs_of_the_request_replace_those_of_the_query(client: httpx.Client) -> None:
    query = "SELECT (COUNT(*) AS ?n) FROM <http://example.org/none> { ?s ?p ?o }"
    graph = quote("https://w3id.org/kg/graph/report/c.txt", safe="")
    numbers = [
        int(client.get(f"/sparql?query={quote(query)}{more}").json()["results"]["bindings"][0]["n"]["value"])
        for more in ("", f"&default-graph-uri={graph}")
    ]
    assert numbers[0] == 0 and numbers[1] > 10


def test_head_is_get_without_the_body(client: httpx.Client) -> None:
    for path in ("/sparql", f"/sparql?query={quote(ROWS)}", "/", "/health"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert {**head.headers, "date": "", "x-request-id": ""} == {**got.headers, "date": "", "x-request-id": ""}


def test_health(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_a_real_client(client: httpx.Client, store: ox.Store) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{client.base_url}/sparql"))
    names = {str(row[0]) for row in graph.query("SELECT ?name { ?model <https://w3id.org/kg/ontology#name> ?name }")}  # type: ignore[index]
    assert names == {"InstructBLIP-13B", "Kestrel-7B"}
    assert graph.query("ASK { ?s ?p ?o }").askAnswer
    rdfs_label = rdflib.RDFS.label
    assert str(graph.value(rdflib.URIRef("https://w3id.org/kg/model/owl-1b"), rdfs_label)) == "Owl-1B"


def test_a_bug_is_a_problem_without_its_innards(
    store: ox.Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(guard: Guard, asked: Asked, id: str, gone: object) -> Reply:
        raise ZeroDivisionError("innards")

    monkeypatch.setattr(Guard, "ask", broken)
    with running(store) as client:
        assert "innards" not in json.dumps(problem(client.get("/sparql", params={"query": "ASK {}"}), 500))
    assert "ZeroDivisionError" in caplog.text


# description and page -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "text/turtle; charset=utf-8"),
        ("*/*", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_without_a_query_the_endpoint_describes_itself(client: httpx.Client, accept: str, media: str) -> None:
    response = client.get("/sparql", headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, media)
    assert "Accept" in response.headers["vary"].split(", ")


def test_a_description_that_nobody_takes(client: httpx.Client) -> None:
    assert "text/html" in problem(client.get("/sparql", headers={"accept": "image/png"}), 406)["formats"]


def test_the_description_holds_what_the_build_says_of_itself() -> None:
    store = ox.Store()
    about = ox.Quad(
        ox.NamedNode("x:data"), ox.NamedNode("x:triples"), ox.Literal(7), ox.NamedNode("https://w3id.org/kg/graph/build")
    )
    store.add(about)
    with running(store) as client:
        found = {quad.triple for quad in ox.parse(client.get("/sparql").content, format=ox.RdfFormat.TURTLE)}
    assert about.triple in found
    assert any(triple.object == about.graph_name for triple in found)


def test_those_who_would_rather_read_are_given_the_page_to_ask_from(client: httpx.Client) -> None:
    response = client.get("/sparql", headers={"accept": "text/html"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    for query in shipped().values():
        assert f'href="./query?name={query.name}"' in response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]


def test_graphs_have_short_names(client: httpx.Client) -> None:
    query = "CONSTRUCT { ?model a kg:Model } WHERE { ?model kg:describedIn ?report }"
    graph = client.get("/sparql", params={"query": query}, headers={"accept": "text/turtle"}).text
    assert "@prefix kg: <https://w3id.org/kg/ontology#> ." in graph and "a kg:Model ." in graph
