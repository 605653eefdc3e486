"""Virtuoso from Debian: a login that it wants hashed, a default graph that it does not have, values that it takes in files only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import RemoteError, UsageError
from kg.push import Options, State, Target, Waiting, addresses, push, read_state
from kg.remote import Login
from kg.upstream import Place, UpstreamStore, found_at
from tests.push.graphs import BASE, MANIFEST, report, small, whole
from tests.stores import virtuoso

NAMED = f"{BASE}graph/default"
DBA = Login(user="dba", password="dba")  # noqa: S106 - Virtuoso's own, in a database of the test
AT_ONCE = Waiting(retries=0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        yield url


def target(server: str, login: Login = DBA, default: str | None = NAMED) -> Target:
    return Target(addresses(f"{server}/sparql-auth", None, f"{server}/sparql-graph-crud-auth"), login, default, AT_ONCE)


def test_who_has_no_login_is_told(server: str, tmp_path: Path) -> None:
    for login in (Login(), Login(user="dba", password="other")):  # noqa: S106
        with pytest.raises(RemoteError, match="lets nobody in"):
            push(small(tmp_path / "graph.nq"), MANIFEST, target(server, login), Options(), build="one")


def test_a_default_graph_that_holds_everything_is_not_taken(server: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the default graph holds something") as told:
        push(small(tmp_path / "graph.nq"), MANIFEST, target(server, default=None), Options(), build="one")
    assert NAMED in str(told.value.hint)


def test_a_build_is_loaded_brought_up_to_date_and_read_again(server: str, tmp_path: Path) -> None:
    store, kept = target(server), tmp_path / "last.nq"
    path = small(tmp_path / "one.nq")
    first = push(path, MANIFEST, store, Options(20, verify=True, kept=kept), build="one")
    assert (first.sent, first.sent_triples) == (5, 145)
    path = small(tmp_path / "two.nq", report1=report(1, 12, "new "), report2=("", []), default=whole("", 70, 1))
    second = push(path, MANIFEST, store, Options(20, verify=True, kept=kept), build="two")
    assert (second.sent, second.sent_triples, second.removed) == (2, 12 + 2, 1)
    assert read_state(store.rows, BASE) == State("two", None, MANIFEST)

    there = UpstreamStore(Place(f"{server}/sparql", default=NAMED, lax=True, base=BASE))
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS):
        if not isinstance(quad.object, ox.Literal) or quad.object.datatype.value.endswith("string"):
            assert quad in there
    one = ox.NamedNode(f"{BASE}thing/0001")
    assert [quad.graph_name for quad in there.quads_for_pattern(one, None, None)] == [
        ox.DefaultGraph(),
        ox.NamedNode(f"{BASE}graph/search"),
    ]
    assert bool(there.query("ASK { ?s ?p ?o }"))
    assert not there.query("ASK { <urn:nothing> ?p ?o }")


def test_what_holds_no_build_is_not_served(server: str) -> None:
    with pytest.raises(UsageError, match="holds no build of kg"):
        found_at(Place(f"{server}/sparql"))
