"""graph.nq -> its graphs, in the order of the file, and their triples.

A graph stands in one piece, its lines sorted. Nothing is parsed: what is read is where a line names its graph. The file is opened
once for a push, which may last longer than the build is kept: what is open can be read to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import BinaryIO, TypeVar

from kg.errors import BuildError

DEFAULT = ""
"""The name of the default graph."""

_CHUNK = 1 << 16  # bytes that are read at once

Digest = str
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Bound:
    """How much goes at once: triples, and bytes of their lines, for whatever stands before a store takes no more."""

    triples: int
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """A graph in a file: its IRI, where its lines begin, how many they are, the SHA-256 and the bytes of all of them."""

    graph: str
    start: int
    triples: int
    sha256: Digest
    size: int

    @property
    def holds(self) -> str:
        """Return what a store remembers that holds all of it."""
        return f"{self.triples} {self.sha256}"

    def fits(self, bound: Bound) -> bool:
        """Say whether all of it goes at once."""
        return self.triples <= bound.triples and self.size <= bound.size


def graph_of(line: bytes) -> bytes:
    """Return the graph of a line of N-Quads as it is written there, nothing for the default graph.

    >>> graph_of(b'<s> <p> <o> .'), graph_of(b'<s> <p> <o> <g> .'), graph_of(b'<s> <p> "a <b>"^^<t> .')
    (b'', b'<g>', b'')
    """
    value = line.rstrip(b"\n").split(b" ", 2)[2].removesuffix(b" .")
    last = value.rpartition(b" ")[2]
    is_iri = last.startswith(b"<") and last.endswith(b">") and b'"' not in last
    return last if is_iri and (value.startswith(b'"') or len(last) < len(value)) else b""


def parts(file: BinaryIO) -> Iterator[Part]:
    """Yield the graphs of a file; no more than some lines are held. Raise BuildError when it cannot be read."""
    name, tail, start, at, triples, digest = b"", b"", 0, 0, 0, sha256()
    for line in _lines(file, 0, _CHUNK):
        if not (tail and line.endswith(tail)) and (found := graph_of(line)) != name:
            if triples:
                yield Part(_iri(name), start, triples, digest.hexdigest(), at - start)
            name, tail = found, b" " + found + b" .\n" if found else b""
            start, triples, digest = at, 0, sha256()
        triples += 1
        at += len(line)
        digest.update(line)
    if triples:
        yield Part(_iri(name), start, triples, digest.hexdigest(), at - start)


def lines_of(file: BinaryIO, part: Part) -> Iterator[bytes]:
    """Yield the lines of a graph as they stand in the file; raise BuildError when it cannot be read."""
    return islice(_lines(file, part.start, min(_CHUNK, part.size)), part.triples)


def unreadable(error: OSError, where: str) -> BuildError:
    """Return what to say of a graph.nq that the system does not give."""
    hint = "run the same command again: it goes on where it stopped, with the newest build"
    return BuildError(f"the build cannot be read any more: {error.strerror or error}", where=where, hint=hint)


def _lines(file: BinaryIO, at: int, chunk: int) -> Iterator[bytes]:
    """Yield the lines from a place on, wherever others who read the same file leave it in between; `chunk`: bytes at once."""
    while True:
        try:
            file.seek(at)
            some = file.readlines(chunk)
        except OSError as error:
            raise unreadable(error, file.name) from error
        if not some:
            return
        yield from some
        at += sum(map(len, some))


def together(items: Iterable[_Item], bound: Bound, size: Callable[[_Item], tuple[int, int]]) -> Iterator[list[_Item]]:
    """Yield items together as far as they keep within a bound, an item that alone is more by itself; `size`: triples, bytes."""
    some: list[_Item] = []
    triples = total = 0
    for item in items:
        more, longer = size(item)
        if some and (triples + more > bound.triples or total + longer > bound.size):
            yield some
            some, triples, total = [], 0, 0
        some.append(item)
        triples, total = triples + more, total + longer
    if some:
        yield some


def bounded(lines: Iterable[bytes], bound: Bound) -> Iterator[list[bytes]]:
    """Yield lines together as far as they keep within a bound."""
    return together(lines, bound, lambda line: (1, len(line)))


def triple(line: bytes, graph: str) -> bytes:
    """Return a line of a graph as a line of N-Triples.

    >>> triple(b'<s> <p> <o> <g> .', "g")
    b'<s> <p> <o> .\\n'
    """
    text = line.rstrip(b"\n").removesuffix(b" .")
    return text.removesuffix(f" <{graph}>".encode() if graph else b"") + b" .\n"


def begins_with(file: BinaryIO, part: Part, count: int, digest: Digest) -> bool:
    """Say whether the first lines of a graph, so many, have this SHA-256."""
    found = sha256()
    if count > part.triples:
        return False
    for number, line in enumerate(lines_of(file, part)):
        if number == count:
            break
        found.update(line)
    return found.hexdigest() == digest


def changes(old: Iterator[bytes], new: Iterator[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Yield the lines that only one of two sorted sequences has, and whether it is the new one.

    >>> list(changes(iter([b"a", b"b"]), iter([b"b", b"c"])))
    [(False, b'a'), (True, b'c')]
    """
    before, after = next(old, None), next(new, None)
    while before is not None or after is not None:
        if before == after:
            before, after = next(old, None), next(new, None)
        elif after is None or (before is not None and before < after):
            yield False, before or b""
            before = next(old, None)
        else:
            yield True, after
            after = next(new, None)


def _iri(name: bytes) -> str:
    return name[1:-1].decode()
