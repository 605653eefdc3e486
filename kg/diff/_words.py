"""A difference in words: what both formats for people say in the same way."""

from __future__ import annotations

from collections.abc import Mapping

from kg.diff._difference import Change, DerivedValue, Kind, Model, Value
from kg.model import Finding

TITLES = {"derived": "derived facts"}
SIGNS: Mapping[Kind, str] = {"added": "+", "removed": "-", "changed": "~"}
LEVELS = {"violation": "error", "warning": "warning", "info": "note"}

_MOST = 3  # names that are listed


def tally(counts: Mapping[Kind, int]) -> str:
    """Return numbers of changes in words, without those that are none.

    >>> tally({"added": 2, "removed": 0, "changed": 1})
    '2 added, 1 changed'
    """
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)


def about(value: Value) -> str:
    """Return the model and the stage that a fact is about."""
    return f"{value.label}, {value.stage}" if value.stage else value.label


def about_derived(value: DerivedValue) -> str:
    """Return the model and the stage that a derived fact is about."""
    return f"{value.row['label']}, {value.row['stage']}" if value.row["stage"] else str(value.row["label"])


def model(item: Model) -> str:
    """Return how much is said of a model, and where."""
    more = f" and {len(item.reports) - _MOST:,} more reports" if len(item.reports) > _MOST else ""
    return f"{item.facts:,} fact{'' if item.facts == 1 else 's'} in {', '.join(item.reports[:_MOST])}{more}"


def severity(change: Change[Finding]) -> str:
    """Return the code of a finding and how severe it is, and was."""
    levels = [LEVELS[finding.severity] for _, finding in change.sides()]
    return f"{change.item.code} {' → '.join(levels)}"


def more(count: int, noun: str) -> str:
    """Return how many further places there are; nothing when there are none.

    >>> more(0, "place"), more(2, "place")
    ('', ' and 2 more places')
    """
    return f" and {count:,} more {noun}{'' if count == 1 else 's'}" if count else ""
