"""SHACL results, report by report in any order -> the sh:ValidationReport of a build, with a bounded amount of memory.

The results stand in the order of their nodes, which are named after what they say: what is written out waits in files without
names, and is copied from there in its turn. The bytes are those of a report that is written at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile

from kg.sorting import Sorter
from kg.turtle import Part, head, part
from kg.validate.check import Result
from kg.validate.rdf import Triple
from kg.validate.report import described, named, of_head, of_result, skolem
from kg.validate.shapes import ShapesGraph

_BLOCK = 1 << 20
_BETWEEN = b" , "
_END = b" .\n"  # of what Turtle says of a subject; no literal holds a line feed


@dataclass(frozen=True, slots=True)
class Shown:
    """A result in Turtle, with the report it is about and the name of its node."""

    report: str
    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class ReportPart:
    """Results of some reports; `described` are triples of shapes without a name that they mention, `used` the prefixes."""

    results: tuple[Shown, ...] = ()
    described: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()


def part_of_report(results: Iterable[Result], shapes: ShapesGraph, base: str) -> ReportPart:
    """Write out all results of some reports."""
    found = dict(sorted(named(results)))
    rows = {name: list(of_result(result, _node(name, base), shapes, base)) for name, result in found.items()}
    if not rows:
        return ReportPart()
    written = part([line for name in rows for line in _lines(rows[name], base)], base)
    blocks = written.body.removesuffix(_END).split(_END)
    shown = (Shown(found[name].unit, name, block + _END) for name, block in zip(rows, blocks, strict=True))
    return ReportPart(tuple(shown), frozenset(_lines(described(chain(*rows.values()), shapes), base)), written.used)


class ReportFile:
    """Takes the parts of a build's report; then gives the file. What waits is in files without names in `folder`."""

    def __init__(self, base: str, folder: Path | None = None, most: int = 32 << 20) -> None:
        self._base, self._folder = base, folder
        self._results = Sorter(folder, most)
        self._described: set[str] = set()
        self._used: frozenset[str] = frozenset()

    def __enter__(self) -> ReportFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._results.close()

    def add(self, part: ReportPart) -> None:
        """Take results of some reports."""
        for result in part.results:
            self._results.add(result.name.encode(), result.body)
        self._described |= part.described
        self._used |= part.used

    def chunks(self) -> Iterator[bytes]:
        """Yield the report in Turtle: what shapes without a name say, the results, then the report itself with all its results."""
        results = [_node("0", self._base)] if self._used else []
        about = part(_lines(of_head(f"<{self._base}validation>", results), self._base), self._base)
        shapes = part(sorted(self._described), self._base) if self._described else Part(b"", frozenset())
        yield head(about.used | shapes.used | self._used, self._base) + shapes.body
        yield from self._with_results(about.body) if results else [about.body]

    def _with_results(self, about: bytes) -> Iterator[bytes]:
        """Yield the results, and what is said about the report with all of them in place of one."""
        with TemporaryFile(dir=self._folder) as nodes:
            for _, body in self._results:
                yield body
                nodes.write(body.partition(b" ")[0] + _BETWEEN)
            nodes.truncate(nodes.tell() - len(_BETWEEN))
            nodes.seek(0)
            yield about.removesuffix(_END).rpartition(b" ")[0] + b" "
            yield from iter(partial(nodes.read, _BLOCK), b"")
            yield _END


def _node(name: str, base: str) -> str:
    return f"<{base}validation/{name}>"


def _lines(rows: Iterable[Triple], base: str) -> list[str]:
    return sorted({" ".join(skolem(term, base) for term in row) for row in rows})
