"""Ontology -> the JSON schema of an answer, and the answer's text -> claims as the model wrote them.

The schema keeps to what strict structured output allows everywhere: every property required, none besides, `anyOf` and `enum`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kg.schema import Relation, Schema

Answer = Mapping[str, Any]
"""`{"claims": [...]}`; what stands in the list is whatever the model wrote."""

_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)
_LONGEST_WORDS = 100_000


@dataclass(frozen=True, slots=True)
class Written:
    """A claim as the model wrote it, nothing of it checked against the document."""

    model: str | None
    relation: str
    value: str
    stage: str | None
    mention: str
    quote: str


def asked(schema: Schema) -> tuple[Relation, ...]:
    """Return the relations that reports state, sorted by name."""
    return tuple(relation for _, relation in sorted(schema.relations.items()) if relation.origin == "report")


def answer_schema(schema: Schema, relations: Iterable[Relation]) -> dict[str, Any]:
    """Return the JSON schema of an answer about these relations."""
    groups: dict[tuple[bool, tuple[str, ...]], list[str]] = {}
    for relation in relations:
        groups.setdefault((relation.domain == "Model", relation.values), []).append(relation.name)
    stages = [*schema.stages, None]
    forms = [_claim(names, values, [None] if of_model else stages) for (of_model, values), names in groups.items()]
    claims = {"type": "array", "items": {"anyOf": forms}}
    return {"type": "object", "properties": {"claims": claims}, "required": ["claims"], "additionalProperties": False}


def _claim(names: list[str], values: tuple[str, ...], stages: list[Any]) -> dict[str, Any]:
    text = {"type": "string"}
    stage: dict[str, Any] = {"type": "null"} if stages == [None] else {"type": ["string", "null"], "enum": stages}
    properties: dict[str, Any] = {
        "model": {"type": ["string", "null"]},
        "relation": {"type": "string", "enum": names},
        "value": {"type": "string", "enum": list(values)} if values else text,
        "stage": stage,
        "mention": text,
        "quote": text,
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def answer_of(content: str) -> Answer | None:
    """Return the answer in a reply's text; None when it is not JSON of the right outline (cut off, or prose)."""
    fenced = _FENCED.fullmatch(content)
    try:
        data = json.loads(fenced[1] if fenced else content)
    except (ValueError, RecursionError):
        return None
    return {"claims": data["claims"]} if isinstance(data, dict) and isinstance(data.get("claims"), list) else None


def written(item: object) -> Written | None:
    """Return one claim of an answer; None when a part is missing or of the wrong kind."""
    if not isinstance(item, dict):
        return None
    texts = [item.get(name) for name in ("relation", "value", "mention", "quote")]
    names = [item.get(name) for name in ("model", "stage")]
    if not all(isinstance(text, str) and 0 < len(text) < _LONGEST_WORDS for text in texts):
        return None
    if not all(name is None or isinstance(name, str) for name in names):
        return None
    relation, value, mention, quote = texts
    return Written(names[0] or None, relation, value, names[1] or None, mention, quote)  # type: ignore[arg-type]  # just checked
