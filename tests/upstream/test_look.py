"""Which build a store elsewhere is said to hold, whatever stands there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.errors import RemoteError, UsageError
from kg.push import State, Target, addresses
from kg.push._records import PUSH, write_state
from kg.store import MANIFEST
from kg.terms import KG, SH
from kg.upstream import LookingUp, Place, found_at
from tests.push.graphs import BASE
from tests.remote.canned import canned, reply
from tests.stores import oxigraph

NAMED = f"{BASE}graph/default"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as url:
        yield url


@pytest.mark.parametrize("build", ["../escaped", "/kg-escaped", "a\r\nX-Other: b", "é", "1AD868659F70", "1ad868659f70\n", " "])
@pytest.mark.parametrize("pushing", [None, "../next"])
def test_an_id_that_is_none_of_a_build_leads_nowhere(server: str, tmp_path: Path, build: str, pushing: str | None) -> None:
    target = Target(addresses(server))
    target.update(write_state(BASE, State(build, pushing, {"counts": {"codes": {}}})))
    target.close()
    folder = tmp_path / "inner"
    folder.mkdir()
    found = LookingUp(Place(f"{server}/query", base=BASE), folder)()
    assert re.fullmatch(r"[0-9a-f]{12}(-[0-9a-f]{12})?", found.id)
    assert ("-" in found.id) is (pushing is not None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["inner"]
    assert [entry.name for entry in folder.iterdir()] == [found.id] == [found.folder.name]
    assert json.loads((found.folder / MANIFEST).read_text()) == {"counts": {"codes": {}}}


def test_the_id_of_a_build_is_kept(server: str, tmp_path: Path) -> None:
    target = Target(addresses(server))
    for state, id in ((State("1ad868659f70"), "1ad868659f70"), (State(None, "1ad868659f71"), "-1ad868659f71")):
        target.update(write_state(BASE, state))
        assert LookingUp(Place(f"{server}/query", base=BASE), tmp_path)().id == id
    target.close()


def rows(names: str, *found: Mapping[str, str]) -> bytes:
    """Return a reply with rows of IRIs and texts."""
    bindings = [
        {name: {"type": "uri" if value.startswith("http") else "literal", "value": value} for name, value in row.items()}
        for row in found
    ]
    return reply(json.dumps({"head": {"vars": names.split()}, "results": {"bindings": bindings}}).encode())


NOTHING = rows("name value")
BUILD = rows("s p o", {"s": f"{BASE}graph/build", "p": f"{BASE}p", "o": "x"})
COUNTED = rows("class n", {"class": f"{KG}Model", "n": "7"})
STRANGE = {
    "a reply that ends in a complaint": (reply(b'{"head":{"vars":["name"]},"results":{"bindings":[\n\nError: out of time'),),
    "a reply that breaks off": (reply(b'{"head":{"vars":["name"]},"results":{"bindings":[').replace(b": 4", b": 94"),),
    "other columns": (rows("x", {"x": "1"}),),
    "no columns": (rows("", {}),),
    "rows without values": (NOTHING, rows("s p o", {"s": f"{BASE}graph/build"})),
    "a subject that is a text": (NOTHING, rows("s p o", {"s": "x", "p": "x", "o": "x"})),
    "a count that is none": (NOTHING, BUILD, rows("class n", {"class": f"{KG}Model", "n": "many"})),
}


@pytest.mark.parametrize("replies", STRANGE.values(), ids=STRANGE)
def test_answers_to_other_questions_are_told(tmp_path: Path, replies: tuple[bytes, ...]) -> None:
    said = {"name": f"{PUSH}build", "value": "1ad868659f70"}
    with canned(*replies, rows("name value", said)) as server, ThreadPoolExecutor(1) as beside:  # as the guard looks
        look = LookingUp(Place(server.url, base=BASE), tmp_path, 0.0)
        with pytest.raises(RemoteError, match=r"cannot be read|broke off|not asked for"):
            beside.submit(look).result()


@pytest.mark.parametrize("content", [rows("x", {"x": "1"}), rows("base", {})])
def test_a_store_that_answers_other_questions_is_not_taken(content: bytes) -> None:
    with canned(content) as server, pytest.raises(RemoteError, match="not asked for"):
        found_at(Place(server.url))


def test_what_one_look_could_not_learn_the_next_one_does(tmp_path: Path) -> None:
    with canned(NOTHING, BUILD, reply(b"", "503 Busy"), NOTHING, BUILD, COUNTED) as server:
        look = LookingUp(Place(server.url, base=BASE), tmp_path, 0.0)
        with pytest.raises(RemoteError, match="cannot answer now"):
            look()
        found = look()
    assert json.loads((found.folder / MANIFEST).read_text())["counts"] == {"reports": 0, "models": 7, "codes": {}}
    assert [entry.name for entry in found.folder.iterdir()] == [MANIFEST]


def test_a_default_graph_that_holds_nothing_is_not_served(tmp_path: Path) -> None:
    with oxigraph(tmp_path) as url:
        target = Target(addresses(url))
        with pytest.raises(UsageError, match="the store holds no build of kg"):
            found_at(Place(f"{url}/query", default=NAMED))
        described = f'GRAPH <{BASE}graph/build> {{ <urn:p> <{SH}prefix> "data" ; <{SH}namespace> "{BASE}" }}'
        target.update(f"INSERT DATA {{ {described} GRAPH <{NAMED}> {{ <urn:a> <urn:b> <urn:c> }} }}")
        with pytest.raises(UsageError, match=r"the store holds nothing in <.*/graph/defualt>\n  hint: name the graph"):
            found_at(Place(f"{url}/query", default=f"{BASE}graph/defualt"))
        assert found_at(Place(f"{url}/query", default=NAMED)).base == BASE
        target.update(f"{write_state(BASE, State(None, '1ad868659f70'))} ; DROP GRAPH <{NAMED}>")  # it is being replaced
        assert found_at(Place(f"{url}/query", default=NAMED)).base == BASE
        target.close()
