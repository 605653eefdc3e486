"""JSON Schema (2020-12) of what the tools take and give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}


def fields(properties: Mapping[str, Schema], required: tuple[str, ...] = (), *, open: bool = False) -> Schema:
    """Return the schema of an object; others than these properties are allowed only when it is `open`."""
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": open}
    return found | ({"required": list(required)} if required else {})


def listed(items: Schema) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


def maybe(schema: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


QUOTE = fields(
    {"report": TEXT, "start": COUNT, "end": COUNT, "place": TEXT, "quote": TEXT}, ("report", "start", "end", "place", "quote")
)

FOUND = fields(
    {
        "text": TEXT,
        "results": listed(
            fields(
                {"iri": TEXT, "kind": TEXT, "label": TEXT, "names": listed(TEXT), "matched": TEXT, "reports": COUNT},
                ("iri", "kind", "label", "names", "matched"),
            )
        ),
        "truncated": FLAG,
        "note": TEXT,
    },
    ("text", "results", "truncated"),
)

_FACT = fields(
    {
        "relation": TEXT,
        "value": TEXT,
        "name": TEXT,
        "origin": {"enum": ["reported", "derived", "catalogue"]},
        "unit": TEXT,
        "valueMax": TEXT,
        "approximate": FLAG,
        "disputed": FLAG,
        "low": TEXT,
        "high": TEXT,
        "formula": TEXT,
        "rule": TEXT,
        "fact": TEXT,
        "evidence": listed(QUOTE),
        "moreEvidence": COUNT,
    },
    ("relation", "value", "origin"),
)

_FINDING = fields(
    {
        "code": TEXT,
        "kind": {"enum": ["gap", "contradiction", "remark"]},
        "severity": TEXT,
        "message": TEXT,
        "relation": TEXT,
        "notes": listed(TEXT),
    },
    ("code", "kind", "severity", "message", "notes"),
)

_THING = fields({"iri": TEXT, "kind": TEXT, "label": TEXT, "names": listed(TEXT)}, ("iri", "kind", "label", "names"), open=True)
_GROUP = fields(
    {
        "about": TEXT,
        "label": TEXT,
        "part": TEXT,
        "stage": TEXT,
        "facts": listed(_FACT),
        "sources": listed(TEXT),
        "credits": listed(TEXT),
    },
    ("about", "label", "part", "facts"),
)
_LEFT_OUT = fields({"before": COUNT, "after": COUNT, "findings": COUNT, "how": TEXT}, ("before", "after", "findings", "how"))

DESCRIBED = fields(
    {
        "thing": _THING,
        "groups": listed(_GROUP),
        "facts": COUNT,
        "notStated": listed(TEXT),
        "findings": listed(_FINDING),
        "leftOut": _LEFT_OUT,
    },
    ("thing", "groups", "facts", "findings"),
)

_CELL: Schema = {"type": ["string", "number", "boolean", "null"]}

_EVIDENCE = fields(
    {"cell": TEXT, "relation": TEXT, "certain": FLAG, "formula": TEXT, "words": listed(QUOTE)},
    ("cell", "relation", "certain", "words"),
)

ANSWERED = fields(
    {
        "form": {"enum": ["rows", "truth", "graph"]},
        "columns": listed(TEXT),
        "rows": listed({"type": "object", "additionalProperties": _CELL}),
        "evidence": listed(listed(_EVIDENCE)),
        "truth": FLAG,
        "triples": COUNT,
        "text": TEXT,
        "truncated": FLAG,
        "note": TEXT,
        "unknown": listed(TEXT),
    },
    ("form", "truncated"),
)

_WORDS = fields({"report": TEXT, "start": COUNT, "end": COUNT, "mention": maybe(TEXT)}, ("report", "start", "end"), open=True)
_SAID = fields(
    {"claim": maybe(TEXT), "relation": TEXT, "value": TEXT, "method": TEXT, "words": _WORDS},
    ("relation", "value", "words"),
    open=True,
)
_COMPUTED = fields(
    {
        "derived": TEXT,
        "relation": TEXT,
        "value": TEXT,
        "low": maybe(TEXT),
        "high": maybe(TEXT),
        "formula": TEXT,
        "rule": TEXT,
        "assumptions": listed(TEXT),
        "claims": listed({"$ref": "#/$defs/said"}),
        "inputs": listed({"$ref": "#/$defs/computed"}),
    },
    ("derived", "relation", "value", "formula", "claims", "inputs"),
    open=True,
)
_STATED = fields(
    {
        "model": TEXT,
        "label": TEXT,
        "stage": maybe(TEXT),
        "relation": TEXT,
        "origin": TEXT,
        "value": TEXT,
        "claims": listed({"$ref": "#/$defs/said"}),
        "derived": listed({"$ref": "#/$defs/computed"}),
        "others": listed({"$ref": "#/$defs/fact"}),
        "remarks": listed({"type": "object"}),
    },
    ("model", "label", "stage", "relation", "origin", "value", "claims", "derived"),
    open=True,
)

EXPLAINED = fields(
    {
        "answer": fields(
            {
                "asked": TEXT,
                "things": listed({"type": "object"}),
                "facts": listed({"$ref": "#/$defs/fact"}),
                "absent": listed({"type": "object"}),
                "resting": listed({"$ref": "#/$defs/fact"}),
            },
            ("asked", "things", "facts", "absent", "resting"),
            open=True,
        ),
        "leftOut": TEXT,
    },
    ("answer",),
) | {"$defs": {"said": _SAID, "computed": _COMPUTED, "fact": _STATED}}
