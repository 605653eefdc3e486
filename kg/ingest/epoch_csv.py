"""Epoch AI's tables of AI models, as CSV: a report a row, whose cells are what it says and its evidence.

A row's source is its stretch of the file, so that places in it are places in the file. Its columns are known by the names they have
had (`epoch_csv.toml`); what no relation stands for is counted, and what a cell should say and does not is told.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from kg.errors import InputError
from kg.ingest._cells import Reading, read_cell
from kg.ingest._columns import Column, epoch
from kg.ingest._entry import Entry, Part, Refused
from kg.ingest._parsed import Parsed
from kg.ingest._remarks import Remarks
from kg.ingest._rows import Record, records
from kg.model import Cell, Finding, Table

SUFFIXES = (".csv",)

_SHOWN = 60
_ODD = ("say nothing", "repeated in their cell", "rounded", "not read")


@dataclass(slots=True)
class _Heading:
    """The columns of a table, and how many cells of each were met; `counts` is by column: what became of its cells."""

    names: tuple[str, ...]
    known: dict[int, Column]
    confidence: int | None
    filled: Counter[int] = field(default_factory=Counter)
    counts: dict[int, Counter[str]] = field(default_factory=dict)
    rows: int = 0


def reason_to_skip(head: bytes) -> str | None:
    """Return why a file that begins so is none of Epoch's tables of models."""
    first = next(records(io.BytesIO(head), ""), None)
    if not isinstance(first, Record):
        return "a table without a header"
    names = [cell.text for cell in first.cells]
    if epoch().is_catalogue(names):
        return "a table of Epoch AI's of hardware: catalogue data, not reports"
    return None if epoch().is_of_models(names) else "a table whose columns are none that kg knows"


def documents(file: BinaryIO, where: str) -> Iterator[Entry]:
    """Yield the report of each row, named after its model, and what was not read of the table."""
    rows = records(file, where)
    first = next(rows, None)
    if not isinstance(first, Record):
        return
    names = tuple(cell.text for cell in first.cells)
    if not epoch().is_of_models(names):
        known = ", ".join(epoch().model)
        raise InputError("the table is none of models", where=where, hint=f"it needs a column named one of {known}, and others")
    heading = _Heading(names, epoch().chosen(names), epoch().confidence_in(names))
    for row in rows:
        if isinstance(row, Refused):
            yield row
        elif any(cell.text.strip() for cell in row.cells):
            yield _row(row, heading)
    yield _summary(heading)


def _row(row: Record, heading: _Heading) -> Part | Refused:
    if len(row.cells) != len(heading.names):
        what = f"the row has {len(row.cells)} cells, the table {len(heading.names)} columns"
        return Refused(row.line, what, "quote a cell that holds a comma, a quote or a line end")
    heading.rows += 1
    heading.filled.update(at for at, cell in enumerate(row.cells) if cell.text.strip())
    remarks = Remarks()
    cells = [cell for at, column in heading.known.items() for cell in _cells(row, at, column, heading, remarks)]
    _doubt_count(cells, remarks)
    model = next((cell.value for cell in cells if cell.relation == "name"), None)
    cells.sort(key=lambda cell: (cell.start, cell.end, cell.relation))
    parsed = Parsed(row.text, findings=tuple(remarks.findings), table=Table("epoch", model, tuple(cells)))
    return Part(model, row.line, row.text, row.offset, parsed=parsed, context="\n".join(heading.names))


def _cells(row: Record, at: int, column: Column, heading: _Heading, remarks: Remarks) -> Iterator[Cell]:
    raw = row.cells[at]
    if not raw.text.strip():
        return
    reading = read_cell(raw.text, column, epoch().nothing)
    _count(reading, heading.counts.setdefault(at, Counter()))
    if reading.complaint:
        shown = " ".join(raw.text.split())
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        message = f"the cell of {_name(heading, at)} {reading.complaint}: “{shown}”"
        remarks.add("KG450", "warning", message, raw.start, raw.end, "nothing is taken from it")
    unsure = column.estimate and heading.confidence is not None and epoch().is_estimate(row.cells[heading.confidence].text)
    unit = next((word for word in ("datapoints", "gradients") if word in _name(heading, at)), None)
    for stated in reading.stated:
        place = raw.place(stated.start, stated.end)
        yield Cell(
            column.relation, stated.value, *place, column.stage, unit, stated.approximate or unsure, value_max=stated.value_max
        )


def _name(heading: _Heading, at: int) -> str:
    return " ".join(heading.names[at].replace("\ufeff", "").split())


def _doubt_count(cells: Sequence[Cell], remarks: Remarks) -> None:
    """Say that one number of accelerators stands beside several kinds of them."""
    kinds = [cell for cell in cells if cell.relation == "accelerator"]
    for count in (cell for cell in cells if cell.relation == "acceleratorCount"):
        if len(kinds) > 1:
            named = ", ".join(kind.value for kind in kinds)
            message = f"one number of accelerators for {len(kinds)} kinds of them"
            remarks.add("KG452", "info", message, count.start, count.end, f"{count.value} of {named}: how many of each is not said")


def _count(reading: Reading, counts: Counter[str]) -> None:
    counts["cells"] += 1
    counts["values"] += len(reading.stated)
    counts["say nothing"] += reading.empty
    counts["repeated in their cell"] += reading.repeated
    counts["rounded"] += sum(stated.rounded for stated in reading.stated)
    counts["not read"] += reading.complaint is not None


def _summary(heading: _Heading) -> Finding:
    """Return what was read of each column, and which columns were not."""
    notes = []
    for at, counts in sorted(heading.counts.items()):
        odd = ", ".join(f"{counts[what]:,} {what}" for what in _ODD if counts[what])
        said = f"{_name(heading, at)}: {counts['cells']:,} cells, {counts['values']:,} values"
        notes.append(f"{said}; {odd}" if odd else said)
    used = {*heading.known, heading.confidence}
    left = [at for at in range(len(heading.names)) if at not in used and heading.filled[at]]
    if left:
        notes.append("not read: " + ", ".join(f"{_name(heading, at)} ({heading.filled[at]:,} cells)" for at in left))
    message = f"{len(heading.counts)} of {len(heading.names)} columns of a table of {heading.rows:,} rows are read"
    return Finding("KG451", "info", message, notes=tuple(notes))
