"""A row for each claim, as RFC 4180 wants it but for line feeds; what is not stated is an empty cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from kg.export._facts import COLUMNS, facts
from kg.export._selection import Selection


def write(selection: Selection) -> Iterator[bytes]:
    """Yield the facts of a selection as UTF-8, a line each, the names of the columns first."""
    rows: Iterable[Iterable[object]] = (fact.cells() for fact in facts(selection))
    for row in chain([COLUMNS], rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(map(_cell, row))
        yield line.getvalue().encode()


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
