"""The guard with real worker processes: what it answers, what it stops, what it takes over."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kg.errors import NoBuild
from kg.guard import Asked, Broken, Current, Guard, Limits, Refused, Reply
from kg.serve import new_loop

FIRST, SECOND = Current(Path("/first"), "1"), Current(Path("/second"), "2")
PIECES = 300  # of 1 KiB: more than a message holds


class Looked:
    """Which build is the current one, as the test says."""

    def __init__(self, build: Current) -> None:
        self.build: Current | None = build

    def __call__(self) -> Current:
        if self.build is None:
            raise NoBuild("no build")
        return self.build


@asynccontextmanager
async def guarding(
    look: Callable[[], Current] | None = None, tasks: str = "tests.guard.doings", **limits: Any
) -> AsyncIterator[tuple[Guard, list[str]]]:
    said: list[str] = []
    guard = Guard(look or Looked(FIRST), Limits(**{"workers": 2, **limits}), tasks=tasks, say=said.append)
    await guard.start()
    await guard.settled()
    try:
        yield guard, said
    finally:
        await guard.close()


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[], Awaitable[None]]], None]:
    """Run a coroutine function on each kind of loop."""

    def run_on(test: Callable[[], Awaitable[None]]) -> None:
        with asyncio.Runner(loop_factory=new_loop if request.param == "uvloop" else None) as runner:
            runner.run(bounded(test))

    async def bounded(test: Callable[[], Awaitable[None]]) -> None:
        async with asyncio.timeout(60):
            await test()

    return run_on


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; the test's own bound ends it when it never does."""
    while not holds():
        await asyncio.sleep(0.01)


def told(text: str) -> Asked:
    return Asked("echo", {"text": text})


def test_questions_are_answered(run: Any) -> None:
    async def test() -> None:
        async with guarding() as (guard, said):
            replies = await asyncio.gather(*(guard.ask(told(f"é{number}")) for number in range(40)))
            assert [await reply.read() for reply in replies] == [f"/first: é{number}".encode() for number in range(40)]
            assert {(reply.media_type, reply.build, await reply.length() > 9) for reply in replies} == {("text/plain", "1", True)}
            assert said == []

    run(test)


@pytest.mark.parametrize(
    ("asked", "reason", "detail", "members"),
    [
        (Asked("refuse", {}), "request", "it is wrong", {"line": 3}),
        (Asked("fail", {}), "crash", "the query could not be evaluated", {}),
        (Asked("nothing", {}), "request", "there is no task 'nothing'", {}),
        (Asked("fill", {"size": 1 << 40}), "memory", "the query needs more memory than it may have", {}),
    ],
)
def test_what_is_wrong_is_told_and_the_worker_goes_on(
    run: Any, asked: Asked, reason: str, detail: str, members: dict[str, Any]
) -> None:
    async def test() -> None:
        async with guarding() as (guard, said):
            with pytest.raises(Refused, match=detail) as caught:
                await guard.ask(asked)
            assert (caught.value.reason, caught.value.members) == (reason, members)
            assert await (await guard.ask(told("on"))).read() == b"/first: on"
            assert not guard.died
            assert [("innards" in text, "doings.py" in text) for text in said] == ([(True, True)] if asked.task == "fail" else [])

    run(test)


@pytest.mark.parametrize(
    ("number", "reason", "detail"),
    [(signal.SIGSEGV, "crash", "the process that evaluated the query ended"), (signal.SIGABRT, "memory", "more than 2,048 MB")],
)
def test_a_worker_that_ends_is_replaced(run: Any, number: int, reason: str, detail: str) -> None:
    async def test() -> None:
        async with guarding() as (guard, said):
            with pytest.raises(Refused, match=detail) as caught:
                await guard.ask(Asked("end", {"signal": int(number)}))
            assert caught.value.reason == reason
            await until(lambda: guard.workers == 2 and guard.started >= 3)
            assert guard.died == {reason: 1}
            assert [reason in text for text in said] == [True]

    run(test)


def test_a_question_whose_worker_is_killed_from_outside_is_begun_anew_once(run: Any, tmp_path: Path) -> None:
    async def test() -> None:
        async with guarding() as (guard, _):
            reply = await guard.ask(Asked("once", {"mark": str(tmp_path / "mark")}))
            assert await reply.read() == b"at last"
            assert guard.died == {"crash": 1}
            with pytest.raises(Refused, match="the process that evaluated the query ended"):
                await guard.ask(Asked("end", {"signal": int(signal.SIGKILL)}))
            assert guard.died == {"crash": 3}

    run(test)


