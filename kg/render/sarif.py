"""SARIF 2.1.0 (OASIS), as code hosts and editors import it: every code a rule with its page as help, regions in code points.

Secondary labels are related locations; artifact URIs are percent-encoded and relative when the path is. A PDF has pages and no
lines: its locations have no region, but the page among their properties and in the words of the result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kg import __version__
from kg.codes import Code, codes
from kg.model import Finding, Label, Severity
from kg.places import Place, ReportSource, file_of, place
from kg.render._json import dump
from kg.render._text import LEVELS, on_page, paged_place

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return a log with one run; colour and width change nothing."""
    rules = _rules(findings)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "kg", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, sources, index[finding.code]) for finding in findings],
    }
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    known = {code.code: code for code in codes()}
    for finding in findings:  # a shapes file of the user's may bring codes of its own
        known.setdefault(finding.code, Code(finding.code, finding.code, finding.severity, ""))
    return [_rule(known[name]) for name in sorted(known)]


def _rule(code: Code) -> dict[str, Any]:
    rule = {"id": code.code, "shortDescription": {"text": code.title}, "defaultConfiguration": {"level": _level(code.severity)}}
    return rule | ({"help": {"text": code.text, "markdown": code.text}} if code.text else {})


def _level(severity: Severity) -> str:
    return LEVELS[severity]


def _result(finding: Finding, sources: Mapping[str, ReportSource], rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _level(finding.severity),
        "message": {"text": "\n".join((finding.message, *paged_place(finding, sources), *finding.notes))},
    }
    places = [(label, at) for label in finding.labels if (at := place(label, sources))]
    file = file_of(finding, sources)
    if places:
        result["locations"] = [_location(*places[0])]
    elif file is not None:
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}}}]
    if places[1:]:
        result["relatedLocations"] = [{"id": number, **_location(*pair)} for number, pair in enumerate(places[1:], 1)]
    result["partialFingerprints"] = {"kg/v1": _fingerprint(finding)}
    return result


def _location(label: Label, at: Place) -> dict[str, Any]:
    if at.page is not None:
        return _on_a_page(label, at)
    region: dict[str, Any] = {"startLine": at.line, "snippet": {"text": at.text}}
    if at.offset is not None:
        region = {
            "startLine": at.line,
            "startColumn": at.column,
            "endLine": at.end_line,
            "endColumn": at.end_column,
            "charOffset": at.offset + at.start,
            "charLength": at.end - at.start,
            "snippet": {"text": at.text},
        }
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(at.path)}, "region": region}}
    return location | ({"message": {"text": label.text}} if label.text else {})


def _on_a_page(label: Label, at: Place) -> dict[str, Any]:
    """Return a location in a file that has pages: it has no lines of its own, so the place is told in words and as properties."""
    words = f"{on_page(at)}: {label.text or at.text}"
    properties = {"page": at.page, "line": at.line, "column": at.column, "mention": at.text}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(at.path)}}, "message": {"text": words}, "properties": properties}


def _uri(path: str) -> str:
    encoded = quote(os.fsencode(path), safe="/")
    return f"file://{encoded}" if path.startswith("/") else encoded


def _fingerprint(finding: Finding) -> str:
    """Return a hash that stays when text moves: no offset goes into it."""
    parts = (finding.code, finding.report or "", finding.subject or "", finding.relation or "", finding.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
