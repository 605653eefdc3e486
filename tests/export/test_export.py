from __future__ import annotations

import errno
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare

from kg.errors import OutputError, UnknownName
from kg.export import TABLES, formats
from kg.graph import catalog_triples
from kg.sorting import Sorter
from kg.terms import KG
from tests.export.exporting import exported
from tests.sample_graph import REPORTS, sample_store
from tests.samples import schema_with

TRIPLES = {"turtle": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "rdfxml": ox.RdfFormat.RDF_XML}
QUADS = {"nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG}
KESTREL = "https://w3id.org/kg/model/kestrel-7b"


FILES = [name for name in formats() if name not in TABLES]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("export"))


def triples(store: ox.Store, name: str, model: str | None = None) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(exported(store, name, model), format=TRIPLES[name])}


def quads(store: ox.Store, name: str, model: str | None = None) -> set[ox.Quad]:
    return set(ox.parse(exported(store, name, model), format=QUADS[name]))


@pytest.mark.parametrize("name", FILES)
def test_what_waits_on_the_disk_is_sorted_as_what_is_in_memory(store: ox.Store, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = exported(store, name)
    monkeypatch.setattr("kg.export._selection.Sorter", partial(Sorter, most=1000))
    assert exported(store, name) == wanted


@pytest.mark.parametrize("name", ["turtle", "trig", "jsonld", "nq"])
def test_an_export_that_finds_no_room_says_so(store: ox.Store, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **named: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    for module in ("kg.export._rdf.TemporaryFile", "kg.export.jsonld.TemporaryDirectory", "kg.export._selection.Sorter"):
        monkeypatch.setattr(module, full)
    with pytest.raises(OutputError, match="cannot be written: No space left on device\n  hint: free some space"):
        exported(store, name)


def test_formats_are_files_and_syntaxes() -> None:
    assert formats() == ("csv", "duckdb", "jsonld", "nq", "nt", "parquet", "rdfxml", "trig", "turtle")


def test_an_unknown_format_suggests_the_near_ones(store: ox.Store) -> None:
    with pytest.raises(UnknownName, match="no export format is named 'turtel'\n  hint: did you mean turtle"):
        exported(store, "turtel")


@pytest.mark.parametrize("name", ["_rdf", "__init__", "xml", "tables", "profiles", *TABLES])
def test_what_is_no_format(store: ox.Store, name: str) -> None:
    with pytest.raises(UnknownName, match=f"no export format is named '{name}'"):
        exported(store, name)


@pytest.mark.parametrize("name", FILES)
def test_an_unknown_model_suggests_the_near_ones(store: ox.Store, name: str) -> None:
    with pytest.raises(UnknownName, match="no model is named 'Kestrel-8B'\n  hint: did you mean Kestrel-7B"):
        exported(store, name, "Kestrel-8B")


@pytest.mark.parametrize("name", FILES)
def test_equal_stores_give_equal_bytes(store: ox.Store, name: str, tmp_path: Path) -> None:
    shuffled = ox.Store(str(tmp_path / "store"))
    for quad in sorted(store, key=lambda quad: str(quad)[::-1]):
        shuffled.add(quad)
    assert exported(store, name) == exported(shuffled, name)
    assert exported(store, name, "Kestrel-7B") == exported(shuffled, name, "Kestrel-7B")


@pytest.mark.parametrize("model", [None, "Kestrel-7B"])
def test_every_syntax_holds_the_same_triples(store: ox.Store, model: str | None) -> None:
    graphs = [triples(store, name, model) for name in TRIPLES]
    assert graphs[0] == graphs[1] == graphs[2]
    assert exported(store, "nt", model).decode().splitlines() == sorted(f"{triple} ." for triple in graphs[0])
    read = [
        rdflib.Graph().parse(data=exported(store, name, model), format=other)
        for name, other in (("nt", "nt"), ("turtle", "turtle"))
    ]
    assert rdflib.compare.isomorphic(*read)


@pytest.mark.parametrize("model", [None, "Kestrel-7B"])
def test_both_dataset_syntaxes_hold_the_same_quads(store: ox.Store, model: str | None) -> None:
    assert quads(store, "nq", model) == quads(store, "trig", model)


def test_the_whole_is_the_facts_of_the_reports_and_the_things_they_name(store: ox.Store, tmp_path: Path) -> None:
    graphs = [graph for graph in store.named_graphs() if "/graph/report/" in str(graph)]
    stated = {quad.triple for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)}
    claims = {triple.subject for triple in stated if triple.object == ox.NamedNode(f"{KG}Claim")}
    facts = {str(t) for t in stated if t.subject not in claims and t.predicate != ox.NamedNode(f"{KG}text")}
    schema = schema_with(tmp_path / "ontology")
    used = [thing for thing in schema.things if any(f"<{thing.iri}>" in fact for fact in facts)]
    assert len(used) >= 8
    assert triples(store, "nt") == facts | set(catalog_triples(schema, used))


def test_one_model_with_its_runs_hardware_and_the_names_of_the_rest(store: ox.Store) -> None:
    graph = triples(store, "nt", "Kestrel-7B")
    assert f'<{KESTREL}> <{KG}parameterCount> "7000000000"^^<http://www.w3.org/2001/XMLSchema#integer>' in graph
    assert any("hardware/kestrel-7b> " in triple and "acceleratorCount" in triple for triple in graph)
    assert any("run/kestrel-7b/fine-tuning> " in triple and "trainingDataset" in triple for triple in graph)
    assert {
        triple.split(" ", 2)[1].rpartition("#")[2] for triple in graph if triple.startswith("<https://w3id.org/kg/model/instr")
    } == {
        "type>",
        "label>",
    }
    assert not any("owl-1b" in triple or "run/instructblip" in triple for triple in graph)


def test_a_dataset_is_the_whole_store(store: ox.Store) -> None:
    assert quads(store, "nq") == set(store)


def test_a_dataset_of_one_model_says_which_report_says_what(store: ox.Store) -> None:
    found = quads(store, "nq", "Kestrel-7B")
    graphs = {quad.graph_name.value for quad in found if isinstance(quad.graph_name, ox.NamedNode)}
    assert graphs == {"https://w3id.org/kg/graph/report/c.txt", "https://w3id.org/kg/graph/report/sub/b%20c.txt"}
    claims = {quad.subject for quad in found if quad.object == ox.NamedNode(f"{KG}Claim")}
    said = [row for _, rows in REPORTS for row in rows if row[0] == "Kestrel-7B"]
    assert len(claims) == len(said)
    assert not any(quad.predicate.value == f"{KG}text" for quad in found)
    assert {str(quad.triple) for quad in found if isinstance(quad.graph_name, ox.DefaultGraph)} == triples(
        store, "nt", "Kestrel-7B"
    )


def test_turtle_is_read_with_prefixes_and_relative_iris(store: ox.Store) -> None:
    text = exported(store, "turtle", "Kestrel-7B").decode()
    assert text.startswith("@base <https://w3id.org/kg/> .\n")
    assert "<model/kestrel-7b> a kg:Model ;\n" in text
    assert "void:" not in text


def test_another_base(tmp_path: Path) -> None:
    base = "https://example.org/x/"
    store = sample_store(tmp_path, base)
    text = exported(store, "nt", "Kestrel-7B", base).decode()
    assert f"<{base}model/kestrel-7b>" in text and "<https://w3id.org/kg/model" not in text
    assert "Kestrel-7B,,duration,P5D,,c.txt," in exported(store, "csv", None, base).decode()


def test_a_store_without_reports_gives_an_empty_file() -> None:
    assert exported(ox.Store(), "nt") == b""
    assert exported(ox.Store(), "turtle") == b""
    assert exported(ox.Store(), "csv").count(b"\n") == 1
