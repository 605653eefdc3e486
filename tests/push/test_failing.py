"""`kg push` to a store that fails, is slow, or loses what it was given: what is sent again, when, and what is told."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.errors import BuildError, Refused, RemoteError
from kg.push import Options, Outcome, Target, Waiting, addresses, push
from kg.push._parts import lines_of, parts
from kg.remote import Session
from tests.push.graphs import BASE, MANIFEST, report, small, whole, written
from tests.push.stub import Answer, Stub, stub
from tests.push.test_push import quads, wanted
from tests.remote.canned import canned, reply


@pytest.fixture
def server() -> Iterator[Stub]:
    with stub() as there:
        yield there


def pushed(server: Stub, path: Path, waits: list[float] | None = None, **options: Any) -> Outcome:
    waiting = Waiting(5, (waits if waits is not None else []).append)
    return push(path, MANIFEST, at(server, waiting), Options(**{"batch": 20, **options}), build="one")


def at(server: Stub, waiting: Waiting | None = None) -> Target:
    return Target(addresses(f"{server.url}/query"), waiting=waiting or Waiting(retries=0))


def first(times: int, answer: Answer, concerns: Callable[[str], bool] = lambda text: True) -> Callable[[str], Answer | None]:
    """Answer so often, so, what a test concerns."""
    left = [times]

    def instead(text: str) -> Answer | None:
        if not concerns(text) or not left[0]:
            return None
        left[0] -= 1
        return answer

    return instead


def is_query(text: str) -> bool:
    return text.startswith("SELECT")


def is_small(text: str) -> bool:
    return not is_query(text) and f"{BASE}thing" not in text and f"{BASE}claim" not in text


# a build that is swept ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [1, 6, 20])
def test_a_build_that_is_swept_meanwhile_is_pushed_to_its_end(server: Stub, tmp_path: Path, request_: int) -> None:
    path, kept = small(tmp_path / "graph.nq"), tmp_path / ".pushed" / "last.nq"
    there, content = wanted(path), path.read_bytes()

    def sweep(text: str) -> None:
        if len(server.texts) == request_:
            path.unlink()

    server.instead = sweep
    pushed(server, path, kept=kept, verify=True)
    assert not path.exists()
    assert quads(at(server)) == there
    assert kept.read_bytes() == content
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


def test_a_push_that_fails_keeps_no_build_on_the_disk(server: Stub, tmp_path: Path) -> None:
    kept = tmp_path / ".pushed" / "last.nq"
    server.instead = first(1, Answer(403), lambda text: "INSERT DATA" in text)
    with pytest.raises(Refused):
        pushed(server, small(tmp_path / "graph.nq"), kept=kept)
    assert list(kept.parent.iterdir()) == []


def test_a_build_that_cannot_be_read_any_more_is_told(server: Stub, tmp_path: Path) -> None:
    class Gone(io.BytesIO):
        name = "graph.nq"

        def seek(self, *args: int) -> int:
            raise OSError(errno.ESTALE, "Stale file handle")

    with small(tmp_path / "graph.nq").open("rb") as file:
        part = next(parts(file))
    for read in (lambda: list(parts(Gone())), lambda: list(lines_of(Gone(), part))):
        with pytest.raises(BuildError, match=r"graph\.nq: the build cannot be read any more: Stale file handle\n  hint: .*again"):
            read()
    with pytest.raises(BuildError, match="cannot be read any more"):
        pushed(server, tmp_path / "gone.nq")


# what is sent again, and when -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("concerns", [is_query, is_small])
def test_a_server_that_fails_at_little_is_asked_again(server: Stub, tmp_path: Path, concerns: Callable[[str], bool]) -> None:
    path, waits = small(tmp_path / "graph.nq"), list[float]()
    server.instead = first(2, Answer(500, "Transaction deadlocked"), concerns)
    pushed(server, path, waits)
    assert waits == [0.5, 1.0]
    assert quads(at(server)) == wanted(path)


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize("concerns", [is_query, is_small])
def test_a_server_that_takes_not_even_little_is_none_for_this(
    server: Stub, tmp_path: Path, concerns: Callable[[str], bool], status: int
) -> None:
    waits = list[float]()
    server.instead = first(99, Answer(status, "no repository named kg"), concerns)
    with pytest.raises(Refused, match=f"refuses the request .{status}.: no repository named kg\n  hint: .*--target") as told:
        pushed(server, small(tmp_path / "graph.nq"), waits)
    assert waits == []
    assert "--batch" not in str(told.value)


def test_an_address_that_takes_updates_and_does_nothing_is_told(server: Stub, tmp_path: Path) -> None:
    server.instead = lambda text: None if is_query(text) else Answer(200, "<html>Welcome</html>")
    with pytest.raises(Refused, match="queries do not see it\n  hint: check --target and --update"):
        pushed(server, small(tmp_path / "graph.nq"))


@pytest.mark.parametrize("status", [400, 500])
def test_a_value_that_is_refused_alone_is_told_at_once(server: Stub, status: int) -> None:
    waits = list[float]()
    server.instead = first(99, Answer(status, "Unsupported case in CONVERT"), lambda text: "<urn:7>" in text)
    lines = [f"<urn:a> <urn:b> <urn:{number}> .\n".encode() for number in range(10)]
    with pytest.raises(RemoteError, match=r"Unsupported case in CONVERT\n  hint: .*--graph-store") as told:
        at(server, Waiting(5, waits.append)).add("", lines)
    assert (waits, len(server.store)) == ([], 7)
    assert "--batch" not in str(told.value)


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        ("60", 60),
        ("3600", 300),
        ("0", 0.5),
        ("Sun, 22 Nov 2026 00:01:30 GMT", 90),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0.5),
        ("soon", 0.5),
        ("-60", 0.5),
        ("٦٠", 0.5),
        ("1" * 5000, 300),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_store_is_asked_again_when_it_says(server: Stub, status: int, after: str, pause: float) -> None:
    waits = list[float]()
    headers = {"Retry-After": after.encode().decode("latin-1"), "Date": "Sun, 22 Nov 2026 00:00:00 GMT"}
    server.instead = first(1, Answer(status, "slow down", headers))
    at(server, Waiting(5, waits.append)).rows("SELECT ?x { }")
    assert waits == [pause]


def test_a_certificate_that_nobody_trusts_is_not_tried_again() -> None:
    waits = list[float]()
    with canned(reply(), tls=True) as there, pytest.raises(Refused, match="certificate is not trusted"):
        Target(addresses(there.url), waiting=Waiting(5, waits.append)).rows("SELECT ?x { }")
    assert waits == []


@pytest.mark.parametrize("batch", [20, 1000])
@pytest.mark.parametrize("thing", ["0025", "0065"])
def test_a_graph_of_which_something_is_lost_is_sent_again(server: Stub, tmp_path: Path, batch: int, thing: str) -> None:
    path = small(tmp_path / "graph.nq")
    server.instead = first(1, Answer(204), lambda text: f"{BASE}thing/{thing}" in text)
    pushed(server, path, batch=batch, verify=True)
    assert quads(at(server)) == wanted(path)


def test_an_address_is_prepared_once(server: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def session(url: str, *more: Any) -> Session:
        made.append(url)
        return Session(url, *more)

    monkeypatch.setattr("kg.push._target.Session", session)
    found = pushed(server, small(tmp_path / "graph.nq"))
    assert found.requests > 10
    assert sorted(made) == [f"{server.url}/query", f"{server.url}/update"]


def test_an_answer_that_is_packed_and_empty_is_taken(server: Stub, tmp_path: Path) -> None:
    path = small(tmp_path / "graph.nq")

    def instead(text: str) -> Answer | None:
        if is_query(text):
            return None
        server.store.update(text)
        return Answer(200, "", {"Content-Encoding": "gzip"})

    server.instead = instead
    pushed(server, path)
    assert quads(at(server)) == wanted(path)


# what would be sent ---------------------------------------------------------------------------------------------------------------


def test_a_dry_run_after_an_interruption_says_what_is_left(server: Stub, tmp_path: Path) -> None:
    path = written(tmp_path / "graph.nq", report(0), whole("", 1000))
    server.instead = first(1, Answer(403), lambda text: f"{BASE}thing/0900" in text)
    with pytest.raises(Refused):
        pushed(server, path, batch=100)
    said = pushed(server, path, batch=100, dry_run=True)
    done = pushed(server, path, batch=100)
    assert (said.sent, said.sent_triples) == (done.sent, done.sent_triples) == (1, 100)


@pytest.mark.parametrize("has_former", [True, False])
def test_a_dry_run_says_which_lines_of_a_large_graph_are_sent(server: Stub, tmp_path: Path, has_former: bool) -> None:
    kept = tmp_path / "last.nq" if has_former else None
    pushed(server, small(tmp_path / "one.nq"), kept=kept)
    path = small(tmp_path / "two.nq", report1=report(1, 12, "new "), default=whole("", 70, 1), search=whole("search", 50))
    said = pushed(server, path, kept=kept, dry_run=True)
    done = pushed(server, path, kept=kept)
    assert (said.sent, said.sent_triples) == (done.sent, done.sent_triples) == (3, 12 + (2 if has_former else 70) + 5)
