"""`roqet -p` of rasqal 0.9.33 reads rows and nothing else; for a truth or a graph it fetches the data and answers itself."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections import Counter
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from tests.lacking import lacking
from tests.serve.clients import questions as q
from tests.served import Served


@pytest.fixture(scope="module", autouse=True)
def there_is_roqet() -> None:
    if not shutil.which("roqet"):
        lacking("roqet is not installed: apt-get install rasqal-utils")


def roqet(*arguments: str, code: int = 0) -> tuple[str, str]:
    ran = subprocess.run(["roqet", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == code, ran.stderr
    return ran.stdout, ran.stderr


def rows(served: Served, text: str, *more: str) -> Counter[tuple[str, ...]]:
    content, _ = roqet("-q", "-p", served.url, *more, "-e", text, "-r", "csv")
    return Counter(map(tuple, list(csv.reader(io.StringIO(content, newline="")))[1:]))


def expected(served: Served, text: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(term[1] if term else "" for term in row) for row in q.rows(served.store, text).elements())


@pytest.mark.parametrize("text", [q.SELECT, q.GRAPHS])
def test_select(served: Served, text: str) -> None:
    assert rows(served, text) == expected(served, text)


def test_many_rows(served: Served) -> None:
    found = rows(served, q.MANY)
    assert found.total() >= q.AT_LEAST
    assert found == expected(served, q.MANY)


@pytest.mark.parametrize(("flag", "text"), [("-D", q.COUNT), ("-G", "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")])
def test_the_graphs_of_the_protocol(served: Served, flag: str, text: str) -> None:
    count = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{q.CATALOG}> {{ ?s ?p ?o }} }}"
    assert rows(served, text, flag, q.CATALOG) == expected(served, count)


def test_a_syntax_error(served: Served) -> None:
    output, talk = roqet("-p", served.url, "-e", q.WRONG, code=1)
    assert output == "" and "HTTP status 400" in talk


def data(served: Served) -> str:
    return f"{served.url}?graph={quote(q.ONTOLOGY, safe='')}"


@pytest.mark.parametrize(("pattern", "truth"), [("?s a <http://www.w3.org/2002/07/owl#Class>", "true"), ("?s ?s ?s", "false")])
def test_ask(served: Served, pattern: str, truth: str) -> None:
    output, _ = roqet("-q", "-D", data(served), "-e", f"ASK {{ {pattern} }}", "-r", "xml", code=2)  # so it ends after every ASK
    assert re.findall("<boolean>(.*)</boolean>", output) == [truth]


def test_construct(served: Served) -> None:
    template, pattern = "?c <urn:below> ?s", "?s <http://www.w3.org/2000/01/rdf-schema#subPropertyOf> ?c"
    output, _ = roqet("-q", "-D", data(served), "-e", f"CONSTRUCT {{ {template} }} {{ {pattern} }}", "-r", "turtle")
    found = {q.of_triple(quad.triple) for quad in ox.parse(output, format=ox.RdfFormat.TURTLE)}
    assert found == q.graph(served.store, f"CONSTRUCT {{ {template} }} {{ GRAPH <{q.ONTOLOGY}> {{ {pattern} }} }}") != set()
