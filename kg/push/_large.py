"""A graph of more triples than go at once: gone on with where it stopped, brought up to date line by line, or replaced.

What its first lines are is remembered with each batch, so that an interrupted push goes on behind them. Where the lines that the
store holds are at hand (the graph.nq that was pushed last), only those that are new or gone are sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import BinaryIO, Protocol

from kg.push._parts import Bound, Part, begins_with, bounded, changes, lines_of, parts, together
from kg.push._records import BEGUN, drop, forget, remember, subject
from kg.push._target import TooMuch
from kg.push._turn import Turn


class Note(Protocol):
    """What is told of each batch that is sent."""

    def __call__(self, triples: int, /) -> None:
        """Take how many triples it had."""


@dataclass(slots=True)
class Before:
    """The graph.nq that a store was given last, and where its large graphs stand in it."""

    file: BinaryIO | None
    _parts: dict[str, Part] | None = None

    def part(self, graph: str, bound: Bound) -> Part | None:
        """Return a graph of it, None where it is not known."""
        if self.file is None:
            return None
        if self._parts is None:
            self._parts = {part.graph: part for part in parts(self.file) if not part.fits(bound)}
        return self._parts.get(graph)


@dataclass(frozen=True, slots=True)
class Large:
    """What large graphs are sent with: the file, what was sent last, whose turn it is at which store, how much at once."""

    file: BinaryIO
    before: Before
    turn: Turn
    bound: Bound
    note: Note

    def send(self, part: Part, held: str | None) -> None:
        """Bring a graph to the store that remembers `held` of it."""
        if old := self._old(part, held):
            try:
                self._change(part, old)
            except TooMuch:  # Virtuoso takes some values in files only
                self.replace(part)
        elif there := self._there(part, held):
            self._go_on(part, there)
        else:
            self.replace(part)

    def left(self, part: Part, held: str | None) -> int:
        """Return how many triples `send` would send."""
        if old := self._old(part, held):
            return sum(1 for _ in self._changes(part, old))
        return part.triples - self._there(part, held)

    def replace(self, part: Part) -> None:
        """Empty a graph and send all of it."""
        node, base = self._node(part), self.turn.base
        self.turn.target.update(f"{forget(base, [node])} ;\n{drop(base, node)} ;\n{remember(base, {node: BEGUN})}")
        self._go_on(part, 0)

    def _old(self, part: Part, held: str | None) -> Part | None:
        """Return the graph that the store has, or that is on its way to this one there, where its lines are at hand."""
        words = (held or "").split(" ")
        old = self.before.part(part.graph, self.bound)
        return old if old and old.holds == " ".join(words[:2]) and words[2:] in ([], [part.sha256]) else None

    def _there(self, part: Part, held: str | None) -> int:
        """Return how many of the first lines the store has."""
        words = (held or "").split(" ")
        count = int(words[0]) if len(words) == 2 else 0
        return count if count and begins_with(self.file, part, count, words[1]) else 0

    def _changes(self, part: Part, old: Part) -> Iterator[tuple[bool, bytes]]:
        return changes(lines_of(self.before.file or self.file, old), lines_of(self.file, part))

    def _go_on(self, part: Part, sent: int) -> None:
        """Send the lines behind the first ones, which the store has."""
        digest, lines = sha256(), lines_of(self.file, part)
        for line in islice(lines, sent):
            digest.update(line)
        for some in bounded(lines, self.bound):
            self.turn.target.add(part.graph, some)
            self.note(len(some))
            sent += len(some)
            for line in some:
                digest.update(line)
            if sent < part.triples:  # that all of it is there is remembered when it has been counted
                self.turn.remember({self._node(part): f"{sent} {digest.hexdigest()}"})

    def _change(self, part: Part, old: Part) -> None:
        """Send what is new and what is gone."""
        self.turn.remember({self._node(part): f"{old.holds} {part.sha256}"})
        for some in together(self._changes(part, old), self.bound, lambda change: (1, len(change[1]))):
            self.turn.target.remove(part.graph, [line for is_new, line in some if not is_new])
            self.turn.target.add(part.graph, [line for is_new, line in some if is_new])
            self.note(len(some))

    def _node(self, part: Part) -> str:
        return subject(self.turn.base, self.turn.target.name(part.graph))
