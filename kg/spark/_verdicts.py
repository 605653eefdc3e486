"""What SHACL said of a report -> JSON, and back: parts may come from elsewhere, and JSON runs nothing when it is read."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from kg.errors import BuildError
from kg.model import Finding, Label
from kg.validate.check import Result

if TYPE_CHECKING:
    from kg.steps.reports import Said


def verdict(facts: str, said: Said) -> bytes:
    """Return the hash of a report's facts and what SHACL said of them as JSON."""
    results, findings = said
    return json.dumps([facts, [astuple(result) for result in results], [astuple(finding) for finding in findings]]).encode()


def unpacked(data: bytes) -> tuple[str, Said]:
    """Return what `verdict` was given; raise BuildError for anything else."""
    try:
        facts, results, findings = json.loads(data)
        return str(facts), (tuple(map(_result, results)), tuple(map(_finding, findings)))
    except (ValueError, TypeError) as error:
        raise BuildError(f"the parts are damaged: {error}", where="checked", hint="make them again") from error


def _result(row: list[Any]) -> Result:
    unit, focus, path, value, shape, component, severity, messages, constraint = row
    return Result(unit, focus, path, value, shape, component, severity, tuple(messages), constraint)


def _finding(row: list[Any]) -> Finding:
    code, severity, message, labels, notes, *about = row
    return Finding(code, severity, message, tuple(Label(*label) for label in labels), tuple(notes), *about)
