"""Whose turn it is at a store: of two pushes at once the one that began later goes on, and the other one notices and ends.

Before anything else is changed, a push leaves a word of its own in the records. What it has sent and counted is remembered only
while that word stands there, and after each batch it looks whether it does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.errors import Refused, RemoteError, UsageError
from kg.push._records import BEGUN, PUSH, State, forget, known, read_state, records, remember, write_state
from kg.push._target import Target


def _of(state: State) -> tuple[str | None, str | None, str | None]:
    """Return what tells one push from another."""
    return state.build, state.pushing, state.by


def _word() -> str:
    return os.urandom(8).hex()  # chance for the store alone: nothing else depends on it


@dataclass(slots=True)
class Turn:
    """A push at a store: where its records are, what the store says of itself as far as this push knows, its own word."""

    target: Target
    base: str
    state: State
    by: str = field(default_factory=_word)

    @property
    def is_taken(self) -> bool:
        """Say whether it has begun to change something."""
        return self.state.by == self.by

    def take(self, build: str) -> None:
        """Say at the store that a build is being pushed, before anything else is changed.

        Raise RemoteError when another push was there first, Refused when nothing comes of an update, UsageError where the default
        graph cannot be told from the others.
        """
        if self.is_taken:
            return
        self.check()
        before, self.state = self.state, State(self.state.build, build, self.state.told, self.by)
        self.target.update(write_state(self.base, self.state))
        if _of(read_state(self.target.rows, self.base)) == _of(before):
            hint = "check --target and --update: are they of one store? After another push, run the same command again"
            raise Refused("an update was taken, and queries do not see it", where=self.target.addresses.update, hint=hint)
        node = records(self.base)
        if self.target.default is None and self.target.rows(f"SELECT ?o {{ <{node}> <{PUSH}pushing> ?o }}"):
            self.target.update(f"DROP SILENT GRAPH <{node}>" if before == State() else write_state(self.base, before))
            what = "a query without GRAPH sees all graphs there: the default graph cannot be told from the others"
            hint = f"give the default graph a name: --default-graph {self.base}graph/default"
            raise UsageError(what, where=self.target.addresses.query, hint=hint)

    def end(self, state: State) -> None:
        """Say at the store what it says of itself from now on; raise RemoteError when another push has begun."""
        self.target.update(write_state(self.base, state, self.by))
        self.state = state
        self.check()

    def check(self) -> None:
        """Raise RemoteError when another push has begun, or ended, since the store was looked at."""
        if not self._is_alone():
            raise self._overtaken()

    def check_known(self, graphs: int) -> None:
        """Raise RemoteError when the store remembers less than so many graphs: a batch of another push came late."""
        if int(self.target.rows(known(self.base))[0]["n"]) < graphs:
            raise self._overtaken()

    def remember(self, holds: Mapping[str, str]) -> None:
        """Note what some graphs hold; raise RemoteError when another push has begun, after which nothing of them is known."""
        nodes = list(holds)
        self.target.update(f"{forget(self.base, nodes)} ;\n{remember(self.base, holds, self.by)}")
        if not self._is_alone():  # what was sent may stand among what the other one has sent
            self.target.update(f"{forget(self.base, nodes)} ;\n{remember(self.base, dict.fromkeys(nodes, BEGUN))}")
            raise self._overtaken()

    def _is_alone(self) -> bool:
        return _of(read_state(self.target.rows, self.base)) == _of(self.state)

    def _overtaken(self) -> RemoteError:
        hint = "wait until it has ended, then run the same command again: it goes on where it stopped"
        return RemoteError("another push to this store has begun meanwhile", where=self.target.addresses.update, hint=hint)
