"""`kg push` to Oxigraph's own server: what is sent, what is not, what a server that ends in between leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import RemoteError, UsageError
from kg.push import Addresses, Options, Outcome, State, Target, Waiting, addresses, push, read_state
from tests.push.graphs import BASE, MANIFEST, report, small, whole
from tests.stores import free_port, oxigraph

NAMED = f"{BASE}graph/default"
AT_ONCE = Waiting(retries=0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as url:
        yield url


@pytest.fixture
def target(server: str) -> Target:
    """Return a store that is empty."""
    found = Target(addresses(server), waiting=AT_ONCE)
    found.update("DROP ALL")
    found.requests = 0
    return found


def pushed(path: Path, target: Target, build: str = "one", **options: Any) -> Outcome:
    return push(path, MANIFEST, target, Options(**{"batch": 20, **options}), build=build)


def quads(target: Target) -> set[str]:
    """Return what the store holds, without what it remembers, as lines."""
    rows = target.rows("SELECT ?s ?p ?o ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")
    return {f"{row['s']} {row['p']} {row['o']} {row.get('g', '')}" for row in rows if row.get("g") != f"{BASE}graph/push"}


def wanted(path: Path) -> set[str]:
    def text(term: Any) -> str:
        return str(getattr(term, "value", ""))

    return {
        f"{text(quad.subject)} {text(quad.predicate)} {text(quad.object)} {text(quad.graph_name)}"
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS)
    }


@pytest.mark.parametrize("by", ["update", "graph store"])
def test_a_build_is_loaded_and_is_not_sent_twice(server: str, target: Target, tmp_path: Path, by: str) -> None:
    if by == "graph store":
        target = Target(addresses(server, None, f"{server}/store"), waiting=AT_ONCE)
    path = small(tmp_path / "graph.nq")
    first = pushed(path, target)
    assert quads(target) == wanted(path)
    assert (first.graphs, first.sent, first.sent_triples, first.removed) == (5, 5, 145, 0)
    assert read_state(target.rows, BASE) == State("one", None, MANIFEST)
    second = pushed(path, target, verify=True)
    assert (second.graphs, second.sent, second.sent_triples) == (5, 0, 0)


def test_only_what_changed_is_sent(target: Target, tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "last.nq"
    pushed(small(tmp_path / "one.nq"), target, kept=kept)
    changed = {"report1": report(1, 12, "new "), "report2": ("", []), "default": whole("", 70, 1), "report9": report(9)}
    path = small(tmp_path / "two.nq", **changed)
    found = pushed(path, target, "two", kept=kept)
    assert quads(target) == wanted(path)
    # two reports' graphs; of the default graph, the line that is gone and the one that is new
    assert (found.sent, found.sent_triples, found.removed) == (3, 12 + 10 + 2, 1)
    assert kept.read_bytes() == path.read_bytes()


def test_a_large_graph_whose_lines_nobody_has_is_replaced(target: Target, tmp_path: Path) -> None:
    pushed(small(tmp_path / "one.nq"), target)
    path = small(tmp_path / "two.nq", default=whole("", 70, 1))
    assert pushed(path, target, "two").sent_triples == 70
    assert quads(target) == wanted(path)


def test_a_large_graph_that_only_grew_is_gone_on_with(target: Target, tmp_path: Path) -> None:
    pushed(small(tmp_path / "one.nq"), target)
    path = small(tmp_path / "two.nq", search=whole("search", 50))
    assert pushed(path, target, "two").sent_triples == 5
    assert quads(target) == wanted(path)


def test_what_an_interrupted_change_left_is_made_right(target: Target, tmp_path: Path) -> None:
    kept = tmp_path / "last.nq"
    pushed(small(tmp_path / "one.nq"), target, kept=kept)
    with pytest.raises(RemoteError):
        pushed(small(tmp_path / "two.nq", default=whole("", 70, 30)), Ending(target.addresses, 4), "two", kept=kept)
    path = small(tmp_path / "three.nq", default=whole("", 75, 5))
    pushed(path, target, "three", kept=kept)
    assert quads(target) == wanted(path)


def test_a_dry_run_changes_nothing(target: Target, tmp_path: Path) -> None:
    path = small(tmp_path / "graph.nq")
    found = pushed(path, target, dry_run=True)
    assert (found.sent, found.sent_triples) == (5, 145)
    assert quads(target) == set()
    pushed(path, target)
    found = pushed(small(tmp_path / "two.nq", report0=("", [])), target, "two", dry_run=True)
    assert (found.sent, found.removed) == (0, 1)
    assert read_state(target.rows, BASE).build == "one"


def test_a_default_graph_of_somebody_else_is_left_alone(target: Target, tmp_path: Path) -> None:
    path = small(tmp_path / "graph.nq")
    target.update("INSERT DATA { <urn:mine> <urn:mine> <urn:mine> }")
    for _ in range(2):
        with pytest.raises(UsageError, match="kg push has not put there"):
            pushed(path, target)
    assert quads(target) == {"urn:mine urn:mine urn:mine "}
    named = Target(target.addresses, default=NAMED, waiting=AT_ONCE)
    pushed(path, named)
    assert quads(target) == {line + (NAMED if line.endswith(" ") else "") for line in wanted(path)} | {
        "urn:mine urn:mine urn:mine "
    }
    target.update(f"DROP GRAPH <{BASE}graph/push>")
    pushed(path, target, overwrite=True)
    assert wanted(path) < quads(target)


def test_it_is_left_alone_however_often_and_whatever_comes_before_it(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.push._push._ASKED", 1)
    path = small(tmp_path / "graph.nq")
    target.update("INSERT DATA { <urn:mine> <urn:mine> <urn:mine> }")
    for dry_run in (False, True, False):
        with pytest.raises(UsageError, match="kg push has not put there"):
            pushed(path, target, dry_run=dry_run)
        assert quads(target) == {"urn:mine urn:mine urn:mine "}
    pushed(small(tmp_path / "none.nq", default=("", [])), Target(target.addresses, default="urn:free", waiting=AT_ONCE))
    with pytest.raises(UsageError, match="kg push has not put there"):  # something was pushed, but no default graph
        pushed(path, target)
    assert "urn:mine urn:mine urn:mine " in quads(target)


@pytest.mark.parametrize("size", [20, 100])
@pytest.mark.parametrize("updates", [4, 5, 6, 7])
def test_a_default_graph_that_was_begun_is_gone_on_with(target: Target, tmp_path: Path, size: int, updates: int) -> None:
    path = small(tmp_path / "graph.nq")
    with pytest.raises(RemoteError, match="nobody answers there"):
        pushed(path, Ending(target.addresses, updates if size == 20 else updates - 2), batch=size)
    pushed(path, target, batch=size)
    assert quads(target) == wanted(path)


@pytest.mark.parametrize("batch", [20, 1000])
@pytest.mark.parametrize(("before", "after"), [(None, NAMED), (NAMED, None), (NAMED, "urn:other")])
def test_a_default_graph_goes_where_it_is_wanted_now(
    server: str, target: Target, tmp_path: Path, before: str | None, after: str | None, batch: int
) -> None:
    first, second = (Target(target.addresses, default=name, waiting=AT_ONCE) for name in (before, after))
    path = small(tmp_path / "graph.nq")
    pushed(path, first, batch=batch)
    found = pushed(path, second, batch=batch)
    assert (found.sent, found.sent_triples, found.removed) == (1, 70, 1)
    assert quads(target) == {line + (after or "" if line.endswith(" ") else "") for line in wanted(path)}
    assert pushed(path, second, batch=batch).sent == 0


@pytest.mark.parametrize("name", [NAMED, "urn:other"])
def test_a_graph_that_is_not_free_is_not_taken_for_the_default_one(target: Target, tmp_path: Path, name: str) -> None:
    pushed(small(tmp_path / "one.nq"), target)
    target.update(f"INSERT DATA {{ GRAPH <{name}> {{ <urn:mine> <urn:mine> <urn:mine> }} }}")
    named = Target(target.addresses, default=name, waiting=AT_ONCE)
    before = quads(target)
    for word in ("new ", "newer "):
        with pytest.raises(UsageError, match="kg push has not put there"):
            pushed(small(tmp_path / "two.nq", report1=report(1, 12, word), default=whole("", 70, 1)), named, "two")
        assert quads(target) == before


def test_a_graph_of_the_build_is_not_taken_for_the_default_one(target: Target, tmp_path: Path) -> None:
    named = Target(target.addresses, default=f"{BASE}graph/report/1", waiting=AT_ONCE)
    with pytest.raises(UsageError, match="is a graph of the build"):
        pushed(small(tmp_path / "graph.nq"), named)
    assert quads(target) == set()


def test_what_else_is_written_into_a_graph_is_seen(target: Target, tmp_path: Path) -> None:
    path = small(tmp_path / "graph.nq")
    pushed(path, target)
    target.update(f"INSERT DATA {{ GRAPH <{BASE}graph/report/1> {{ <urn:x> <urn:x> 1 }} }}")
    assert pushed(path, target).sent == 0
    with pytest.raises(RemoteError, match="has 10 triples, and the store counts 11"):
        pushed(path, target, verify=True)


def test_lines_that_do_not_stay_are_told(target: Target, tmp_path: Path) -> None:
    twice = small(
        tmp_path / "graph.nq", default=("", [*whole("", 70)[1], whole("", 1)[1][0]])
    )  # no set of triples has a line twice
    with pytest.raises(RemoteError, match="the default graph has 71 triples, and the store counts 70"):
        pushed(twice, target)


def test_a_store_that_shows_all_graphs_wants_a_name_for_the_default_one(tmp_path: Path) -> None:
    path = small(tmp_path / "graph.nq")
    with oxigraph(tmp_path, "--union-default-graph") as url:
        target = Target(addresses(url), waiting=AT_ONCE)
        with pytest.raises(UsageError, match="sees all graphs there") as told:
            pushed(path, target)
        assert NAMED in str(told.value.hint)
        assert quads(target) == set()
        pushed(path, Target(addresses(url), default=NAMED, waiting=AT_ONCE))
        assert target.rows(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{NAMED}> {{ ?s ?p ?o }} }}")[0]["n"] == "70"
        with pytest.raises(UsageError, match="sees all graphs there"):
            pushed(path, target, "two", overwrite=True)
        assert read_state(target.rows, BASE) == State("one", None, MANIFEST)


class Ending(Target):
    """A store whose server is away after a number of updates."""

    def __init__(self, where: Any, updates: int) -> None:
        super().__init__(where, waiting=AT_ONCE)
        self.left = updates

    def update(self, text: str, *, is_data: bool = False) -> None:
        self.left -= 1
        if self.left < 0:
            self.addresses = addresses(f"http://127.0.0.1:{free_port()}")
            self.rows("SELECT ?x { }")
        super().update(text, is_data=is_data)


@pytest.mark.parametrize("updates", range(0, 20, 2))
def test_what_stopped_goes_on(target: Target, tmp_path: Path, updates: int) -> None:
    path = small(tmp_path / "graph.nq")
    where = target.addresses
    with pytest.raises(RemoteError, match="nobody answers there"):
        pushed(path, Ending(where, updates))
    there = len(quads(target))
    found = pushed(path, target)
    assert quads(target) == wanted(path)
    assert found.sent_triples <= 145 - max(0, there - 50)  # what was counted is not sent again, but for a batch and its graphs
    assert read_state(target.rows, BASE).build == "one"


def test_a_server_that_is_killed_and_comes_back_has_what_it_was_given(tmp_path: Path) -> None:
    path, port = small(tmp_path / "graph.nq", report2=report(2, 19)), free_port()
    target = Target(addresses(f"http://127.0.0.1:{port}"), waiting=Waiting(3, lambda seconds: None))
    with oxigraph(tmp_path, port=port, kept=True) as _, pytest.raises(RemoteError):
        pushed(path, Ending(target.addresses, 9))
    with pytest.raises(RemoteError, match="nobody answers"):
        pushed(path, target)
    with oxigraph(tmp_path, port=port, kept=True):
        assert 0 < pushed(path, target).sent_triples < 154
        assert quads(target) == wanted(path)


def test_a_busy_store_is_asked_again_later_and_later(tmp_path: Path) -> None:
    path, port, waited, told = small(tmp_path / "graph.nq"), free_port(), list[float](), list[str]()
    servers: list[Any] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            servers.append(oxigraph(tmp_path, port=port))
            servers[0].__enter__()

    try:
        pushed(path, Target(addresses(f"http://127.0.0.1:{port}"), waiting=Waiting(5, wait, told.append)))
    finally:
        for server in servers:
            server.__exit__(None, None, None)
    assert waited == [0.5, 1.0, 2.0]
    assert [text.rpartition("; ")[2] for text in told] == [f"asking again in {pause} s" for pause in ("0.5", "1", "2")]
    assert all("nobody answers" in text for text in told)


@pytest.mark.parametrize("by", ["update", "graph store"])
def test_no_request_is_longer_than_its_bound(
    server: str, target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    lengths: list[int] = []

    class Measured(Target):
        def _sent(self, request: Any) -> None:
            lengths.append(len(request.body))
            super()._sent(request)

    monkeypatch.setattr("kg.push._push.MOST_BYTES", 10_000)
    store = Measured(addresses(server, None, f"{server}/store" if by == "graph store" else None), waiting=AT_ONCE)
    kept = tmp_path / "last.nq"
    for first, word in ((0, ""), (1, "new " * 100)):  # of the second, a graph of few triples is long
        path = small(tmp_path / f"{first}.nq", report1=report(1, 60, word), default=whole("", 400, first * 390))
        pushed(path, store, f"build {first}", batch=1000, kept=kept, verify=True)
        assert quads(target) == wanted(path)
    assert 5_000 < max(lengths) < 12_000


def test_a_connection_that_breaks_while_much_is_sent_is_answered_by_less(tmp_path: Path) -> None:
    lines = [f'<urn:a> <urn:b> "{"x" * 1000}{number}" .\n'.encode() for number in range(400)]
    with accepting(150_000) as (url, lengths):
        Target(Addresses(url, url), waiting=AT_ONCE).add("", lines)
    assert sum(lengths) > 400_000 and max(lengths) < 150_000
    with accepting(10) as (url, lengths), pytest.raises(RemoteError, match=r"broke off|Broken pipe|reset"):
        Target(Addresses(url, url), waiting=AT_ONCE).add("", lines)
    assert lengths == []


@contextmanager
def accepting(most: int) -> Iterator[tuple[str, list[int]]]:
    """Run a server that hangs up, without a word, on who sends it more than so many bytes; yield the lengths that it took."""
    taken: list[int] = []

    class Short(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self.close_connection = True
            if length <= most:
                taken.append(len(self.rfile.read(length)))
                self.send_response(204)
                self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Short) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", taken
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (lambda target: target.rows("SELECT * {"), "refuses the request"),
        (lambda target: target.rows("ASK { }"), "no"),
        (lambda target: target.update("INSERT nothing"), "refuses the request"),
    ],
)
def test_what_a_store_refuses_is_told(target: Target, answer: Callable[[Target], object], match: str) -> None:
    with pytest.raises(RemoteError, match=match):
        answer(target)


def test_an_update_that_is_too_long_goes_in_halves(target: Target) -> None:
    sent: list[int] = []

    class Short(Target):
        def update(self, text: str, *, is_data: bool = False) -> None:
            sent.append(text.count(" .\n"))
            super().update("too long for it" if sent[-1] > 5 else text, is_data=is_data)

    lines = [f"<urn:a> <urn:b> <urn:{number}> <urn:g> .\n".encode() for number in range(20)]
    Short(target.addresses, waiting=AT_ONCE).add("urn:g", lines)
    assert sent == [20, 10, 5, 5, 10, 5, 5]
    assert len(quads(target)) == 20
