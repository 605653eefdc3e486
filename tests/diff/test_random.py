"""Random pairs of sets of reports: what holds of every difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.diff import Difference
from tests.diff.small import KESTREL, MERLIN, OSPREY, Builds, written
from tests.diff.test_patch import applied, graph

VARIANTS: dict[str, list[str]] = {
    "a.txt": [KESTREL, KESTREL.replace("7 billion", "8 billion"), MERLIN],
    "b/c.txt": [MERLIN, MERLIN.replace("Merlin", "Sparrow"), OSPREY + "\n" + KESTREL],
}

reports = st.fixed_dictionaries({}, optional={name: st.sampled_from(texts) for name, texts in VARIANTS.items()}).filter(bool)


def signature(change: Any, mirrored: bool) -> tuple[object, ...]:
    """Return what a change says, with its sides swapped where asked for; renamed models have the name that they have there."""
    sides = (change.after, change.before) if mirrored else (change.before, change.after)
    return tuple(map(repr, map(plain, sides)))


def plain(item: Any) -> object:
    if hasattr(item, "claims"):
        return item.label, item.stage, item.relation, item.text, item.claims
    return item.row if hasattr(item, "row") else item


def told(difference: Difference, *, mirrored: bool = False) -> dict[str, Counter[tuple[object, ...]]]:
    return {name: Counter(signature(change, mirrored) for change in changes) for name, changes in difference.groups().items()}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=reports, after=reports)
def test_every_difference(builds: Builds, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    difference, back = builds.difference(before, after), builds.difference(after, before)
    assert applied(written(difference, "rdf-patch"), graph(difference, "before")) == graph(difference, "after")
    assert told(back) == told(difference, mirrored=True)
    assert difference.unchanged == back.unchanged
    assert not builds.difference(before, before)
    assert written(builds.difference(before, before)) == ""
    for format in ("text", "markdown"):
        assert bool(written(difference, format)) == bool(difference)
    assert bool(difference) or before.keys() == after.keys()
