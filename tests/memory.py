"""What a build keeps for the next one, changed: to see that it is used."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from kg import pipeline
from kg.records import pack, unpack


def misremember(out: Path, old: str, new: str) -> None:
    """Write another value into each claim with a value, among the records that the next build finds."""
    with closing(sqlite3.connect(out / pipeline.SHELF)) as shelf, shelf:
        for id, data in shelf.execute("SELECT id, data FROM records").fetchall():
            record = unpack(data)
            claims = tuple(replace(claim, value=new) if claim.value == old else claim for claim in record.claims)
            shelf.execute("UPDATE records SET data = ? WHERE id = ?", (pack(replace(record, claims=claims)), id))
