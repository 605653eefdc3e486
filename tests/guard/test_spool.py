from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kg.guard import Broken
from kg.guard.frames import DATA, END, Frames, frame
from kg.guard.spool import Budget, Spool

SIZE = 3 << 20  # more than is kept in memory


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await test()

    asyncio.run(bounded())


def test_a_reader_that_is_behind_gets_all_of_it() -> None:
    async def test() -> None:
        budget = Budget(3 * SIZE)
        spool = Spool(budget)
        content = bytes(range(256)) * (SIZE // 256)
        pieces = spool.pieces()
        spool.put(content[:10])
        assert await anext(pieces) == content[:10]
        spool.put(content[10:])
        spool.end()
        assert b"".join([piece async for piece in pieces]) == content[10:]
        assert (spool.length, budget.left) == (SIZE, 2 * SIZE)
        spool.close()
        spool.close()
        assert budget.left == 3 * SIZE

    run(test)


def test_a_reader_waits_for_more() -> None:
    async def test() -> None:
        spool = Spool(Budget(SIZE))
        reading = asyncio.ensure_future(anext(spool.pieces()))
        ending = asyncio.ensure_future(spool.ended())
        await asyncio.sleep(0)
        assert spool.length is None
        spool.put(b"more")
        assert await reading == b"more"
        spool.end()
        await ending
        spool.close()

    run(test)


@pytest.mark.parametrize("act", [lambda spool: spool.break_off("cut"), lambda spool: spool.close()])
def test_a_reader_is_told_of_a_reply_without_an_end(act: Callable[[Spool], None]) -> None:
    async def test() -> None:
        spool = Spool(Budget(SIZE))
        pieces = spool.pieces()
        spool.put(b"a part")
        assert await anext(pieces) == b"a part"
        act(spool)
        with pytest.raises(Broken, match=r"cut|not wanted"):
            await anext(pieces)
        spool.close()
        spool.put(b"late")  # nobody wants it

    run(test)


def test_all_spools_share_what_there_is() -> None:
    async def test() -> None:
        budget = Budget(100)
        first, second = Spool(budget), Spool(budget)
        first.put(b"x" * 30)
        first.put(b"x" * 20)
        with pytest.raises(OSError, match="readers have left too much"):
            first.put(b"x")  # it would hold more than all others could
        second.put(b"x" * 50)
        first.close()
        second.close()
        assert budget.left == 100

    run(test)


@pytest.mark.parametrize("step", [1, 3, 7, 1000])
def test_messages_come_out_whole(step: int) -> None:
    sent = [(DATA, b"one"), (DATA, b""), (DATA, b"x" * 300), (END, b"")]
    content = b"".join(frame(kind, data) for kind, data in sent)
    frames = Frames()
    found = [message for at in range(0, len(content), step) for message in frames.put(content[at : at + step])]
    assert found == sent
