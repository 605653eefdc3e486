from __future__ import annotations

import asyncio
import threading

import pyoxigraph as ox
import pytest

from kg.serve._protocol import Problem, Question
from kg.serve._threads import Threads
from tests.serve.server import running

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"


def question(text: str) -> Question:
    return Question(text, "http://localhost/sparql", formats={"rows": "json", "truth": "json", "graph": "turtle"})


def store_of(size: int) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(ox.NamedNode(f"x:{i}"), ox.NamedNode("x:p"), ox.Literal(i)) for i in range(size))
    return store


def test_beyond_those_who_wait_is_503() -> None:
    async def ask_three() -> list[object]:
        threads = Threads(store_of(600), running=1, waiting=1)
        tasks = [asyncio.create_task(threads.ask(question(SLOW))) for _ in range(3)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second, third = asyncio.run(ask_three())
    assert b"360000" in first.content and b"360000" in second.content  # type: ignore[attr-defined]
    assert isinstance(third, Problem)
    assert (third.status, third.detail, third.headers) == (503, "too many queries are running", {"Retry-After": "1"})


def test_a_slow_query_is_503_and_keeps_its_place_until_it_ends() -> None:
    async def ask() -> Problem:
        threads = Threads(store_of(4000), running=1, waiting=1, timeout=0.05)
        with pytest.raises(Problem, match=r"longer than 0\.05 seconds") as caught:
            await threads.ask(question(SLOW))
        with pytest.raises(Problem, match=r"longer than 0\.05 seconds"):
            await threads.ask(question("ASK {}"))
        for thread in [thread for thread in threading.enumerate() if thread.name == "query"]:
            await asyncio.to_thread(thread.join)
        assert (await threads.ask(question("ASK {}"))).content == b'{"head":{},"boolean":true}\n'
        return caught.value

    problem = asyncio.run(ask())
    assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})


def test_the_server_answers_others_while_a_query_runs() -> None:
    with running(store_of(2500)) as client:
        slow = threading.Thread(target=client.get, args=("/sparql",), kwargs={"params": {"query": SLOW}})
        slow.start()
        assert client.get("/health").status_code == 200
        assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
        assert slow.is_alive()
        slow.join()


def test_a_place_is_free_again_after_an_error() -> None:
    async def ask() -> None:
        threads = Threads(ox.Store(), running=1, waiting=0)
        for _ in range(3):
            with pytest.raises(Problem, match="syntax error"):
                await threads.ask(question("ASK { bad }"))

    asyncio.run(ask())


def test_what_is_no_problem_of_the_request_keeps_its_traceback_as_a_note() -> None:
    with pytest.raises(ValueError, match="Invalid base IRI") as caught:
        asyncio.run(Threads(ox.Store()).ask(Question("ASK {}", "no iri")))
    assert "Traceback" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    "text", ["SELECT * {" + "{" * 32000 + "}" * 32000 + "}", "ASK { FILTER(" + "(" * 32000 + "1" + ")" * 32000 + ") }"]
)
def test_the_deepest_query_does_not_end_the_process(text: str) -> None:
    assert asyncio.run(Threads(ox.Store()).ask(question(text))).content


def test_a_thread_that_cannot_be_started_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def ask() -> None:
        threads = Threads(ox.Store(), running=1, waiting=0)
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            with pytest.raises(Problem, match="no thread can be started"):
                await threads.ask(question("ASK {}"))
        assert await threads.ask(question("ASK {}"))

    asyncio.run(ask())
