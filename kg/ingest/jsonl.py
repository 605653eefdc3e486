"""JSON Lines: a report a line, in an object with a field for its text.

`_record` tells which field it is; a line that is no such object fails alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from kg.ingest._entry import Part, Refused
from kg.ingest._lines import lines
from kg.ingest._record import report

SUFFIXES = (".jsonl", ".ndjson")


def documents(file: BinaryIO, where: str) -> Iterator[Part | Refused]:
    """Yield the report of each line; blank lines are passed over."""
    for line in lines(file, where):
        if isinstance(line, Refused):
            yield line
        elif text := line[1].lstrip("\ufeff").rstrip():
            yield _report(text, line[0])


def _report(text: str, number: int) -> Part | Refused:
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        return Refused(number, f"the line is not JSON: {error.msg} at its column {error.colno}", "write one object a line")
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets within brackets without end
        return Refused(number, f"the line is JSON beyond all measure: {error}", "write one object a line")
    if not isinstance(record, dict):
        return Refused(number, "the line is not a JSON object", 'write one object a line: {"id": "...", "text": "..."}')
    return report(record, number)
