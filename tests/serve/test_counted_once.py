"""What three reports state is three claims, and one fact: a plain query over HTTP counts it once."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from kg import pipeline
from kg.config import Config
from tests.command import SEEDS
from tests.serve.server import started

SIZES = "?model kg:name ?name ; kg:parameterCount ?size . FILTER (?name = 'InstructBLIP-13B')"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("three")
    text = (SEEDS / "000_instructblip.txt").read_text(encoding="utf-8")
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"{text}\nThis is copy {number} of the report.\n", encoding="utf-8")
    pipeline.build([folder], folder / "out", config=Config(), progress=lambda *_: None, say=lambda _: None)
    with started(folder / "out") as (_, address), httpx.Client(base_url=address, timeout=20) as client:
        yield client


def number(client: httpx.Client, query: str) -> int:
    (row,) = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    return int(row["n"]["value"])


def test_three_reports_state_it(client: httpx.Client) -> None:
    assert number(client, "SELECT (COUNT(DISTINCT ?report) AS ?n) { ?report a kg:Report }") == 3
    assert number(client, f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?report {{ {SIZES} }} }}") == 3


def test_a_plain_query_counts_it_once(client: httpx.Client) -> None:
    assert number(client, f"SELECT (COUNT(*) AS ?n) {{ {SIZES} }}") == 1
    assert number(client, f"SELECT (SUM(?size) AS ?n) {{ {SIZES} }}") == 13_000_000_000


def test_every_fact_stands_once_in_the_default_graph(client: httpx.Client) -> None:
    content = client.get("/graphs?default", headers={"accept": "application/n-triples"}).text
    lines = content.splitlines()
    assert len(lines) == len(set(lines)) == number(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
