"""Parquet files of tables -> a DuckDB database, with what tables and columns hold as their comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kg.errors import OutputError, UsageError
from kg.export.tables.columns import LABEL, Column, Kind, Table

_SQL: Mapping[Kind, str] = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "strings": "VARCHAR[]",
    "integers": "BIGINT[]",
    "numbers": "DOUBLE[]",
}
_MEMORY = "512MB"


def write_database(path: Path, parts: Path, tables: Mapping[str, Table], about: Mapping[str, str]) -> None:
    """Make a DuckDB database of the Parquet files in a folder, with what tables and columns hold as their comments.

    Raise UsageError when duckdb is not installed, OutputError when the database cannot be written.
    """
    with _database(path, parts) as run:
        run("CREATE TABLE about (name VARCHAR NOT NULL, value VARCHAR NOT NULL)")
        for name, value in about.items():
            run("INSERT INTO about VALUES (?, ?)", [name, value])
        for table in tables.values():
            columns = ", ".join(f'"{column.name}" {_sql(column)}' for column in table.columns)
            run(f'CREATE TABLE "{table.name}" ({columns})')
            part = _text(str(parts / f"{table.name}.parquet"))
            run(f'INSERT INTO "{table.name}" SELECT * FROM read_parquet({part})')  # noqa: S608 - of names that stand in this package
            for statement in _comments(table):
                run(statement)


@contextmanager
def _database(path: Path, scratch: Path) -> Iterator[Any]:
    duckdb = _duckdb()
    settings = {"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(scratch), "autoload_known_extensions": False}
    try:
        with duckdb.connect(str(path), config=settings) as database:
            yield database.execute
            database.execute("CHECKPOINT")
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        hint = "free some space, or choose another place with -o"
        raise OutputError(f"the database cannot be written: {error}", where=str(path), hint=hint) from error


def _duckdb() -> Any:
    try:
        import duckdb
    except ModuleNotFoundError as error:
        if error.name != "duckdb":
            raise
        raise UsageError("the export duckdb needs duckdb", hint="pip install 'kg[duckdb]'") from error
    return duckdb


def _sql(column: Column) -> str:
    if column.kind == "labels":
        fields = ", ".join(f'"{part.name}" {_SQL[part.kind]}' for part in LABEL)
        return f"STRUCT({fields})[] NOT NULL"
    return _SQL[column.kind] + ("" if column.nullable else " NOT NULL")


def _comments(table: Table) -> Iterator[str]:
    text = _text(f"{table.definition}; in order of {table.order}")
    yield f'COMMENT ON TABLE "{table.name}" IS {text}'
    for column in table.columns:
        more = "".join(f"; {word} {said}" for word, said in (("in", column.unit), ("see", column.refers)) if said)
        yield f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS {_text(column.definition + more)}'


def _text(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
