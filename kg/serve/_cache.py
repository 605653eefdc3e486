"""Replies kept in memory: the newest used stay, within a number of bytes; those of a build go with it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

_OVERHEAD = 500  # bytes of an entry beside its content


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole reply as it is sent."""

    build: str
    media_type: str
    content: bytes


class Cache:
    """Replies by ETag; `size` bytes in all, none larger than a sixteenth of that."""

    def __init__(self, size: int = 64 << 20) -> None:
        self.hits = self.misses = self.bytes = 0
        self._size = size
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def get(self, tag: str) -> Kept | None:
        """Return the reply of that ETag, None when there is none."""
        kept = self._kept.get(tag)
        if kept is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(tag)
        return kept

    def put(self, tag: str, kept: Kept) -> None:
        """Keep a reply, and forget those that were used longest ago when there are too many bytes."""
        cost = len(kept.content) + _OVERHEAD
        if cost > self._size // 16 or tag in self._kept:
            return
        self._kept[tag] = kept
        self.bytes += cost
        while self.bytes > self._size:
            _, old = self._kept.popitem(last=False)
            self.bytes -= len(old.content) + _OVERHEAD

    def clear(self) -> None:
        """Forget all replies."""
        self._kept.clear()
        self.bytes = 0
