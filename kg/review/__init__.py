"""Decisions of people: a build -> what waits for them; reports and decisions -> what the reports say now."""

from __future__ import annotations

from kg.review._apply import METHOD, STATES, Applied, Outcome, Read, apply
from kg.review._ask import ask
from kg.review._built import Built
from kg.review._decide import (
    NONE,
    Addition,
    Remark,
    addition,
    correction,
    corrections,
    judged,
    naming,
    undone,
    waiting,
)
from kg.review._listing import UNNAMED, Listed, Wanted, claims, found, suggestions
from kg.review._places import places_of, quote_at
from kg.review._told import described, findings, lines, row, rows

__all__ = [
    "METHOD",
    "NONE",
    "STATES",
    "UNNAMED",
    "Addition",
    "Applied",
    "Built",
    "Listed",
    "Outcome",
    "Read",
    "Remark",
    "Wanted",
    "addition",
    "apply",
    "ask",
    "claims",
    "correction",
    "corrections",
    "described",
    "findings",
    "found",
    "judged",
    "lines",
    "naming",
    "places_of",
    "quote_at",
    "row",
    "rows",
    "suggestions",
    "undone",
    "waiting",
]
