"""Rows of text -> a table: aligned for a terminal, Markdown, or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.terminal import cells, visible


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below the names of their columns; `right` are the columns of numbers."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


def aligned(table: Table) -> str:
    """Return lines whose columns stand below their names."""
    lines = [tuple(map(visible, row)) for row in (table.names, *table.rows)]
    widths = [max(map(cells, column)) for column in zip(*lines, strict=True)]
    rule = tuple("─" * width for width in widths)
    return "".join(_line(row, widths, table.right) for row in (lines[0], rule, *lines[1:]))


def _line(row: Iterable[str], widths: Iterable[int], right: frozenset[int]) -> str:
    padded = []
    for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
        space = " " * (width - cells(cell))
        padded.append(space + cell if number in right else cell + space)
    return "  ".join(padded).rstrip() + "\n"


def markdown(table: Table) -> str:
    """Return a table of GitHub's Markdown; marks in cells are escaped."""
    marks = ("---:" if number in table.right else "---" for number in range(len(table.names)))
    rows = [table.names, tuple(marks), *(tuple(map(escaped, row)) for row in table.rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


_MARKS: Mapping[int, str] = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#"})


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return visible(text).translate(_MARKS)


def as_csv(table: Table) -> str:
    """Return comma-separated values, the names of the columns first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows((table.names, *table.rows))
    return text.getvalue()
