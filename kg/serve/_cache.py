"""Replies kept in memory: the newest used stay, within a number of bytes; those of a build go with it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

_OVERHEAD = 500  # bytes of an entry beside its content


class _Reply(Protocol):
    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole reply as it is sent."""

    build: str
    media_type: str
    content: bytes


K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=_Reply)


class Cache(Generic[K, R]):
    """Replies by what tells them apart, as an ETag; `size` bytes in all, none larger than a sixteenth of that."""

    def __init__(self, size: int = 64 << 20) -> None:
        self.hits = self.misses = self.bytes = 0
        self._size = size
        self._kept: OrderedDict[K, R] = OrderedDict()

    def get(self, key: K) -> R | None:
        """Return the reply of that key, None when there is none."""
        kept = self._kept.get(key)
        if kept is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return kept

    def put(self, key: K, kept: R) -> None:
        """Keep a reply, and forget those that were used longest ago when there are too many bytes."""
        cost = len(kept.content) + _OVERHEAD
        if cost > self._size // 16 or key in self._kept:
            return
        self._kept[key] = kept
        self.bytes += cost
        while self.bytes > self._size:
            _, old = self._kept.popitem(last=False)
            self.bytes -= len(old.content) + _OVERHEAD

    def clear(self) -> None:
        """Forget all replies."""
        self._kept.clear()
        self.bytes = 0
