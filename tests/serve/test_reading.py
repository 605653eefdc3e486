"""Graphs, formats by name, timeouts and other origins, over HTTP and through workers."""

from __future__ import annotations

import httpx
import pyoxigraph as ox
import pytest

from kg.serve._negotiation import media_types
from kg.serve._openapi import openapi
from kg.sparql.formats import FORMATS
from tests.serve.server import problem, running

REPORT = "https://w3id.org/kg/graph/report/c.txt"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
WORD = "secret"


# bad input ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        ("/graphs", 400, "no graph is named"),
        ("/graphs?default&graph=x:y", 400, "several graphs are named"),
        ("/graphs?graph=x:nothing", 404, "there is no graph <x:nothing>"),
        ("/graphs/nothing", 404, "/graphs/nothing>"),
        ("/sparql?graph=x:nothing", 404, "there is no graph <x:nothing>"),
        ("/sparql?query=ASK{}&graph=x:y", 400, "a query and a graph are asked for at once"),
        ("/sparql?query=ASK{}&timeout=0", 400, "the timeout is no number of seconds above 0"),
        ("/sparql?query=ASK{}&format=cvs", 406, "no format is named 'cvs'"),
        ("/sparql?format=cvs", 406, "no format is named 'cvs'"),
    ],
)
def test_a_wrong_address(client: httpx.Client, address: str, status: int, detail: str) -> None:
    assert detail in problem(client.get(address), status)["detail"]
    assert client.head(address).status_code == status


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/graphs?default", f"/graphs?graph={REPORT}", "/graphs/x", "/sparql?default"])
def test_graphs_are_not_written(client: httpx.Client, method: str, address: str) -> None:
    response = client.request(method, address, content=b"<x:s> <x:p> <x:o> .", headers={"content-type": "text/turtle"})
    if (method, address) == ("POST", "/sparql?default"):
        problem(response, 415)
    else:
        problem(response, 405)
        assert {"GET", "HEAD"} <= set(response.headers["allow"].split(", "))


def test_a_graph_that_nobody_takes(client: httpx.Client) -> None:
    formats = problem(client.get("/graphs?default", headers={"accept": "text/csv"}), 406)["formats"]
    assert formats == list(media_types("graph"))


def test_a_client_may_wait_for_less_time(client: httpx.Client) -> None:
    assert "0.05 seconds" in problem(client.get("/sparql", params={"query": SLOW, "timeout": "0.05"}), 503)["detail"]
    assert client.post("/sparql", data={"query": "ASK {}", "timeout": "1e9"}).json()["boolean"] is True


def test_without_the_token_nothing_is_told(store: ox.Store) -> None:
    with running(store, token=WORD) as client:
        assert problem(client.get("/sparql?query=ASK{}"), 401)["detail"] == "a token is needed"
        assert client.get("/sparql?query=ASK{}", headers={"authorization": "Bearer no"}).status_code == 401
        assert client.get("/sparql?query=ASK{}", headers={"authorization": f"Bearer {WORD}"}).json()["boolean"] is True
        assert [client.get(path).status_code for path in ("/health", "/ready", "/metrics", "/openapi.json")] == [200, 200, 401, 401]


# graphs -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/graphs", "/graphs/", "/sparql"])
def test_the_default_graph(client: httpx.Client, store: ox.Store, path: str) -> None:
    response = client.get(f"{path}?default", headers={"accept": "application/n-triples"})
    found = {quad.triple for quad in ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES)}
    assert found == {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}


@pytest.mark.parametrize(("media", "name"), media_types("graph").items())
def test_a_named_graph_in_every_format(client: httpx.Client, store: ox.Store, media: str, name: str) -> None:
    response = client.get("/graphs", params={"graph": REPORT}, headers={"accept": media})
    assert response.headers["content-type"].partition(";")[0] == FORMATS[name].media_type
    format = ox.RdfFormat.from_media_type(str(FORMATS[name].media_type))
    found = {quad.triple for quad in ox.parse(response.content, format=format)}
    assert found == {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(REPORT))}
    assert client.get("/sparql", params={"graph": REPORT, "format": name}).content == response.content


def test_a_graph_that_was_not_changed(client: httpx.Client) -> None:
    first = client.get("/graphs?default")
    again = client.get("/graphs?default", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert [again.headers[name] for name in ("x-build", "vary")] == [first.headers["x-build"], "Accept"]


# formats, origins, methods ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "format", "media"),
    [
        ("SELECT * {}", "csv", "text/csv"),
        ("ASK {}", "xml", "application/sparql-results+xml"),
        ("CONSTRUCT WHERE { ?s a ?o }", "xml", "application/rdf+xml"),
        ("CONSTRUCT WHERE { ?s a ?o }", "application/n-quads", "application/n-quads"),
        ("", "trig", "application/trig"),
        ("", "csv", "text/turtle"),
    ],
)
def test_a_format_by_name(client: httpx.Client, query: str, format: str, media: str) -> None:
    for name in ("format", "output"):
        response = client.get("/sparql", params={name: format, **({"query": query} if query else {})})
        assert response.headers["content-type"].partition(";")[0] == media


def test_the_methods_of_every_path(client: httpx.Client) -> None:
    for path, item in openapi()["paths"].items():
        response = client.options(path.replace("{id}", "1"))
        assert response.status_code == 204
        methods = {method.upper() for method in item} & {"GET", "POST", "DELETE"}
        assert set(response.headers["allow"].split(", ")) - {"HEAD", "OPTIONS"} == methods


def test_other_origins_read_and_nothing_else(client: httpx.Client) -> None:
    asked = {"origin": "https://example.org", "access-control-request-method": "DELETE"}
    preflight = client.options("/sparql", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "GET, HEAD, POST, OPTIONS")
    got = client.get("/sparql?query=ASK{}", headers=asked)
    assert got.headers["access-control-allow-origin"] == "*"
    assert {"ETag", "X-Build", "X-Request-Id"} <= set(got.headers["access-control-expose-headers"].split(", "))
    own = [client.options("/queries/1", headers=asked), client.delete("/queries/1", headers=asked), client.get("/queries")]
    assert not any(name.startswith("access-control") for response in own for name in response.headers)
    for response in (preflight, got, client.get("/nothing"), client.get("/"), client.get("/metrics")):
        assert response.headers.get_list("x-content-type-options") == ["nosniff"]
        assert response.headers.get_list("referrer-policy") == ["no-referrer"]
        assert len(response.headers.get_list("content-security-policy")) == 1
        assert "access-control-allow-credentials" not in response.headers
