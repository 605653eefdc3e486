from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyld  # type: ignore[import-untyped]  # it ships no types
import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export.jsonld import Nest, chunks, to_jsonld
from kg.schema import load_schema
from kg.terms import KG, PREFIXES, string, typed
from tests.export.exporting import exported
from tests.sample_graph import sample_store

XSD = PREFIXES["xsd"]
BASE = "https://w3id.org/kg/"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("jsonld"))


def refuse(url: str, options: object) -> object:
    raise AssertionError(f"{url} is fetched")


def triples(text: str | bytes) -> set[ox.Triple]:
    """Return the triples of N-Triples as the store keeps them: a double is a number, however it is written."""
    store = ox.Store()
    store.load(text if isinstance(text, bytes) else text.encode(), ox.RdfFormat.N_TRIPLES)
    return {quad.triple for quad in store}


def read(content: bytes) -> set[ox.Triple]:
    """Return the triples of a JSON-LD document as another library reads them."""
    return triples(pyld.jsonld.to_rdf(json.loads(content), {"format": "application/n-quads", "documentLoader": refuse}))


def node(content: bytes, iri: str) -> dict[str, Any]:
    (found,) = [node for node in json.loads(content)["@graph"] if node["id"] == iri]
    return dict(found)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # which rdflib's own reader of JSON-LD uses
@pytest.mark.parametrize("model", [None, "InstructBLIP-13B", "Kestrel-7B"])
def test_it_reads_back_as_the_same_graph(store: ox.Store, model: str | None) -> None:
    content, lines = exported(store, "jsonld", model), exported(store, "nt", model)
    assert read(content) == triples(lines)
    graphs = rdflib.Graph().parse(data=content, format="json-ld"), rdflib.Graph().parse(data=lines, format="nt")
    assert rdflib.compare.isomorphic(*graphs)


def test_it_is_compact_as_the_reference_would_make_it(store: ox.Store) -> None:
    document = json.loads(exported(store, "jsonld"))
    again = pyld.jsonld.compact(pyld.jsonld.expand(document), document["@context"], {"documentLoader": refuse})
    assert again["@graph"] == document["@graph"]


def test_a_model_holds_its_runs_and_their_hardware(store: ox.Store) -> None:
    model = node(exported(store, "jsonld"), f"{BASE}model/instructblip-13b")
    runs = {run.get("stage"): run for run in model["hasRun"]}
    assert set(runs) == {None, "pretraining", "instruction-tuning"}
    assert runs["pretraining"]["hardware"]["acceleratorCount"] == 64
    assert runs["pretraining"]["partOf"] == runs[None]["id"]
    assert list(model)[:4] == ["id", "type", "label", "name"]


def test_models_that_reports_describe_come_first(store: ox.Store) -> None:
    ids = [node["id"].removeprefix(BASE) for node in json.loads(exported(store, "jsonld"))["@graph"]]
    assert ids[:3] == ["model/instructblip-13b", "model/kestrel-7b", "model/owl-1b"]
    assert ids[3:] == sorted(ids[3:])
    assert not any(iri.startswith(("run/", "hardware/")) for iri in ids)


def test_numbers_keep_their_datatype_and_digits(store: ox.Store) -> None:
    model = node(exported(store, "jsonld"), f"{BASE}model/instructblip-13b")
    runs = {run.get("stage"): run for run in model["hasRun"]}
    assert model["parameterCount"] == 13000000000
    assert runs["pretraining"]["peakLearningRate"] == "0.0001"
    assert runs["pretraining"]["duration"] == "P21D"
    assert isinstance(runs[None]["trainingCompute"], str)


def triple(relation: str, value: str) -> str:
    return f"<{BASE}model/m> <{KG}{relation}> {value} .\n"


@pytest.mark.parametrize(
    ("line", "key", "written"),
    [
        (triple("parameterCount", typed("7", XSD + "integer")), "parameterCount", 7),
        (triple("parameterCount", typed("-7", XSD + "integer")), "parameterCount", -7),
        (triple("parameterCount", typed("007", XSD + "integer")), "parameterCount", "007"),
        (triple("parameterCount", typed("9007199254740993", XSD + "integer")), "parameterCount", "9007199254740993"),
        (triple("parameterCount", typed("7.5", XSD + "decimal")), "parameterCount", {"@value": "7.5", "@type": "xsd:decimal"}),
        (triple("parameterCount", string("many")), "parameterCount", {"@value": "many"}),
        (triple("parameterCount", f"<{BASE}x>"), "parameterCount", {"id": f"{BASE}x"}),
        (triple("name", string("M")), "name", "M"),
        (triple("name", '"M"@de'), "name", {"@value": "M", "@language": "de"}),
        (triple("name", typed("2023", XSD + "gYear")), "name", {"@value": "2023", "@type": "xsd:gYear"}),
        (triple("name", typed("x", "urn:own")), "name", {"@value": "x", "@type": "urn:own"}),
        (triple("extends", f"<{BASE}model/n>"), "extends", [f"{BASE}model/n"]),
        (triple("extends", string("a name")), "extends", [{"@value": "a name"}]),
        (triple("stage", f"<{KG}fineTuning>"), "stage", "fine-tuning"),
        (triple("stage", f"<{KG}unheardOf>"), "stage", "kg:unheardOf"),
        (triple("stage", "<urn:stage>"), "stage", "urn:stage"),
        (triple("approximate", typed("true", XSD + "boolean")), "approximate", True),
        (triple("approximate", typed("1", XSD + "boolean")), "approximate", "1"),
        (triple("unheardOf", typed("1", XSD + "integer")), "kg:unheardOf", {"@value": "1", "@type": "xsd:integer"}),
        (f"<{BASE}model/m> <urn:p> <urn:o> .\n", "urn:p", {"id": "urn:o"}),
        (f"<{BASE}model/m> <urn:p> _:b .\n", "urn:p", {"id": "_:b"}),
    ],
)
def test_each_value_as_it_reads_back(line: str, key: str, written: object) -> None:
    content = to_jsonld([line])
    assert node(content, f"{BASE}model/m")[key] == written
    written_and_read = [[re.sub(r"_:\w+", "_:b", str(triple)) for triple in some] for some in (triples(line), read(content))]
    assert written_and_read[0] == written_and_read[1]


