"""Records on disk by report id, kept from one build to the next: what did not change need not be read again.

Beside the records lie what is known of files of many reports, and what SHACL said about facts. A record holds while the report's
bytes and all versions that decide about reading are the same; of what lies here nothing is needed to understand a build.

In SQLite: ids are keys in the order of code points. One process writes; others read what has been committed.
"""

from __future__ import annotations

import marshal
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import DamagedError
from kg.model import Origin
from kg.names import Spelling
from kg.records import Record, place, unpack
from kg.steps.sqlite import Sqlite, damaged, key_of, text_of, told

_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB)",
    "CREATE TABLE heads"
    " (id BLOB PRIMARY KEY, sha256 TEXT, file BLOB, line INT, place INT, again INT, round INT, names BLOB) WITHOUT ROWID",
    "CREATE TABLE records (id BLOB PRIMARY KEY, data BLOB)",
    "CREATE TABLE files (id BLOB PRIMARY KEY, sha256 TEXT, round INT, heads INT, data BLOB) WITHOUT ROWID",
    "CREATE TABLE checked (id BLOB PRIMARY KEY, facts TEXT, engine TEXT, data BLOB)",
    "CREATE INDEX by_file ON heads (file)",
)
Named = tuple[str, Iterable[Spelling], Mapping[Spelling, int]]

_LAYOUT = b"2 "  # of the tables

_AT_ONCE = 5000  # heads that are read at a time
_NEAR = 512  # records that a process keeps unpacked


@dataclass(frozen=True, slots=True)
class Head:
    """A record for the shelf: id, what only equal documents share, the file of many it stands in, its names counted, and packed.

    `again` is true of one that was not read as the settings wanted it.
    """

    id: str
    sha256: str
    file: str | None
    names: bytes
    data: bytes
    again: bool = False


