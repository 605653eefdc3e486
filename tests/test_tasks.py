"""What workers do with a question, asked in this process."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import NoBuild
from kg.guard import Refused
from kg.schema import DEFAULT_BASE
from kg.tasks import TASKS, Looking, Opened, open_tasks, prepare
from tests.sample_graph import sample_store
from tests.serve.server import published

FORMATS = {"rows": "json", "truth": "json", "graph": "nt"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    folder = tmp_path_factory.mktemp("tasks")
    prepare()
    build = published(sample_store(tmp_path_factory.mktemp("store")), folder)
    return open_tasks(str(build.path), DEFAULT_BASE, ())


def asked(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "endpoint": "http://x/sparql", "default_graphs": [], "named_graphs": [], "formats": FORMATS, **more}


def answered(opened: Opened, task: str, arguments: dict[str, Any]) -> tuple[str, bytes]:
    answer = TASKS[task](opened, arguments)
    output = io.BytesIO()
    answer.write(output)
    return answer.media_type, output.getvalue()


@pytest.mark.parametrize(
    ("text", "rows", "media_type", "content"),
    [
        ("ASK { ?s a kg:Model }", "json", "application/sparql-results+json", b'{"head":{},"boolean":true}'),
        ("SELECT (<y> AS ?x) {}", "csv", "text/csv; charset=utf-8", b"x\r\nhttp://x/y\r\n"),
        ("CONSTRUCT { <s> <p> 1 } WHERE {}", "json", "application/n-triples", b"<http://x/s> <http://x/p> "),
    ],
)
def test_queries(opened: Opened, text: str, rows: str, media_type: str, content: bytes) -> None:
    media, found = answered(opened, "query", asked(text, formats={**FORMATS, "rows": rows}))
    assert media == media_type and found.startswith(content)


@pytest.mark.parametrize(
    ("task", "arguments", "reason", "detail"),
    [
        ("query", asked("SELECT * {"), "request", "the query ends too early"),
        ("query", asked("ASK {}", default_graphs=["no iri"]), "request", "a graph's name is no IRI"),
        ("query", asked("SELECT * {}", formats={"rows": None}), "format", "cannot be had in a format"),
        ("query", asked("SELECT * { SERVICE <http://x/> {} }"), "request", "SERVICE is refused"),
        ("graph", {"graph": "http://example.org/none", "format": "nt"}, "missing", "there is no graph <http://example.org/none>"),
    ],
)
def test_what_is_refused(opened: Opened, task: str, arguments: dict[str, Any], reason: str, detail: str) -> None:
    with pytest.raises(Refused, match=detail) as caught:
        TASKS[task](opened, arguments)
    assert caught.value.reason == reason


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_rows_are_counted_alike_in_every_format(opened: Opened, format: str) -> None:
    text = "SELECT ?n ?t { VALUES ?n { 1 2 3 4 5 } BIND('a b' AS ?t) }"
    answer = TASKS["query"](opened, asked(text, formats={"rows": format}))
    output = io.BytesIO()
    answer.write(output)
    assert answer.rows
    mark, more = answer.rows
    assert output.getvalue().count(mark) - more == 5


def test_a_graph_and_the_description(opened: Opened) -> None:
    media, content = answered(opened, "graph", {"graph": None, "format": "nt"})
    default = {quad.triple for quad in opened.store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    assert media == "application/n-triples"
    assert {quad.triple for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES)} == default
    media, content = answered(opened, "description", {"endpoint": "http://x/sparql", "format": "turtle"})
    assert media == "text/turtle; charset=utf-8" and b"sd:endpoint <http://x/sparql>" in content


def test_the_current_build(tmp_path: Path) -> None:
    look = Looking(tmp_path)
    with pytest.raises(NoBuild):
        look()
    store = ox.Store()
    published(store, tmp_path)
    first = look()
    assert look() is first
    assert (len(first.id), first.folder.parent.name, first.about) == (12, ".builds", DEFAULT_BASE)
    store.add(ox.Quad(ox.NamedNode("x:a"), ox.NamedNode("x:b"), ox.Literal("c")))
    published(store, tmp_path)
    assert look().id != first.id
    assert Looking(first.folder)() == first  # a build's own folder
