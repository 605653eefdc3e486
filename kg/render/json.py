"""An array with everything a finding holds; places as offsets and as lines and columns, ends exclusive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kg.model import Finding, Label
from kg.places import Place, ReportSource, file_of, place
from kg.render._json import SLOT, escaped, form, listed, optional, quoted

BEGIN, BETWEEN, END = "[\n  ", ",\n  ", "\n]\n"
"""What stands before, between and behind the items of the array."""

EMPTY = "[]\n"
"""The array without items."""

_HEAD = dict.fromkeys(("report", "path", "start", "end"), SLOT)
_TAIL = dict.fromkeys(("line", "column", "endLine", "endColumn", "mention", "text"), SLOT)
_LABEL = form({**_HEAD, **_TAIL}, 3)
_LABEL_ON_PAGE = form({**_HEAD, "page": SLOT, **_TAIL}, 3)
_FINDING = form(dict.fromkeys(("code", "severity", "message", "report", "path", "subject", "relation", "labels", "notes"), SLOT), 1)


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return the array; colour and width change nothing."""
    return "".join(parts(findings, sources))


def parts(findings: Sequence[Finding], sources: Mapping[str, ReportSource]) -> Iterator[str]:
    """Yield the array: what begins it, then each finding with what follows it, so that no more than one is held at a time."""
    if not findings:
        yield EMPTY
        return
    yield BEGIN
    for number, finding in enumerate(findings, 1):
        places = [place(label, sources) for label in finding.labels]
        yield item(finding, places, sources) + (BETWEEN if number < len(findings) else END)


def item(finding: Finding, places: Sequence[Place | None], sources: Mapping[str, ReportSource]) -> str:
    """Return a finding as an item of the array; `places` are those of its labels."""
    text = _FINDING % (
        quoted(finding.code),
        quoted(finding.severity),
        quoted(finding.message),
        optional(finding.report),
        optional(file_of(finding, sources)),
        optional(finding.subject),
        optional(finding.relation),
        listed(map(_label, finding.labels, places), 2),
        listed(map(quoted, finding.notes), 2),
    )
    return escaped(text)


def _label(label: Label, at: Place | None) -> str:
    report, text = quoted(label.report), quoted(label.text)
    if at is None:
        return _LABEL % (report, "null", label.start, label.end, *["null"] * 5, text)
    head = (report, quoted(at.path), label.start, label.end)
    tail = (at.line, at.column, at.end_line, at.end_column, quoted(at.text), text)
    return _LABEL_ON_PAGE % (*head, at.page, *tail) if at.page else _LABEL % (*head, *tail)
