"""A row for each claim, as RFC 4180 wants it but for line feeds; what is not stated is an empty cell."""

from __future__ import annotations

import csv
import io

from kg.export._facts import COLUMNS, facts
from kg.export._selection import Selection


def write(selection: Selection) -> bytes:
    """Return the facts of a selection as UTF-8, the names of the columns first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for fact in facts(selection):
        writer.writerow(_cell(value) for value in fact.cells())
    return text.getvalue().encode()


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