def test_several_values_of_a_functional_relation_are_a_list() -> None:
    lines = [triple("duration", typed(days, XSD + "duration")) for days in ("P5D", "P4D")]
    assert node(to_jsonld(lines), f"{BASE}model/m")["duration"] == ["P4D", "P5D"]


def test_several_types() -> None:
    rdf_type = f"<{PREFIXES['rdf']}type>"
    content = to_jsonld([f"<{BASE}m> {rdf_type} <{KG}{name}> .\n" for name in ("Model", "Dataset", "Own")])
    assert node(content, f"{BASE}m")["type"] == ["Dataset", "Model", "kg:Own"]


def test_the_order_of_the_lines_has_no_influence(store: ox.Store) -> None:
    lines = exported(store, "nt").decode().splitlines(keepends=True)
    assert to_jsonld(lines) == to_jsonld(reversed(lines)) == to_jsonld([*lines, *lines])


@pytest.mark.parametrize(
    ("edges", "tops"),
    [
        ("m-r n-r", ["m", "n"]),
        ("a-b b-c c-a", ["a"]),
        ("a-a", ["a"]),
        ("b-a c-a a-x", ["b", "c"]),
    ],
)
def test_runs_of_several_models_and_circles_stay_whole(edges: str, tops: list[str]) -> None:
    pairs = [edge.split("-") for edge in edges.split()]
    lines = [f"<urn:{start}> <{KG}hasRun> <urn:{end}> .\n" for start, end in pairs]
    lines += [f"<urn:{name}> <{KG}name> {string(name)} .\n" for pair in pairs for name in pair]
    content = to_jsonld(lines)
    assert [node["id"] for node in json.loads(content)["@graph"]] == [f"urn:{top}" for top in tops]
    assert read(content) == triples("".join(lines))


def test_nothing_is_a_document_too() -> None:
    assert json.loads(to_jsonld([]))["@graph"] == []


def test_the_context_is_that_of_the_ontology(store: ox.Store) -> None:
    context = json.loads(exported(store, "jsonld"))["@context"]
    assert set(load_schema().relations) <= set(context)


@given(st.text(max_size=20), st.sampled_from(["name", "extends", "parameterCount", "stage", "duration", "unheardOf"]))
@settings(max_examples=50)
def test_any_text_reads_back(text: str, relation: str) -> None:
    line = triple(relation, string(text.replace("\r", "")))
    assert read(to_jsonld([line])) == triples(line)


def in_parts(lines: Sequence[str], folder: Path | None, size: int = 3) -> bytes:
    """Return what a nest that is filled bit by bit, and written family by family, gives."""
    with Nest(folder) as nest:
        for start in range(0, len(lines), size):
            nest.add(lines[start : start + size])
        assert folder is None or list(folder.iterdir()) == []
        return b"".join(chunks(nest, lambda write, batches: (write([one]) for batch in batches for one in batch)))


@pytest.mark.parametrize("order", ["sorted", "reversed", "shuffled"])
def test_a_nest_on_the_disk_gives_the_same_document(store: ox.Store, tmp_path: Path, order: str) -> None:
    lines = sorted(f"{line}\n" for line in exported(store, "nt").decode().split("\n") if line)
    wanted = to_jsonld(lines)
    if order != "sorted":
        lines.reverse()
    if order == "shuffled":
        Random(5).shuffle(lines)
    assert in_parts(lines, tmp_path) == in_parts(lines, None, 10_000) == wanted == exported(store, "jsonld")


NAMES = st.sampled_from("abcde")
EDGES = st.lists(st.tuples(NAMES, st.sampled_from(["hasRun", "hardware", "describedIn", "name"]), NAMES), max_size=14)


@given(edges=EDGES)
@settings(max_examples=60)
def test_whatever_stands_in_whatever_nothing_is_lost(edges: list[tuple[str, str, str]]) -> None:
    lines = [f"<urn:{start}> <{KG}{way}> {string(end) if way == 'name' else f'<urn:{end}>'} .\n" for start, way, end in edges]
    content = in_parts(lines, None, 2)
    assert content == to_jsonld(sorted(lines))
    assert read(content) == triples("".join(lines))


@pytest.mark.parametrize("text", ["\u2028", "\x85\x0b", "\x1c.", f'x" . <urn:a> <{KG}hasRun> <urn:b>', "\\u0041", "a\nb", "\ttab"])
def test_text_that_looks_like_an_end_is_text(text: str) -> None:
    lines = [triple("name", string(text)), triple("name", string("z"))]
    assert node(to_jsonld(lines), f"{BASE}model/m")["name"] == sorted([text, "z"], key=string)


def test_a_nest_may_be_asked_twice() -> None:
    with Nest() as nest:
        nest.add([f"<urn:a> <{KG}hasRun> <urn:b> .\n", f'<urn:b> <{KG}name> "b" .\n'])
        assert list(nest.families()) == list(nest.families())
        nest.add([f"<urn:0> <{KG}hasRun> <urn:b> .\n"])
        assert [family.top for family in nest.families()] == ["urn:0", "urn:a"]
