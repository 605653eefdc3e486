"""JUnit XML: a suite per report, a case per finding; violations are failures, the rest is output of a case that passes.

A report without findings is a case that passes, so that a reader sees what was checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kg.model import Finding
from kg.places import ReportSource, file_of, place
from kg.render._text import LEVELS
from kg.terminal import visible


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return the document; colour and width change nothing."""
    suites: dict[str, list[Finding]] = {source.path: [] for _, source in sorted(sources.items())}
    for finding in findings:
        suites.setdefault(file_of(finding, sources) or "kg", []).append(finding)
    body = "".join(_suite(name, members, sources) for name, members in suites.items())
    numbers = _numbers([list(members) for members in suites.values()])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kg" {numbers}>\n{body}</testsuites>\n'


def _numbers(suites: list[list[Finding]]) -> str:
    cases = sum(len(members) or 1 for members in suites)
    failures = sum(finding.severity == "violation" for members in suites for finding in members)
    return f'tests="{cases}" failures="{failures}" errors="0" skipped="0"'


def _suite(name: str, findings: list[Finding], sources: Mapping[str, ReportSource]) -> str:
    quoted = escape(visible(name))
    cases = "".join(_case(quoted, finding, sources) for finding in findings)
    cases = cases or f'    <testcase classname="{quoted}" name="no findings"/>\n'
    return f'  <testsuite name="{quoted}" {_numbers([findings])}>\n{cases}  </testsuite>\n'


def _case(classname: str, finding: Finding, sources: Mapping[str, ReportSource]) -> str:
    message = escape(visible(finding.message))
    lines = [f"{LEVELS[finding.severity]}[{finding.code}]: {finding.message}"]
    places = ((label, at) for label in finding.labels if (at := place(label, sources)))
    lines += [f"{at.path}:{at.line}:{at.column}: {label.text or at.text}" for label, at in places]
    lines += [f"note: {note}" for note in finding.notes]
    text = escape("\n".join(map(visible, lines)))
    if finding.severity == "violation":
        body = f'<failure type="{escape(finding.code)}" message="{message}">{text}</failure>'
    else:
        body = f"<system-out>{text}</system-out>"
    return f'    <testcase classname="{classname}" name="{escape(finding.code)} {message}">{body}</testcase>\n'
