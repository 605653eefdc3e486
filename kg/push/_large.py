"""A graph of more triples than go at once: gone on with where it stopped, brought up to date line by line, or replaced.

What its first lines are is remembered with each batch, so that an interrupted push goes on behind them. Where the lines that the
store holds are at hand (the graph.nq that was pushed last), only those that are new or gone are sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Protocol

from kg.push._parts import Bound, Part, begins_with, bounded, changes, lines_of, parts, together
from kg.push._records import BEGUN, drop, forget, remember, subject
from kg.push._target import Target, TooMuch


class Note(Protocol):
    """What is told of each batch that is sent."""

    def __call__(self, triples: int, /) -> None:
        """Take how many triples it had."""


@dataclass(slots=True)
class Before:
    """The graph.nq that a store was given last, and where its large graphs stand in it."""

    path: Path | None
    _parts: dict[str, Part] | None = None

    def part(self, graph: str, bound: Bound) -> Part | None:
        """Return a graph of it, None where it is not known."""
        if self.path is None:
            return None
        if self._parts is None:
            self._parts = {part.graph: part for part in parts(self.path) if not part.fits(bound)}
        return self._parts.get(graph)


@dataclass(frozen=True, slots=True)
class Large:
    """What large graphs are sent with: the file, the store, the base of the build, how much at once."""

    path: Path
    before: Before
    target: Target
    base: str
    bound: Bound
    note: Note

    def send(self, part: Part, held: str | None) -> bool:
        """Bring a graph to the store that remembers `held` of it; return whether it was replaced as a whole."""
        words = (held or "").split(" ")
        old = self.before.part(part.graph, self.bound)
        if held and old and old.holds == " ".join(words[:2]) and words[2:] in ([], [part.sha256]):
            try:
                self._change(part, old)
            except TooMuch:  # Virtuoso takes some values in files only
                self.replace(part)
                return True
            return False
        if held and len(words) == 2 and begins_with(self.path, part, int(words[0]), words[1]):
            self._go_on(part, int(words[0]))
            return False
        self.replace(part)
        return True

    def replace(self, part: Part) -> None:
        """Empty a graph and send all of it."""
        node = self._node(part)
        begun = remember(self.base, {node: BEGUN})
        self.target.update(f"{forget(self.base, [node])} ;\n{drop(self.base, node)} ;\n{begun}")
        self._go_on(part, 0)

    def _go_on(self, part: Part, sent: int) -> None:
        """Send the lines behind the first ones, which the store has."""
        digest, lines = sha256(), lines_of(self.path, part)
        for line in islice(lines, sent):
            digest.update(line)
        for some in bounded(lines, self.bound):
            self.target.add(part.graph, some)
            self.note(len(some))
            sent += len(some)
            for line in some:
                digest.update(line)
            if sent < part.triples:  # that all of it is there is remembered when it has been counted
                self._remember(part, f"{sent} {digest.hexdigest()}")

    def _change(self, part: Part, old: Part) -> None:
        """Send what is new and what is gone."""
        self._remember(part, f"{old.holds} {part.sha256}")
        found = changes(lines_of(self.before.path or self.path, old), lines_of(self.path, part))
        for some in together(found, self.bound, lambda change: (1, len(change[1]))):
            self.target.remove(part.graph, [line for is_new, line in some if not is_new])
            self.target.add(part.graph, [line for is_new, line in some if is_new])
            self.note(len(some))

    def _remember(self, part: Part, holds: str) -> None:
        node = self._node(part)
        self.target.update(f"{forget(self.base, [node])} ;\n{remember(self.base, {node: holds})}")

    def _node(self, part: Part) -> str:
        return subject(self.base, self.target.name(part.graph))
