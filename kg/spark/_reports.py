"""Records with their names and with what is told of them -> their graphs, claims, findings and facts, in order of id."""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from kg.findings import Keys
from kg.model import Claim, Finding, Skipped
from kg.records import Record, findings_unpacked, unpack
from kg.spark._batches import Row, Rows, groups, mapped, packed, text
from kg.spark._context import Context
from kg.spark._names import names_in
from kg.spark._quads import frame_of
from kg.spark._verdicts import verdict
from kg.steps import reports as step

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

OF_REPORTS = "kind string, key binary, data binary"
"""Columns of what reports give; `kind` says what it is, `key` is the first report or the only one.

    graph        N-Quads of their graphs, a frame of Zstandard
    facts        their facts, each once, a line each
    claims       lines of claims.jsonl
    suggestions  lines of suggestions.jsonl
    findings     items of findings.json
    checked      what SHACL said of a report, and the hash of its facts
    missed       a report in which only one of two SHACL engines finds fault
"""

CLAIMS = (
    "report string, model string, relation string, value string, unit string, stage string, mention string, `start` long, "
    "`end` long, thing string, approximate boolean, valueMax string, method string, derived boolean, page long, pageStart long"
)
"""Columns of the claims, named and ordered as in claims.jsonl."""

FINDINGS = (
    "code string, severity string, message string, report string, subject string, relation string, notes array<string>, "
    "labels array<struct<report:string,`start`:long,`end`:long,text:string>>"
)

_BATCH = 64


def of_reports(records: DataFrame, told: DataFrame, context: Context) -> DataFrame:
    """Return what records (id, data, meant) give with what is `told` of them (kind, key, data)."""
    own = records.selectExpr("id", "0 turn", "data", "meant")
    others = told.selectExpr("key id", "if(kind = 'told', 1, 2) turn", "data", "cast(null as binary) meant")
    rows = own.unionByName(others).repartitionByRange("id").sortWithinPartitions("id", "turn", "data")
    return mapped(rows, partial(report, context=context), OF_REPORTS)


def report(rows: Rows, context: Context) -> Iterator[Row]:
    """Yield what reports give, of sorted rows of report, turn and what that is."""
    keys = Keys(context.schema.base, context.schema.stages)
    waiting = groups(rows)
    while reports := [(text(id), list(own)) for (id,), own in islice(waiting, _BATCH)]:
        yield from _rows(_made(reports, context, keys), packed(reports[0][0]))


def _made(reports: Sequence[tuple[str, list[Row]]], context: Context, keys: Keys) -> step.OfReports:
    schema = context.schema
    records: dict[str, Record] = {id: unpack(own[0][2]) for id, own in reports}
    names, models = names_in((own[0][3] for _, own in reports), schema.base)
    asked = [
        step.Asked(
            id,
            tuple(data for _, turn, data, _ in own if turn == 1),
            computed=tuple(marshal.loads(data) for _, turn, data, _ in own if turn == 2),  # noqa: S302 - written by this build
        )
        for id, own in reports
    ]
    sources = {id: step.source_of(record.document) for id, record in records.items()}
    given = step.Given(names, models, schema, context.shapes, keys)
    return step.of_reports(asked, records, sources, lambda id, hash: None, given)


def _rows(made: step.OfReports, first: bytes) -> Iterator[Row]:
    yield "graph", first, frame_of(made.graph)
    yield "facts", first, "\n".join(made.facts).encode()
    for kind, data in (("claims", made.claims), ("suggestions", made.suggestions)):
        if data:
            yield kind, first, data
    yield from (("findings", packed(piece.owner), piece.items) for piece in made.pieces)
    yield from (("missed", packed(id), b"") for id in made.missed)
    yield from (("checked", packed(id), verdict(hash, said)) for id, hash, said in made.checked)


def claim_rows(rows: Rows) -> Iterator[Row]:
    """Yield claims as rows of `CLAIMS`, of rows of lines of claims.jsonl."""
    for (data,) in rows:
        for line in data.splitlines():
            said = Claim.from_json(json.loads(line)).to_json()
            values = (said.get(name) for name in _NAMES)
            yield tuple(_text(value) for value in values)


_NAMES = tuple(column.strip(" `").split("`")[0].split()[0] for column in CLAIMS.split(","))


def finding_rows(rows: Rows) -> Iterator[Row]:
    """Yield findings as rows of `FINDINGS`, of rows of items of findings.json."""
    for (data,) in rows:
        for item in json.loads(b"[" + data + b"]"):
            labels = [{name: _text(label.get(name)) for name in ("report", "start", "end", "text")} for label in item["labels"]]
            plain = (_text(item.get(name)) for name in ("code", "severity", "message", "report", "subject", "relation"))
            yield *plain, [_text(note) for note in item.get("notes", ())], labels


def rows_besides(failed: Iterable[Skipped], told: Iterable[bytes]) -> Iterator[Row]:
    """Yield rows of `FINDINGS` about what could not be read, and of packed findings about files of many reports."""
    unread = (Finding("KG400", "violation", item.reason, report=item.path) for item in failed if item.failed)
    for finding in chain(unread, *map(findings_unpacked, told)):
        plain = map(_text, (finding.code, finding.severity, finding.message, finding.report, finding.subject, finding.relation))
        labels = [{name: _text(value) for name, value in asdict(label).items()} for label in finding.labels]
        yield *plain, [_text(note) for note in finding.notes], labels


def fact_rows(rows: Rows) -> Iterator[Row]:
    """Yield facts, of rows of lines."""
    for (data,) in rows:
        yield from ((line,) for line in data.split(b"\n"))


def _text(value: Any) -> Any:
    # Half a surrogate pair, as JSON input can hold it, becomes JSON's own escape.
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
