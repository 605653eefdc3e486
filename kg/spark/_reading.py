"""Files -> records as rows of a frame: the first step of a build, on every worker that Spark has.

A file of JSON lines or an Apache Parquet file is read in parts; every other file, and each that is compressed, by one task.
So is a Parquet file that Spark cannot read, for what a local build would say of it.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.extract import extract
from kg.ingest import (
    Input,
    Part,
    Piece,
    Refused,
    choosy,
    entries_of_lines,
    entry_of_row,
    head_of,
    is_container,
    key_of,
    named,
    pieces,
    read,
    read_piece,
)
from kg.model import Finding, Skipped
from kg.records import findings_packed
from kg.spark._batches import Row, Rows, groups, mapped, packed
from kg.spark._context import Context
from kg.spark._numbering import Numbering, numbering
from kg.spark._parquet import URI, as_a_whole, tables
from kg.spark._sources import Source, pattern
from kg.steps import read as step

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

RECORDS = "id binary, kind string, file binary, line long, sha256 string, again boolean, names binary, data binary"
"""Columns of what is read, a row each; `kind` says what it is.

    report   a record: its file if that holds many, its names counted, packed
    broken   a report in a file of many that cannot be read
    failed   anything else that cannot be read, and what is not meant to be read
    finding  about a file of many, in the order of `line`
    seen     a file that was read as a whole
"""

_PATH = "replace(path, ':///', ':/') path"
_LOST = ("Spark did not find the file when it was to be read", "see that all machines have it, and build again")


@dataclass(frozen=True, slots=True)
class Read:
    """Rows of `RECORDS`, the files of many that cannot be read or hold nothing, and the files that are read as a whole."""

    rows: DataFrame
    failed: Sequence[Skipped]
    whole: Sequence[Source]

    def lost(self, seen: Collection[str]) -> list[Skipped]:
        """Return the files that no task has `seen`; of those that are read in parts the lines and rows are counted."""
        return [Skipped(source.id, _LOST[0], True, _LOST[1]) for source in self.whole if source.id not in seen]


def records(spark: SparkSession, sources: Sequence[Source], context: Context) -> Read:
    """Return the records of all sources; raise InputError when none can be read."""
    lines = _lines(spark, sources)
    every, odd = tables(spark, [source for source in sources if source.way == "rows"])
    files = {source.uri: source for source in sources if source.way == "lines"}
    files |= {source.uri: source for table in every for source in table.rows}
    known = numbering(lines, [(table.frame(spark, damaged=True), table.names) for table in every], files)
    short = {source for table in every for source in table.shorter(known.entries)}
    whole, failed = as_a_whole([*odd, *sorted(short, key=lambda source: source.id)])
    whole += [source for source in sources if source.way not in {"lines", "rows"}]
    failed += [item for uri, item in known.failed.items() if files[uri] not in short]
    frames = [] if lines is None else [mapped(lines, partial(read_lines, files=files, known=known, context=context), RECORDS)]
    for table in (table.without(short) for table in every):
        if table.rows:
            work = partial(read_rows, names=table.names, files=files, known=known, context=context)
            frames.append(mapped(table.frame(spark), work, RECORDS))
    by_path = {source.path: source for source in whole}
    frames += (mapped(frame, partial(read_whole, files=by_path, context=context), RECORDS) for frame in _whole(spark, whole))
    if not frames:
        raise InputError(failed[0].reason, where=failed[0].path, hint=failed[0].hint)
    return Read(reduce(lambda one, other: one.unionByName(other), frames), failed, whole)


def _paths(sources: Iterable[Source], way: str) -> list[str]:
    return [pattern(source.path) for source in sources if source.way == way]


def _lines(spark: SparkSession, sources: Sequence[Source]) -> DataFrame | None:
    paths = _paths(sources, "lines")
    if not paths:
        return None
    frame = spark.read.option("lineSep", "\n").text(paths)
    return frame.selectExpr(URI, "_metadata.file_block_start block", "cast(value as binary) line")


def _whole(spark: SparkSession, sources: Sequence[Source]) -> Iterator[DataFrame]:
    if paths := _paths(sources, "whole"):
        yield spark.read.format("binaryFile").load(paths).selectExpr(_PATH, "content")
    if sent := [source for source in sources if source.way == "sent"]:
        rows = [(source.path, Path(source.path.removeprefix("file:")).read_bytes()) for source in sent]
        yield spark.createDataFrame(rows, "path string, content binary")


def read_lines(rows: Rows, files: Mapping[str, Source], known: Numbering, context: Context) -> Iterator[Row]:
    """Yield the records of lines: rows of file, block and line."""
    for (uri, block), own in groups(rows, 2):
        if uri not in known.failed:
            source, before = files[uri], known.before[uri, block]
            entries = entries_of_lines((row[2] for row in own), before, source.display, begins=block == 0)
            yield from _entries(entries, source, known, context)


def read_rows(rows: Rows, names: Sequence[str], files: Mapping[str, Source], known: Numbering, context: Context) -> Iterator[Row]:
    """Yield the records of rows of tables: rows of file, number and columns."""
    for (uri,), own in groups(rows):
        entries = (entry_of_row(dict(zip(names, values, strict=True)), number) for _, number, *values in own)
        yield from _entries(entries, files[uri], known, context)


def _entries(entries: Iterable[Part | Refused], source: Source, known: Numbering, context: Context) -> Iterator[Row]:
    for entry in entries:
        key = key_of(entry)
        taken = known.taken(source.uri, entry.line, key) if isinstance(key, str) else set[str]()
        yield _row(named(source.input, entry, taken), context, entry.line)


def read_whole(rows: Rows, files: Mapping[str, Source], context: Context) -> Iterator[Row]:
    """Yield what stands in whole files: rows of path and content."""
    for path, content in rows:
        source = files[path]
        yield packed(source.id), "seen", None, 0, None, None, None, None
        with tempfile.TemporaryDirectory(prefix="kg-") as folder:
            copy = Path(folder, Path(source.path).name)
            copy.write_bytes(content)
            input = Input(source.id, copy, source.display)
            yield from _of_file(input, source, context)


def _of_file(input: Input, source: Source, context: Context) -> Iterator[Row]:
    module = choosy(input.path.name)
    reason = module.reason_to_skip(head_of(input) or b"") if module else None
    if reason:
        yield _failure(Skipped(source.display, reason))
    elif is_container(input):
        for at, found in enumerate(pieces(input)):
            if isinstance(found, Finding):
                yield packed(input.id), "finding", packed(input.id), at, None, None, None, findings_packed([found])
            else:
                yield _row(found, context, at)
    else:
        yield _row(input, context, 0)


def _row(found: Input | Piece | Skipped, context: Context, line: int) -> Row:
    if isinstance(found, Skipped):
        return _failure(found)
    schema = context.schema
    file = packed(found.file.id) if isinstance(found, Piece) else None
    try:
        document = read_piece(found) if isinstance(found, Piece) else read(found)
        extraction = extract(document, schema)
    except InputError as error:
        return _failure(Skipped(found.id, error.what, failed=True, hint=error.hint), file)
    head = step.head_of(replace(document, path=document.id), extraction, step.things(schema))
    return packed(head.id), "report", file, line, head.sha256, head.again, head.names, head.data


def _failure(failed: Skipped, file: bytes | None = None) -> Row:
    told = marshal.dumps((failed.path, failed.reason, failed.failed, failed.hint), 2)
    return packed(failed.path), "broken" if file else "failed", file, 0, None, None, None, told
