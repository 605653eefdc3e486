"""Rows with their evidence -> bytes: a further column with the places and the words, in every format that holds rows.

For people the column holds numbers, and the words stand below the table; as text it holds `place “words”` for each fact; JSON Lines
hold objects, and SPARQL's JSON both: text in the rows, objects beside them in `results.evidence`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from kg.chain import Sources, Words, to_json, words
from kg.errors import UsageError
from kg.places import ReportSource
from kg.sparql.evidence import Cited, Citing, claims_below
from kg.sparql.formats import Layout, write
from kg.sparql.pattern import Pattern
from kg.sparql.rows import Cite
from kg.sparql.statements import Statement, Statements
from kg.sparql.text import Answer
from kg.terminal import visible

COLUMN = "evidence"
NOTHING = "no evidence: the rows name no fact of a model; counts and what is summed up have no words of their own"

Places = Mapping[str, ReportSource]


def write_cited(
    answer: Answer,
    format: str | None,
    layout: Layout,
    pattern: Pattern,
    statements: Statements,
    sources: Sources,
    say: Callable[[str], None],
) -> bytes:
    """Return rows in a format with the words that state them; `say` is told when no row has any.

    Raise UsageError for an answer without rows.
    """
    if not isinstance(answer, ox.QuerySolutions):
        raise UsageError("only the rows of a SELECT have evidence", hint="leave out --evidence, or select what the query finds")
    content = answer.serialize(format=ox.QueryResultsFormat.JSON) or b""
    columns = [variable.value for variable in answer.variables]
    citing = Citing(statements, pattern, columns)
    cited = [citing.cite({name: row[name] for name in columns}) for row in _rows(content)]
    if not any(cited):
        say(NOTHING)
    places = sources(
        {claim.report or "" for items in cited for item in items for claim in claims_below(statements, item.statement)}
    )
    name = _free(columns)
    if format == "jsonl":
        return _json_lines(content, layout, name, [[_entry(item, statements, places) for item in items] for items in cited])
    if format in {None, "table"}:
        return _table(content, layout, name, [[_line(item, statements, places) for item in items] for items in cited])
    texts = [" | ".join(_line(item, statements, places) for item in items) for items in cited]
    document = _with_column(content, name, texts)
    if format == "json":
        document["results"][COLUMN] = [[_entry(item, statements, places) for item in items] for items in cited]
        return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "backslashreplace")
    return write(_rows(json.dumps(document).encode()), format, layout)


def cited_in(answer: ox.QuerySolutions, pattern: Pattern, statements: Statements, sources: Sources) -> Cite:
    """Return what tells, in brief, the words of the facts that a row of an answer states."""
    citing = Citing(statements, pattern, [variable.value for variable in answer.variables])

    def cite(row: Mapping[str, object]) -> list[dict[str, Any]]:
        items = citing.cite(row)
        places = sources({claim.report or "" for item in items for claim in claims_below(statements, item.statement)})
        return [_brief(item, statements, places) for item in items]

    return cite


def _brief(item: Cited, statements: Statements, places: Places) -> dict[str, Any]:
    head = {"cell": item.column, "relation": item.statement.name, "certain": item.certain}
    formula = {"formula": item.statement.one("formula") or ""} if item.statement.derived else {}
    found = [_words(claim, places) for claim in claims_below(statements, item.statement)]
    quotes = [
        {
            "report": part.report,
            "start": part.start,
            "end": part.end,
            "place": part.spot,
            "quote": " ".join((part.mention or "").split()),
        }
        for part in found
    ]
    return {**head, **formula, "words": quotes}


def _rows(content: bytes) -> ox.QuerySolutions:
    found = ox.parse_query_results(content, ox.QueryResultsFormat.JSON)
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError("rows were written, and no rows are read")
    return found


def _free(columns: Sequence[str]) -> str:
    """Return the name of the further column: another one when the query has it already."""
    names = (COLUMN, *(f"{COLUMN}{number}" for number in range(2, len(columns) + 3)))
    return next(name for name in names if name not in columns)


def _with_column(content: bytes, name: str, texts: Sequence[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(content)
    document["head"]["vars"].append(name)
    for binding, text in zip(document["results"]["bindings"], texts, strict=True):
        if text:
            binding[name] = {"type": "literal", "value": text}
    return document


def _json_lines(content: bytes, layout: Layout, name: str, entries: Sequence[Sequence[Mapping[str, Any]]]) -> bytes:
    rows = map(json.loads, write(_rows(content), "jsonl", layout).splitlines())
    lines = (json.dumps({**row, name: found}, ensure_ascii=False) for row, found in zip(rows, entries, strict=True))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _table(content: bytes, layout: Layout, name: str, lines: Sequence[Sequence[str]]) -> bytes:
    """Return a table with the numbers of notes, and the notes below it, each text once."""
    numbers: dict[str, int] = {}
    for line in (line for some in lines for line in some):
        numbers.setdefault(line, len(numbers) + 1)
    texts = [" ".join(f"[{numbers[line]}]" for line in some) for some in lines]
    table = write(_rows(json.dumps(_with_column(content, name, texts)).encode()), "table", layout)
    size = len(str(len(numbers))) + 2
    notes = "".join(f"{f'[{number}]':<{size}} {line}\n" for line, number in numbers.items())
    return table + (f"\n{notes}".encode("utf-8", "backslashreplace") if notes else b"")


def _line(item: Cited, statements: Statements, places: Places) -> str:
    statement = item.statement
    head = f"{item.column}: " if item.certain else f"{item.column} (possibly {statement.name}): "
    claims = [_place(claim, places) for claim in claims_below(statements, statement)]
    if not statement.derived:
        return head + "".join(claims)
    return visible(f"{head}{statement.one('formula') or statement.one('rule')}") + (f" ({'; '.join(claims)})" if claims else "")


def _place(claim: Statement, places: Places) -> str:
    found = _words(claim, places)
    return visible(found.spot if found.mention is None else f"{found.spot} “{' '.join(found.mention.split())}”")


def _words(claim: Statement, places: Places) -> Words:
    return words(claim.report or "", claim.number("start"), claim.number("end"), places)


def _entry(item: Cited, statements: Statements, places: Places) -> dict[str, Any]:
    statement = item.statement
    head = {"cell": item.column, "relation": statement.name, "certain": item.certain}
    if not statement.derived:
        return {**head, "claim": statement.iri, **to_json(_words(statement, places))}
    inputs = [
        {"relation": claim.name, "claim": claim.iri, **to_json(_words(claim, places))}
        for claim in claims_below(statements, statement)
    ]
    return {**head, "derived": statement.iri, "formula": statement.one("formula"), "inputs": inputs}
