"""Names in a sentence that no catalogue knows: chunks, identifiers of hubs and configurations, words written with a capital."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extract.rules.names import chunks, ids, is_organization, is_shaped, proper_words, shape_of
from kg.model import Thing
from kg.schema import load_schema
from tests.extract.scanning import document, scanned


def shaped(text: str) -> list[str]:
    """Return the names that a scan finds beside those of the catalogue."""
    return [name.text for names in scanned(text).shaped.values() for name in names]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # lists, cells and keys, where identifiers are names
        ("- grit-id/nergrit\n- mtg-jamendo\n", ["grit-id/nergrit", "mtg-jamendo"]),
        ("- hendrycks/ethics\n- arc_easy\n", ["hendrycks/ethics", "arc_easy"]),
        ("| | Score |\n|---|---|\n| arc_easy | 61.2 |\n", ["arc_easy"]),
        ("dataset: hellaswag\nsteps: 64\n", ["hellaswag"]),
        # there, a word of one part needs the catalogue; files, paths and addresses are no names
        ("- zorblax\n- quillon\n", []),
        ("- train.py\n- data.json\n- example.org\n", []),
        ("- @ferrith\n- a/b/c\n- 2024-01-02\n", []),
        # in prose they need several parts and a digit
        ("We use nergrit-v2 here.", ["nergrit-v2"]),
        ("We use a well-known method of pre-training here.", []),
        ("We use grit-id/nergrit here.", []),
    ],
)
def test_identifiers(text: str, names: list[str]) -> None:
    assert shaped(text) == names


def test_an_identifier_is_the_catalogues_thing_behind_its_owner() -> None:
    (name,) = [name for names in scanned("- hendrycks/ethics\n").shaped.values() for name in names]
    assert [thing.name for thing in name.things] == ["ETHICS"]


def test_an_identifier_takes_no_place_that_is_taken() -> None:
    def nothing(_: str) -> tuple[Thing, ...]:
        return ()

    text = "arc_easy, grit-id/nergrit"
    first = ids(text, 0, len(text), (), nothing, in_prose=False)
    assert [name.text for name in first] == ["arc_easy", "grit-id/nergrit"]
    assert [name.text for name in ids(text, 0, len(text), first[:1], nothing, in_prose=False)] == ["grit-id/nergrit"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tessera saw birds. Tessera slept.", {"Tessera"}),
        ("Tessera saw birds.", set()),  # once says nothing
        ("Training took long. The training ended. Training is over.", set()),  # written small as well
        ("Ärmel ist neu. Ärmel bleibt.", {"Ärmel"}),
        ("We saw it. We left.", set()),  # too short to tell
        ("", set()),
    ],
)
def test_proper_words(text: str, words: set[str]) -> None:
    assert proper_words(text) == words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Tessera took three days. Tessera ran on GPUs.", ["Tessera", "Tessera"]),
        ("Weather was bad for three days. It ran on GPUs.", []),
        ("Tessera is a model of birds.", ["Tessera"]),  # defined
        ("The Tessera run took three days.", ["Tessera"]),
        ("Zorb-2 took three days.", ["Zorb-2"]),
    ],
)
def test_a_name_at_the_start_of_a_sentence(text: str, names: list[str]) -> None:
    assert shaped(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It saw Zorb Web Corpus 2 and others.", ["Zorb Web Corpus"]),
        ("It saw Zorb Web v2.", ["Zorb Web v2"]),
        ("It was made at the University of Ferrith.", ["University of Ferrith"]),
        ("See Table 3 and Section 4.", []),
        ("It is from Highveld AI.", ["Highveld AI"]),
        ("See the notes in TRAINING.md here.", []),
    ],
)
def test_chunks(text: str, names: list[str]) -> None:
    assert [name.text for name in chunks(text, 0, len(text), ())] == names


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("ZorbBench", "shaped-evaluation"),
        ("Zorb-QA v2", "shaped-evaluation"),
        ("NaijaWeb", "shaped-training"),
        ("Zorb-150K", "shaped-training"),
        ("ZORB", "shaped"),
        ("Quillon-7B", "shaped"),
        ("Zorb", "plain"),
    ],
)
def test_shapes(name: str, shape: str) -> None:
    assert shape_of(name) == shape


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Ferrith Labs", True), ("University of Ferrith", True), ("Institut Verdane", True), ("Labs", False), ("Quillon-7B", False)],
)
def test_organizations(name: str, expected: bool) -> None:
    assert is_organization(name) is expected


@pytest.mark.parametrize(("name", "expected"), [("xP3x", True), ("Common Voice", True), ("CC3M", True), ("Forest", False)])
def test_more_than_one_capital(name: str, expected: bool) -> None:
    assert is_shaped(name) is expected


PIECES = st.sampled_from(
    [
        "Quillon-7B",
        " ",
        " ",
        "\n- ",
        "grit-id/nergrit",
        "arc_easy",
        "MMLU",
        ", ",
        ". ",
        "University of ",
        "Zorb",
        " v2",
        "the ",
        "train.py",
        "/",
        "-",
        "_",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join))
@settings(deadline=None)
def test_names_stand_where_they_say_and_do_not_overlap(text: str) -> None:
    read = document(text)
    found = scanned(text)
    for i, sentence in enumerate(found.sentences):
        names = sorted(found.shaped[i], key=lambda name: name.start)
        assert all(sentence.start <= name.start < name.end <= sentence.end for name in names)
        assert all(read.text[name.start : name.end] == name.text for name in names)
        assert all(a.end <= b.start for a, b in pairwise(names))


def test_no_identifier_of_a_list_is_a_number() -> None:
    schema = load_schema()
    text = "- mtg-jamendo\n- 2024-01\n- 100-200\n"
    assert all(schema.find(name) or not name[0].isdigit() for name in shaped(text))
