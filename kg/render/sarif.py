"""SARIF 2.1.0 (OASIS), as code hosts and editors import it: every code a rule with its page as help, regions in code points.

Secondary labels are related locations; artifact URIs are percent-encoded and relative when the path is. A PDF has pages and no
lines: its locations have no region, but the page among their properties and in the words of the result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

from kg import __version__
from kg.codes import Code, codes
from kg.model import Finding, Label, Severity
from kg.places import Place, ReportSource, file_of, place
from kg.render._json import SLOT, dump, escaped, form, listed, quoted
from kg.render._text import LEVELS, on_page

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

BETWEEN = ",\n        "
"""What stands between the results."""

_DEPTH = 5  # of what a result holds
_FILE = {"artifactLocation": {"uri": SLOT}}
_LINE = {"startLine": SLOT, "snippet": {"text": SLOT}}
_REGION = {
    **dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn", "charOffset", "charLength"), SLOT),
    "snippet": {"text": SLOT},
}
_MESSAGE = {"message": {"text": SLOT}}
_ON_PAGE = {
    "physicalLocation": _FILE,
    **_MESSAGE,
    "properties": dict.fromkeys(("page", "line", "column", "mention"), SLOT),
}


def render(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, color: bool, width: int) -> str:
    """Return a log with one run; colour and width change nothing."""
    others: dict[str, Severity] = {}
    for finding in findings:
        if finding.code not in own_rules():
            others.setdefault(finding.code, finding.severity)
    index = rules(others)
    begin, end = around(others, empty=not findings)
    results = (
        item(finding, [place(label, sources) for label in finding.labels], sources, index[finding.code]) for finding in findings
    )
    return begin + BETWEEN.join(results) + end


def rules(others: Iterable[str] = ()) -> dict[str, int]:
    """Return the place of each code among the rules: kg's own, and `others` that shapes of the user's bring."""
    return {code: number for number, code in enumerate(sorted({*own_rules(), *others}))}


@cache
def own_rules() -> frozenset[str]:
    """Return the codes that have a page."""
    return frozenset(code.code for code in codes())


def around(others: Mapping[str, Severity], *, empty: bool) -> tuple[str, str]:
    """Return what stands before the results and behind them; `others` are codes without a page with their severities."""
    known = {code.code: code for code in codes()} | {name: Code(name, name, others[name], "") for name in others}
    run = {
        "tool": {"driver": {"name": "kg", "version": __version__, "rules": [_rule(known[name]) for name in sorted(known)]}},
        "columnKind": "unicodeCodePoints",
        "results": [] if empty else [SLOT],
    }
    text = dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
    begin, _, end = text.rpartition("[]" if empty else quoted(SLOT))
    return (f"{begin}[]", end) if empty else (begin, end)


def _rule(code: Code) -> dict[str, Any]:
    rule = {"id": code.code, "shortDescription": {"text": code.title}, "defaultConfiguration": {"level": LEVELS[code.severity]}}
    return rule | ({"help": {"text": code.text, "markdown": code.text}} if code.text else {})


def item(finding: Finding, places: Sequence[Place | None], sources: Mapping[str, ReportSource], rule: int) -> str:
    """Return a finding as a result; `places` are those of its labels, `rule` is the place of its code among the rules."""
    known = [(label, at) for label, at in zip(finding.labels, places, strict=True) if at]
    file = file_of(finding, sources)
    paged = [f"{on_page(at)}: “{at.text}”" for at in places[:1] if at and at.page is not None]
    values: list[str | int] = [quoted(finding.code), rule, quoted(LEVELS[finding.severity])]
    values.append(quoted("\n".join((finding.message, *paged, *finding.notes))))
    if known:
        values.append(listed([_location(*known[0])], _DEPTH))
    elif file is not None:
        values.append(listed([_located("file", 6) % _uri(file)], _DEPTH))
    if known[1:]:
        related = (_location(label, at, number) for number, (label, at) in enumerate(known[1:], 1))
        values.append(listed(related, _DEPTH))
    values.append(quoted(_fingerprint(finding)))
    return escaped(_result(bool(known) or file is not None, bool(known[1:])) % tuple(values))


@cache
def _result(located: bool, related: bool) -> str:
    """Return the form of a result that has a location or none, and related ones or none."""
    return form(
        {
            "ruleId": SLOT,
            "ruleIndex": SLOT,
            "level": SLOT,
            **_MESSAGE,
            **({"locations": SLOT} if located else {}),
            **({"relatedLocations": SLOT} if related else {}),
            "partialFingerprints": {"kg/v1": SLOT},
        },
        4,
    )


def _location(label: Label, at: Place, id: int | None = None) -> str:
    """Return a location, with an id when it is a related one.

    A file that has pages has no lines of its own: the place is told in words and as properties.
    """
    values: list[str | int] = [] if id is None else [id]
    said = [quoted(label.text)] if label.text else []
    kind = "line" if at.offset is None else "region"
    if at.page is not None:
        words = quoted(f"{on_page(at)}: {label.text or at.text}")
        values += [_uri(at.path), words, at.page, at.line, at.column, quoted(at.text)]
        kind, said = "page", []
    elif at.offset is None:
        values += [_uri(at.path), at.line, quoted(at.text)]
    else:
        bounds = (at.line, at.column, at.end_line, at.end_column, at.offset + at.start, at.end - at.start)
        values += [_uri(at.path), *bounds, quoted(at.text)]
    return _located(kind, 6, bool(said), id is not None) % (*values, *said)


@cache
def _located(kind: str, depth: int, said: bool = False, related: bool = False) -> str:
    """Return the form of a location of a kind: a `file` alone, in it a `line` or a `region`, or on a `page`."""
    shapes: Mapping[str, Mapping[str, Any]] = {
        "file": {"physicalLocation": _FILE},
        "line": {"physicalLocation": {**_FILE, "region": _LINE}},
        "region": {"physicalLocation": {**_FILE, "region": _REGION}},
        "page": _ON_PAGE,
    }
    return form({**({"id": SLOT} if related else {}), **shapes[kind], **(_MESSAGE if said else {})}, depth)


@lru_cache(maxsize=1024)
def _uri(path: str) -> str:
    encoded = quote(os.fsencode(path), safe="/")
    return quoted(f"file://{encoded}" if path.startswith("/") else encoded)


def _fingerprint(finding: Finding) -> str:
    """Return a hash that stays when text moves: no offset goes into it."""
    parts = (finding.code, finding.report or "", finding.subject or "", finding.relation or "", finding.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
