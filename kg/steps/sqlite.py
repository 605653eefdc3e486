"""Files of SQLite that a build keeps for itself: one process writes, others read what has been committed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import BuildError, DamagedError

_CACHE = 16_000  # KiB of pages that a connection holds

_NO_RIGHT = "no permission to write", "change the folder's permissions"
_REMEDIES: dict[int | None, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space"),
    sqlite3.SQLITE_IOERR: ("the disk fails, or a file would be larger than is allowed here", "raise the limit (ulimit -f)"),
    sqlite3.SQLITE_CANTOPEN: _NO_RIGHT,
    sqlite3.SQLITE_READONLY: _NO_RIGHT,
}

# A connection must not be used in a process forked from the one that opened it, nor closed there.
_of_parents: list[sqlite3.Connection] = []


class Sqlite:
    """A file, opened in each process when it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: tuple[int, sqlite3.Connection] | None = None

    def __getstate__(self) -> Path:
        return self.path

    def __setstate__(self, path: Path) -> None:
        self.path, self._open = path, None

    def connection(self) -> sqlite3.Connection:
        """Return this process's connection."""
        if self._open and self._open[0] != os.getpid():
            _of_parents.append(self._open[1])
            self._open = None
        if self._open is None:
            self._open = os.getpid(), connected(self.path)
        return self._open[1]

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Commit what is done inside as one transaction, or nothing of it."""
        with told(self.path):
            own = self.connection()
            with own:
                yield own

    def close(self) -> None:
        """Let go of the file."""
        if self._open and self._open[0] == os.getpid():
            self._open[1].close()
        self._open = None


def connected(path: Path) -> sqlite3.Connection:
    """Open a file; what is written need not survive a power cut, because it can all be made again."""
    with told(path):
        own = sqlite3.connect(path, check_same_thread=False)
        try:
            own.execute("PRAGMA journal_mode = WAL")
            own.execute("PRAGMA synchronous = OFF")
            own.execute(f"PRAGMA cache_size = -{_CACHE}")
        except sqlite3.Error:
            own.close()
            raise
        return own


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Translate SQLite's errors."""
    try:
        yield
    except sqlite3.Error as error:
        if type(error) is sqlite3.DatabaseError:  # malformed, or no file of SQLite
            raise damaged(path, f"what kg keeps here cannot be used: {error}") from error
        otherwise = f"what kg keeps here cannot be used: {error}", "remove this file"
        what, hint = _REMEDIES.get(error.sqlite_errorcode & 0xFF if hasattr(error, "sqlite_errorcode") else None, otherwise)
        elsewhere = "or choose another folder with -o; the last build is as it was"
        raise BuildError(what, where=str(path), hint=f"{hint}, {elsewhere}") from error


def damaged(path: Path, what: str) -> DamagedError:
    """Return the error about a file that cannot be read any more."""
    return DamagedError(what, where=str(path), hint="remove this file, and build again")


def key_of(id: str) -> bytes:
    """Return a text as a key: keys are in order of code points, and half a surrogate pair has one too."""
    return id.encode("utf-8", "surrogatepass")


def text_of(key: bytes) -> str:
    """Return the text of a key."""
    return key.decode("utf-8", "surrogatepass")
