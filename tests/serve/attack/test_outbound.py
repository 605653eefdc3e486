"""No query makes the endpoint connect to anywhere: a socket that listens counts who comes."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.serve.attack.builds import look_up
from tests.serve.attack.endpoint import Endpoint, serving

RESULT = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"from outside"}}]}}'


@dataclass(slots=True, eq=False)
class Elsewhere:
    """A service elsewhere that answers every request, or sends the client on."""

    listening: socket.socket
    target: str = ""
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}/sparql"

    def answer(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self.requests.append(connection.recv(65536))
                head = f"302 Found\r\nLocation: {self.target}" if self.target else "200 OK"
                body = b"" if self.target else RESULT
                kind = "Content-Type: application/sparql-results+json\r\nConnection: close"
                connection.sendall(f"HTTP/1.1 {head}\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def listening() -> Iterator[Elsewhere]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Elsewhere(server)
        thread = threading.Thread(target=found.answer)
        thread.start()
        yield found
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture(scope="module", name="elsewhere")
def _elsewhere() -> Iterator[Elsewhere]:
    yield from listening()


@pytest.fixture(scope="module")
def endpoint(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, "--workers", "2", "--timeout", "10s", "--memory", "1GB") as found:
        yield found


SERVICES = {
    "plain": "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "subquery": "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "lower case": "SELECT * { service <URL> { ?s ?p ?o } }",
    "mixed case": "SELECT * { sErViCe <URL> { ?s ?p ?o } }",
    "after a comment": "SELECT * { # nothing\nSERVICE # SERVICE\n<URL> { ?s ?p ?o } }",
    "comment with a carriage return": "SELECT * { # nothing\rSERVICE <URL> { ?s ?p ?o } }",
    "comment with an escaped line end": "SELECT * { # nothing\\u000ASERVICE <URL> { ?s ?p ?o } }",
    "escaped keyword": "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "wholly escaped keyword": "SELECT * { \\u0053\\u0045\\u0052\\u0056\\u0049\\u0043\\u0045 <URL> { ?s ?p ?o } }",
    "long escape": "SELECT * { \\U00000053ERVICE <URL> { ?s ?p ?o } }",
    "escaped IRI": "SELECT * { SERVICE <\\u0068ttp\\u003A//ADDRESS/> { ?s ?p ?o } }",
    "escaped bracket": "SELECT * { SERVICE \\u003CURL> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "silent, no space": "SELECT*{SERVICE SILENT<URL>{?s ?p ?o}}",
    "variable": "SELECT * { BIND(<URL> AS ?there) SERVICE ?there { ?s ?p ?o } }",
    "values": "SELECT * { VALUES ?there { <URL> } SERVICE SILENT ?there { ?s ?p ?o } }",
    "iri made by a function": "SELECT * { BIND(IRI(CONCAT('http://', 'ADDRESS/')) AS ?there) SERVICE ?there { ?s ?p ?o } }",
    "prefixed name": "PREFIX there: <http://ADDRESS/> SELECT * { SERVICE there:sparql { ?s ?p ?o } }",
    "prefix named service": "PREFIX service: <http://ADDRESS/> SELECT * { SERVICE service:sparql { ?s ?p ?o } }",
    "empty prefix": "PREFIX : <http://ADDRESS/> SELECT * { SERVICE : { ?s ?p ?o } }",
    "base": "BASE <URL> SELECT * { SERVICE <> { ?s ?p ?o } }",
    "base and path": "BASE <http://ADDRESS/a/b> SELECT * { SERVICE <../sparql> { ?s ?p ?o } }",
    "no scheme": "BASE <http://x/> SELECT * { SERVICE <//ADDRESS/sparql> { ?s ?p ?o } }",
    "optional": "SELECT * { ?s ?p ?o OPTIONAL { SERVICE <URL> { ?s ?q ?r } } } LIMIT 2",
    "union": "SELECT * { { ?s ?p ?o } UNION { SERVICE <URL> { ?s ?p ?o } } } LIMIT 2",
    "minus": "SELECT * { ?s ?p ?o MINUS { SERVICE <URL> { ?s ?p ?o } } } LIMIT 2",
    "exists": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } } LIMIT 2",
    "not exists in bind": "SELECT * { BIND(NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } AS ?x) }",
    "exists in having": "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (EXISTS { SERVICE <URL> { ?s ?p ?o } }) LIMIT 2",
    "exists in order by": "SELECT ?s { ?s ?p ?o } ORDER BY (EXISTS { SERVICE <URL> { ?s ?p ?o } }) LIMIT 2",
    "exists in select": "SELECT (EXISTS { SERVICE <URL> { ?s ?p ?o } } AS ?x) {}",
    "graph": "SELECT * { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } }",
    "nested": "SELECT * { SERVICE <URL> { SERVICE <URL> { ?s ?p ?o } } }",
    "ask": "ASK { SERVICE <URL> { ?s ?p ?o } }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "describe": "DESCRIBE ?s { SERVICE <URL> { ?s ?p ?o } }",
    "after a string with a quote": "SELECT * { ?s ?p 'it\\'s' . SERVICE <URL> { ?s ?p ?o } }",
    "after a long string": 'SELECT * { ?s ?p """a " b "" c \\""""" . SERVICE <URL> { ?s ?p ?o } }',
    "after less than": "SELECT * { FILTER(1<2) SERVICE <URL> { ?s ?p ?o } FILTER(2>1) }",
    "after a hash in an IRI": "SELECT * { ?s <http://x#> ?o . SERVICE <URL> { ?s ?p ?o } }",
    "after a hash in a name": "PREFIX x: <http://x#> SELECT * { ?s x:a\\#b ?o . SERVICE <URL> { ?s ?p ?o } }",
    "in an update": "INSERT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "byte order mark": "\ufeffSELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "no-break space": "SELECT * { SERVICE\u00a0<URL> { ?s ?p ?o } }",
    "null": "SELECT * { SERVICE\x00<URL> { ?s ?p ?o } }",
    "long s": "SELECT * { \u017fERVICE <URL> { ?s ?p ?o } }",
    "lateral": "SELECT * { ?s ?p ?o LATERAL { SERVICE <URL> { ?s ?q ?r } } } LIMIT 2",
    "load": "LOAD <URL>",
    "load silent": "LOAD SILENT <URL> INTO GRAPH <x:g>",
}
"""Queries that would fetch something."""

GRAPHS = {
    "from": "SELECT * FROM <URL> { ?s ?p ?o }",
    "from named": "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
    "graph": "SELECT * { GRAPH <URL> { ?s ?p ?o } }",
    "describe": "DESCRIBE <URL>",
}
"""Queries that other servers fetch something for."""


def made(text: str, elsewhere: Elsewhere) -> str:
    return text.replace("URL", elsewhere.url).replace("ADDRESS", elsewhere.url.split("/")[2])


@pytest.mark.parametrize("what", SERVICES)
def test_service_is_refused_and_nobody_is_asked(endpoint: Endpoint, elsewhere: Elsewhere, what: str) -> None:
    with endpoint.client() as client:
        for reply in (
            client.get("/sparql", params={"query": made(SERVICES[what], elsewhere)}),
            client.post("/sparql", data={"query": made(SERVICES[what], elsewhere)}),
        ):
            assert reply.status_code in {400, 403}, reply.text
            assert reply.headers["content-type"] == "application/problem+json"
    assert elsewhere.requests == []


@pytest.mark.parametrize("what", GRAPHS)
def test_the_name_of_a_graph_is_never_fetched(endpoint: Endpoint, elsewhere: Elsewhere, what: str) -> None:
    assert endpoint.ask(made(GRAPHS[what], elsewhere)).status_code == 200
    with endpoint.client() as client:
        for name in ("default-graph-uri", "named-graph-uri"):
            assert client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }", name: elsewhere.url}).status_code == 200
        for path in ("/sparql", "/graphs"):
            assert client.get(path, params={"graph": elsewhere.url}).status_code in {200, 404}
    assert elsewhere.requests == []


def test_base_and_a_host_of_the_clients_own_fetch_nothing(endpoint: Endpoint, elsewhere: Elsewhere) -> None:
    host = elsewhere.url.split("/")[2]
    reply = endpoint.ask("SELECT * { SERVICE </sparql> { ?s ?p ?o } }", headers={"Host": host, "X-Forwarded-Host": host})
    assert reply.status_code in {400, 403, 421}
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service ?p 'SERVICE <URL> { ?s ?p ?o }' }",
        'SELECT * { ?s ?p """a "SERVICE" <URL> {""" }',
        "SELECT * { ?s ?p '''SERVICE\n<URL> {''' }",
        "# SERVICE <URL> {}\nSELECT * { ?s ?p 1 } # service <URL>",
        "SELECT * { ?s ?p <URL#SERVICE> }",
        "PREFIX service: <URL#> SELECT * { service:service service:SERVICE $SERVICE }",
        "PREFIX x: <x:> SELECT * { x:service x:SERVICE x:a.service }",
        "SELECT (1 AS ?service) { FILTER(1 < 'SERVICE>') }",
        "SELECT * { _:service ?p 'x'@service }",
        "ASK { FILTER('\\u0053ERVICE <URL>' = 'service') }",
    ],
)
def test_the_word_may_stand_elsewhere(endpoint: Endpoint, elsewhere: Elsewhere, text: str) -> None:
    reply = endpoint.ask(made(text, elsewhere))
    assert reply.status_code == 200, reply.text
    assert elsewhere.requests == []


def test_workers_are_in_a_network_of_their_own(endpoint: Endpoint) -> None:
    if subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, timeout=20).returncode:
        pytest.skip("this kernel lets no process leave the network")
    ours = os.readlink("/proc/self/ns/net")
    assert endpoint.workers()
    assert ours not in {os.readlink(f"/proc/{pid}/ns/net") for pid in endpoint.workers()}


# the list of services that may be asked ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module", name="other")
def _other() -> Iterator[Elsewhere]:
    yield from listening()


@pytest.fixture(scope="module", name="sending")
def _sending(other: Elsewhere) -> Iterator[Elsewhere]:
    for found in listening():
        found.target = other.url
        yield found


@pytest.fixture(scope="module")
def opened(ring: Path, elsewhere: Elsewhere, sending: Elsewhere) -> Iterator[Endpoint]:
    options = ("--workers", "2", "--timeout", "10s", "--allow-service", elsewhere.url, "--allow-service", sending.url)
    with serving(ring, *options) as found:
        yield found


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x { SERVICE <URL> { ?s ?p ?x } }",
        "SELECT ?x { service silent <URL> { ?s ?p ?x } }",
        "BASE <http://x/> PREFIX : <x:> SELECT ?x { { SELECT ?x { SERVICE # there\n<URL> { ?s ?p ?x } } } }",
    ],
)
def test_a_listed_service_is_asked(opened: Endpoint, elsewhere: Elsewhere, query: str) -> None:
    before = len(elsewhere.requests)
    reply = opened.ask(made(query, elsewhere))
    assert reply.status_code == 200, reply.text
    assert [row["x"]["value"] for row in reply.json()["results"]["bindings"]] == ["from outside"]
    assert len(elsewhere.requests) == before + 1
    elsewhere.requests.clear()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <OTHER> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <OTHER> { ?s ?p ?o } }",
        "SELECT * { BIND(<OTHER> AS ?there) SERVICE ?there { ?s ?p ?o } }",
        "SELECT * { VALUES ?there { <URL> <OTHER> } SERVICE SILENT ?there { ?s ?p ?o } }",
        "SELECT * { SERVICE <URL> { ?s ?p ?o } SERVICE <OTHER> { ?s ?p ?o } }",
        "SELECT * { SERVICE <URL> { SERVICE <OTHER> { ?s ?p ?o } } SERVICE <OTHER> { } }",
        "SELECT * { SERVICE <URL/../../x> { ?s ?p ?o } }",
        "SELECT * { SERVICE <URL?x=1> { ?s ?p ?o } }",
        "SELECT * { SERVICE <URLx> { ?s ?p ?o } }",
        "SELECT * { SERVICE <http://ADDRESS@OTHERADDRESS/sparql> { ?s ?p ?o } }",
        "BASE <OTHER> SELECT * { SERVICE <> { ?s ?p ?o } }",
        "BASE <URL> BASE <OTHER> SELECT * { SERVICE </sparql> { ?s ?p ?o } }",
        "PREFIX there: <http://ADDRESS/> SELECT ?x { SERVICE there:sparql { ?s ?p ?x } }",
        "BASE <http://ADDRESS/> SELECT ?x { SERVICE <sparql> { ?s ?p ?x } }",
        "SELECT * { SERVICE <URL> { ?s ?p ?o } \\u0053ERVICE <OTHER> { ?s ?p ?o } }",
        "SELECT * { SERVICE <\\u0055RL> { ?s ?p ?o } }",
        "PREFIX a: <URL> PREFIX a: <OTHER> SELECT * { SERVICE a: { ?s ?p ?o } }",
    ],
)
def test_no_other_service_is_asked(opened: Endpoint, elsewhere: Elsewhere, other: Elsewhere, query: str) -> None:
    text = query.replace("OTHERADDRESS", other.url.split("/")[2]).replace("OTHER", other.url)
    reply = opened.ask(made(text, elsewhere))
    assert reply.status_code in {400, 403}, reply.text
    assert other.requests == elsewhere.requests == []


def test_a_service_that_sends_on_is_not_followed(opened: Endpoint, sending: Elsewhere, other: Elsewhere) -> None:
    reply = opened.ask(f"SELECT * {{ SERVICE <{sending.url}> {{ ?s ?p ?o }} }}")
    assert reply.status_code >= 400, reply.text
    assert len(sending.requests) == 1
    assert other.requests == []


def test_look_ups_go_on(opened: Endpoint) -> None:
    assert opened.ask(look_up(1)).status_code == 200
