from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import UnknownName, UsageError
from kg.query import listing, read_query, run
from kg.schema import DEFAULT_BASE
from kg.sparql.named import GRAPHS, shipped
from kg.sparql.text import QueryError
from tests.sample_graph import sample_store, with_pages


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("query"))


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    """Return the store of a build that was made before there were summaries and an index of names."""
    found = sample_store(tmp_path_factory.mktemp("earlier"))
    for name in GRAPHS:
        found.remove_graph(ox.NamedNode(f"{DEFAULT_BASE}graph/{name}"))
    return found


def rows(store: ox.Store, text: str, **params: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(store, text, params=params, format="jsonl").splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s a kg:Model }",
        "  ask {}",
        "# a comment\nASK {}",
        "BASE <http://x/> ASK {}",
        "prefix x: <y> ASK {}",
        "DESCRIBE <x>",
        "DESCRIBE\t<x>",
        "select(1 AS ?x) {}",
        "{",
        "selec * { }",
        "DROP ALL",
        "",
    ],
)
def test_what_is_sparql(text: str) -> None:
    if not text:
        with pytest.raises(UnknownName):
            read_query(text)
    else:
        query, where = read_query(text)
        assert (query.text, where) == (text, "query")


def test_prefixes_and_the_base_need_no_declaration(store: ox.Store) -> None:
    found = rows(
        store, "SELECT ?s { ?s kg:extends <model/instructblip-13b> ; rdf:type ?type . FILTER(?s = data:model\\/kestrel-7b) }"
    )
    assert found == [{"s": "https://w3id.org/kg/model/kestrel-7b"}]


def test_another_base(tmp_path: Path) -> None:
    base = "https://example.org/models/"
    store = sample_store(tmp_path, base)
    assert (
        run(store, "SELECT (<x> AS ?a) (data:y AS ?b) {}", format="csv", base=base) == b"a,b\r\n" + f"{base}x,{base}y\r\n".encode()
    )
    found = run(store, "lineage", params={"model": "Kestrel-7B"}, base=base, format="csv").decode()
    assert f"{base}model/kestrel-7b" in found and "w3id" not in found


def test_a_file(store: ox.Store, tmp_path: Path) -> None:
    path = tmp_path / "mine.rq"
    path.write_text(
        "\ufeff# title: Mine\n# param: who  Model: any\nSELECT ?who ?size { ?who kg:parameterCount ?size }", encoding="utf-8"
    )
    assert rows(store, str(path), who="Owl-1B") == [{"who": "https://w3id.org/kg/model/owl-1b", "size": 1000000000}]


def test_a_file_that_is_wrong_is_named_with_the_line(store: ox.Store, tmp_path: Path) -> None:
    path = tmp_path / "wrong.rq"
    path.write_text("SELECT *\n{ ?s ?p }", encoding="utf-8")
    with pytest.raises(QueryError, match=rf"^{path}:2:9: syntax error at '}}'"):
        run(store, str(path))


def test_a_file_that_is_no_text(store: ox.Store, tmp_path: Path) -> None:
    path = tmp_path / "latin.rq"
    path.write_bytes("ASK { ?s ?p 'é' }".encode("latin-1"))
    with pytest.raises(UsageError, match=r"latin\.rq: is not UTF-8 text: byte 14"):
        run(store, str(path))


@pytest.mark.parametrize("text", ["missing.rq", "queries/missing", "./missing"])
def test_a_missing_file(store: ox.Store, text: str) -> None:
    with pytest.raises(UsageError, match=f"^{text}: there is no such file\n  hint: .*--list"):
        run(store, text)


def test_standard_input(store: ox.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"SELECT (1 AS ?one) {}")))
    assert run(store, "-", format="csv") == b"one\r\n1\r\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"SELECT")))
    with pytest.raises(QueryError, match=r"^standard input:1:"):
        run(store, "-")


def test_an_unknown_name_suggests_the_near_ones(store: ox.Store) -> None:
    with pytest.raises(UnknownName, match="no query is named 'shared-backbones'\n  hint: did you mean shared-backbone"):
        run(store, "shared-backbones")


def test_an_unknown_format_is_found_before_the_query_runs(store: ox.Store) -> None:
    with pytest.raises(UnknownName, match="no format is named 'tabel'\n  hint: did you mean table"):
        run(store, "ASK {", format="tabel")


def test_an_unknown_parameter_suggests_the_near_ones(store: ox.Store) -> None:
    with pytest.raises(UnknownName, match="no parameter of lineage is named 'modle'\n  hint: did you mean model"):
        run(store, "lineage", params={"modle": "x"})


def test_an_unknown_model_suggests_the_near_ones(store: ox.Store) -> None:
    with pytest.raises(UnknownName, match="no model is named 'Kestrel-70B'\n  hint: did you mean Kestrel-7B"):
        run(store, "model", params={"model": "Kestrel-70B"})


@pytest.mark.parametrize("value", ["duration", "kg:duration"])
def test_a_relation_is_given_by_name(store: ox.Store, value: str) -> None:
    found = rows(store, "evidence", relation=value)
    assert {row["relation"] for row in found} == {"https://w3id.org/kg/ontology#duration"}


