"""Rows that somebody passes on, as JSON Lines -> what they state: what their evidence names, else what their cells hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from kg.errors import UsageError
from kg.sparql.evidence import Cited, Citing
from kg.sparql.statements import Statements

_HINT = "kg query NAME --format jsonl --evidence | kg why -"


def cited_in_lines(statements: Statements, text: str) -> list[Cited]:
    """Return what rows state; raise UsageError with the line of what is no row."""
    rows = [_row(line, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not rows:
        raise UsageError("there is no row", where="standard input", hint=_HINT)
    return [cited for row in rows for cited in _cited(statements, row)]


def _row(line: str, number: int) -> dict[str, Any]:
    where = f"standard input:{number}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError("this is no JSON object", where=where, hint=_HINT) from error
    if not isinstance(row, dict):
        raise UsageError("this is no JSON object", where=where, hint=_HINT)
    return row


def _cited(statements: Statements, row: Mapping[str, Any]) -> Iterator[Cited]:
    named = [(cell, entry) for entries in row.values() for cell, entry in _entries(entries)]
    if named:
        for cell, entry in named:
            statement = statements.statement(str(entry.get("claim") or entry.get("derived")))
            if statement:
                yield Cited(cell, statement, bool(entry.get("certain", True)))
        return
    terms = {name: _term(value, statements.base) for name, value in row.items()}
    yield from Citing(statements, None, list(terms)).cite(terms)


def _entries(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what a column of evidence holds, with the names of the cells that it is about."""
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("claim", entry.get("derived")), str):
            yield str(entry.get("cell", "")), entry


def _term(value: object, base: str) -> ox.NamedNode | ox.Literal | None:
    """Return the term that a JSON value is written for: an IRI below the base or of a namespace, else a literal."""
    if value is None or isinstance(value, list | dict):
        return None
    if isinstance(value, bool):
        return ox.Literal(value)
    text = str(value)
    if text.startswith((base, "http://", "https://")):
        try:
            return ox.NamedNode(text)
        except ValueError:
            return ox.Literal(text)
    return ox.Literal(text)
