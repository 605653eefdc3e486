"""Apache Parquet files -> frames of rows, one for all files with the same columns, and the files that Spark itself cannot read.

Which columns a file has is read in its footer: what stands in one file decides about no other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kg.ingest import Part, columns_read, entry_of_row
from kg.model import Skipped
from kg.spark._sources import LARGEST, Source, hadoop, pattern

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

URI = "replace(_metadata.file_path, ':///', ':/') uri"
"""A file's address; of a path without a host Spark writes `file:/` here and `file:///` there."""

_AT_ONCE = 8  # footers


@dataclass(frozen=True, slots=True)
class Table:
    """Files with the same columns: the columns that are read, Spark's types of them as JSON, and the rows of each file."""

    names: tuple[str, ...]
    types: str
    rows: Mapping[Source, int]

    def frame(self, spark: SparkSession, *, damaged: bool = False) -> DataFrame:
        """Return file, number and columns of all rows; of `damaged` files those that can be read."""
        from pyspark.sql.types import StructType

        reader = spark.read.schema(StructType.fromJson(json.loads(self.types))).option("ignoreCorruptFiles", str(damaged).lower())
        frame = reader.parquet(*(pattern(source.path) for source in self.rows))
        # A name may hold signs that mean something to Spark.
        columns = (f"`{name.replace('`', '``')}` c{at}" for at, name in enumerate(self.names))
        return frame.selectExpr(URI, "_metadata.row_index + 1 line", *columns)

    def shorter(self, entries: Mapping[str, int]) -> list[Source]:
        """Return the files in which fewer entries were found, by address, than they have rows."""
        return [source for source, rows in self.rows.items() if entries.get(source.uri, 0) < rows]

    def without(self, sources: Iterable[Source]) -> Table:
        """Return the table without some of its files."""
        gone = set(sources)
        return replace(self, rows={source: count for source, count in self.rows.items() if source not in gone})


def tables(spark: SparkSession, sources: Sequence[Source]) -> tuple[list[Table], list[Source]]:
    """Return the tables that some files make, and the files that are none for Spark: damaged ones, and odd ones.

    A file without a column of texts is one of those, so that it is told as a whole.
    """
    found: dict[tuple[tuple[str, ...], str], dict[Source, int]] = defaultdict(dict)
    odd = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for source, footer in zip(sources, threads.map(lambda source: _footer(spark, source), sources), strict=True):
            if footer is None:
                odd.append(source)
            else:
                found[footer[:2]][source] = footer[2]
    return [Table(names, types, rows) for (names, types), rows in found.items()], odd


def as_a_whole(sources: Iterable[Source]) -> tuple[list[Source], list[Skipped]]:
    """Return files that Spark cannot read as files for one task each, which tells what is wrong; and those too large for it."""
    every = list(sources)
    hint = "write it anew, with a column of texts, or split it"
    large = [Skipped(source.id, "Spark cannot read this Parquet file", True, hint) for source in every if source.size > LARGEST]
    return [replace(source, way="whole") for source in every if source.size <= LARGEST], large


def _footer(spark: SparkSession, source: Source) -> tuple[tuple[str, ...], str, int] | None:
    """Return the columns that are read, their types and the number of rows; None for what Spark cannot read."""
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it ships no types
    from pyspark.errors import PySparkException

    jvm: Any = spark.sparkContext._jvm
    try:
        file = jvm.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(
            jvm.org.apache.hadoop.fs.Path(source.path), hadoop(spark)
        )
        reader = jvm.org.apache.parquet.hadoop.ParquetFileReader.open(file)
        try:
            fields = list(reader.getFooter().getFileMetaData().getSchema().getFields())
            every = [field.getName() for field in fields]
            names = tuple(columns_read(every))
            if len(set(every)) < len(every) or not _has_text(names):
                return None
            return names, _types(spark, [fields[every.index(name)] for name in names]), int(reader.getRecordCount())
        finally:
            reader.close()
    except (Py4JJavaError, PySparkException):
        return None


def _has_text(names: Iterable[str]) -> bool:
    return isinstance(entry_of_row(dict.fromkeys(names, "text"), 1), Part)


def _types(spark: SparkSession, fields: Iterable[Any]) -> str:
    jvm: Any = spark.sparkContext._jvm
    session: Any = spark
    columns = jvm.java.util.ArrayList()
    for field in fields:
        columns.add(field)
    message = jvm.org.apache.parquet.schema.MessageType("report", columns)
    settings = session._jsparkSession.sessionState().conf()
    converter = jvm.org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter(settings)
    types: str = converter.convert(message).json()
    return types