def test_the_nursery_is_started_anew(run: Any) -> None:
    async def test() -> None:
        async with guarding() as (guard, said):
            pid = int((await (await guard.ask(Asked("state", {}))).read()).split()[-1])
            nursery = int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])
            os.kill(nursery, signal.SIGKILL)
            await until(lambda: guard.died["crash"] == 2 and guard.workers == 2)
            assert await (await guard.ask(told("again"))).read() == b"/first: again"
            assert "the process that starts workers ended: it is started anew" in said

    run(test)


def test_the_nursery_is_started_as_soon_as_it_can_be(run: Any) -> None:
    async def test() -> None:
        async with guarding() as (guard, said):
            pid = int((await (await guard.ask(Asked("state", {}))).read()).split()[-1])
            nursery = int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])
            usual = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, usual[1]))  # no descriptor is left
            try:
                os.kill(nursery, signal.SIGKILL)
                await until(lambda: "it cannot be started: Too many open files" in said)
                assert guard.workers == 0
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, usual)
            await until(lambda: guard.workers == 2)
            assert await (await guard.ask(told("again"))).read() == b"/first: again"

    run(test)


def test_what_a_worker_may_not_do(run: Any) -> None:
    async def test() -> None:
        async with guarding(memory=1 << 30) as (guard, _):
            core, memory, networks, _ = (await (await guard.ask(Asked("state", {}))).read()).decode().split()
            assert (core, memory, networks) == ("0", str(1 << 30), "lo")

    run(test)


def test_where_service_is_allowed_the_network_is_the_same(run: Any) -> None:
    async def test() -> None:
        async with guarding(services=("http://127.0.0.1/",)) as (guard, _):
            networks = (await (await guard.ask(Asked("state", {}))).read()).decode().split()[2]
            assert networks == ",".join(sorted(os.listdir("/sys/class/net"), key=networks.find))

    run(test)


def test_that_workers_reach_the_network_is_told_once(run: Any) -> None:
    async def test() -> None:
        async with guarding(tasks="tests.guard.doings_with_network") as (guard, said):
            await until(lambda: guard.workers == 2)
            assert len(said) == 1 and said[0].startswith("workers reach the network: ")

    run(test)


def test_time_runs_out(run: Any) -> None:
    async def test() -> None:
        async with guarding(timeout=0.3) as (guard, _):
            with pytest.raises(Refused, match=r"the query took longer than 0\.3 seconds") as caught:
                await guard.ask(Asked("wait", {"seconds": 60}))
            assert (caught.value.reason, bool(caught.value.members["hint"])) == ("timeout", True)
            with pytest.raises(Refused, match=r"longer than 0\.1 seconds"):
                await guard.ask(Asked("wait", {"seconds": 60}, timeout=0.1))
            await until(lambda: guard.died["timeout"] == 2)

    run(test)


def test_time_runs_out_in_the_middle_of_a_reply(run: Any) -> None:
    async def test() -> None:
        async with guarding(timeout=0.5) as (guard, _):
            reply = await guard.ask(Asked("many", {"pieces": PIECES, "last": 60}))
            assert reply.whole is None
            with pytest.raises(Broken, match=r"longer than 0\.5 seconds"):
                await reply.read()
            with pytest.raises(Broken):
                await reply.length()

    run(test)


@pytest.mark.parametrize("seconds", [0, 60])
def test_an_asker_goes_away(run: Any, seconds: int) -> None:
    """With 0 seconds it goes away while it is running, with 60 while it waits."""

    async def test() -> None:
        async with guarding(workers=1) as (guard, _):
            asking = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 60})))
            await until(lambda: bool(list(guard.lanes.running())))
            waiting = asyncio.ensure_future(guard.ask(told("x")))
            await until(lambda: guard.lanes.waiting == 1)
            for task in [asking, waiting] if seconds == 0 else [waiting, asking]:
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await until(lambda: guard.died == {"cancelled": 1} and guard.workers == 1)
            assert await (await guard.ask(told("y"))).read() == b"/first: y"

    run(test)


def test_an_asker_goes_away_in_the_moment_in_which_the_reply_begins(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with guarding() as (guard, _):
            asking = asyncio.ensure_future(guard.ask(Asked("many", {"pieces": PIECES, "last": 0.1})))
            await asyncio.sleep(0)
            [job] = guard.lanes.running()
            give = job.give
            monkeypatch.setattr(job, "give", lambda whole: (give(whole), asking.cancel()))
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert (job.spool, job.over) == (None, True)

    run(test)


def test_an_asker_that_is_watched_goes_away(run: Any) -> None:
    async def test() -> None:
        async with guarding() as (guard, _):
            leaves = asyncio.Event()

            async def gone() -> None:
                await leaves.wait()

            asking = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 60}), gone=gone))
            await until(lambda: bool(list(guard.lanes.running())))
            leaves.set()
            with pytest.raises(Refused, match="cancelled"):
                await asking
            reply = await guard.ask(Asked("wait", {"seconds": 0.2}), gone=leaves_never)
            assert await reply.read() == b"waited"

    async def leaves_never() -> None:
        await asyncio.Event().wait()

    run(test)


