"""The W3C's tests of the SPARQL 1.1 Protocol and the service description, read from their manifests.

Tests of updates are left out because the endpoint is read-only; that it refuses what they send is tested here too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox
import pytest

from tests.serve.server import running

HT, CNT = "http://www.w3.org/2011/http#", "http://www.w3.org/2011/content#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DATA = "http://kasei.us/2009/09/sparql/data/"
RESULTS = {"application/sparql-results+json", "application/sparql-results+xml"}
MEDIA_TYPES = {
    "boolean": RESULTS,
    "tabular": RESULTS | {"text/csv", "text/tab-separated-values"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}
QUERY_TESTS = 20
SHARED = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[3] / "shared") / "w3c" / "sparql-protocol"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: frozenset[str]
    boolean: str | None
    format: str | None


class Manifest:
    """A manifest in Turtle, read node by node."""

    def __init__(self, path: Path) -> None:
        self.store = ox.Store()
        self.store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="http://manifest/")

    def values(self, node: Any, predicate: str) -> list[Any]:
        return [quad.object for quad in self.store.quads_for_pattern(node, ox.NamedNode(predicate), None)]

    def text(self, node: Any, predicate: str) -> str | None:
        return next((value.value for value in self.values(node, predicate)), None)

    def listed(self, node: Any) -> Iterator[Any]:
        while node.value != f"{RDF}nil":
            yield self.values(node, f"{RDF}first")[0]
            (node,) = self.values(node, f"{RDF}rest")

    def entries(self) -> list[Any]:
        (quad,) = self.store.quads_for_pattern(None, ox.NamedNode(f"{MF}entries"), None)
        return list(self.listed(quad.object))

    def requests(self, entry: Any) -> Iterator[Request]:
        (action,) = self.values(entry, f"{MF}action")
        for node in self.listed(self.values(action, f"{HT}requests")[0]):
            (answer,) = self.values(node, f"{HT}resp")
            headers = [head for some in self.values(node, f"{HT}headers") for head in self.listed(some)]
            body = self.values(node, f"{HT}body")
            yield Request(
                self.text(node, f"{HT}methodName") or "",
                self.text(node, f"{HT}absolutePath") or "",
                tuple((self.text(head, f"{HT}fieldName") or "", self.text(head, f"{HT}fieldValue") or "") for head in headers),
                (self.text(body[0], f"{CNT}chars") or "").encode(self.text(body[0], f"{CNT}characterEncoding") or "")
                if body
                else b"",
                frozenset(status.value[-3] for status in self.values(answer, f"{MF}expectedStatus")),
                self.text(answer, f"{MF}expectedBoolean"),
                self.text(answer, f"{MF}expectedFormat"),
            )


def protocol_tests() -> list[tuple[str, Any]]:
    if not SHARED.is_dir():
        return []
    manifest = Manifest(SHARED / "protocol" / "manifest.ttl")
    return [(entry.value.partition("#")[2], entry) for entry in manifest.entries()]


TESTS = protocol_tests()


@pytest.fixture(scope="module")
def manifest(shared: Path) -> Manifest:
    assert shared / "w3c" / "sparql-protocol" == SHARED
    return Manifest(SHARED / "protocol" / "manifest.ttl")


@pytest.fixture(scope="module")
def client(manifest: Manifest) -> Iterator[httpx.Client]:
    store = ox.Store()
    for name in ("data1", "data2", "data3"):
        graph = ox.NamedNode(f"{DATA}{name}.rdf")
        store.load(path=str(SHARED / "protocol" / f"{name}.nt"), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    with running(store) as client:
        yield client


def send(client: httpx.Client, request: Request) -> httpx.Response:
    parts = urlsplit(request.path)
    return client.request(request.method, f"{parts.path}?{parts.query}", headers=dict(request.headers), content=request.body)


def test_the_manifest_holds_the_tests_that_are_counted(manifest: Manifest) -> None:
    names = [name for name, _ in TESTS]
    assert len([name for name in names if "update" not in name]) == QUERY_TESTS
    assert len(names) == 34


@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in TESTS if "update" not in name])
def test_queries(manifest: Manifest, client: httpx.Client, entry: Any) -> None:
    for request in manifest.requests(entry):
        response = send(client, request)
        assert str(response.status_code)[0] in request.statuses, response.text
        media = response.headers["content-type"].partition(";")[0]
        if request.format:
            assert media in MEDIA_TYPES[request.format]
        if request.boolean:
            assert response.json()["boolean"] is (request.boolean == "true")
        if response.is_error:
            assert media == "application/problem+json"


@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in TESTS if "update" in name])
def test_updates_are_refused(manifest: Manifest, client: httpx.Client, entry: Any) -> None:
    """The endpoint is read-only: what the tests of updates send first is refused, whether they expect that or not."""
    request = next(manifest.requests(entry))
    response = send(client, request)
    assert response.is_client_error
    assert response.headers["content-type"] == "application/problem+json"


SD = "http://www.w3.org/ns/sparql-service-description#"
SCHEMA = f"""PREFIX sd: <{SD}> SELECT ?problem {{
  {{ ?x sd:endpoint ?y FILTER NOT EXISTS {{ ?x a sd:Service }} }}
  UNION {{ ?x sd:endpoint ?y FILTER (!isIRI(?y)) }}
  UNION {{ ?x sd:defaultDataset ?y FILTER NOT EXISTS {{ ?x a sd:Service . ?y a sd:Dataset }} }}
  UNION {{ ?x sd:defaultGraph ?y FILTER NOT EXISTS {{ ?x a sd:Dataset . ?y a sd:Graph }} }}
  UNION {{ ?x sd:namedGraph ?y FILTER NOT EXISTS {{ ?x a sd:Dataset . ?y a sd:NamedGraph }} }}
  UNION {{ ?y a sd:NamedGraph FILTER NOT EXISTS {{ ?y sd:name ?name }} }}
  BIND (STR(?y) AS ?problem)
}}"""


def test_service_description_manifest(shared: Path) -> None:
    """These three have no actions in the manifest: each is one test below, under its name."""
    entries = Manifest(shared / "w3c" / "sparql-protocol" / "service-description" / "manifest.ttl").entries()
    names = {entry.value.partition("#")[2] for entry in entries}
    assert names == {"has-endpoint-triple", "returns-rdf", "conforms-to-schema"}


def described(client: httpx.Client) -> ox.Store:
    response = client.get("/sparql")
    assert response.status_code == 200
    store = ox.Store()
    store.load(response.content, ox.RdfFormat.from_media_type(response.headers["content-type"]))
    return store


def test_returns_rdf(client: httpx.Client) -> None:
    assert len(described(client)) > 10


def test_has_endpoint_triple(client: httpx.Client) -> None:
    endpoint = ox.NamedNode(f"{str(client.base_url).rstrip('/')}/sparql")
    assert len(list(described(client).quads_for_pattern(None, ox.NamedNode(f"{SD}endpoint"), endpoint))) == 1


def test_conforms_to_schema(client: httpx.Client) -> None:
    found = described(client).query(SCHEMA)
    assert isinstance(found, ox.QuerySolutions)
    assert list(found) == []
