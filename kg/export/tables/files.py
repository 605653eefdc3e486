"""Rows -> Parquet files, a row group at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.errors import UsageError
from kg.export.tables.claims import Row
from kg.export.tables.columns import LABEL, Column, Kind, Table

_FEW = 1024  # rows that are held as they come
_ROWS = 32 * _FEW  # of a row group, which is held packed
_HALF = re.compile("[\ud800-\udfff]")


class ParquetFiles:
    """Writes rows of tables to a file each, `NAME.parquet` in a folder; raise UsageError when pyarrow is not installed.

    `about` stands in the metadata of each file.
    """

    __slots__ = ("_arrow", "_held", "_opened", "_packed", "_tables", "_writers")

    def __init__(self, folder: Path, tables: Mapping[str, Table], about: Mapping[str, str]) -> None:
        self._arrow = pyarrow()
        from pyarrow import parquet  # type: ignore[import-untyped]  # it ships no types

        self._tables, self._opened = tables, ExitStack()
        self._held: dict[str, list[Row]] = {name: [] for name in tables}
        self._packed: dict[str, list[Any]] = {name: [] for name in tables}
        schemas = {name: _schema(self._arrow, table, about) for name, table in tables.items()}
        options = {"compression": "zstd", "version": "2.6", "write_page_index": False}
        self._writers = {
            name: self._opened.enter_context(parquet.ParquetWriter(folder / f"{name}.parquet", schema, **options))
            for name, schema in schemas.items()
        }

    def __enter__(self) -> ParquetFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._opened:
            if error is None:
                for name in self._tables:
                    if self._held[name]:
                        self._pack(name)
                    self._write(name)

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Take rows of a table."""
        held = self._held[table]
        for row in rows:
            held.append(row)
            if len(held) == _FEW:
                self._pack(table)
                if len(self._packed[table]) * _FEW == _ROWS:
                    self._write(table)

    def _pack(self, table: str) -> None:
        held, schema = self._held[table], self._writers[table].schema
        columns = zip(*held, strict=True)
        arrays = [_array(self._arrow, cells, field.type) for cells, field in zip(columns, schema, strict=True)]
        self._packed[table].append(self._arrow.RecordBatch.from_arrays(arrays, schema=schema))
        held.clear()

    def _write(self, table: str) -> None:
        writer, packed = self._writers[table], self._packed[table]
        writer.write_table(self._arrow.Table.from_batches(packed, schema=writer.schema), row_group_size=_ROWS)
        packed.clear()


def pyarrow() -> Any:
    """Return the package pyarrow; raise UsageError when it is not installed."""
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise UsageError("tables need pyarrow", hint="pip install 'kg[parquet]'") from error
    return pyarrow


def about(path: Path) -> Mapping[bytes, bytes]:
    """Return the metadata of a Parquet file, empty for what is none."""
    from pyarrow import ArrowInvalid, parquet

    try:
        return parquet.read_schema(path).metadata or {}
    except (OSError, ArrowInvalid):
        return {}


def _array(arrow: Any, cells: Iterable[Any], type_: Any) -> Any:
    cells = list(cells)
    try:
        return arrow.array(cells, type=type_)
    except UnicodeEncodeError:  # half a surrogate pair, as JSON input can hold it: the graph has a replacement character there too
        return arrow.array([_whole(cell) for cell in cells], type=type_)


def _whole(cell: Any) -> Any:
    if isinstance(cell, str):
        return _HALF.sub("\ufffd", cell)
    if isinstance(cell, dict):
        return {name: _whole(part) for name, part in cell.items()}
    return [_whole(part) for part in cell] if isinstance(cell, list | tuple) else cell


def _schema(arrow: Any, table: Table, about: Mapping[str, str]) -> Any:
    fields = [
        arrow.field(column.name, _type(arrow, column), column.nullable, metadata={"definition": column.definition})
        for column in table.columns
    ]
    return arrow.schema(fields, metadata={**about, "table": table.name, "definition": table.definition})


def _type(arrow: Any, column: Column) -> Any:
    text, whole, number = arrow.string(), arrow.int64(), arrow.float64()
    types: Mapping[Kind, Any] = {
        "string": text,
        "int64": whole,
        "double": number,
        "bool": arrow.bool_(),
        "strings": arrow.list_(text),
        "integers": arrow.list_(whole),
        "numbers": arrow.list_(number),
    }
    if column.kind != "labels":
        return types[column.kind]
    return arrow.list_(arrow.struct([arrow.field(part.name, types[part.kind], part.nullable) for part in LABEL]))
