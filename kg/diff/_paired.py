"""What went and what came under one key -> what replaced what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def paired(
    gone: Sequence[Item], new: Sequence[Item], reports: Callable[[Item], Iterable[str]]
) -> list[tuple[Item | None, Item | None]]:
    """Return pairs of what went and what came in its place; what has no counterpart stands beside None.

    Those that a report says on both sides belong together, report by report; the rest in the order given. Swapping the sides
    swaps the pairs.

    >>> paired(["a1", "b1"], ["b2", "c2"], lambda name: name[0])
    [('b1', 'b2'), ('a1', 'c2')]
    """
    old, fresh = list(range(len(gone))), list(range(len(new)))
    gone_by, new_by = _by_report(gone, reports), _by_report(new, reports)
    pairs: list[tuple[Item | None, Item | None]] = []

    def take(left: Collection[int], right: Collection[int]) -> None:
        couples = list(zip([index for index in left if index in old], [index for index in right if index in fresh], strict=False))
        for index, other in couples:
            old.remove(index)
            fresh.remove(other)
            pairs.append((gone[index], new[other]))

    for report in sorted(gone_by.keys() & new_by.keys()):
        take(gone_by[report], new_by[report])
    take(tuple(old), tuple(fresh))
    return [*pairs, *((gone[index], None) for index in old), *((None, new[index]) for index in fresh)]


def _by_report(items: Sequence[Item], reports: Callable[[Item], Iterable[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for report in reports(item):
            found[report].append(index)
    return found
