"""RDF Patch: the quads that turn the graph of one build into the other's (https://afs.github.io/rdf-delta/rdf-patch.html).

graph.nq stands graph by graph, the lines of each sorted: graphs whose lines are the same are passed over, of the others both are
walked side by side, so that nothing is held but the names of the graphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from kg.diff._difference import Difference
from kg.diff._stated import reading
from kg.manifest import build_id
from kg.store import GRAPH, Build

_END = b" .\n"
_GRAPH = re.compile(rb'<[^<>"\s]+>')
_CHUNK = 1 << 16

Lines = Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Block:
    """Where the lines of a graph stand in graph.nq, in bytes, and their hash."""

    start: int
    end: int
    digest: bytes


def write(difference: Difference, *, color: bool, width: int) -> Iterator[bytes]:
    """Yield the patch in pieces; nothing when the graphs are equal. Colour and width change nothing."""
    before, after = difference.before.build, difference.after.build
    rows = _rows(before.path / GRAPH, after.path / GRAPH)
    first = next(rows, None)
    if first is None:
        return
    yield f"H id <{_identifier(before, after)}> .\nTX .\n".encode() + first
    yield from _chunks(rows)
    yield b"TC .\n"


def _identifier(before: Build, after: Build) -> str:
    """Return an IRI that is the same for the same two builds: a UUID of version 8 (RFC 9562), which holds what one likes."""
    digest = sha256(f"{build_id(before.manifest)} {build_id(after.manifest)}".encode()).hexdigest()
    return f"uuid:{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def _chunks(rows: Lines) -> Iterator[bytes]:
    chunk = bytearray()
    for row in rows:
        chunk += row
        if len(chunk) >= _CHUNK:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


def _rows(before: Path, after: Path) -> Lines:
    """Yield the rows of the patch, graph by graph, in each in the order of the quads."""
    with reading(before):
        old = _blocks(before)
    with reading(after):
        new = _blocks(after)
    for graph in sorted(old.keys() | new.keys()):
        left, right = old.get(graph), new.get(graph)
        if left is None or right is None or left.digest != right.digest:
            end = b" " + graph + _END if graph else _END
            yield from _merged(_lines(before, left, end), _lines(after, right, end), len(end))


def _blocks(file: Path) -> dict[bytes, _Block]:
    """Return where the graphs of a file stand by name, the default graph under an empty one."""
    blocks: dict[bytes, _Block] = {}
    offset = 0
    with file.open("rb") as lines:
        for graph, members in groupby(lines, _graph_of):
            if graph in blocks:
                raise ValueError(f"the graph {graph.decode()} stands in two places")
            digest, start = sha256(), offset
            for line in members:
                digest.update(line)
                offset += len(line)
            blocks[graph] = _Block(start, offset, digest.digest())
    return blocks


def _graph_of(line: bytes) -> bytes:
    r"""Return the graph's name in a line of N-Quads, empty in the default graph.

    >>> _graph_of(b'<x:s> <x:p> "a <x:g>" .\n'), _graph_of(b'<x:s> <x:p> "a" <x:g> .\n'), _graph_of(b"<x:s> <x:p> <x:o> .\n")
    (b'', b'<x:g>', b'')
    """
    _, _, rest = line.split(b" ", 2)
    _, _, last = rest.removesuffix(_END).rpartition(b" ")
    return last if len(last) < len(rest) - len(_END) and _GRAPH.fullmatch(last) else b""


def _lines(file: Path, block: _Block | None, end: bytes) -> Lines:
    """Yield the lines of a graph, all of which end in `end`; raise BuildError when they are not sorted by what stands before it."""
    if block is None:
        return
    with reading(file), file.open("rb") as lines:
        lines.seek(block.start)
        left, last = block.end - block.start, b""
        while left > 0:
            line = lines.readline()
            if line[: -len(end)] <= last:
                raise ValueError("the lines of graph.nq are not sorted")
            left, last = left - len(line), line[: -len(end)]
            yield line


def _merged(old: Lines, new: Lines, end: int) -> Lines:
    """Yield a row for each line that stands on one side only; `end` is the length of what ends every line."""
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if left == right:
            left, right = next(old, None), next(new, None)
        elif left is not None and (right is None or left[:-end] < right[:-end]):
            yield b"D " + left
            left = next(old, None)
        elif right is not None:
            yield b"A " + right
            right = next(new, None)
