"""Every way to ask with curl, as docs/clients.md has them."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from tests.lacking import lacking
from tests.serve.clients import questions as q
from tests.served import Served

WAYS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "get": lambda text: ("--get", "--data-urlencode", f"query={text}"),
    "form": lambda text: ("--data-urlencode", f"query={text}"),
    "direct": lambda text: ("-H", "Content-Type: application/sparql-query", "--data-binary", text),
}
JSON = ("-H", "Accept: application/sparql-results+json")


@pytest.fixture(scope="module", autouse=True)
def there_is_curl() -> None:
    if not shutil.which("curl"):
        lacking("curl is not installed: apt-get install curl")


def curl(*arguments: str, code: int = 0) -> bytes:
    ran = subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], capture_output=True, check=False)
    assert ran.returncode == code, ran.stderr.decode()
    return ran.stdout


@pytest.mark.parametrize("way", WAYS)
def test_select(served: Served, way: str) -> None:
    assert q.of_json(json.loads(curl(*WAYS[way](q.SELECT), *JSON, served.url))) == q.rows(served.store, q.SELECT)


def test_a_query_in_a_file(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "query.rq"
    file.write_text(q.SELECT, encoding="utf-8")
    content = ("-H", "Content-Type: application/sparql-query", "--data-binary", f"@{file}")
    assert q.of_json(json.loads(curl(*content, *JSON, served.url))) == q.rows(served.store, q.SELECT)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "truth"), [(q.YES, True), (q.NO, False)])
def test_ask(served: Served, way: str, text: str, truth: bool) -> None:
    assert json.loads(curl(*WAYS[way](text), *JSON, served.url))["boolean"] is truth


@pytest.mark.parametrize(
    "media",
    [
        "text/turtle",
        "application/n-triples",
        "application/rdf+xml",
        "application/trig",
        "application/n-quads",
        "application/ld+json",
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_construct(served: Served, way: str, media: str) -> None:
    content = curl(*WAYS[way](q.CONSTRUCT), "-H", f"Accept: {media}", served.url)
    found = ox.parse(content, format=ox.RdfFormat.from_media_type(media))
    assert {q.of_triple(quad.triple) for quad in found} == q.graph(served.store, q.CONSTRUCT)


@pytest.mark.parametrize(
    "media", ["application/sparql-results+json", "application/sparql-results+xml", "text/tab-separated-values"]
)
def test_rows_in_every_format(served: Served, media: str) -> None:
    content = curl(*WAYS["get"](q.SELECT), "-H", f"Accept: {media}", served.url)
    found = ox.parse_query_results(content, ox.QueryResultsFormat.from_media_type(media))
    assert isinstance(found, ox.QuerySolutions)
    assert sorted(str(row) for row in found) == sorted(str(row) for row in served.store.query(q.SELECT))  # type: ignore[union-attr]


def test_csv(served: Served) -> None:
    lines = curl(*WAYS["get"](q.SELECT), "-H", "Accept: text/csv", served.url).decode().split("\r\n")
    assert lines[0] == "model,name,size" and len(lines) == 2 + q.rows(served.store, q.SELECT).total()


@pytest.mark.parametrize("way", WAYS)
def test_a_syntax_error(served: Served, way: str) -> None:
    said: dict[str, Any] = json.loads(curl(*WAYS[way](q.WRONG), served.url))
    assert (said["status"], said["line"], said["column"]) == (400, *q.PLACE)
    assert curl("--fail", *WAYS[way](q.WRONG), served.url, code=22) == b""


def test_the_head_of_an_answer(served: Served) -> None:
    said = curl("--head", "--get", "--data-urlencode", f"query={q.YES}", *JSON, served.url).decode().lower()
    assert said.startswith("http/1.1 200 ") and "content-type: application/sparql-results+json" in said


def test_named_graphs(served: Served) -> None:
    assert q.of_json(json.loads(curl(*WAYS["get"](q.GRAPHS), *JSON, served.url))) == q.rows(served.store, q.GRAPHS)
    one = curl(*WAYS["get"](q.COUNT), "--data-urlencode", f"default-graph-uri={q.CATALOG}", *JSON, served.url)
    assert q.of_json(json.loads(one)) == q.rows(served.store, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{q.CATALOG}> {{ ?s ?p ?o }} }}")


def test_a_graph_as_a_file(served: Served) -> None:
    content = curl("--get", "--data-urlencode", f"graph={q.ONTOLOGY}", "-H", "Accept: application/n-triples", served.url)
    expected = q.graph(served.store, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{q.ONTOLOGY}> {{ ?s ?p ?o }} }}")
    found = ox.parse(content, format=ox.RdfFormat.N_TRIPLES)
    assert {q.of_triple(quad.triple) for quad in found} == expected


def test_what_the_endpoint_says_of_itself(served: Served) -> None:
    content = curl("-H", "Accept: text/turtle", served.url)
    assert b"http://www.w3.org/ns/sparql-service-description#" in content


@pytest.mark.parametrize("way", WAYS)
def test_many_rows(served: Served, way: str) -> None:
    found = q.of_json(json.loads(curl(*WAYS[way](q.MANY), *JSON, served.url)))
    assert found.total() >= q.AT_LEAST
    assert found == q.rows(served.store, q.MANY)


def test_packed_or_not_an_answer_is_the_same(served: Served) -> None:
    plain = curl(*WAYS["get"](q.MANY), *JSON, served.url)
    assert curl("--compressed", *WAYS["get"](q.MANY), *JSON, served.url) == plain
    raw = curl("-H", "Accept-Encoding: gzip", *WAYS["get"](q.MANY), *JSON, served.url)
    assert (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw) == plain
