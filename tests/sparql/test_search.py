"""Search by words of names: what is found as somebody types, and in which order."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import default_quads, quads, search_triples, view_of
from kg.query import run
from kg.schema import DEFAULT_BASE
from kg.sparql.search import Hit, search
from kg.sparql.things import find_thing
from kg.sparql.words import FIRST, typed_words, word_iri, words_in
from kg.terms import ALT_LABEL, KG, LABEL, TYPE, string
from tests.sample_graph import sample_store


def store_of(names: dict[str, list[str]], described: int = 0) -> ox.Store:
    """Return a store with things by IRI and their names, the first so many of them models that a report describes."""
    triples = []
    for at, (iri, own) in enumerate(names.items()):
        kind = "Dataset" if "/dataset/" in iri else "Model"
        triples += [f"<{iri}> {TYPE} <{KG}{kind}>", f"<{iri}> {LABEL} {string(own[0])}"]
        triples += [f"<{iri}> {ALT_LABEL} {string(name)}" for name in own[1:]]
        if at < described:
            triples.append(f"<{iri}> <{KG}describedIn> <{DEFAULT_BASE}report/r>")
    lines = default_quads(triples) + quads(search_triples(view_of(sorted(triples)), DEFAULT_BASE), f"{DEFAULT_BASE}graph/search")
    store = ox.Store()
    store.load("".join(lines).encode(), ox.RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("search"))


def names(found: list[Hit]) -> list[str]:
    return [hit.name for hit in found]


@pytest.mark.parametrize("text", ["", " ", "-", "x", "?", "no such thing", "blip nothing", "\x00", "word/blip", "'\"<>{}\\"])
def test_what_names_nothing(store: ox.Store, text: str) -> None:
    assert search(store, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("instructblip", "InstructBLIP-13B"),
        ("Instruct BLIP", "InstructBLIP-13B"),
        ("instructblip13b", "InstructBLIP-13B"),
        ("13b", "InstructBLIP-13B"),
        ("13", "InstructBLIP-13B"),
        ("in", "InstructBLIP-13B"),
        ("instructbl", "InstructBLIP-13B"),
        ("13B instruct", "InstructBLIP-13B"),
        ("conceptual captions", "CC3M"),
        ("laion", "LAION-2B"),
        ("nvidia 80gb", "NVIDIA A100 80GB"),
        ("mistral", "Mistral AI"),
        ("QUERYING", "Q-Former"),
    ],
)
def test_what_is_found_first(store: ox.Store, text: str, name: str) -> None:
    assert names(search(store, text))[0] == name


def test_a_part_that_capitals_tell(store: ox.Store) -> None:
    assert names(search(store, "blip")) == ["InstructBLIP-13B", "BLIP-2"]  # a described model before one that is only known


def test_whole_names_come_first_then_whole_words_then_beginnings() -> None:
    iris = {f"{DEFAULT_BASE}model/{name}": [name] for name in ("Owlet-1B", "Owl-2", "Owl", "Barn-Owl-7B")}
    found = search(store_of(iris, described=1), "owl")
    assert [(hit.name, hit.match) for hit in found] == [("Owl", 0), ("Owl-2", 1), ("Barn-Owl-7B", 1), ("Owlet-1B", 2)]
    assert [hit.described for hit in found] == [False, False, False, True]


def test_models_come_before_others_and_a_kind_can_be_chosen() -> None:
    found = {f"{DEFAULT_BASE}dataset/a": ["Owl A"], f"{DEFAULT_BASE}model/b": ["Owl BCD"]}
    store = store_of(found)
    assert names(search(store, "owl")) == ["Owl BCD", "Owl A"]
    assert names(search(store, "owl", kind="Dataset")) == ["Owl A"]
    assert search(store, "owl", limit=0) == []


@pytest.mark.parametrize("text", ["universite", "Université", "UNIVERSITE montréal"])
def test_accents_are_folded(text: str) -> None:
    store = store_of({f"{DEFAULT_BASE}model/u": ["Université de Montréal"], f"{DEFAULT_BASE}model/v": ["中文 模型"]})
    assert names(search(store, text)) == ["Université de Montréal"]
    assert names(search(store, "中文")) == ["中文 模型"]


def test_frequent_words_lead_to_their_first_things() -> None:
    store = store_of({f"{DEFAULT_BASE}model/{n}": [f"Owl{n:04}-7B-{'x' * (n % 9)}"] for n in range(1200)}, described=1200)
    assert len(search(store, "7b", limit=FIRST)) == FIRST
    assert len(search(store, "7b", limit=FIRST + 1)) == FIRST + 1, "what is not among the first things counts as more"
    assert search(store, "7b", limit=FIRST) == search(store, "7b", limit=100)[:FIRST]
    assert names(search(store, "owl", limit=1)) == ["Owl0000-7B-"]
    assert names(search(store, "owl0007 7b")) == ["Owl0007-7B-xxxxxxx"]
    assert names(search(store, "owl000 7b", limit=100)) == sorted(
        names(search(store, "owl000")), key=lambda name: (len(name), name)
    )
    assert search(store, "7b xxxx")[0].match == 1
    assert search(store, "7b owl0007 xx")[0].name == "Owl0007-7B-xxxxxxx"


def test_a_name_is_looked_up_in_the_index_and_elsewhere_without(store: ox.Store, tmp_path: Path) -> None:
    assert find_thing(store, "Model", "instruct-blip 13b") == f"{DEFAULT_BASE}model/instructblip-13b"
    without = ox.Store()
    without.extend(quad for quad in store if quad.graph_name != ox.NamedNode(f"{DEFAULT_BASE}graph/search"))
    assert find_thing(without, "Model", "instruct-blip 13b") == f"{DEFAULT_BASE}model/instructblip-13b"
    assert search(without, "blip") == []


def test_the_index_is_used_by_plain_sparql(store: ox.Store) -> None:
    text = "SELECT ?thing { GRAPH data:graph\\/search { data:word\\/blip kg:firstThing ?thing } } ORDER BY ?thing"
    assert run(store, text, format="csv").decode().split() == [
        "thing",
        *(f"{DEFAULT_BASE}model/{name}" for name in ("blip-2", "instructblip-13b")),
    ]
    assert "instructblip-13b" in run(store, "search", params={"text": "InstructBLIP"}, format="csv").decode()


WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(WORDS, max_size=4))
def test_any_name_is_found_by_each_of_its_words(parts: list[str]) -> None:
    name = " ".join(parts)
    store = store_of({f"{DEFAULT_BASE}model/m": [name]}, described=1)
    for word in words_in(name):
        if len(word) > 1 and typed_words(word) == (word,):
            assert [hit.iri for hit in search(store, word)] == [f"{DEFAULT_BASE}model/m"]
    search(store, name)


@given(WORDS)
def test_a_words_node_is_the_one_that_sparql_makes(word: str) -> None:
    asked = "SELECT (IRI(CONCAT(STR(data:), 'word/', ENCODE_FOR_URI(?w))) AS ?node) { VALUES ?w { %s } }"
    [node] = run(ox.Store(), asked % ox.Literal(word), format="tsv").decode().splitlines()[1:]
    assert node == f"<{word_iri(DEFAULT_BASE, word)}>"
