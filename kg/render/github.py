"""GitHub workflow commands, which become annotations of a pull request.

A step shows ten annotations of each kind: the ten worst findings are written, then one notice that counts the others. Findings are
one line each; `%`, line ends, and in properties `:` and `,` are escaped as the runner's toolkit does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.model import Finding
from kg.places import ReportSource, file_of, place
from kg.render._text import LEVELS, counted, paged_place, tally
from kg.terminal import visible

_LIMIT = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return the commands; colour and width change nothing."""
    worst = sorted(findings, key=lambda finding: list(LEVELS).index(finding.severity))
    lines = [_command(finding, sources) for finding in worst[:_LIMIT]]
    if rest := worst[_LIMIT:]:
        lines.append(f"::notice title=kg::and {counted(len(rest), 'more finding')}: {tally(rest)}")
    return "".join(line + "\n" for line in lines)


def _command(finding: Finding, sources: Mapping[str, ReportSource]) -> str:
    properties = {**_where(finding, sources), "title": finding.code}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = "\n".join(map(visible, (finding.message, *paged_place(finding, sources), *finding.notes)))
    return f"::{_COMMANDS[LEVELS[finding.severity]]} {listed}::{_data(message)}"


def _where(finding: Finding, sources: Mapping[str, ReportSource]) -> dict[str, str]:
    path = file_of(finding, sources)
    if path is None:
        return {}
    at = place(finding.labels[0], sources) if finding.labels else None
    if at is None or at.page is not None:  # the lines of a page are none of the file
        return {"file": path}
    where = {"file": path, "line": str(at.line), "endLine": str(at.end_line)}
    if at.line == at.end_line and at.offset is not None:  # columns are refused on an annotation of several lines
        where |= {"col": str(at.column), "endColumn": str(at.end_column)}
    return where


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
