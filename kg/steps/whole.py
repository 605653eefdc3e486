"""Facts in order -> what describes and sums up all of them: the rest of graph.nq, Turtle, JSON-LD."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from kg.graph import build_triples, index_of, summaries, view_of
from kg.sparql.named import shipped
from kg.steps.facts import END, Known, Ranges
from kg.turtle import Part, head, parts

_BLOCK = 1 << 20

Each = Callable[[Callable[[int], Part], Iterable[int]], Iterable[Part]]
"""Applies a function to numbers of ranges, in several processes where that is worth while, and gives its results in order."""

SUMS = ("build", "summary")
"""Graphs that are made of all facts: the description of the build, and summaries together with the index of names."""


def summed(graph: str, ranges: Ranges, base: str) -> None:
    """Write the triples of one of SUMS beside the ranges, in order."""
    if graph == "build":
        texts = {name: query.text for name, query in shipped().items()}
        _written(ranges, graph, build_triples(ranges.lines("default"), texts, base, ranges.folder))
    else:
        view = view_of(ranges.lines("default"))
        _written(ranges, graph, summaries(view, base, ranges.folder))
        _written(ranges, "search", index_of(view, base, ranges.folder))


def _written(ranges: Ranges, name: str, triples: Iterable[str]) -> None:
    with (ranges.folder / name).open("wb", buffering=_BLOCK) as file:
        file.writelines(triple.encode() + END for triple in triples)


def default_graph(ranges: Ranges) -> Iterator[bytes]:
    """Yield the lines of graph.nq that are the default graph, when SUMS are written: the description of the build among them.

    It stands there as well because that is where SPARQL editors look for it.
    """
    description = dict(ranges.cut((ranges.folder / "build").read_bytes().decode().split(END.decode())[:-1]))
    for number in range(ranges.count):
        lines = _blocks(ranges.path("default", number))
        if number in description:
            triples = {*(line.encode() for line in description[number]), *b"".join(lines).split(END)[:-1]}
            lines = iter([b"".join(triple + END for triple in sorted(triples))])
        yield from lines


def named_graphs(ranges: Ranges, known: Known, base: str) -> Iterator[bytes]:
    """Yield the lines of graph.nq that are of no report, without those of `default_graph`, when SUMS are written."""
    graph = f"{base}graph"
    yield from _quads(_blocks(ranges.folder / "build"), f"{graph}/build")
    yield from _quads(_joined(known.catalog), f"{graph}/catalog")
    for number in range(ranges.count):
        yield from _quads(_blocks(ranges.path("derived", number)), f"{graph}/derived")
    yield from _quads(_joined(known.ontology), f"{graph}/ontology")
    yield from _quads(_blocks(ranges.folder / "summary"), f"{graph}/summary")
    yield from _quads(_blocks(ranges.folder / "search"), f"{graph}/search")


def _joined(lines: Sequence[str]) -> Iterator[bytes]:
    if lines:
        yield (" .\n".join(lines) + " .\n").encode()


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks of whole lines."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block + file.readline()


def _quads(triples: Iterable[bytes], graph: str) -> Iterator[bytes]:
    """Yield blocks of N-Triples as N-Quads."""
    end = f" <{graph}>".encode() + END
    return (block.replace(END, end) for block in triples)


def turtle_chunks(ranges: Ranges, base: str, each: Each) -> Iterator[bytes]:
    """Yield the facts about models and what they name as Turtle."""
    work = partial(turtle_of, ranges=ranges, base=base)
    used = frozenset[str]().union(*(part.used for part in each(work, range(ranges.count))))
    if used:
        yield head(used, base)
        yield from (ranges.folder.joinpath(f"turtle-{number:05d}").read_bytes() for number in range(ranges.count))


def turtle_of(number: int, ranges: Ranges, base: str) -> Part:
    """Write the body of a range's Turtle beside its lines, and return what it uses."""
    written = list(parts(ranges.lines("view", [number]), base))
    ranges.folder.joinpath(f"turtle-{number:05d}").write_bytes(b"".join(part.body for part in written))
    return Part(b"", frozenset[str]().union(*(part.used for part in written)))