class Shelf:
    """The records of a build, and those of the build before that are still to be asked for.

    `decided` are those that people's decisions changed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.round = 0
        self.decided: dict[str, Record] = {}
        self._file = Sqlite(path)
        self._near: dict[str, Record] = {}
        self._forgotten: set[str] = set()

    # Writing --------------------------------------------------------------------------------------------------------------------

    def begin(self, versions: bytes) -> None:
        """Begin a build: forget everything when a version differs from those of the last one."""
        with self._writing() as own:
            own.execute("BEGIN IMMEDIATE")
            tables = [name for (name,) in own.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            kept = dict(own.execute("SELECT name, value FROM meta")) if "meta" in tables else {}
            if kept.get("versions") != _LAYOUT + versions:
                for table in tables:
                    own.execute(f"DROP TABLE {table}")
                for made in _TABLES:
                    own.execute(made)
            self.round = kept.get("round", 0) + 1
            own.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [("versions", _LAYOUT + versions), ("round", self.round)])

    def put(self, heads: Iterable[Head], same: Iterable[tuple[str, Origin | None]] = ()) -> list[tuple[str, str | None]]:
        """Keep records, and those that are as they were; return id and file of those whose id another report has already.

        What is known of a file of many is forgotten as soon as one of its reports changes: it may be the last that is changed.
        """
        twice: list[tuple[str, str | None]] = []
        with self._writing() as own:
            for head in heads:
                key = key_of(head.id)
                if own.execute("SELECT 1 FROM heads WHERE id = ? AND round = ?", (key, self.round)).fetchone():
                    twice.append((head.id, head.file))
                    continue
                self._forget_file(own, head.file)
                row = (key, head.sha256, head.file and key_of(head.file), None, None, head.again, self.round, head.names)
                own.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
                own.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (key, head.data))
            for id, origin in same:
                file = origin.file if origin else None
                values = (*_placed(origin), self.round, key_of(id), self.round)
                found = own.execute("UPDATE heads SET file = ?, line = ?, place = ?, round = ? WHERE id = ? AND round < ?", values)
                if not found.rowcount:
                    twice.append((id, file))
                self._forget_file(own, file)
        return twice

    def _forget_file(self, own: sqlite3.Connection, id: str | None) -> None:
        if id is not None and id not in self._forgotten:
            own.execute("DELETE FROM files WHERE id = ?", (key_of(id),))
            self._forgotten.add(id)

    def same_file(self, id: str, sha256: str | None) -> Any:
        """Return what is known of a file of many that holds what it held, and keep all its reports; None when it does not."""
        key = key_of(id)
        row = self._one("SELECT data, heads FROM files WHERE id = ? AND sha256 = ?", (key, sha256))
        if row is None:
            return None
        (heads, again) = self._one("SELECT count(*), total(again) FROM heads WHERE file = ?", (key,))
        if again or heads != row[1]:
            return None
        with self._writing() as own:
            own.execute("UPDATE heads SET round = ? WHERE file = ?", (self.round, key))
            own.execute("UPDATE files SET round = ? WHERE id = ?", (self.round, key))
        return self._plain(row[0])

    def end(self, files: Iterable[tuple[str, str | None, Any]] = ()) -> int:
        """Forget what no input of this build is, and return how many reports that were; all reports are here.

        Kept is what is known of the `files` of many that were read: id, hash, and plain data.
        """
        with self._writing() as own:
            gone = "SELECT id FROM heads WHERE round <> ?"
            for table in ("records", "checked"):
                own.execute(f"DELETE FROM {table} WHERE id IN ({gone})", (self.round,))  # noqa: S608
            forgotten = own.execute("DELETE FROM heads WHERE round <> ?", (self.round,)).rowcount
            own.execute("DELETE FROM files WHERE round <> ?", (self.round,))
            for id, sha256, known in files:
                row = (key_of(id), sha256, self.round, marshal.dumps(known), key_of(id))
                own.execute("INSERT OR REPLACE INTO files SELECT ?, ?, ?, count(*), ? FROM heads WHERE file = ?", row)
        return forgotten

    def put_checked(self, rows: Iterable[tuple[str, str, bytes]], engine: str) -> None:
        """Keep what SHACL says when an engine looks: report, hash of its facts, and what was said."""
        with self._writing() as own:
            keyed = ((key_of(id), facts, engine, data) for id, facts, data in rows)
            own.executemany("INSERT OR REPLACE INTO checked VALUES (?, ?, ?, ?)", keyed)

    # Reading --------------------------------------------------------------------------------------------------------------------

    def hash(self, id: str) -> str | None:
        """Return the hash of the bytes a record was read from, None when there is none that holds."""
        row = self._one("SELECT sha256 FROM heads WHERE id = ? AND NOT again", (key_of(id),))
        return row[0] if row else None

    def has(self, id: str) -> bool:
        """Decide whether there is a record."""
        return self._one("SELECT 1 FROM heads WHERE id = ?", (key_of(id),)) is not None

    def ids(self) -> Iterator[str]:
        """Yield the ids of all records in order."""
        yield from (text_of(id) for id, _ in self._all("round"))

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield id and file of the records that stand in a file of many, in order."""
        yield from ((text_of(id), text_of(file)) for id, file in self._all("file") if file is not None)

    def names(self) -> Iterator[Named]:
        """Yield id, the names in suggestions, and the counted names in claims of each record as it was read, in order."""
        for id, data in self._all("names"):
            claimed, suggested = self._plain(data)
            yield text_of(id), suggested, {(kind, name): count for kind, name, count in claimed}

    def size(self) -> int:
        """Return how many records there are."""
        found: int = self._one("SELECT count(*) FROM heads")[0]
        return found

    def record(self, id: str) -> Record:
        """Return a record; those asked for of late are at hand."""
        found = self.decided.get(id) or self._near.get(id)
        if found is None:
            if len(self._near) >= _NEAR:
                self._near.clear()
            found = self._near[id] = self.read(id)
        return found

    def read(self, id: str) -> Record:
        """Return a record as it was read, whatever people decided."""
        query = "SELECT data, file, line, place FROM records JOIN heads USING (id) WHERE id = ?"
        row = self._one(query, (key_of(id),))
        if row is None:
            raise damaged(self.path, f"the record of {id} is lost")
        data, file, line, place = row
        try:
            return unpack(data, None if line is None else Origin(text_of(file), line, place))
        except (zlib.error, EOFError, ValueError, TypeError) as error:
            raise damaged(self.path, f"the record of {id} is damaged") from error

    def places(self) -> Iterator[dict[str, Any]]:
        """Yield the id of each record, and where it stands in a file of many."""
        for id in self.ids():
            yield {"id": id, **place(self.read(id).document)}

    def forget_checked(self) -> None:
        """Forget what SHACL said."""
        with self._writing() as own:
            own.execute("DELETE FROM checked")

    def checked(self, id: str, facts: str, engine: str) -> bytes | None:
        """Return what SHACL said about a report with these facts, when this engine looked, or pyshacl, whose word is published."""
        query = "SELECT data FROM checked WHERE id = ? AND facts = ? AND engine IN (?, 'pyshacl')"
        row = self._one(query, (key_of(id), facts, engine))
        return row[0] if row else None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _one(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        with told(self.path):
            return self._file.connection().execute(query, values).fetchone()

    def _all(self, columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield columns of all heads in order, some at a time: a reader that stays open keeps the log from being taken over."""
        last = b""
        while True:
            with told(self.path):
                query = f"SELECT id, {columns} FROM heads WHERE id > ? ORDER BY id LIMIT {_AT_ONCE}"  # noqa: S608
                rows = self._file.connection().execute(query, (last,)).fetchall()
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1][0]

    def _plain(self, data: bytes) -> Any:
        try:
            return marshal.loads(data)  # noqa: S302  # kg itself wrote it
        except (EOFError, ValueError, TypeError) as error:
            raise damaged(self.path, "a record is damaged") from error

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._file.writing()


def _placed(origin: Origin | None) -> tuple[bytes | None, int | None, int | None]:
    return (key_of(origin.file), origin.line, origin.offset) if origin else (None, None, None)


def names_packed(counts: Mapping[Spelling, int], suggested: Iterable[Spelling]) -> bytes:
    """Return the counted names of a report's claims, and the names in its suggestions, as bytes."""
    return marshal.dumps(([(kind, name, count) for (kind, name), count in sorted(counts.items())], sorted(suggested)), 2)


@contextmanager
def opened_shelf(path: Path, versions: bytes) -> Iterator[Shelf]:
    """Open a shelf for a build with these versions; one that is no file of SQLite is made anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(path)
    try:
        try:
            shelf.begin(versions)
        except DamagedError:
            shelf.close()
            remove_shelf(path)
            shelf.begin(versions)
        yield shelf
    finally:
        shelf.close()


def remove_shelf(path: Path) -> None:
    """Remove a shelf: what lies on it can be made again."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
