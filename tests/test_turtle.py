"""Turtle written part by part is what the library writes of all triples at once, and reads back as the same triples."""

from __future__ import annotations

from io import BytesIO

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.schema import DEFAULT_BASE
from kg.terms import KG, PREFIXES, RDFS, SH, integer, string, typed
from kg.turtle import head, part, parts, turtle

NODES = st.sampled_from([f"<{DEFAULT_BASE}model/a>", f"<{DEFAULT_BASE}model/a/b>", f"<{KG}Model>", f"<{SH}x>", "<x:a>", "_:b"])
VERBS = st.sampled_from([f"<{RDFS}label>", f"<{KG}name>", "<x:p>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"])
TEXTS = ['say "x"\n. \\', "@prefix a: <b> .", f"<{SH}", "é🦜"]
VALUES = st.sampled_from([*map(string, TEXTS), integer(7), typed("0.10", f"{KG}own"), '"de"@de']) | NODES
TRIPLES = st.lists(st.tuples(NODES, VERBS, VALUES).map(" ".join), max_size=30).map(lambda found: sorted(set(found)))


def whole(triples: list[str], base: str | None) -> bytes:
    """Return what the library writes, with the prefixes in use."""
    lines = "".join(f"{triple} .\n" for triple in triples)
    used = {name: namespace for name, namespace in PREFIXES.items() if f"<{namespace}" in lines}
    output = BytesIO()
    found = [quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)]
    ox.serialize(found, output, format=ox.RdfFormat.TURTLE, prefixes=used, base_iri=base)
    return output.getvalue()


@settings(max_examples=60)
@given(triples=TRIPLES, base=st.sampled_from([None, DEFAULT_BASE]), most=st.integers(1, 12))
def test_parts_together_are_the_whole(triples: list[str], base: str | None, most: int) -> None:
    found = list(parts(iter(triples), base, most))
    used = frozenset[str]().union(*(one.used for one in found))
    together = b"".join(one.body for one in found)
    assert (head(used, base) + together if found else b"") == whole(triples, base) == turtle(triples, base)


def test_a_part_ends_with_a_subject() -> None:
    triples = [f"<x:{subject}> <x:p> {integer(number)}" for subject in "abc" for number in range(3)]
    assert [one.body.count(b"<x:p>") for one in parts(triples, None, 2)] == [1, 1, 1]
    assert [one.body.decode().split()[0] for one in parts(triples, None, 4)] == ["<x:a>", "<x:c>"]


def test_a_part_tells_its_prefixes_and_declares_none() -> None:
    found = part([f"<x:a> <{RDFS}label> {string(f'<{SH}')}"], DEFAULT_BASE)
    assert (found.body, found.used) == (b'<x:a> rdfs:label "<http://www.w3.org/ns/shacl#" .\n', frozenset({"rdfs", "sh"}))
    assert head(frozenset({"rdfs"}), DEFAULT_BASE) == f"@base <{DEFAULT_BASE}> .\n@prefix rdfs: <{RDFS}> .\n".encode()
    assert head(frozenset(), None) == b""


@pytest.mark.parametrize("triple", ["<x:a> <x:p>", '<x:a> "p" <x:b>', "x"])
def test_what_is_no_triple_is_refused(triple: str) -> None:
    with pytest.raises(SyntaxError, match="Parser error"):
        turtle([triple], None)
