"""Findings of a build by their keys: counted without reading any, and only those that are wanted are read."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NoReturn

from kg.errors import BuildError
from kg.findings._items import FINDINGS, INDEX, finding_of, starts_in
from kg.findings._keys import Keys
from kg.findings._layout import ENTRY, HEAD, MAGIC, NUMBER, POSTING, Layout, from_bytes
from kg.findings._write import IndexWriter
from kg.model import Finding

Bytes = bytes | mmap

_FAR = 20  # times as many numbers: from there on it is faster to look for each than to read them all


def opened(folder: Path) -> Findings | None:
    """Open the findings of a build's own folder, None where there is no index; raise BuildError when it is damaged."""
    if not (folder / INDEX).exists():
        return None
    return Findings(_mapped(folder / INDEX), _mapped(folder / FINDINGS), str(folder))


def made_of(folder: Path, keys: Keys) -> Findings:
    """Read all findings of a build that has no index; raise BuildError when they are damaged."""
    text = _mapped(folder / FINDINGS)
    writer = IndexWriter(keys)
    starts = list(starts_in(text))
    try:
        if not starts and json.loads(text[:]) != []:
            raise ValueError("this is not written as kg does")
        for start, end in pairwise((*starts, len(text))):
            writer.note(finding_of(json.loads(_item(text, start, end))), start)
    except (ValueError, KeyError, TypeError) as error:
        _damaged(folder / FINDINGS, error)
    writer.end(len(text))
    return Findings(b"".join(writer.chunks()), text, str(folder))


class Findings:
    """The findings of a build: an index, and the text of findings.json that it is about.

    Findings have numbers, from 0 in the order of findings.json. Methods raise BuildError when something is damaged.
    """

    __slots__ = ("_folder", "_index", "_layout", "_text")

    def __init__(self, index: Bytes, text: Bytes, folder: str) -> None:
        self._index, self._text, self._folder = index, text, Path(folder)
        self._layout = self._checked()

    def __len__(self) -> int:
        return self._layout.findings

    def count(self, key: bytes) -> int:
        """Return how many findings have a key."""
        start, end = self._range(key)
        return end - start

    def counts(self, begin: bytes) -> dict[str, int]:
        """Return how many findings have each of the keys that begin so, by what follows."""
        found: dict[str, int] = {}
        for at in range(self._place(begin), self._layout.keys):
            text, (start, end) = self._key(at), self._postings(at)
            if not text.startswith(begin):
                break
            found[text[len(begin) :].decode("utf-8", "replace")] = end - start
        return found

    def numbers(self, keys: Collection[bytes]) -> Sequence[int]:
        """Return the numbers of the findings that have all of some keys, sorted; the rarest key bounds what is read."""
        ranges = sorted((self._range(key) for key in keys), key=lambda some: some[1] - some[0])
        if not ranges:
            return range(len(self))
        first, *others = ranges
        found: Sequence[int] = self._read(*first)
        for start, end in others:
            if end - start > _FAR * len(found):
                found = [number for number in found if self._holds(start, end, number)]
            else:
                found = sorted(set(found).intersection(self._read(start, end)))
        return found

    def page(self, key: bytes | None, start: int, most: int) -> list[Finding]:
        """Return the findings with a key (None: all) from the `start`th on, at most so many; no other is read."""
        if key is None:
            return self.read(range(start, min(start + most, len(self))))
        first, last = self._range(key)
        return self.read(self._read(min(first + start, last), min(first + start + most, last)))

    def with_any(self, keys: Iterable[bytes]) -> list[Finding]:
        """Return the findings that have one of some keys, in their order."""
        return self.read(sorted({number for key in keys for number in self._read(*self._range(key))}))

    def read(self, numbers: Iterable[int]) -> list[Finding]:
        """Return the findings of some numbers."""
        return list(map(self._finding, numbers))

    def _finding(self, number: int) -> Finding:
        if not 0 <= number < len(self):
            self._refuse("a finding is told of that is not there")
        start, end = (self._number(HEAD.size + NUMBER.size * (number + more)) for more in (0, 1))
        try:
            return finding_of(json.loads(_item(self._text, start, end)))
        except (ValueError, KeyError, TypeError) as error:
            _damaged(self._folder / FINDINGS, error)

    def _checked(self) -> Layout:
        if len(self._index) < HEAD.size:
            self._refuse("it is cut short")
        magic, size, *counts = HEAD.unpack_from(self._index)
        layout = Layout(*counts)
        if magic != MAGIC:
            self._refuse("it is not written by kg, or by an earlier one")
        if len(self._index) < layout.texts_at:
            self._refuse("it is cut short")
        texts, postings = self._entry(layout, layout.keys)
        if layout.texts_at + texts != len(self._index) or postings != layout.postings:
            self._refuse("it is cut short")
        if size != len(self._text):
            self._refuse(f"it is of another {FINDINGS}")
        return layout

    def _place(self, key: bytes) -> int:
        return bisect_left(range(self._layout.keys), key, key=self._key)

    def _range(self, key: bytes) -> tuple[int, int]:
        at = self._place(key)
        found = at < self._layout.keys and self._key(at) == key
        return self._postings(at) if found else (0, 0)

    def _key(self, at: int) -> bytes:
        start, end = (self._entry(self._layout, place)[0] for place in (at, at + 1))
        return self._index[self._layout.texts_at + start : self._layout.texts_at + end]

    def _postings(self, at: int) -> tuple[int, int]:
        start, end = (self._entry(self._layout, place)[1] for place in (at, at + 1))
        if not start <= end <= self._layout.postings:
            self._refuse("its parts do not fit together")
        return start, end

    def _entry(self, layout: Layout, at: int) -> tuple[int, int]:
        text, posting = ENTRY.unpack_from(self._index, layout.entries_at + ENTRY.size * at)
        return text, posting

    def _read(self, start: int, end: int) -> array[int]:
        at = self._layout.postings_at
        return from_bytes(POSTING, self._index[at + 4 * start : at + 4 * end])

    def _holds(self, start: int, end: int, number: int) -> bool:
        at = bisect_left(range(start, end), number, key=lambda place: self._read(place, place + 1)[0]) + start
        return at < end and self._read(at, at + 1)[0] == number

    def _number(self, at: int) -> int:
        return int(NUMBER.unpack_from(self._index, at)[0])

    def _refuse(self, what: str) -> NoReturn:
        _damaged(self._folder / INDEX, ValueError(what))


def _item(text: Bytes, start: int, end: int) -> bytes:
    """Return an item of the array without what parts it from the next one."""
    return text[start:end].rstrip(b"]\n ,")


def _mapped(path: Path) -> Bytes:
    """Return the content of a file, which is read where it is looked at."""
    try:
        with path.open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ) if path.stat().st_size else b""
    except OSError as error:
        _damaged(path, error)


def _damaged(path: Path, error: Exception) -> NoReturn:
    raise BuildError(f"the build cannot be read: {error}", where=str(path), hint="build again") from error
