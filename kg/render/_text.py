"""Numbers and levels of findings in words."""

from __future__ import annotations

from kg.model import Finding

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