def test_an_unknown_relation(store: ox.Store) -> None:
    with pytest.raises(UnknownName, match="no relation is named 'durations'\n  hint: did you mean duration"):
        run(store, "evidence", params={"relation": "durations"})


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("https://example.org/x", '"uri","value":"https://example.org/x"'),
        ("kg:Model", '"uri","value":"https://w3id.org/kg/ontology#Model"'),
        ('x" . DROP ALL', '"literal","value":"x\\" . DROP ALL"'),
        ("?s", '"literal","value":"?s"'),
    ],
)
def test_a_parameter_of_a_query_of_ones_own_is_a_term_never_text(store: ox.Store, value: str, term: str) -> None:
    content = run(store, "SELECT ?x {}", params={"x": value}, format="json").decode()
    assert term in content


def test_a_declared_text_parameter_stays_text(store: ox.Store) -> None:
    found = rows(store, "# param: x  text\nSELECT ?x { FILTER(isLiteral(?x)) }", x="https://example.org/x")
    assert found == [{"x": "https://example.org/x"}]


def test_a_parameter_that_is_not_selected(store: ox.Store) -> None:
    with pytest.raises(UsageError, match=r"the query does not select \?x"):
        run(store, "SELECT ?y { ?x a ?y }", params={"x": "kg:Model"})


def test_an_update_is_refused_and_changes_nothing(store: ox.Store) -> None:
    before = len(store)
    with pytest.raises(QueryError, match="DROP is an update"):
        run(store, "DROP ALL")
    assert len(store) == before


def test_a_description_is_turtle(store: ox.Store) -> None:
    content = run(store, "DESCRIBE data:model\\/owl-1b").decode()
    assert "kg:parameterCount 1000000000" in content
    assert "@prefix kg: <https://w3id.org/kg/ontology#> ." in content
    assert "data:ontology" not in content


def test_a_table_is_cut_to_the_width(store: ox.Store) -> None:
    lines = run(store, "evidence", width=100).decode().splitlines()
    assert max(map(len, lines)) <= 100
    assert max(map(len, run(store, "evidence").decode().splitlines())) > 200


def test_the_listing_names_every_query_and_parameter() -> None:
    text = listing()
    for query in shipped().values():
        assert f"{query.name} " in text and query.title in text
    assert "  --param dataset=…  IRI or name; default every dataset\n" in text


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_build_of_an_earlier_kg_is_no_empty_answer(earlier: ox.Store, name: str) -> None:
    lacks = "index of names" if name == "search" else "summaries"
    with pytest.raises(
        UsageError,
        match=f"^{name}: this build was made by an earlier kg, without the {lacks} that this query reads\n  hint: build again$",
    ):
        run(earlier, name)


@pytest.mark.parametrize(
    ("name", "params"), [("timeline", {}), ("years", {"page": "all"}), ("disclosure", {"relation": "license"})]
)
def test_a_build_that_keeps_other_lists_is_no_empty_answer(
    tmp_path_factory: pytest.TempPathFactory, name: str, params: dict[str, str]
) -> None:
    store = sample_store(tmp_path_factory.mktemp("lists"))
    assert rows(store, name, **params)
    for quad in list(store.quads_for_pattern(ox.NamedNode(f"{DEFAULT_BASE}summary/{name}"), None, None, None)):
        store.remove(quad)
    with pytest.raises(UsageError, match=f"^{name}: this build was made by an earlier kg, without the summaries"):
        run(store, name, params=params)


@pytest.mark.parametrize(
    ("name", "params"), [("models", {"page": "all"}), ("training", {"model": "Owl-1B"}), ("evidence", {"page": "all"})]
)
def test_what_needs_no_summaries_is_answered_by_a_build_of_an_earlier_kg(
    store: ox.Store, earlier: ox.Store, name: str, params: dict[str, str]
) -> None:
    assert rows(earlier, name, **params) == rows(store, name, **params) != []


def test_a_query_of_ones_own_may_look_for_the_summaries(earlier: ox.Store) -> None:
    assert run(earlier, "ASK { GRAPH data:graph\\/summary { ?s ?p ?o } }") == b"false\n"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, ["page 1: more with --param page=2, all with --param page=all"]),
        ({"page": "1"}, ["page 1: more with --param page=2, all with --param page=all"]),
        ({"page": "02"}, ["page 2: more with --param page=3, all with --param page=all"]),
        ({"page": "3"}, []),
        ({"page": "24"}, ["there is no page 24"]),
        ({"page": "all"}, []),
        ({"model": "Owl-1B"}, []),
    ],
)
@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_page_says_whether_there_are_more(tmp_path: Path, params: dict[str, str], said: list[str], format: str) -> None:
    store = sample_store(tmp_path)
    with_pages(store)
    told: list[str] = []
    content = run(store, "models", params=params, format=format, say=told.append)
    assert told == said
    if format == "csv":
        assert content.count(b"\n") == 1 + {"24": 0, "all": 3}.get(params.get("page", "1"), 1)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_an_answer_of_one_page_says_nothing(store: ox.Store, name: str) -> None:
    told: list[str] = []
    run(store, name, say=told.append)
    assert told == []


@pytest.mark.parametrize("name", sorted(name for name, query in shipped().items() if query.paged and name != "search"))
def test_every_query_with_pages_says_that_there_is_no_such_page(store: ox.Store, name: str) -> None:
    told: list[str] = []
    run(store, name, params={"page": "24"}, say=told.append)
    assert told == ["there is no page 24"]
