"""Functions over rows <-> functions over Arrow record batches, as Spark's `mapInArrow` wants them.

A row is a tuple of the frame's columns in order. Texts travel as bytes (`packed`): a name may hold half a surrogate pair, which no
Arrow string can, and bytes of UTF-8 sort as code points do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Row = tuple[Any, ...]
Rows = Iterator[Row]
Work = Callable[[Rows], Iterable[Row]]
"""What is done with the rows of a partition; it has to be picklable."""

_MOST_ROWS = 256
_MOST_BYTES = 8_000_000


def packed(text: str) -> bytes:
    """Return a text as bytes that sort as the text does."""
    return text.encode("utf-8", "surrogatepass")


def text(data: bytes) -> str:
    """Return a text from what `packed` made of it."""
    return data.decode("utf-8", "surrogatepass")


def mapped(frame: DataFrame, work: Work, columns: str) -> DataFrame:
    """Return the frame of what `work` makes of the rows of each partition; `columns` are names and types as SQL writes them."""
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    schema = cast(StructType, StructType.fromDDL(columns))
    return frame.mapInArrow(_InBatches(work, to_arrow_schema(schema)), schema)


def grouped(frame: DataFrame, keys: Sequence[str], within: Sequence[str], work: Work, columns: str) -> DataFrame:
    """Return the frame of what `work` makes of partitions in which rows with equal `keys` stand together, sorted by `within`."""
    together = frame.repartition(*keys).sortWithinPartitions(*keys, *within)
    return mapped(together, work, columns)


def groups(rows: Rows, keys: int = 1) -> Iterator[tuple[Row, Rows]]:
    """Yield the first `keys` values of sorted rows, and the rows that begin so, to be read before the next ones are."""
    return groupby(rows, key=lambda row: row[:keys])


@dataclass(frozen=True, slots=True)
class _InBatches:
    """Work on rows as work on record batches; `schema` is that of what comes out."""

    work: Work
    schema: Any

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        rows: list[Row] = []
        held = 0
        for row in self.work(_rows(batches)):
            rows.append(row)
            held += sum(len(value) for value in row if isinstance(value, bytes))
            if len(rows) >= _MOST_ROWS or held >= _MOST_BYTES:
                yield self._batch(rows)
                rows, held = [], 0
        if rows:
            yield self._batch(rows)

    def _batch(self, rows: Sequence[Row]) -> Any:
        import pyarrow  # type: ignore[import-untyped]  # it ships no types

        columns = [pyarrow.array(values, field.type) for values, field in zip(zip(*rows, strict=True), self.schema, strict=True)]
        return pyarrow.RecordBatch.from_arrays(columns, schema=self.schema)


def _rows(batches: Iterable[Any]) -> Rows:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
