"""findings.json -> the rows of `findings`: one is held at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.export.tables.claims import Row, damaged
from kg.export.tables.columns import LABEL
from kg.export.tables.graph import Graph
from kg.findings import FINDINGS, items, kind_of

_FIELDS = tuple(column.name for column in LABEL)
_FIRST = ("path", "start", "end", "page", "line", "column", "mention")


def finding_rows(folder: Path, graph: Graph, only: str | None = None) -> Iterator[Row]:
    """Yield the rows of the findings of a build, with `only` of those about one model; raise BuildError when it is damaged."""
    path = folder / FINDINGS
    try:
        for number, finding in enumerate(items(folder), 1):
            model = graph.model_of(finding["subject"]) if finding["subject"] else None
            if only in {None, model}:
                yield _row(number, finding, model)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path) from error


def _row(number: int, finding: Mapping[str, Any], model: str | None) -> Row:
    labels = [{name: label.get(name) for name in _FIELDS} for label in finding["labels"]]
    first = labels[0] if labels else dict.fromkeys(_FIELDS)
    return (
        number,
        finding["code"],
        kind_of(finding["code"]),
        finding["severity"],
        finding["message"],
        finding["report"],
        model,
        finding["subject"],
        finding["relation"],
        *(first[name] for name in _FIRST),
        finding["notes"],
        labels,
    )
