"""Entries of files that several tasks read at once -> where each stands in its file, and which need another id than their key.

Two passes: the first counts the lines of each stretch and asks every entry what it is called; the second finds names that come
twice. Only entries with another name than their key, and files that cannot be read at all, are told to the driver.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from itertools import accumulate, groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.ingest import entries_of_lines, entry_of_row, key_of
from kg.model import Skipped
from kg.spark._batches import Row, Rows, grouped, groups, mapped, packed, text
from kg.spark._sources import Source

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SURVEY = "uri string, block long, at long, key binary, failed binary, entries long"
_TWICE = "uri string, line long, level int"
_FAR = 1 << 60  # a line that no file has, so that no key is its number
_EMPTY = ("the file holds no report", "remove it, or fill it in")
_NUMBERED = re.compile(r"(?:@\d+)+\Z")
Block = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Numbering:
    """Lines before each block of a file by (file, block); entries that lost their key by (file, line); what fails as a whole.

    `entries` are how many each file holds. An entry of level 1 is called by its key and its line; of level 2 is refused, because
    another has that name too.
    """

    before: Mapping[Block, int] = field(default_factory=dict)
    levels: Mapping[Block, int] = field(default_factory=dict)
    failed: Mapping[str, Skipped] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)

    def taken(self, uri: str, line: int, key: str) -> set[str]:
        """Return the names that an entry finds taken."""
        level = self.levels.get((uri, line), 0)
        return {key, f"{key}@{line}"} if level == 2 else {key} if level else set()


def numbering(
    lines: DataFrame | None, tables: Iterable[tuple[DataFrame, tuple[str, ...]]], files: Mapping[str, Source]
) -> Numbering:
    """Look at all files that are read in parts: `lines` with file, block and line, `tables` with file, number and named fields."""
    surveys = []
    if lines is not None:
        surveys.append(mapped(lines, partial(survey_lines, files=files), SURVEY))
    surveys += (mapped(rows, partial(survey_rows, names=names), SURVEY) for rows, names in tables)
    if not surveys:
        return Numbering()
    from pyspark.storagelevel import StorageLevel

    survey = reduce(lambda one, other: one.unionByName(other), surveys)
    survey = survey.persist(StorageLevel.DISK_ONLY)
    try:
        return _numbered(survey, files)
    finally:
        survey.unpersist()


def _numbered(survey: DataFrame, files: Mapping[str, Source]) -> Numbering:
    def twice(before: Mapping[Block, int]) -> Iterable[Row]:
        work = partial(numbered, before=before)
        keys = mapped(survey.where("key is not null"), work, "uri string, root binary, line long, key binary")
        return grouped(keys, ("uri", "root"), ("line",), named_twice, _TWICE).collect()

    return numbering_of(survey.where("key is null").collect(), files, twice)


def numbering_of(
    ends: Sequence[Row], files: Mapping[str, Source], twice: Callable[[Mapping[Block, int]], Iterable[Row]]
) -> Numbering:
    """Put together what blocks of files hold; `twice` finds names that come twice when it is told the lines before each block."""
    held: Counter[str] = Counter()
    for uri, *_, entries in ends:
        held[uri] += entries
    sizes = {(uri, block): lines for uri, block, lines, *_ in ends}
    told = {uri: f"{_EMPTY[0]}\n{_EMPTY[1]}" for uri in files if not held[uri]}
    told |= {uri: text(failed) for uri, _, _, _, failed, _ in ends if failed is not None}
    before: dict[Block, int] = {}
    for _, blocks in groupby(sorted(sizes), key=itemgetter(0)):
        own = list(blocks)
        before |= dict(zip(own, accumulate((sizes[block] for block in own), initial=0), strict=False))
    levels = {(uri, line): level for uri, line, level in twice(before)}
    return Numbering(before, levels, {uri: _skipped(files[uri], what) for uri, what in told.items()}, held)


def _skipped(source: Source, told: str) -> Skipped:
    what, _, hint = told.partition("\n")
    return Skipped(source.id, what, failed=True, hint=hint or None)


def survey_lines(rows: Rows, files: Mapping[str, Source]) -> Iterator[Row]:
    """Yield the key of each entry of lines and its place in the block; then how many lines and entries the block has.

    An entry without a key has the empty one; the row of a block has none.
    """
    for (uri, block), own in groups(rows, 2):
        lines = _Counted(row[2] for row in own)
        entries, failed = 0, None
        try:
            for entry in entries_of_lines(lines, _FAR, files[uri].display, begins=block == 0):
                entries += 1
                key = key_of(entry)
                if isinstance(key, str):
                    yield uri, block, entry.line - _FAR, b"" if key == str(entry.line) else packed(key), None, None
        except InputError as error:
            failed = packed(f"{error.what}\n{error.hint or ''}")
        yield uri, block, lines.count, None, failed, entries


def survey_rows(rows: Rows, names: Sequence[str]) -> Iterator[Row]:
    """Yield the key of each row that is an entry, and how many there are."""
    for (uri,), own in groups(rows):
        entries = 0
        for _, number, *values in own:
            entries += 1
            key = key_of(entry_of_row(dict(zip(names, values, strict=True)), number))
            if isinstance(key, str):
                yield uri, 0, number, packed(key), None, None
        yield uri, 0, 0, None, None, entries


class _Counted:
    """Lines that are counted as they are read."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


def numbered(rows: Rows, before: Mapping[Block, int]) -> Iterator[Row]:
    """Yield file, root, line and key of entries whose place in a block is known.

    All names that an entry can get have one root: its key without the numbers of lines behind it.
    """
    for uri, block, at, key, *_ in rows:
        line = before.get((uri, block), 0) + at
        name = text(key) or str(line)
        yield uri, packed(_NUMBERED.sub("", name)), line, packed(name)


def named_twice(rows: Rows) -> Iterator[Row]:
    """Yield file, line and level of the entries whose key one before them has, of rows that stand together by file and root."""
    for (uri, _), own in groups(rows, 2):
        taken: set[str] = set()
        for _, _, line, data in own:
            key = text(data)
            if key in taken:
                yield uri, line, 2 if f"{key}@{line}" in taken else 1
                key = f"{key}@{line}"
            taken.add(key)
