"""An array with everything a finding holds; places as offsets and as lines and columns, ends exclusive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kg.model import Finding, Label
from kg.places import ReportSource, file_of, place
from kg.render._json import dump

INDENT = "  "


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return the array; colour and width change nothing."""
    return "".join(parts(findings, sources))


def parts(findings: Sequence[Finding], sources: Mapping[str, ReportSource]) -> Iterator[str]:
    """Yield the array: what begins it, then each finding with what follows it, so that no more than one is held at a time."""
    if not findings:
        yield dump([])
        return
    yield f"[\n{INDENT}"
    for number, finding in enumerate(findings, 1):
        item = dump(_finding(finding, sources)).rstrip("\n").replace("\n", f"\n{INDENT}")
        yield f"{item},\n{INDENT}" if number < len(findings) else f"{item}\n]\n"


def _finding(finding: Finding, sources: Mapping[str, ReportSource]) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "report": finding.report,
        "path": file_of(finding, sources),
        "subject": finding.subject,
        "relation": finding.relation,
        "labels": [_label(label, sources) for label in finding.labels],
        "notes": list(finding.notes),
    }


def _label(label: Label, sources: Mapping[str, ReportSource]) -> dict[str, Any]:
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
        "text": label.text,
    }
