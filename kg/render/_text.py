"""Numbers and levels of findings in words."""

from __future__ import annotations

from collections.abc import Mapping

from kg.model import Finding
from kg.places import Place, ReportSource, place

LEVELS = {"violation": "error", "warning": "warning", "info": "note"}


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "error"), counted(3, "error")
    ('1 error', '3 errors')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def tally(findings: list[Finding]) -> str:
    """Return how many findings there are of each level, worst first: `3 errors, 1 warning`."""
    numbers = {level: sum(LEVELS[finding.severity] == level for finding in findings) for level in LEVELS.values()}
    return ", ".join(counted(number, level) for level, number in numbers.items() if number)


def on_page(at: Place) -> str:
    """Return a place on a page in words: `page 2, line 5`."""
    return f"page {at.page}, line {at.line}"


def paged_place(finding: Finding, sources: Mapping[str, ReportSource]) -> list[str]:
    """Return where a finding points, for forms that know lines of files alone; nothing when its report has no pages."""
    at = place(finding.labels[0], sources) if finding.labels else None
    return [f"{on_page(at)}: “{at.text}”"] if at and at.page is not None else []
