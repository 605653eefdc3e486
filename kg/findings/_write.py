"""Findings, in the order of findings.json -> the bytes of findings.index."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import accumulate

from kg.findings._keys import Keys
from kg.findings._layout import ENTRY, HEAD, MAGIC, NUMBER, POSTING, to_bytes
from kg.model import Finding


class IndexWriter:
    """Takes note of each finding when it is written; a million of them need some 100 MB."""

    __slots__ = ("_ended", "_keys", "_numbers", "_starts")

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._starts = array("Q")
        self._numbers: dict[bytes, array[int]] = {}
        self._ended: int | None = None

    def note(self, finding: Finding, start: int) -> None:
        """Take note of the next finding, whose item begins at byte `start`."""
        number = len(self._starts)
        self._starts.append(start)
        for key in self._keys.of(finding):
            numbers = self._numbers.get(key)
            if numbers is None:
                numbers = self._numbers[key] = array(POSTING)
            numbers.append(number)

    def end(self, size: int) -> None:
        """Take note of the size of findings.json: all of it is written."""
        self._ended = size

    def chunks(self) -> Iterator[bytes]:
        """Yield the index; raise ValueError as long as findings are still to be written."""
        if self._ended is None:
            raise ValueError("findings.json is not written yet")
        keys = sorted(self._numbers)
        texts = accumulate(map(len, keys), initial=0)
        postings = list(accumulate((len(self._numbers[key]) for key in keys), initial=0))
        yield HEAD.pack(MAGIC, self._ended, len(self._starts), len(keys), postings[-1])
        yield to_bytes(self._starts)
        yield NUMBER.pack(self._ended)
        yield b"".join(ENTRY.pack(text, posting) for text, posting in zip(texts, postings, strict=True))
        yield from (to_bytes(self._numbers[key]) for key in keys)
        yield b"".join(keys)