def test_a_query_is_cancelled_by_its_id(run: Any) -> None:
    async def test() -> None:
        async with guarding() as (guard, _):
            asking = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 60}), "mine"))
            await until(lambda: bool(list(guard.lanes.running())))
            assert (guard.cancel("other"), guard.cancel("mine"), guard.cancel("mine")) == (False, True, False)
            with pytest.raises(Refused, match="cancelled"):
                await asking

    run(test)


def test_a_reply_that_is_not_wanted_ends_its_worker(run: Any) -> None:
    async def test() -> None:
        async with guarding() as (guard, _):
            reply = await guard.ask(Asked("many", {"pieces": PIECES, "last": 60}))
            pieces = reply.chunks()
            assert len(await anext(pieces)) > 1000
            reply.close()
            with pytest.raises(Broken):
                async for _ in pieces:
                    pass
            await until(lambda: guard.died == {"cancelled": 1})

    run(test)


def test_heavy_questions_leave_a_lane(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=3, grace=0.03, timeout=30) as (guard, _):
            heavy = [asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 2, "n": number}))) for number in range(5)]
            await until(lambda: guard.lanes.heavy == 2 and guard.lanes.waiting == 3 and guard.died["requeued"] == 3)
            assert [await (await guard.ask(told(str(number)))).read() for number in range(20)]
            assert [await (await task).read() for task in heavy] == [b"waited"] * 5
            again = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 2, "n": 0})))
            await until(lambda: guard.lanes.heavy == 1)  # it is known to be heavy, and need not be stopped
            assert (await (await again).read(), guard.died["requeued"]) == (b"waited", 3)

    run(test)


def test_no_more_look_ups_at_a_time_than_cores(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=4, cores=2) as (guard, _):
            await until(lambda: guard.workers == 4)
            asking = [asyncio.ensure_future(guard.ask(told(str(number)))) for number in range(20)]
            await asyncio.sleep(0)
            assert (len(list(guard.lanes.running())), guard.lanes.waiting) == (2, 18)
            assert [await (await task).read() for task in asking] == [f"/first: {number}".encode() for number in range(20)]

    run(test)


def test_what_takes_longer_than_a_look_up_holds_no_core(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=4, cores=1, grace=30) as (guard, _):
            await until(lambda: guard.workers == 4)
            waiting = [asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 30, "n": number}))) for number in range(3)]
            await asyncio.sleep(0)
            assert await (await guard.ask(told("é"))).read() == "/first: é".encode()
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    run(test)


def test_where_heavy_questions_have_all_places_others_are_stopped_sooner(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=2, grace=0.03) as (guard, _):
            first = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 30})))
            await until(lambda: guard.lanes.heavy == 1)
            second = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 31})))
            await until(lambda: len(list(guard.lanes.running())) == 2)
            assert [job.grace for job in guard.lanes.running()] == [0.03, pytest.approx(0.012)]
            for task in (first, second):
                task.cancel()
            await asyncio.gather(first, second, return_exceptions=True)

    run(test)


def test_a_question_grows_whose_worker_had_no_number_yet(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=1, grace=0.03) as (guard, _):
            [worker] = guard.lanes.idle()
            pid, worker.pid = worker.pid, None  # what tells it may be read behind what the worker says
            asking = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 60})))
            await until(lambda: bool(list(guard.lanes.running())))
            worker.pid = pid
            await until(lambda: guard.lanes.heavy == 1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    run(test)


def test_a_long_reply_is_given_when_there_is_a_place(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=2, grace=0.3) as (guard, _):
            first = await guard.ask(Asked("many", {"pieces": PIECES, "last": 3, "n": 1}))
            second = await guard.ask(Asked("many", {"pieces": PIECES, "last": 0, "n": 2}))  # held until it is whole
            third = await guard.ask(Asked("many", {"pieces": PIECES, "busy": 0.5, "n": 3}))  # stopped, and begun anew
            assert [len(await reply.read()) for reply in (first, second, third)] == [PIECES * 1024 + 7] * 3
            assert guard.died["requeued"] == 1

    run(test)


def test_too_many_wait(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=1, waiting=2) as (guard, _):
            tasks = [asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 1, "n": number}))) for number in range(3)]
            await until(lambda: guard.lanes.waiting == 2)
            with pytest.raises(Refused, match="too many queries are waiting") as caught:
                await guard.ask(told("x"))
            assert caught.value.reason == "busy"
            assert [await (await task).read() for task in tasks] == [b"waited"] * 3

    run(test)


