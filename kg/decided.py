"""Records as they were read, and decisions of people -> the records that are changed by what was decided; what is kept of both."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kg.decisions import Decisions, read_decisions, spelled
from kg.names import OWN, Spelling
from kg.review import Applied, Read, apply
from kg.steps.read import ordered
from kg.steps.shelf import Shelf
from kg.wire import scored

if TYPE_CHECKING:
    from kg.config import Config
    from kg.schema import Schema

_HELD = 64  # reports that are held folded at a time


def decisions_of(config: Config, schema: Schema) -> Decisions:
    """Return the decisions that the settings name, none without a file; raise ConfigError with its line."""
    return read_decisions(config.decisions, schema) if config.decisions else Decisions()


def decide(shelf: Shelf, decisions: Decisions, schema: Schema) -> Applied:
    """Have the shelf give what was decided instead of what was read, and return what became of the decisions."""
    if not decisions.every:
        return Applied()
    files: dict[str, list[str]] = {}
    for id, file in shelf.files():
        files.setdefault(file, []).append(id)
    applied = apply(decisions, _Reads(shelf), _spellings(shelf, decisions, schema), files)
    for id, claims in applied.claims.items():
        record = shelf.read(id)
        said = ordered(claims, record.document)
        shelf.decided[id] = replace(record, claims=said, suggestions=tuple(applied.suggestions[id]))
    return applied


class _Reads(Mapping[str, Read]):
    """What was read in each report, for decisions; of many reports a few are held at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._ids = dict.fromkeys(shelf.ids())
        self._held: OrderedDict[str, Read] = OrderedDict()

    def __getitem__(self, id: str) -> Read:
        if id not in self._held:
            if id not in self._ids:
                raise KeyError(id)
            if len(self._held) == _HELD:
                self._held.popitem(last=False)
            record = self._shelf.read(id)
            file = record.document.origin.file if record.document.origin else None
            self._held[id] = Read(id, record.document.source, record.claims, record.suggestions, file)
        return self._held[id]

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def undecided(shelf: Shelf) -> Iterator[Mapping[str, Any]]:
    """Yield what was read in each report that decisions changed."""
    for id in sorted(shelf.decided):
        record = shelf.read(id)
        claims = [replace(claim, thing=None).to_json() for claim in record.claims]
        yield {"report": id, "claims": claims, "suggestions": [scored(claim) for claim in record.suggestions]}


def _spellings(shelf: Shelf, decisions: Decisions, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield kinds and keys of the names in all reports, and of those names in decisions that the catalogue knows."""
    for _, suggested, counts in shelf.names():
        yield from _keys((*counts, *suggested))
    for decision in decisions.of_names:
        yield from ((decision.kind, spelled(name)) for name in decision.names if schema.find(name, decision.kind))


def _keys(names: Iterable[Spelling]) -> Iterator[tuple[str, str]]:
    for kind, name in names:
        if name:
            yield "model" if kind == OWN else kind, spelled(name)
