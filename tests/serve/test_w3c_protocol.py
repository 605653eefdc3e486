"""The W3C's tests of the SPARQL 1.1 Protocol, the Graph Store Protocol and the service description, read from their manifests.

None is skipped. The endpoint is read-only: what a test of an update or of a write sends is sent, and has to be refused, whether
the test expects that or not. The requests with which such a test then looks at what it has changed are not sent, because nothing
has changed; where they stand as tests of their own, what they expect is in the store from the beginning.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox
import pytest

from tests.serve.server import published, started

HT, CNT = "http://www.w3.org/2011/http#", "http://www.w3.org/2011/content#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DATA = "http://kasei.us/2009/09/sparql/data/"
RESULTS = {"application/sparql-results+json", "application/sparql-results+xml"}
MEDIA_TYPES = {
    "boolean": RESULTS,
    "tabular": RESULTS | {"text/csv", "text/tab-separated-values"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}
QUERY_TESTS = 20
UPDATE_TESTS = 14
WRITE_TESTS, READ_TESTS = 8, 10
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


@contextmanager
def served(store: ox.Store, folder: Path) -> Iterator[httpx.Client]:
    """Publish a store as a build and have `kg serve` answer about it."""
    published(store, folder)
    with started(folder) as (_, address), httpx.Client(base_url=address, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def client(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    store = ox.Store()
    for name in ("data1", "data2", "data3"):
        graph = ox.NamedNode(f"{DATA}{name}.rdf")
        store.load(path=str(SHARED / "protocol" / f"{name}.nt"), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    with served(store, tmp_path_factory.mktemp("w3c")) as client:
        yield client


def send(client: httpx.Client, request: Request) -> httpx.Response:
    parts = urlsplit(request.path)
    return client.request(request.method, f"{parts.path}?{parts.query}", headers=dict(request.headers), content=request.body)


def test_the_manifest_holds_the_tests_that_are_counted(manifest: Manifest) -> None:
    names = [name for name, _ in TESTS]
    assert len([name for name in names if "update" not in name]) == QUERY_TESTS
    assert len([name for name in names if "update" in name]) == UPDATE_TESTS


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


# The Graph Store Protocol: the manifest tells each request and response in words.

GRAPHS = "/graphs"
EXCHANGE = re.compile(
    r"#### Request\s+(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.1\n.*?#### Response\s+(?P<status>\d+)[^\n]*(?P<rest>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of the Graph Store Protocol and what is expected; the graph that it is about is on a host named as the test."""

    name: str
    method: str
    path: str
    status: int
    content: str

    @property
    def host(self) -> str:
        return f"{self.name.replace('_', '-')}.example"

    @property
    def graph(self) -> str | None:
        return None if self.path.endswith("?default") else f"http://{self.host}{self.path}".partition("?graph=")[2] or self.url

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"

    @property
    def triples(self) -> list[ox.Triple]:
        return [quad.triple for quad in ox.parse(self.content.encode(), format=ox.RdfFormat.TURTLE)]


def exchanges() -> Iterator[Exchange]:
    if not SHARED.is_dir():
        return
    manifest = Manifest(SHARED / "http-rdf-update" / "manifest.ttl")
    for entry in manifest.entries():
        name = entry.value.partition("#")[2]
        text = next(value.value for value in manifest.values(entry, f"{RDFS}comment") if "#### Request" in value.value)
        host = f"{name.replace('_', '-')}.example"
        for variable, value in (
            ("/$GRAPHSTORE$", GRAPHS),
            ("$GRAPHSTORE$", GRAPHS),
            ("$NEWPATH$", f"{GRAPHS}/new"),
            ("$HOST$", host),
        ):
            text = text.replace(variable, value)
        found = EXCHANGE.search(text)
        assert found, name
        yield Exchange(name, found["method"], found["path"], int(found["status"]), found["rest"].partition("\n\n")[2])


EXCHANGES = list(exchanges())
READS = [exchange for exchange in EXCHANGES if exchange.method in {"GET", "HEAD"}]
WRITES = [exchange for exchange in EXCHANGES if exchange not in READS]


@pytest.fixture(scope="module")
def graph_store(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Serve what the writes would have left behind, as the tests of reads tell it."""
    store = ox.Store()
    for exchange in READS:
        if exchange.status == 200:
            graph = ox.NamedNode(exchange.graph) if exchange.graph else ox.DefaultGraph()
            triples = exchange.triples or [ox.Triple(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.NamedNode("x:o"))]
            store.extend(ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples)
    with served(store, tmp_path_factory.mktemp("w3c")) as client:
        yield client


def canonical(triples: list[ox.Triple]) -> ox.Dataset:
    found = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def test_the_manifest_of_the_graph_store_holds_the_tests_that_are_counted(manifest: Manifest) -> None:
    assert (len(WRITES), len(READS)) == (WRITE_TESTS, READ_TESTS)


@pytest.mark.parametrize("exchange", READS, ids=lambda exchange: exchange.name)
def test_graphs_are_read(graph_store: httpx.Client, exchange: Exchange) -> None:
    headers = {"host": exchange.host, "accept": "text/turtle"}
    response = graph_store.request(exchange.method, exchange.path, headers=headers)
    assert response.status_code == exchange.status, response.text
    if exchange.status == 200:
        assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    if exchange.content:
        found = [quad.triple for quad in ox.parse(response.content, format=ox.RdfFormat.TURTLE)]
        assert canonical(found) == canonical(exchange.triples)
    if exchange.method == "HEAD":
        assert response.content == b""


@pytest.mark.parametrize("exchange", WRITES, ids=lambda exchange: exchange.name)
def test_graphs_are_not_written(graph_store: httpx.Client, exchange: Exchange) -> None:
    headers = {"host": exchange.host, "content-type": "text/turtle; charset=utf-8"}
    response = graph_store.request(exchange.method, exchange.path, headers=headers, content=b"<x:s> <x:p> <x:o> .")
    assert (response.status_code, response.headers["content-type"]) == (405, "application/problem+json")
    assert {"GET", "HEAD"} <= set(response.headers["allow"].split(", "))
