"""One JSON object a line for each request, and for what an operator should know: who, what, how long; never a token."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any, TextIO


class Log:
    """Write lines about requests when `requests` are wanted, with the texts of queries when `queries` are."""

    def __init__(self, *, requests: bool = False, queries: bool = False, file: TextIO | None = None) -> None:
        self.requests, self.queries = requests or queries, queries
        self._file = file or sys.stderr

    def write(self, event: str, **members: Any) -> None:
        """Write a line; members that are None are left out."""
        said = {name: value for name, value in members.items() if value is not None}
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **said}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
