"""Findings -> text. One file per format: its name is what the user types; a file that begins with `_` is shared by several.

Each has `render(findings, sources, *, color, width) -> str`; the text is empty or ends with a line feed. Suggestions are shown with
their words as findings are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from kg.errors import UnknownName
from kg.model import Finding
from kg.places import ReportSource
from kg.render._chain import answer_text
from kg.render._suggestion import suggestions_rows, suggestions_text

__all__ = ["ReportSource", "answer_text", "formats", "ordered", "render", "suggestions_rows", "suggestions_text"]


def formats() -> tuple[str, ...]:
    """Return the names of the formats, sorted."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def render(
    findings: Iterable[Finding],
    sources: Mapping[str, ReportSource],
    format: str = "full",
    *,
    color: bool = False,
    width: int = 120,
) -> str:
    """Return findings in a format, sorted by place (numbers in the ids of reports by their size); `sources` maps report ids,
    `width` is the terminal's in cells.

    Raises UnknownName.
    """
    if format not in formats():
        raise UnknownName("format of findings", format, formats())
    module = import_module(f"{__name__}.{format}")
    text: str = module.render(ordered(findings), sources, color=color, width=width)
    return text


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by place, numbers in the ids of reports by their size: as every format has them."""
    return sorted(findings, key=_place_key)


def _place_key(finding: Finding) -> tuple[object, ...]:
    """Return the order of findings for a reader: `papers.jsonl:9` stands before `papers.jsonl:10`."""
    report, *rest = finding.sort_key()
    parts = re.split("([0-9]+)", str(report))  # words and numbers in turn
    return ([(part, 0) if number % 2 == 0 else ("", int(part)) for number, part in enumerate(parts)], report, *rest)
