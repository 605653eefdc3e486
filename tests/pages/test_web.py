"""What the editor's modules say, asked in Node: the same as kg says in Python."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.pages.folders import folder_of
from kg.publish.paths import listed_paths
from kg.query import bind, with_values
from kg.schema import DEFAULT_BASE
from kg.sparql.named import shipped
from kg.sparql.text import QueryError, answer, prefixes, tokens
from kg.terms import KG
from tests.lacking import lacking
from tests.sample_graph import sample_store

WEB = Path(__file__).parents[2] / "kg/pages/web"
TEXTS = [
    *(query.text for query in shipped().values()),
    'SELECT * { ?s ?p \'it\'\'s\' ; kg:a\\/b """long "quoted" text"""@en-GB , 1.5e-3 }',
    'ASK { <x:y> rdfs:label "never closed }',
    "# only a comment",
    "select ?é🦜 { $x ex:ü%20z _:b1 . } # أ ב\r\n^^xsd:int",
    "'''open",
    "",
]
WRONG = [
    "SELECT ?x { ?x ?y }",
    "SELECT * { ?s foo:x ?y }",
    "INSERT DATA { <a:> <b:> <c:> }",
    "PREFIX a: <a:> DELETE WHERE { ?s ?p ?o }",
    "# a\nSELECT ?a { ?s ?p ?o } GROUP BY ?s",
    'SELECT * {\n  ?s kg:name "x }',
    " \n",
    "SELECT * { ?s kg:a/b ?o . data:model/x ?p ?q }",
    "SELECT 🦜 { ?s ?p ?o }",
    "SELECT *\n{ ?s ?p 🦜 }",
    "SELECT * { ?s ?p ?o } LIMIT x",
    "SELECT * { ?s ?p ?o",
    "ASK { ?s a kg:Model } }",
]


class Said:
    """A process of Node that says what the modules say."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, name: str, *values: Any) -> Any:
        """Return what a function gives for some values."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([name, *values]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def said() -> Iterator[Said]:
    node = shutil.which("node")
    if not node:
        lacking("node is not installed")
    script = Path(__file__).parent / "web/said.mjs"
    with subprocess.Popen([node, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        yield Said(process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("sample"))


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_the_service(said: Said, text: str) -> None:
    whole = text.encode("utf-16-le")

    def offset(at: int) -> int:
        return len(text[:at].encode("utf-16-le")) // 2

    found = [(token["kind"], token["text"], token["start"], token["end"]) for token in said("tokens", text)]
    assert found == [(token.kind, token.text, offset(token.start), offset(token.end)) for token in tokens(text)]
    assert all(whole[2 * start : 2 * end].decode("utf-16-le") == part for _, part, start, end in found)


@pytest.mark.parametrize("text", WRONG)
def test_errors_are_told_as_the_service_tells_them(said: Said, text: str) -> None:
    if not (WEB / "node_modules/oxigraph").is_dir():
        lacking("the packages of the pages are not installed (make pages)")
    known = prefixes()
    with pytest.raises(QueryError) as raised:
        answer(ox.Store(), text, base="http://example.org/", known=known)
    error, told = raised.value, said("refused", text, known)
    assert (told["line"], told["column"], told["detail"]) == (error.line, error.column, error.reason)
    assert told.get("hint") in {error.hint, None}


def test_a_right_query_is_not_refused(said: Said) -> None:
    if not (WEB / "node_modules/oxigraph").is_dir():
        lacking("the packages of the pages are not installed (make pages)")
    assert [said("refused", query.text, prefixes()) for query in shipped().values()] == [None] * len(shipped())


def test_a_service_is_refused(said: Said) -> None:
    if not (WEB / "node_modules/oxigraph").is_dir():
        lacking("the packages of the pages are not installed (make pages)")
    told = said("refused", "SELECT * {\n SERVICE <http://example.org/> { ?s ?p ?o } }", {})
    assert (told["line"], told["column"]) == (2, 2)
    assert told["detail"].startswith("SERVICE is refused")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("training", {}),
        ("training", {"page": "3"}),
        ("training", {"page": "all"}),
        ("training", {"model": "Kestrel-7B"}),
        ("evidence", {"model": "Kestrel-7B"}),
        ("evidence", {"model": "Kestrel-7B", "page": "all"}),
        ("shared-both", {"dataset": "CC3M"}),
        ("shared-both", {"dataset": "CC3M", "backbone": "BLIP-2"}),
    ],
)
def test_values_of_parameters_stand_where_the_service_writes_them(
    said: Said, store: ox.Store, name: str, given: dict[str, str]
) -> None:
    query = shipped()[name]
    terms = {key: str(bind(store, query, key, value)) for key, value in given.items() if key != "page"}
    expected, _ = with_values(query, given, lambda key, value: bind(store, query, key, value))
    found = said("filled", query.text, terms, *([given["page"]] if "page" in given else []))
    assert " ".join(found.split()) == " ".join(expected.split())


def test_triples_are_read_as_they_were_written(said: Said) -> None:
    store = ox.Store()
    literals = [ox.Literal('a "b"\\\n\t🦜'), ox.Literal("ب", language="ar"), ox.Literal("1.5", datatype=ox.NamedNode("x:d"))]
    terms: list[ox.NamedNode | ox.BlankNode | ox.Literal] = [*literals, ox.NamedNode("x:é"), ox.BlankNode("b")]
    for at, term in enumerate(terms):
        store.add(ox.Quad(ox.NamedNode(f"x:{at}"), ox.NamedNode("x:p"), term))
    text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
    found = said("readTriples", text.decode())
    values = {row[0]["value"]: row[2] for row in found["rows"]}
    assert values == {
        "x:0": {"type": "literal", "value": 'a "b"\\\n\t🦜'},
        "x:1": {"type": "literal", "value": "ب", "xml:lang": "ar"},
        "x:2": {"type": "literal", "value": "1.5", "datatype": "x:d"},
        "x:3": {"type": "uri", "value": "x:é"},
        "x:4": {"type": "bnode", "value": "b"},
    }


@pytest.mark.parametrize(
    ("iri", "published", "href"),
    [
        (f"{DEFAULT_BASE}model/kestrel-7b", False, "../model/kestrel-7b"),
        (f"{DEFAULT_BASE}model/kestrel-7b", True, "../model/kestrel-7b/"),
        (f"{DEFAULT_BASE}report/.odd", True, "../report/_.odd/"),
        (f"{DEFAULT_BASE}model/unpublished", True, None),
        (f"{DEFAULT_BASE}model/unpublished", False, "../model/unpublished"),
        (f"{KG}Model", False, "../ontology#Model"),
        (f"{KG}Model", True, "../ontology/#Model"),
        (f"{DEFAULT_BASE}summary/models", False, None),
        ("https://example.org/a", False, "https://example.org/a"),
        ("javascript:alert(1)", False, None),
        ("data:text/html,<script>alert(1)</script>", False, None),
    ],
)
def test_only_what_is_there_is_linked(said: Said, iri: str, published: bool, href: str | None) -> None:
    folders = {"model/kestrel-7b": "model/kestrel-7b", "report/.odd": "report/_.odd"}
    settings = {"base": DEFAULT_BASE, "ontology": KG, "root": "../", "static": published, "folders": folders}
    assert said("hrefOf", iri, settings) == href


@pytest.mark.parametrize("largest", [1, 40, 10**6])
def test_the_pages_of_a_published_site_are_found_in_its_lists(said: Said, monkeypatch: pytest.MonkeyPatch, largest: int) -> None:
    monkeypatch.setattr("kg.publish.paths.LARGEST", largest)
    paths = ["model/a", "model/b-2", "report/x/.y", "report/\uffee", "report/\U0001f600", "dataset/__proto__", "claim/1", "claim/0"]
    files = {link.rpartition("/")[2]: content.decode() for link, content in listed_paths(paths)}
    asked = [*paths, "model/", "model/ab", "zebra", "", "report/page"]
    folders, read = said("foldersOf", files, asked)
    assert folders == [*map(folder_of, paths), None, None, None, None, None]
    assert len(read) == len(set(read)) <= len(files)


def test_only_those_lists_are_read_that_a_page_could_be_in(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.publish.paths.LARGEST", 1)
    files = {
        link.rpartition("/")[2]: content.decode() for link, content in listed_paths(["model/c", "model/a", "claim/1", "models"])
    }
    assert files["index.json"] == '["claim/1","model/a","model/c"]\n' and len(files) == 4
    assert said("foldersOf", files, ["model/b", "model/a"]) == [[None, "model/a"], ["1.json", "index.json"]]


def test_lists_that_cannot_be_read_tell_of_no_page(said: Said) -> None:
    assert said("foldersOf", {}, ["model/a"]) == [[None], ["index.json"]]
    assert said("foldersOf", {"index.json": '["claim/1"]'}, ["model/a"]) == [[None], ["0.json", "index.json"]]


@pytest.mark.parametrize(
    ("iri", "short"),
    [
        (f"{KG}Model", "kg:Model"),
        (f"{DEFAULT_BASE}model/caf%C3%A9", "model/café"),
        (f"{DEFAULT_BASE}model/%zz", "model/%zz"),
        ("http://www.w3.org/2000/01/rdf-schema#label", "rdfs:label"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        (DEFAULT_BASE, "data:"),
    ],
)
def test_iris_are_shortened(said: Said, iri: str, short: str) -> None:
    assert said("shortened", iri, {"base": DEFAULT_BASE, "prefixes": prefixes()}) == short


@pytest.mark.parametrize(("line", "column", "offset"), [(1, 1, 0), (1, 3, 3), (2, 2, 6), (9, 1, 5), (2, 99, 7), (0, 0, 0)])
def test_places_count_code_points_and_offsets_do_not(said: Said, line: int, column: int, offset: int) -> None:
    assert said("offsetOf", "a🦜b\nxy", line, column) == offset


def test_places_of_offsets(said: Said) -> None:
    assert said("placeOf", "a🦜b\nxy", 3) == {"line": 1, "column": 3}
    assert said("placeOf", "a🦜b\nxy", 6) == {"line": 2, "column": 2}


def test_prefixes_that_a_query_declares(said: Said) -> None:
    assert said("declared", "PREFIX a: <x:a> prefix b-c: <x:b> SELECT * { ?s a:p '''PREFIX d: <x:d>''' }") == {
        "a": "x:a",
        "b-c": "x:b",
    }
