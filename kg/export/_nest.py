"""Triples -> families: each node that stands in no other, with the runs and hardware that stand in it.

What is not asked for waits on the disk, so that a graph of any size takes the same memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from kg.terms import KG

EMBEDDED = (f"{KG}hasRun", f"{KG}hardware")
"""What leads from a node to those that stand in it."""

_PARTS = tuple(f"<{predicate}>" for predicate in EMBEDDED)
_MODEL = f"<{KG}describedIn>"
_NAME = ".nest"

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -16000;
CREATE TABLE nodes (id TEXT PRIMARY KEY, model INTEGER, whole INTEGER, lines TEXT) WITHOUT ROWID;
CREATE TABLE parents (part TEXT PRIMARY KEY, parent TEXT) WITHOUT ROWID;
"""
_ADD = """
INSERT INTO nodes VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
SET model = model | excluded.model, whole = whole | excluded.whole, lines = lines || excluded.lines
"""
_TOPS = "SELECT id, lines FROM nodes WHERE model = ? AND NOT EXISTS (SELECT 1 FROM parents WHERE part = id) ORDER BY id"


@dataclass(frozen=True, slots=True)
class Family:
    """A node that stands in no other: the lines of it and of all that stand in it by id, and in which node each of these stands.

    An id is an IRI, or the label of a blank node with `_:`; lines are those of N-Triples, with their ends.
    """

    top: str
    lines: Mapping[str, str]
    parents: Mapping[str, str]


class Nest:
    """Takes triples in any order; then gives families. What waits is in a file without a name in `folder`, None for memory."""

    def __init__(self, folder: Path | None = None) -> None:
        path = folder / _NAME if folder else None
        self._rows = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._rows.executescript(_TABLES)
        if path:
            path.unlink()

    def __enter__(self) -> Nest:
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.close()

    def add(self, lines: Iterable[str]) -> None:
        """Take lines of N-Triples, with their ends; those of a subject that follow each other are fastest."""
        self._rows.executemany(_ADD, (_row(subject, some) for subject, some in groupby(lines, key=_subject)))

    def families(self) -> Iterator[Family]:
        """Yield the families, models that a report describes first, then by id."""
        self._rows.execute("DELETE FROM parents")
        for id, lines in self._rows.execute("SELECT id, lines FROM nodes WHERE whole ORDER BY id"):
            for part in _parts(id, lines):
                if self._parent(part) is None and self._is_node(part) and part not in self._above(id):
                    self._rows.execute("INSERT INTO parents VALUES (?, ?)", (part, id))
        for is_model in (1, 0):
            for id, lines in self._rows.execute(_TOPS, (is_model,)):
                yield self._family(id, lines)

    def _family(self, top: str, lines: str) -> Family:
        found, parents, waiting = {top: lines}, dict[str, str](), [top]
        for id in waiting:
            for part in _parts(id, found[id]):
                if part not in found and self._parent(part) == id:
                    (found[part],) = self._rows.execute("SELECT lines FROM nodes WHERE id = ?", (part,)).fetchone()
                    parents[part] = id
                    waiting.append(part)
        return Family(top, found, parents)

    def _is_node(self, id: str) -> bool:
        return self._rows.execute("SELECT 1 FROM nodes WHERE id = ?", (id,)).fetchone() is not None

    def _parent(self, id: str) -> str | None:
        row: tuple[str] | None = self._rows.execute("SELECT parent FROM parents WHERE part = ?", (id,)).fetchone()
        return row[0] if row else None

    def _above(self, id: str) -> set[str]:
        """Return a node and those that it stands in."""
        found, above = {id}, self._parent(id)
        while above is not None:
            found.add(above)
            above = self._parent(above)
        return found


def _subject(line: str) -> str:
    return line[: line.index(" ")]


def _row(subject: str, lines: Iterable[str]) -> tuple[str, bool, bool, str]:
    text = "".join(lines)
    return _id(subject), _has(text, subject, _MODEL), any(_has(text, subject, way) for way in _PARTS), text


def _has(lines: str, subject: str, predicate: str) -> bool:
    begin = f"{subject} {predicate} "
    return lines.startswith(begin) or f"\n{begin}" in lines


def _parts(id: str, lines: str) -> Iterator[str]:
    """Yield what stands in a node as far as that alone tells, in order of the ways that lead there."""
    subject = id if id.startswith("_:") else f"<{id}>"
    for way in _PARTS:
        if _has(lines, subject, way):
            begin = f"{subject} {way} "
            values = sorted(line.removeprefix(begin) for line in lines.split("\n") if line.startswith(begin))
            yield from (_id(value.split(" ", 1)[0]) for value in values if not value.startswith('"'))


def _id(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term
