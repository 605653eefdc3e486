"""What a process of a pool does with a batch, and how reports are handed to it with what others say about them."""

from __future__ import annotations

import marshal
import pickle
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kg.model import Finding
from kg.pieces import owner_of
from kg.places import ReportSource
from kg.sorting import Sorter
from kg.steps.about import About
from kg.steps.facts import Known, Ranges, merged
from kg.steps.models import OfModels, Others, of_models
from kg.steps.read import Met
from kg.steps.reports import Asked, Given, OfReports, Said, of_reports, source_of
from kg.steps.shelf import Shelf
from kg.steps.sqlite import key_of, text_of
from kg.steps.whole import summed

if TYPE_CHECKING:
    from kg.config import Config
    from kg.names import Names
    from kg.schema import Schema


_NEAR = 128  # reports that a process keeps at hand as findings show them


class ModelsWork:
    """What a process does with models."""

    def __init__(self, shelf: Shelf, about: About, names: Names, schema: Schema, config: Config, ranges: Ranges) -> None:
        self._shelf, self.names, self._schema, self._config, self._ranges = shelf, names, schema, config, ranges
        self._others = Others(about.reports, shelf.record, names, schema)

    def __call__(self, batch: list[tuple[str, list[str]]]) -> tuple[int, OfModels]:
        records = {id: self._shelf.record(id) for _, reports in batch for id in reports}
        made = of_models((iri for iri, _ in batch), records, self._others, self.names, self._schema, self._config)
        self._ranges.spill("computed", made.triples)
        return len(batch), made.without_triples()


class ReportsWork:
    """What a process does with reports."""

    def __init__(self, shelf: Shelf, ranges: Ranges, given: Given) -> None:
        self._shelf, self._ranges, self._given = shelf, ranges, given

    def __call__(self, batch: list[Asked]) -> OfReports:
        records = {asked.id: self._shelf.record(asked.id) for asked in batch}
        made = of_reports(batch, records, LazySources(self._shelf), self._known, self._given)
        self._ranges.spill("stated", made.facts)
        return made.without_facts()

    def _known(self, id: str, facts: str) -> Said | None:
        data = self._shelf.checked(id, facts, self._given.shapes.engine)
        return None if data is None else _said(data)


def _said(data: bytes) -> Said:
    said: Said = pickle.loads(data)  # noqa: S301  # kg itself wrote it
    return said


class MergeWork:
    """What a process does with a range of facts."""

    def __init__(self, ranges: Ranges, known: Known) -> None:
        self._ranges, self._known = ranges, known

    def __call__(self, number: int) -> int:
        return merged(number, self._ranges, self._known)


class SumWork:
    """What a process does with a graph that is made of all facts."""

    def __init__(self, ranges: Ranges, base: str) -> None:
        self._ranges, self._base = ranges, base

    def __call__(self, graph: str) -> None:
        summed(graph, self._ranges, self._base)


class LazySources(Mapping[str, ReportSource]):
    """The reports on a shelf as findings show them, each looked up when it is asked for."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._near: dict[str, ReportSource] = {}

    def __getitem__(self, id: str) -> ReportSource:
        if found := self._near.get(id):
            return found
        if not self._shelf.has(id):
            raise KeyError(id)
        if len(self._near) >= _NEAR:
            self._near.clear()
        found = self._near[id] = source_of(self._shelf.record(id).document)
        return found

    def __iter__(self) -> Iterator[str]:
        return self._shelf.ids()

    def __len__(self) -> int:
        return self._shelf.size()


class Asking:
    """The reports on a shelf in order, each with what others say about it.

    What is left then is `elsewhere`, about no report, and `lost`.
    """

    def __init__(self, shelf: Shelf, told: Sorter, computed: Sorter, others: Iterable[Finding], met: Met) -> None:
        self._shelf, self._told, self._computed = shelf, told, computed
        self.elsewhere: dict[str, list[Finding]] = defaultdict(list)
        for finding in others:
            self.elsewhere[owner_of(finding)].append(finding)
        self._lost = sorted({key_of(failure.path) for failure in met.failures})
        self._told_of = 0
        self.sources = LazySources(shelf)

    def __iter__(self) -> Iterator[Asked]:
        told, computed = _Groups(self._told), _Groups(self._computed)
        for id in self._shelf.ids():
            key = key_of(id)
            end = bisect_left(self._lost, key, self._told_of)
            before = map(text_of, self._lost[self._told_of : end])
            self._told_of = bisect_right(self._lost, key, end)  # of two reports with one id, one is there
            said = tuple(marshal.loads(row) for row in computed.of(key))  # noqa: S302
            yield Asked(id, tuple(told.of(key)), tuple(self.elsewhere.pop(id, ())), said, tuple(before))

    @property
    def lost(self) -> list[str]:
        """Return the reports that could not be read and stand behind the last one that was."""
        return list(map(text_of, self._lost[self._told_of :]))


class _Groups:
    """Sorted rows, asked for by keys in order."""

    def __init__(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def of(self, key: bytes) -> Iterator[bytes]:
        while self._next and self._next[0] <= key:
            if self._next[0] == key:
                yield self._next[1]
            self._next = next(self._rows, None)
