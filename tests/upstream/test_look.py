"""Which build a store elsewhere is said to hold, whatever stands there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.push import State, Target, addresses
from kg.push._records import write_state
from kg.store import MANIFEST
from kg.upstream import LookingUp, Place
from tests.push.graphs import BASE
from tests.stores import oxigraph


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
