from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.errors import UnknownName, UsageError
from kg.schema import DEFAULT_BASE
from kg.sparql.things import find_thing, iri_of
from tests.sample_graph import sample_store

KESTREL = "https://w3id.org/kg/model/kestrel-7b"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("things"))


@pytest.mark.parametrize(
    "text",
    ["Kestrel-7B", "kestrel 7b", "KESTREL7B", "kestrel-7b", "model/kestrel-7b", KESTREL, f"<{KESTREL}>", "data:model/kestrel-7b"],
)
def test_a_model_by_name_slug_or_iri(store: ox.Store, text: str) -> None:
    assert find_thing(store, "Model", text) == KESTREL


@pytest.mark.parametrize(
    ("kind", "text", "path"),
    [
        ("Dataset", "Conceptual Captions 3M", "dataset/cc3m"),
        ("Country", "USA", "country/us"),
        ("Report", "sub/b c.txt", "report/sub/b%20c.txt"),
        ("Report", "sub/b%20c.txt", "report/sub/b%20c.txt"),
        ("Model", "ViT-G/14 from EVA-CLIP", "model/eva-clip-vit-bigg-14"),
        ("HardwareConfig", "hardware/kestrel-7b", "hardware/kestrel-7b"),
    ],
)
def test_other_things(store: ox.Store, kind: str, text: str, path: str) -> None:
    assert find_thing(store, kind, text) == DEFAULT_BASE + path


@pytest.mark.parametrize(("kind", "text"), [("Model", "Kestrel-8B"), ("Model", "https://example.org/x"), ("Dataset", "Kestrel-7B")])
def test_an_unknown_thing(store: ox.Store, kind: str, text: str) -> None:
    with pytest.raises(UnknownName, match=f"no {kind.lower()} is named '{text}'"):
        find_thing(store, kind, text)


def test_near_names_are_suggested(store: ox.Store) -> None:
    with pytest.raises(UnknownName, match="did you mean Kestrel-7B"):
        find_thing(store, "Model", "Kestrel-8B")


def test_a_name_of_several_things_lists_their_iris(store: ox.Store) -> None:
    with pytest.raises(UsageError, match=r"'Georgian' is the name of 2 things\n.*: http://x/1, http://x/2"):
        find_thing(named_alike(), "Country", "Georgian")


def test_a_thing_without_a_name_is_shown_by_its_iri() -> None:
    with pytest.raises(UnknownName, match="choose one of: http://x/1, http://x/2"):
        find_thing(named_alike(predicate="comment"), "Country", "France")


def named_alike(predicate: str = "label") -> ox.Store:
    store = ox.Store()
    store.load(
        f"""PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX kg: <https://w3id.org/kg/ontology#>
        <http://x/1> a kg:Country ; rdfs:{predicate} "Georgian" . <http://x/2> a kg:Country ; rdfs:{predicate} "georgian", <x:y> .
        [] a kg:Country .""".encode(),
        ox.RdfFormat.TURTLE,
    )
    return store


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("http://x/y", "http://x/y"),
        ("<urn:x>", "urn:x"),
        ("kg:Model", "https://w3id.org/kg/ontology#Model"),
        ("data:a/b", "https://w3id.org/kg/a/b"),
        ("ViT-G/14", None),
        ("a b:c", None),
        ("x: y", None),
    ],
)
def test_what_is_an_iri(text: str, iri: str | None) -> None:
    assert iri_of(text) == iri
