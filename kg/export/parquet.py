"""A row for each claim as an Apache Parquet file, with the columns of the CSV; what is not stated is null."""

from __future__ import annotations

from dataclasses import astuple

from kg.errors import UsageError
from kg.export._facts import COLUMNS, facts
from kg.export._selection import Selection


def write(selection: Selection) -> bytes:
    """Return the facts of a selection; raise UsageError when pyarrow is not installed."""
    try:
        import pyarrow  # type: ignore[import-untyped]  # it ships no types
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise UsageError("the export parquet needs pyarrow", hint="pip install pyarrow") from error
    kinds = {"start": pyarrow.int64(), "end": pyarrow.int64(), "approximate": pyarrow.bool_()}
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])
    rows = [dict(zip(COLUMNS, astuple(fact), strict=True)) for fact in facts(selection)]
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content
