"""The names in all records -> what each means, and which reports are about which model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kg.decisions import Decisions
from kg.names import OWN, Names, Spelling
from kg.records import spellings
from kg.resolve import names_counted
from kg.steps.read import things
from kg.steps.shelf import Shelf

if TYPE_CHECKING:
    from kg.schema import Schema


def meanings(shelf: Shelf, schema: Schema, decisions: Decisions) -> Names:
    """Return what the names in all records mean; a name that only a claim without a model stands for is left out."""
    counts: Counter[Spelling] = Counter()
    for _, named in counted(shelf, schema):
        for spelling, count in named.items():
            counts[spelling] += count
    del counts[OWN, ""]
    return names_counted(counts, schema, decisions.of_names)


def counted(shelf: Shelf, schema: Schema) -> Iterator[tuple[str, Mapping[Spelling, int]]]:
    """Yield the counted names of each record, as people decided about it."""
    ranges = things(schema)
    for id, _, counts in shelf.names():
        decided = shelf.decided.get(id)
        yield id, spellings(decided.claims, ranges) if decided else counts


def about(counts: Mapping[Spelling, int], report: str, names: Names) -> set[str]:
    """Return the IRIs of the models that a report with these names is about."""
    return {names.model(report, name or None) for kind, name in counts if kind == OWN}
