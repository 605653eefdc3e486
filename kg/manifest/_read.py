"""manifest.json -> what it says, without its inputs where they are not wanted: a large build has a million of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, overload

from kg.errors import BuildError

Manifest = Mapping[str, Any]

# How the inputs begin, how one of them begins and ends, and what stands behind the last one.
_INPUTS = b'\n "inputs": ['
_INPUT = b'\n  {\n   "id": '
_INPUT_ENDS = b"\n  }"
_LAST_INPUT = b'\n ],\n "files": ['
_COUNTS = b'\n "counts": {\n'
_OF_A_FILE = b'\n   "file": '


class Inputs(Sequence[Mapping[str, Any]]):
    """The inputs in a manifest file, read one by one as they are asked for; BuildError when one is none."""

    __slots__ = ("_count", "_end", "_path", "_start", "_text")

    def __init__(self, path: Path, text: mmap, start: int, end: int) -> None:
        self._path, self._text, self._start, self._end = path, text, start, end
        self._count: int | None = None

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return map(self.entry, self.pieces())

    def __len__(self) -> int:
        if self._count is None:
            self._count = sum(1 for _ in self.pieces())
        return self._count

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return list(self)[index]
        for piece in islice(self.pieces(), range(len(self))[index], None):
            return self.entry(piece)
        raise IndexError(index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def alone(self) -> Iterator[Mapping[str, Any]]:
        """Yield the inputs that are files of their own; those that stand in a file of many are not parsed."""
        return (self.entry(piece) for piece in self.pieces() if _OF_A_FILE not in piece)

    def pieces(self) -> Iterator[bytes]:
        """Yield the inputs as they stand in the file."""
        start = self._start
        while start < self._end:
            end = self._text.find(_INPUT_ENDS, start, self._end) + len(_INPUT_ENDS)
            if end < start:
                raise _damaged(self._path, "an input has no end")
            yield self._text[start:end]
            start = end + 1

    def entry(self, piece: bytes) -> Mapping[str, Any]:
        """Return what one of the pieces says."""
        try:
            entry = json.loads(piece)
        except ValueError as error:
            raise _damaged(self._path, str(error)) from error
        match entry:
            case {"id": str(), "sha256": str() | None}:
                return dict(entry)
        raise _damaged(self._path, "an input has no id or no hash")


Change = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


def changes(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    """Yield the inputs of two builds that differ in anything, each with the one of its id on the other side, None without.

    Both are in order of id, as in a manifest. Those that are equal are not parsed.
    """
    left, right = (_Ahead(inputs) for inputs in (old, new))
    while left.piece is not None or right.piece is not None:
        if left.piece == right.piece:
            left.step()
            right.step()
            continue
        before, after = left.entry(), right.entry()
        if after is None or (before is not None and before["id"] < after["id"]):
            left.step()
            yield before, None
        elif before is None or after["id"] < before["id"]:
            right.step()
            yield None, after
        else:
            left.step()
            right.step()
            if before != after:
                yield before, after


class _Ahead:
    """Inputs one after the other: `piece` is what the next one is compared by, None behind the last one."""

    def __init__(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        self._entry = inputs.entry if isinstance(inputs, Inputs) else json.loads
        self._rest = inputs.pieces() if isinstance(inputs, Inputs) else (json.dumps(entry).encode() for entry in inputs)
        self.step()

    def step(self) -> None:
        """Go on to the next one."""
        self.piece = next(self._rest, None)

    def entry(self) -> Mapping[str, Any] | None:
        """Return the next one."""
        return None if self.piece is None else self._entry(self.piece)


def _damaged(path: Path, what: str) -> BuildError:
    return BuildError(f"the build cannot be read: {what}", where=str(path), hint="build again")


def read(path: Path) -> Any:
    """Return what a manifest file holds, its inputs as `Inputs` where kg has written it.

    Raises OSError, and ValueError when it is no JSON.
    """
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise ValueError("it is empty")
        text = mmap(file.fileno(), 0, access=ACCESS_READ)
    begin, last = text.find(_INPUTS), text.rfind(_LAST_INPUT)
    start = begin + len(_INPUTS)
    if begin < 0 or last < start:
        return json.loads(text[:])
    found = json.loads(text[:start] + text[last + 2 :])
    return found | {"inputs": Inputs(path, text, start, last)}


def inputs_named(path: Path, reports: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return what a build's manifest file says of some inputs, which it lists in order of id; the others are not read.

    A large build has a hundred thousand. Raises OSError and ValueError when the file is damaged.
    """
    found: dict[str, Mapping[str, Any]] = {}
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        last = text.rfind(_LAST_INPUT)
        for report in reports:
            start = _input_at(text, report, last if last >= 0 else len(text))
            if start >= 0:
                found[report] = json.loads(text[start : text.find(b"\n  }", start) + 4])
    return found


def counts_in(path: Path) -> Mapping[str, Any]:
    """Return what a build's manifest file counts, without reading all that stands before it.

    Raises OSError and ValueError when the file is damaged.
    """
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        start = text.rfind(_COUNTS)
        end = text.find(b"\n }", start)
        if start < 0 or end < 0:  # written by something else: it may stand in the file in any form
            return _counts_of(json.loads(text[:]))
        return _counts_of(json.loads(b"{" + text[start : end + 3] + b"}"))


def _counts_of(found: object) -> Mapping[str, Any]:
    match found:
        case {"counts": {"reports": int(), "models": int(), "codes": {}} as counts}:
            return dict(counts)
    raise ValueError("it counts nothing")


def _input_at(text: mmap, report: str, last: int) -> int:
    """Return where the entry of an input begins, -1 when there is none: by halves, and where that fails, one by one."""
    low, high = 0, last
    while low < high:
        start = text.rfind(_INPUT, low, (low + high) // 2 + len(_INPUT))
        if start < 0:  # the lower half begins no entry: go on where the next one does
            start = text.find(_INPUT, (low + high) // 2, high)
        if start < 0:
            break
        end = text.find(b"\n", start + len(_INPUT))
        id = json.loads(text[start + len(_INPUT) : end].rstrip(b","))
        if id == report:
            return start
        low, high = (end, high) if id < report else (low, start)
    return text.find(_INPUT + json.dumps(report, ensure_ascii=False).encode("utf-8", "replace") + b",\n")
