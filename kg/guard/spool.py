"""A reply on its way to a reader: kept in memory, then in a file without a name, so that a slow reader holds no worker."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

from kg.guard.asked import Broken
from kg.guard.frames import PIECE

_IN_MEMORY = 1 << 20


@dataclass(slots=True)
class Budget:
    """How many bytes all spools together may still hold; none may hold more than what is left for the others."""

    left: int


class Spool:
    """Bytes written at one end and read at the other, at each one's own speed."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)
        self._written = 0
        self._ended = False
        self._broken: str | None = None
        self._changed = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Add bytes; raise OSError when there is no place for them."""
        if self._file.closed:
            return
        if self._written + len(data) > self._budget.left:  # so that something is always left for others
            raise OSError(errno.ENOSPC, "readers have left too much of other replies")
        self._budget.left -= len(data)
        try:
            self._file.seek(self._written)
            self._file.write(data)
        except OSError:
            self._budget.left += len(data)
            raise
        self._written += len(data)
        self._changed.set()

    def end(self) -> None:
        """Say that all is there."""
        self._ended = True
        self._changed.set()

    def break_off(self, detail: str) -> None:
        """Say that no more will come, though it is not all."""
        self._broken = detail
        self._changed.set()

    @property
    def length(self) -> int | None:
        """Return how many bytes there are in all, None as long as more may come."""
        return self._written if self._ended else None

    async def ended(self) -> None:
        """Wait until all is there; raise Broken when it will not come."""
        while not self._ended:
            await self._change()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come; raise Broken when they end before their end."""
        read = 0
        while True:
            while read < self._written and not self._file.closed:
                self._file.seek(read)
                piece = self._file.read(PIECE)
                read += len(piece)
                yield piece
            if self._ended:
                return
            await self._change()

    def close(self) -> None:
        """Forget the bytes; who still reads them is told."""
        if not self._ended or self._broken is None:
            self.break_off("the reply is not wanted any more")
        self._ended = False
        if not self._file.closed:
            self._budget.left += self._written
        self._file.close()

    async def _change(self) -> None:
        if self._broken is not None:
            raise Broken(self._broken)
        self._changed.clear()
        await self._changed.wait()
