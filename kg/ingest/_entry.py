"""What a container yields: reports, entries that cannot be read, findings about the file."""

from __future__ import annotations

from dataclasses import dataclass

from kg.ingest._parsed import Parsed
from kg.model import Field, Finding


@dataclass(frozen=True, slots=True)
class Part:
    """A report in a container.

    `key` makes its id, `FILE/KEY`: what the entry itself is called, None for its line's number. `line` counts from 1 where it
    begins (rows where a file has no lines). `source` is a stretch of the file that begins at code point `offset`, or the text that
    the entry holds in another writing when `offset` is None. `format` names the format of the source where the entry says it;
    `parsed` is for a container that reads it itself. `context` is what else its meaning depends on: a table's header.
    """

    key: str | None
    line: int
    source: str
    offset: int | None = None
    format: str | None = None
    fields: tuple[Field, ...] = ()
    parsed: Parsed | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive that is a report: its path there, which makes its id, its number from 1, and its bytes as they are."""

    path: str
    line: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be read, and why; the others are. It is told by its line, or by its `path` in an archive."""

    line: int
    reason: str
    hint: str | None = None
    path: str | None = None


Entry = Part | Member | Refused | Finding
"""A finding here is about the whole file: it has no labels and names no report yet."""
