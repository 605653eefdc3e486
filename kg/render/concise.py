"""One line per finding: `path:line:column: KG102 error: message`, as editors and `grep` read it.

A finding without a place in a text, such as a file that cannot be read, tells its remedy in brackets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.model import Finding
from kg.places import ReportSource, file_of, place
from kg.render._color import paint
from kg.render._text import LEVELS
from kg.terminal import visible


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return the lines; a line is never broken, whatever the width."""
    return "".join(_line(finding, sources, color) + "\n" for finding in findings)


def _line(finding: Finding, sources: Mapping[str, ReportSource], color: bool) -> str:
    level = LEVELS[finding.severity]
    where = file_of(finding, sources)
    at = place(finding.labels[0], sources) if finding.labels else None
    spot = at.spot if at else ""
    head = paint(visible(where) + spot, "strong", color) + ": " if where else ""
    remedy = f" ({visible(finding.notes[0])})" if finding.notes and not finding.labels else ""
    return f"{head}{paint(f'{finding.code} {level}', level, color)}: {visible(finding.message)}{remedy}"
