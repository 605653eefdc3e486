"""Triples in any order and number -> the same in order, each once; a bounded amount is in memory, the others wait on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.sorting import Sorter


def ordered(triples: Iterable[str], folder: Path | None = None) -> Iterator[str]:
    """Yield triples in order, each once; what does not fit into memory waits in `folder`.

    >>> list(ordered(["b", "a", "b"]))
    ['a', 'b']
    """
    with Sorter(folder) as rows:
        for triple in triples:
            rows.add(triple.encode())
        last = None
        for row, _ in rows:
            if row != last:
                yield row.decode()
            last = row