def test_too_many_heavy_ones_wait(run: Any) -> None:
    async def test() -> None:
        async with guarding(workers=2, waiting=2, grace=0.05) as (guard, _):
            tasks = []
            for number in range(3):
                tasks.append(asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 3, "n": number}))))
                await until(lambda: guard.lanes.heavy == 1 and guard.lanes.waiting == min(1, len(tasks) - 1))
            with pytest.raises(Refused, match="too many long queries are waiting"):  # it is known by now
                await guard.ask(Asked("wait", {"seconds": 3, "n": 1}))
            replies = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(reply) for reply in replies] == [Reply, Reply, Refused]
            assert str(replies[2]) == "too many long queries are waiting"

    run(test)


@pytest.mark.parametrize(("limits", "pieces"), [({"rows": 50}, 51), ({"size": 60_000}, 60)])
def test_a_reply_that_is_too_long_is_refused(run: Any, limits: dict[str, Any], pieces: int) -> None:
    async def test() -> None:
        async with guarding(**limits) as (guard, _):
            with pytest.raises(Refused, match="longer than the server gives") as caught:
                await guard.ask(Asked("many", {"pieces": pieces}))
            assert caught.value.reason == "limit"
            assert await (await guard.ask(Asked("many", {"pieces": 50}))).read()

    run(test)


def test_a_reply_that_becomes_too_long_is_broken_off(run: Any) -> None:
    async def test() -> None:
        async with guarding(rows=200) as (guard, _):
            with pytest.raises(Broken, match="longer than the server gives"):
                await (await guard.ask(Asked("many", {"pieces": PIECES}))).read()
            assert await (await guard.ask(told("on"))).read()

    run(test)


# builds -------------------------------------------------------------------------------------------------------------------------


def test_a_new_build_is_taken_over_without_a_question_lost(run: Any) -> None:
    async def test() -> None:
        look, swapped = Looked(FIRST), []
        async with guarding(look) as (guard, said):
            guard.on_swap(lambda: swapped.append(guard.current))
            slow = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 1.5})))
            look.build = SECOND
            seen = []
            while guard.current == FIRST:
                reply = await guard.ask(told("x"))
                seen.append((reply.build, await reply.read()))
            assert (await (await slow).read(), (await slow).build) == (b"waited", "1")
            reply = await guard.ask(told("x"))
            assert (reply.build, await reply.read()) == ("2", b"/second: x")
            assert set(seen) == {("1", b"/first: x")} and swapped == [SECOND]
            await until(lambda: guard.died == {"closed": 2} and guard.workers == 2)
            assert (guard.swaps, said) == (1, ["build 2 takes the place of 1"])

    run(test)


@pytest.mark.parametrize("folder", ["/damaged", "/deadly"])
def test_a_build_that_cannot_be_opened_is_not_taken_over(run: Any, folder: str) -> None:
    async def test() -> None:
        look = Looked(FIRST)
        async with guarding(look) as (guard, said):
            look.build = Current(Path(folder), "bad")
            await until(lambda: "build bad cannot be opened: 1 stays" in said)
            assert await (await guard.ask(told("x"))).read() == b"/first: x"
            look.build = SECOND
            await until(lambda: guard.current == SECOND)
            assert await (await guard.ask(told("x"))).read() == b"/second: x"

    run(test)


def test_a_build_that_is_gone_is_answered_from(run: Any) -> None:
    async def test() -> None:
        look = Looked(FIRST)
        async with guarding(look) as (guard, _):
            look.build = None
            with pytest.raises(Refused):
                await guard.ask(Asked("end", {"signal": int(signal.SIGSEGV)}))
            await until(lambda: guard.workers == 2)
            assert await (await guard.ask(told("x"))).read() == b"/first: x"

    run(test)


def test_a_first_build_that_cannot_be_opened(run: Any) -> None:
    async def test() -> None:
        look = Looked(Current(Path("/damaged"), "bad"))
        async with guarding(look, timeout=0.5) as (guard, said):
            assert guard.workers == 0
            with pytest.raises(Refused, match="the build cannot be opened"):
                await guard.ask(told("x"))
            await until(lambda: guard.died["crash"] >= 4)
            assert ["the store cannot be read: it is damaged" in text for text in said] == [True]
            look.build = FIRST
            await until(lambda: guard.workers == 2)
            assert await (await guard.ask(told("x"))).read() == b"/first: x"

    run(test)


def test_closing_refuses_what_is_asked(run: Any) -> None:
    async def test() -> None:
        async with guarding() as (guard, _):
            asking = asyncio.ensure_future(guard.ask(Asked("wait", {"seconds": 60})))
            await until(lambda: bool(list(guard.lanes.running())))
            await guard.close()
            with pytest.raises(Refused, match="cancelled"):
                await asking

    run(test)
