"""Two pushes to one store at once: one of them notices, and what the store remembers of its graphs is true whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import KgError, UsageError
from kg.push import Options, State, Target, Waiting, addresses, push, read_state
from kg.push._parts import lines_of, parts
from kg.push._records import PUSH, records, subject, write_state
from tests.push.graphs import BASE, MANIFEST, report, small, whole
from tests.push.stub import Stub, stub
from tests.push.test_push import Ending, quads, wanted

AT_ONCE = Waiting(retries=0)


@pytest.fixture
def server() -> Iterator[Stub]:
    with stub() as there:
        yield there


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Return two builds whose graphs have as many triples, and other ones."""
    other = {"report1": report(1, 10, "new "), "default": whole("", 70, 5), "search": whole("search", 45, 5)}
    return small(tmp_path / "one.nq"), small(tmp_path / "two.nq", **other)


def target(server: Stub) -> Target:
    return Target(addresses(f"{server.url}/query"), waiting=AT_ONCE)


def pushed(server: Stub, path: Path, build: str, updates: int | None = None, *, verify: bool = False) -> KgError | None:
    """Push, until the server is away after a number of updates; return how that failed."""
    store = target(server) if updates is None else Ending(target(server).addresses, updates)
    try:
        push(path, MANIFEST, store, Options(20, verify=verify), build=build)
    except KgError as error:
        return error
    finally:
        store.close()
    return None


def second_before(server: Stub, number: int, path: Path, updates: int | None = None) -> list[KgError | None]:
    """Have another build pushed right before a request; return how that failed, when it happens."""
    ended: list[KgError | None] = []
    count = len(server.texts) + number

    def instead(text: str) -> None:
        if len(server.texts) == count:
            ended.append(pushed(server, path, "two", updates))

    server.instead = instead
    return ended


def check_true(server: Stub, *paths: Path) -> None:
    """Check that graphs of which all is remembered hold it."""
    said: dict[tuple[str, str], set[object]] = {}
    for path in paths:
        with path.open("rb") as file:
            for part in parts(file):
                lines = b"".join(lines_of(file, part))
                triples = {quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_QUADS)}
                said[subject(BASE, part.graph), part.holds] = triples
    for row in target(server).rows(f"SELECT ?g ?holds {{ GRAPH <{records(BASE)}> {{ ?g <{PUSH}holds> ?holds }} }}"):
        key = row["g"], row["holds"]
        name = ox.DefaultGraph() if key[0] == subject(BASE, "") else ox.NamedNode(key[0])
        if key in said:
            assert {quad.triple for quad in server.store.quads_for_pattern(None, None, None, name)} == said[key], key


@pytest.mark.parametrize("has_former", [False, True])
@pytest.mark.parametrize("updates", [None, 3, 6])
@pytest.mark.parametrize("number", range(2, 46, 2))
def test_a_push_that_another_one_overtakes_notices(
    server: Stub, builds: tuple[Path, Path], has_former: bool, number: int, updates: int | None
) -> None:
    one, two = builds
    if has_former:
        assert pushed(server, two, "two") is None
    ended = second_before(server, number, two, updates)
    failed = pushed(server, one, "one", verify=number % 4 == 0)
    server.instead = lambda text: None
    check_true(server, one, two)
    if failed is None:  # the second one came behind the last request
        assert quads(target(server)) == wanted(one)
        assert read_state(target(server).rows, BASE) == State("one", None, MANIFEST)
    else:
        assert ended and "another push" in str(failed) and "run the same command again" in str(failed)
    assert pushed(server, two, "two") is None
    assert quads(target(server)) == wanted(two)
    assert read_state(target(server).rows, BASE) == State("two", None, MANIFEST)


@pytest.mark.parametrize("graph", ["report/1", "search"])
def test_what_came_late_from_a_push_that_was_overtaken_is_told(server: Stub, builds: tuple[Path, Path], graph: str) -> None:
    one, two = builds
    assert pushed(server, one, "one") is None
    late = [text for text in server.texts if f"DROP SILENT GRAPH <{BASE}graph/{graph}>" in text]

    def instead(text: str) -> None:
        if text.startswith("SELECT (COUNT(?g)") and late:  # all is sent and counted
            server.store.update(late.pop())

    server.instead = instead
    failed = pushed(server, two, "two")
    check_true(server, one, two)
    assert "another push" in str(failed)
    assert pushed(server, two, "two") is None
    assert quads(target(server)) == wanted(two)


def test_what_a_push_of_an_earlier_version_left_is_gone_on_with(server: Stub, builds: tuple[Path, Path]) -> None:
    one, two = builds
    assert pushed(server, one, "one") is None
    target(server).update(write_state(BASE, State("one", "two", MANIFEST)))
    assert not server.store.query(f"ASK {{ GRAPH <{records(BASE)}> {{ ?x <{PUSH}by> ?y }} }}")
    assert pushed(server, two, "two") is None
    assert quads(target(server)) == wanted(two)


def test_a_push_that_is_refused_leaves_what_the_store_says(server: Stub, builds: tuple[Path, Path]) -> None:
    assert pushed(server, builds[0], "one") is None
    server.store.update(f'INSERT DATA {{ <{records(BASE)}> <{PUSH}pushing> "two" }}')  # as if all graphs were in the default one
    failed = pushed(server, builds[1], "two")
    assert isinstance(failed, UsageError) and "sees all graphs" in str(failed)
    assert read_state(target(server).rows, BASE) == State("one", None, MANIFEST)
