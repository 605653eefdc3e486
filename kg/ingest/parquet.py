"""Apache Parquet: a report a row, with a column for its text.

`_record` tells which column it is. Only those that are used are read, some rows at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

from kg.errors import InputError
from kg.ingest._entry import Part, Refused
from kg.ingest._record import FIELDS, TEXT, chosen, no_text, report

SUFFIXES = (".parquet",)

LARGEST_UNPACKED = 4_000_000_000
"""Bytes of the largest Parquet file that is compressed once more: it is unpacked to a temporary file."""

_ROWS = 64
_BUFFER = 1 << 20


def documents(file: BinaryIO, where: str) -> Iterator[Part | Refused]:
    """Yield the report of each row, numbered from 1; raise InputError when the file is damaged or no column holds texts."""
    try:
        import pyarrow  # type: ignore[import-untyped]  # it ships no types
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise InputError("a Parquet file needs pyarrow", where=where, hint="pip install 'kg[parquet]'") from error
    with tempfile.TemporaryFile() as copy:
        if not file.seekable():  # it is compressed; what it holds stands at its end
            _unpack(file, copy, where)
            file = copy
        try:
            # Without threads: other processes are forked from this one.
            table = parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
            names = _columns(table.schema_arrow, where)
            rows = table.iter_batches(batch_size=_ROWS, columns=names, use_threads=False)
            yield from _reports(rows)
        except (pyarrow.ArrowException, OSError) as error:
            what = f"the Parquet file is damaged: {str(error).splitlines()[0]}"
            raise InputError(what, where=where, hint="fetch or export it again") from error


def _unpack(file: BinaryIO, copy: IO[bytes], where: str) -> None:
    while piece := file.read(_BUFFER):
        if copy.tell() + len(piece) > LARGEST_UNPACKED:
            what = f"the file unpacks to more than {LARGEST_UNPACKED:,} bytes"
            raise InputError(what, where=where, hint="Parquet is compressed inside: unpack the file, and give that")
        copy.write(piece)
    copy.seek(0)


def _columns(schema: Any, where: str) -> list[str]:
    if not chosen(schema.names, TEXT):
        what, hint = no_text(schema.names)
        raise InputError(what.replace("field", "column"), where=where, hint=hint.replace("field", "column"))
    return chosen(schema.names, tuple(dict.fromkeys(FIELDS)))


def _reports(batches: Any) -> Iterator[Part | Refused]:
    number = 0
    for batch in batches:
        for row in _rows(batch):
            number += 1
            yield report(row, number)


def _rows(batch: Any) -> Iterator[dict[str, object]]:
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):  # one value that Python cannot hold: it alone is read otherwise
        rows = ({name: _value(batch.column(name)[at]) for name in batch.schema.names} for at in range(batch.num_rows))
    yield from rows


def _value(cell: Any) -> object:
    """Return a value: a moment finer than Python's as text, text that is not UTF-8 as bytes, None for what is neither."""
    import pyarrow

    try:
        return cell.as_py()
    except (ValueError, OverflowError):
        if isinstance(cell, pyarrow.BinaryScalar):
            return cell.as_buffer().to_pybytes()
    try:
        return cell.cast(pyarrow.string()).as_py()
    except (pyarrow.ArrowException, ValueError):
        return None
