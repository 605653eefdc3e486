"""Decisions that say the same twice, or contradict each other: told with both lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from kg.decisions._entry import Decision, Decisions, OfNames, spelled
from kg.errors import ConfigError

_HINT = "keep one of them: kg review undo takes one back"


def refuse_contradictions(decisions: Decisions) -> None:
    """Raise ConfigError when two decisions are one, or cannot both hold."""
    asserted: dict[object, Decision] = {}
    removed: dict[object, Decision] = {}
    for decision in decisions.of_claims:
        quote = decision.quote
        place = (decision.report, quote.words, quote.mention, quote.occurrence, quote.before, quote.after)
        for said, ours, others in ((decision.asserts, asserted, removed), (decision.removes, removed, asserted)):
            if said is None:
                continue
            key = (place, said.fact)
            if key in ours:
                refuse(decisions, ours[key], decision, "say the same")
            if key in others:
                refuse(decisions, others[key], decision, "contradict each other")
            ours[key] = decision
    _refuse_names(decisions)


def refuse(decisions: Decisions, one: Decision, other: Decision, how: str) -> NoReturn:
    """Raise ConfigError that names both decisions."""
    first, second = sorted((one, other), key=lambda decision: decision.line)
    what = f"the decisions in lines {first.line} ('{first.do}') and {second.line} ('{second.do}') {how}"
    raise ConfigError(what, where=decisions.place(second), hint=_HINT)


def joined_names(decisions: Iterable[OfNames]) -> dict[str, dict[str, set[str]]]:
    """Return by kind, and by the key of a name, the keys of all names that are one thing with it."""
    found: dict[str, dict[str, set[str]]] = {}
    for decision in decisions:
        if decision.do == "same":
            parts = found.setdefault(decision.kind, {})
            joined = set[str]().union(*(parts.get(key, {key}) for key in map(spelled, decision.names)))
            parts.update(dict.fromkeys(joined, joined))
    return found


def _refuse_names(decisions: Decisions) -> None:
    pairs: dict[object, OfNames] = {}
    for decision in decisions.of_names:
        pair = (decision.kind, frozenset(decision.names))
        if pair in pairs:
            refuse(decisions, pairs[pair], decision, "say the same" if pairs[pair].do == decision.do else "contradict each other")
        pairs[pair] = decision
    parts = joined_names(decisions.of_names)
    for decision in decisions.of_names:
        one, other = map(spelled, decision.names)
        joined = parts.get(decision.kind, {}).get(one, set())
        if decision.do == "different" and one != other and other in joined:
            same = (item for item in decisions.of_names if item.do == "same" and item.kind == decision.kind)
            refuse(decisions, next(item for item in same if spelled(item.names[0]) in joined), decision, "contradict each other")
