"""Decisions of people: a build -> what waits for them; reports and decisions -> what the reports say now."""

from __future__ import annotations

from kg.review._apply import METHOD, STATES, Applied, Outcome, Read, apply
from kg.review._findings import described, findings
from kg.review._listing import UNNAMED, Wanted, suggestions
from kg.review._places import places_of, quote_at

__all__ = [
    "METHOD",
    "STATES",
    "UNNAMED",
    "Applied",
    "Outcome",
    "Read",
    "Wanted",
    "apply",
    "described",
    "findings",
    "places_of",
    "quote_at",
    "suggestions",
]
