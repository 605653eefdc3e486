"""The look-out for new builds, whatever the look itself meets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import RemoteError
from kg.guard import Current, Guard, Limits

FIRST, SECOND = Current(Path("/first"), "1"), Current(Path("/second"), "2")


def test_a_fault_of_a_look_is_said_and_the_next_build_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.guard.guard._LOOK", 0.01)
    faults = AttributeError("odd"), AttributeError("odd"), RemoteError("away"), KeyError("strange")
    met: Iterator[Current | Exception] = iter([FIRST, *faults])
    said: list[str] = []

    def look() -> Current:
        found = next(met, SECOND)
        if isinstance(found, Exception):
            raise found
        return found

    async def serve() -> None:
        guard = Guard(look, Limits(workers=1), tasks="tests.guard.doings", say=said.append)
        await guard.start()
        try:
            async with asyncio.timeout(60):
                while guard.current != SECOND:
                    await asyncio.sleep(0.01)
        finally:
            await guard.close()

    asyncio.run(serve())
    told = [text.splitlines()[-1] for text in said if "the look for a new build ended in a fault" in text]
    assert told == ["AttributeError: odd", "KeyError: 'strange'"]
