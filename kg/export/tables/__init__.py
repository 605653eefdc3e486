"""A build -> tables for analysis: `models`, `runs`, `facts`, `claims` and `findings`, as Parquet files or as a DuckDB database.

They are read from claims.jsonl, derived.jsonl, findings.json and the store, and written row group by row group: what is held does
not grow with the build. Equal builds give equal rows in equal order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg import __version__
from kg.errors import UsageError
from kg.export._selection import selected
from kg.export.tables.claims import ClaimRows, damaged, reports_of, rows_of
from kg.export.tables.columns import SHOWN, Table, tables_of
from kg.export.tables.database import write_database
from kg.export.tables.facts import FactRows, derived_line, stated_line
from kg.export.tables.files import ParquetFiles, about, pyarrow
from kg.export.tables.findings import finding_rows
from kg.export.tables.graph import Graph
from kg.export.tables.placing import replacing
from kg.schema import Schema, load_schema
from kg.sorting import Sorter

__all__ = ["SHOWN", "Built", "Table", "tables_of", "write_tables"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A build to read: its own folder, its manifest, its store."""

    folder: Path
    manifest: Mapping[str, Any]
    store: ox.Store


def write_tables(
    built: Built,
    format: str,
    target: Path | None,
    model: str | None = None,
    *,
    say: Callable[[str], None] = lambda text: None,
    progress: Progress = lambda what, done, total: None,
) -> None:
    """Write the tables of a build, or of one model (IRI or name) only, whole or not at all, as `parquet` or `duckdb`.

    `target` is the folder of the Parquet files, or the file of the database. `say` is told when no report describes the model.
    Raise UnknownName for a model, UsageError for a target that kg must not replace or a package that is missing, OutputError when
    nothing can be written, BuildError for a damaged build.
    """
    store, base = built.store, built.manifest["versions"]["base"]
    only = selected(store, model, base, say).model
    schema = load_schema(base)
    tables, said = tables_of(schema), {"kg": __version__, "build": built.folder.name, "base": base}
    pyarrow()
    is_own = _is_parquet if format == "parquet" else _is_database
    with replacing(_named(target, format), is_own) as (new, meanwhile):
        folder = new if format == "parquet" else meanwhile / "parts"
        folder.mkdir()
        with ParquetFiles(folder, tables, said) as files, Sorter(meanwhile) as lines:
            _fill(built, schema, Graph(store, base), only, files, lines, progress)
        if format == "duckdb":
            write_database(new, folder, tables, said)


def _named(target: Path | None, format: str) -> Path:
    """Return where to write to; raise UsageError when that is no place for tables of this format."""
    if target is None:
        kind = "a folder" if format == "parquet" else "a file"
        raise UsageError(f"the export {format} is {kind} of tables", hint="say with -o where it goes")
    if format == "parquet" and target.suffix == ".parquet":
        raise UsageError("the export parquet is a folder of tables, not a file", where=str(target), hint="name a folder with -o")
    if format == "duckdb" and target.is_dir():
        raise UsageError("this is a folder", where=str(target), hint="name a file in it")
    log = target.with_name(f"{target.name}.wal")
    if format == "duckdb" and log.exists():  # DuckDB would apply it to the new database, or refuse to open that
        hint = f"close the database there, which ends its log; or remove {log.name}, or choose another file with -o"
        raise UsageError("somebody has changes open in the database that stands here", where=str(target), hint=hint)
    return target


def _fill(
    built: Built, schema: Schema, graph: Graph, only: str | None, files: ParquetFiles, lines: Sorter, progress: Progress
) -> None:
    claims, done, total = ClaimRows(schema, graph, only), 0, built.manifest["counts"]["claims"]
    for report, said in reports_of(built.folder):
        rows, stated = claims.of(report, said)
        files.add("claims", rows)
        for fact in stated:
            lines.add(stated_line(fact))
        done += len(said)
        progress("exporting claims", done, total)
    path = built.folder / "derived.jsonl"
    try:
        for row in rows_of(path):
            lines.add(derived_line(row, schema))
    except (KeyError, TypeError) as error:
        raise damaged(path) from error
    for table, found in FactRows(schema, graph, only).of(line for line, _ in lines):
        files.add(table, found)
    files.add("findings", finding_rows(built.folder, graph, only))


def _is_parquet(place: Path) -> bool:
    """Decide whether a folder holds nothing but tables that kg has exported."""
    return place.is_dir() and all(path.suffix == ".parquet" and b"kg" in about(path) for path in place.iterdir())


def _is_database(place: Path) -> bool:
    """Decide whether a file may be replaced: any may, as with other exports."""
    return place.is_file()
