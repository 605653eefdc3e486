"""What a name of the catalogue may be: no ordinary word without its context, no description, no key of two things."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from kg.model import Thing
from kg.schema import Schema
from kg.tables import folder_of
from kg.values import name_key

WORDS = [
    word
    for line in (Path(__file__).with_name("words.txt").read_text(encoding="utf-8")).splitlines()
    if not line.startswith("#")
    for word in line.split()
]
# Words that the field uses for one thing far more than for anything else, and writes in a case of their own.
NAMES_FIRST = {
    "adam": "Adam",
    "albert": "ALBERT",
    "bert": "BERT",
    "bloom": "BLOOM",
    "cambridge": "University of Cambridge",
    "clip": "CLIP",
    "ernie": "ERNIE",
    "fair": "Meta AI",
    "glide": "GLIDE",
    "kit": "Karlsruhe Institute of Technology",
    "mila": "Mila",
    "oscar": "OSCAR",
    "oxford": "University of Oxford",
    "palm": "PaLM",
    "rail": "RAIL",
    "roberta": "RoBERTa",
    "slab": "Nanyang Technological University",
    "torch": "PyTorch",
    "whisper": "Whisper",
}
LONGEST = 90


def test_the_list_is_long_and_finds_names(schema: Schema) -> None:
    assert len(WORDS) == len(set(WORDS)) > 2000
    assert sum(bool(schema.find(word)) for word in WORDS) > 150


def test_ordinary_words_count_only_in_context(schema: Schema) -> None:
    plain = {
        (word, thing.name) for word in WORDS for thing in schema.find(word) if not thing.in_context and thing.kind != "country"
    }
    assert plain == set(NAMES_FIRST.items())


def test_every_spelling_names_one_thing_or_is_ambiguous(schema: Schema) -> None:
    owners: dict[tuple[str, str], list[Thing]] = defaultdict(list)
    for thing in schema.things:
        for key in {name_key(name) for name in (thing.name, *thing.aliases)}:
            owners[folder_of(thing.kind), key].append(thing)
    wrong = [
        (entry, [thing.name for thing in things])
        for entry, things in owners.items()
        if len(things) > 1 and not all(entry[1] in map(name_key, thing.ambiguous) for thing in things)
    ]
    assert wrong == []


def test_every_name_has_a_key(schema: Schema) -> None:
    assert [thing.name for thing in schema.things if not all(map(name_key, (thing.name, *thing.aliases)))] == []


@pytest.mark.parametrize("kind", ["dataset", "model", "organization", "software", "component", "optimizer"])
def test_a_name_is_no_description(schema: Schema, kind: str) -> None:
    names = [name for thing in schema.things if thing.kind == kind for name in (thing.name, *thing.aliases)]
    assert [name for name in names if len(name) > LONGEST or ": " in name or "; " in name] == []
