"""One document with everything: counts, and each change with the values, claims and places of both sides.

IRIs are whole, each side's with its own base.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kg.diff._difference import Change, DerivedValue, Difference, Model, Side, Value
from kg.diff._quotes import Sources, Texts, label_of, texts_of
from kg.model import Finding, Label
from kg.places import place


def write(difference: Difference, *, color: bool, width: int) -> Iterator[bytes]:
    """Yield the document; colour and width change nothing."""
    text = json.dumps(_document(difference), indent=1, ensure_ascii=False) + "\n"
    yield text.encode("utf-8", "backslashreplace")


def _document(difference: Difference) -> dict[str, Any]:
    texts = texts_of(difference)
    sides = {"before": difference.before, "after": difference.after}
    return {
        **{name: {"name": side.name, "base": side.base} for name, side in sides.items()},
        "counts": difference.counts(),
        "unchanged": difference.unchanged,
        "reports": [{"change": change.kind, **dict(change.sides())} for change in difference.reports],
        "edited": list(difference.edited),
        "models": [_change(change, lambda name, item: _model(item, sides[name])) for change in difference.models],
        "facts": [_fact(change, sides, texts) for change in difference.facts],
        "derived": [_derived(change) for change in difference.derived],
        "findings": [_change(change, lambda name, item: _finding(item, texts.of(name))) for change in difference.findings],
    }


def _change(change: Change[Any], shown: Any) -> dict[str, Any]:
    return {"change": change.kind, **{name: shown(name, item) for name, item in change.sides()}}


def _model(item: Model, side: Side) -> dict[str, Any]:
    return {"iri": side.base + item.iri, "label": item.label, "facts": item.facts, "reports": list(item.reports)}


def _fact(change: Change[Value], sides: dict[str, Side], texts: Texts) -> dict[str, Any]:
    value = change.item
    about = {"model": value.label, "stage": value.stage, "relation": value.relation}
    return {"change": change.kind, **about, **{name: _value(item, sides[name], texts.of(name)) for name, item in change.sides()}}


def _value(value: Value, side: Side, sources: Sources) -> dict[str, Any]:
    claim = value.claims[0]
    return {
        "value": claim.value,
        "thing": claim.thing,
        "valueMax": claim.value_max,
        "unit": claim.unit,
        "approximate": all(said.approximate for said in value.claims),
        "quotes": [_quote(label_of(said), sources) for said in value.claims],
    }


def _derived(change: Change[DerivedValue]) -> dict[str, Any]:
    row = change.item.row
    about = {"model": row["label"], "stage": row["stage"], "relation": row["relation"], "rule": row["rule"]}
    return {"change": change.kind, **about, **{name: dict(item.row) for name, item in change.sides()}}


def _finding(finding: Finding, sources: Sources) -> dict[str, Any]:
    names = ("code", "severity", "message", "report", "subject", "relation")
    return {
        **{name: getattr(finding, name) for name in names},
        "labels": [{**_quote(label, sources), "text": label.text} for label in finding.labels],
        "notes": list(finding.notes),
    }


def _quote(label: Label, sources: Sources) -> dict[str, Any]:
    at = place(label, sources)
    return {
        "report": label.report,
        "path": at and at.path,
        "start": label.start,
        "end": label.end,
        **({"page": at.page} if at and at.page else {}),
        "line": at and at.line,
        "column": at and at.column,
        "endLine": at and at.end_line,
        "endColumn": at and at.end_column,
        "mention": at and at.text,
    }
