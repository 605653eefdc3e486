"""Files of many reports, made for the tests of ingest, and what is read of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.ingest import Input, Piece, pieces, read_piece
from kg.model import Document, Finding, Skipped

TEXT = "Ibis-7B was trained for 3 weeks on 64 GPUs."


def made(folder: Path, name: str, data: bytes | str) -> Input:
    """Write a file and return it as an input."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return Input(name, path, f"in/{name}")


def lines(*records: Mapping[str, Any] | str) -> str:
    """Return JSON Lines of objects; a string is a line as it is."""
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)


def found(input: Input) -> tuple[list[Document], list[tuple[str, str]], list[Finding]]:
    """Return what a container yields: documents, (id, reason) of failures, findings about the file."""
    met = list(pieces(input))
    documents = [read_piece(item) for item in met if isinstance(item, Piece)]
    failures = [(item.path, item.reason) for item in met if isinstance(item, Skipped)]
    assert all(item.failed for item in met if isinstance(item, Skipped))
    return documents, failures, [item for item in met if isinstance(item, Finding)]
