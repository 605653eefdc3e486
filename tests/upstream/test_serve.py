"""`kg push` and `kg serve --upstream` as processes: what a store elsewhere was given is shown as the build itself is."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from kg.push import State, Target, addresses, read_state
from kg.push._records import write_state
from kg.terms import SH
from tests.command import kg, start
from tests.push.graphs import BASE
from tests.remote.canned import canned, reply
from tests.served import Served
from tests.stores import free_port, oxigraph

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
NEXT = "0123456789ab"
MODELS = "SELECT ?n { ?m a kg:Model ; rdfs:label ?n } ORDER BY ?n LIMIT 5"


@dataclass(frozen=True, slots=True)
class Behind:
    """A store elsewhere with a build, what the push of it said, and the service in front of it."""

    store: str
    pushed: dict[str, Any]
    client: httpx.Client


@contextmanager
def upstream(store: str, folder: Path, *options: str | Path) -> Iterator[httpx.Client]:
    """Serve a store elsewhere while the block runs."""
    with start("serve", "--upstream", store, "--port", "0", "--look-every", "50ms", *options, cwd=folder) as process:
        try:
            assert process.stderr
            lines = iter(process.stderr.readline, "")
            address = next((found[0] for line in lines if (found := _ADDRESS.match(line))), None)
            assert address, "kg serve has ended"
            with httpx.Client(base_url=address, timeout=60) as client:
                yield client
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def push(folder: Path, store: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
    return kg("push", "--target", f"{store}/query", "-b", folder, "--retries", "0", *options, cwd=folder.parent)


@pytest.fixture(scope="module")
def behind(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("upstream")
    with oxigraph(folder) as store:
        quick = ("--graph-store", f"{store}/store?no_transaction", "--batch", "100000")
        ran = push(served.folder, store, *quick, "--json")
        assert ran.returncode == 0, ran.stderr
        with upstream(f"{store}/query", folder, "-b", served.folder) as client:
            yield Behind(store, json.loads(ran.stdout), client)


def test_a_push_says_what_it_did_and_does_it_once(behind: Behind, served: Served) -> None:
    assert behind.pushed["sent"] == behind.pushed["graphs"] == 12
    assert behind.pushed["sent_triples"] == len(served.store)
    again = push(served.folder, behind.store)
    assert (again.returncode, again.stdout) == (0, "")
    assert f"build {behind.pushed['build']}: the store holds it, 12 graphs" in again.stderr


@pytest.mark.parametrize(
    "path",
    ["/models", "/model/instructblip-13b", "/report/000_instructblip.txt", "/dataset/cc3m", "/findings", "/search?q=blip", "/"],
)
def test_pages_are_those_of_the_build(behind: Behind, served: Served, path: str) -> None:
    ours = behind.client.get(path, headers={"Accept": "text/html"})
    theirs = httpx.get(served.server + path, headers={"Accept": "text/html"}, timeout=60)
    assert ours.status_code == theirs.status_code == 200
    assert ours.text.replace(str(behind.client.base_url), served.server) == theirs.text


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+xml", "application/sparql-results+json"])
def test_queries_are_answered_as_about_the_build(behind: Behind, served: Served, accept: str) -> None:
    asked: Any = {"params": {"query": MODELS}, "headers": {"Accept": accept, "Host": "example.org"}}  # the base of relative IRIs
    ours, theirs = behind.client.get("/sparql", **asked), httpx.get(served.url, **asked)
    assert ours.content == theirs.content
    assert ours.headers["ETag"] == f"W/{theirs.headers['ETag']}"
    assert ours.headers["X-Build"] == behind.pushed["build"]
    asked["headers"]["If-None-Match"] = ours.headers["ETag"]
    unchanged = behind.client.get("/sparql", **asked)
    assert unchanged.status_code == 304


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("SELECT * { ?s ?p", 400, "the query ends too early"),
        ("DROP ALL", 400, "DROP is an update"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 400, "SERVICE is refused"),
    ],
)
def test_what_is_refused_is_refused_here(behind: Behind, query: str, status: int, detail: str) -> None:
    reply = behind.client.get("/sparql", params={"query": query})
    assert reply.status_code == status
    assert detail in reply.json()["detail"]


def test_graphs_and_the_description_are_given(behind: Behind, served: Served) -> None:
    for path in ("/graphs?graph=https://w3id.org/kg/graph/report/000_instructblip.txt", "/sparql"):
        asked: Any = {"headers": {"Accept": "application/n-triples"}}
        ours, theirs = behind.client.get(path, **asked), httpx.get(served.server + path, **asked)
        same = ours.text.replace(str(behind.client.base_url), served.server)
        assert sorted(same.splitlines()) == sorted(theirs.text.splitlines())


def test_while_a_build_is_pushed_nothing_is_kept(behind: Behind) -> None:
    store, build = Target(addresses(f"{behind.store}/query")), behind.pushed["build"]
    told = read_state(store.rows, BASE).told
    for state, id in ((State(build, NEXT, told), f"{build}-{NEXT}"), (State(build, None, told), build)):
        store.update(write_state(BASE, state))
        replies = (behind.client.get("/sparql", params={"query": MODELS}) for _ in range(1000))
        reply = next((reply for reply in replies if reply.headers["X-Build"] == id), None)
        assert reply, f"{id} is not taken over"
        assert ("ETag" in reply.headers) is (state.pushing is None)
        assert len(reply.json()["results"]["bindings"]) == 5


def test_a_store_that_goes_away_is_told_until_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as stack:
        with oxigraph(tmp_path, port=port) as store:
            fill(store)
            client = stack.enter_context(upstream(f"{store}/query", tmp_path, "--max-rows", "3", "--workers", "2"))
            assert len(client.get("/sparql", params={"query": "SELECT ?s { ?s ?p ?o }"}).json()["results"]["bindings"]) == 1
            many = client.get("/sparql", params={"query": "SELECT ?s { VALUES ?s { 1 2 3 4 } }"})
            assert (many.status_code, many.json()["reason"]) == (503, "limit")
        reply = client.get("/sparql", params={"query": "SELECT ?p { ?s ?p ?o }"})
        assert (reply.status_code, reply.json()["reason"]) == (502, "upstream")
        assert "nobody answers there" in reply.json()["detail"]
        assert client.get("/health").status_code == 200
        with oxigraph(tmp_path, port=port) as store:
            fill(store)
            assert client.get("/sparql", params={"query": "SELECT ?p { ?s ?p ?o }"}).status_code == 200


def fill(store: str) -> None:
    """Give a store the description of a build and one fact, as a program that is not kg may have loaded them."""
    target = Target(addresses(store))
    prefix = f'<urn:p> <{SH}prefix> "data" ; <{SH}namespace> "{BASE}"'
    target.update(f"INSERT DATA {{ GRAPH <{BASE}graph/build> {{ {prefix} }} <urn:a> <urn:b> <urn:c> }}")
    target.close()


@pytest.mark.parametrize("command", ["push", "serve"])
def test_a_target_that_fails_is_exit_code_4(served: Served, tmp_path: Path, command: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/query"
    options = ["--target", nobody, "--retries", "0", "-b", served.folder] if command == "push" else ["--upstream", nobody]
    ran = kg(command, *options, cwd=tmp_path)
    assert ran.returncode == 4
    assert "nobody answers there" in ran.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "here"], "no address"),
        (["--target", "http://127.0.0.1", "--user", "me"], "a user has a name without a colon, and a password"),
        (["--target", "http://127.0.0.1", "--default-graph", "graph"], "this is no IRI of a graph"),
        (["--target", "http://127.0.0.1", "--user", "me", "--token", "x"], "a token and a user are two ways to log in"),
    ],
)
def test_wrong_use_is_told(served: Served, tmp_path: Path, options: list[str], message: str) -> None:
    ran = kg("push", "-b", served.folder, *options, cwd=tmp_path)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert "KG_PUSH_PASSWORD" in ran.stderr or "--user" not in options or "--token" in options


@pytest.mark.parametrize("secret", [{}, {"KG_UPSTREAM_PASSWORD": "other"}, {"KG_UPSTREAM_TOKEN": "other"}])
def test_a_login_that_does_not_open_is_told_with_the_options_of_the_command(tmp_path: Path, secret: dict[str, str]) -> None:
    user = ["--user", "me"] if "KG_UPSTREAM_PASSWORD" in secret else []
    with canned(reply(b"who are you?", "401 Unauthorized", "text/plain", 'WWW-Authenticate: Basic realm="kg"')) as server:
        ran = kg("serve", "--upstream", server.url, "--port", "0", *user, cwd=tmp_path, environ=secret)
    assert ran.returncode == 4
    assert ("the login is not accepted" if secret else "the store wants a login") in ran.stderr
    assert "--user NAME with KG_UPSTREAM_PASSWORD, or KG_UPSTREAM_TOKEN" in ran.stderr and "KG_URL_TOKEN" not in ran.stderr
