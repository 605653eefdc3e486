"""Names looked up where replies are strange, or names too many; what is found is compared with a build in test_same_answers."""

from __future__ import annotations

import json

import pytest

from kg.errors import RemoteError, UnknownName
from kg.remote import Endpoint, base_of, find_thing
from kg.remote import _things as things
from kg.values import name_key
from tests.remote.canned import canned, reply
from tests.served import Served

BASE = "https://w3id.org/kg/"


def rows(*pairs: tuple[str, str]) -> bytes:
    cells = [{"thing": {"type": "uri", "value": thing}, "name": {"type": "literal", "value": name}} for thing, name in pairs]
    return reply(json.dumps({"head": {"vars": ["thing", "name"]}, "results": {"bindings": cells}}).encode())


def test_a_truth_is_no_rows() -> None:
    with canned(reply(b'{"head":{},"boolean":true}')) as server:
        with pytest.raises(RemoteError, match="rows were asked for, and the reply has none\n  hint: tell who runs it"):
            find_thing(Endpoint(server.url), "Model", "x", BASE)


def test_a_thing_that_nobody_asked_for_is_not_found() -> None:
    strange = rows(("urn:other", "Other"), ("urn:mine", "X"))
    with canned(strange) as server, pytest.raises(UnknownName, match="no model is named 'y'\n  hint: choose one of: Other, X"):
        find_thing(Endpoint(server.url), "Model", "y", BASE)
    assert len(server.requests) == 3


def test_what_the_index_of_names_knows_is_enough() -> None:
    with canned(rows(("urn:x", "called"))) as server:
        assert find_thing(Endpoint(server.url), "Model", "x", BASE) == "urn:x"
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["instructblip 13B", "InstructBLIP Vicuna-13B"])
def test_an_endpoint_of_kg_has_such_an_index(served: Served, name: str) -> None:
    pattern = things._known("Model", [], BASE, name_key(name))
    assert things._asked(Endpoint(served.url), pattern) == [(f"{BASE}model/instructblip-13b", "called")]


def test_of_too_many_names_those_that_begin_alike_are_suggested(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(things, "MOST", 40)
    with pytest.raises(UnknownName, match="did you mean InstructBLIP-13B"):
        find_thing(Endpoint(served.url), "Model", "InstructBLIP-13BB", BASE)
    with pytest.raises(UnknownName, match="no model is named '???'".replace("?", "[?]")):
        find_thing(Endpoint(served.url), "Model", "???", BASE)


@pytest.mark.parametrize("found", [(), (("urn:a", "https://a/"), ("urn:b", "https://b/")), (("urn:a", "no IRI> . } DROP ALL"),)])
def test_a_base_is_one_iri_or_none(found: tuple[tuple[str, str], ...]) -> None:
    with canned(rows(*found)) as server:
        assert base_of(Endpoint(server.url)) is None
