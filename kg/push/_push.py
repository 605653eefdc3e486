"""The flow of a push: what the store lacks is sent in batches, counted there, remembered; what the build has no more is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from os import fstat
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from kg.errors import RemoteError, UsageError
from kg.push._kept import former, keeping
from kg.push._large import Before, Large
from kg.push._parts import DEFAULT, Bound, Part, lines_of, parts, together, unreadable
from kg.push._records import BEGUN, State, asking, counting, drop, forget, listing, read_state, remember, subject
from kg.push._target import Target, TooMuch
from kg.push._turn import Turn

MOST_BYTES = 8 << 20
"""Bytes of lines that are sent at once: what stands before a store (nginx, a gateway) often takes no more."""

_ASKED = 200  # graphs that the store is asked about at once
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Options:
    """How to push: triples at once, whether only to say what would be sent, whether all graphs are counted at the end.

    With `overwrite` a default graph that holds something else is emptied. `kept` is the file in which the graph that was pushed
    last stands for the next time, None where there is no place for it.
    """

    batch: int = 5000
    dry_run: bool = False
    verify: bool = False
    overwrite: bool = False
    kept: Path | None = None


@dataclass(slots=True)
class Outcome:
    """What a push has done: graphs of the build, those that were sent and removed, triples that were sent."""

    build: str
    graphs: int = 0
    triples: int = 0
    sent: int = 0
    sent_triples: int = 0
    removed: int = 0
    requests: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Push:
    """A push under way."""

    file: BinaryIO
    before: Before
    turn: Turn
    options: Options
    outcome: Outcome
    progress: Callable[[str, int, int], None]
    size: int = 0
    seen: set[bytes] = field(default_factory=set)

    @property
    def target(self) -> Target:
        return self.turn.target

    @property
    def base(self) -> str:
        return self.turn.base

    def run(self) -> None:
        """Do all of it."""
        self._check_free()
        for some in _listed(parts(self.file)):
            self._take(some)
        self._remove_others()
        if self.options.verify and not self.options.dry_run:
            for some in _listed(parts(self.file)):
                self._complain(self._wrong(some))

    def finish(self, told: Mapping[str, Any]) -> None:
        """Say at the store that it holds the build."""
        wanted = State(self.outcome.build, None, told)
        if self.options.dry_run:
            return
        if self.turn.state == wanted:
            self.turn.check()
            return
        self.turn.take(self.outcome.build)
        self.turn.check_known(self.outcome.graphs)
        self.turn.end(wanted)

    def _take(self, some: Sequence[Part]) -> None:
        """Send those of some graphs that the store lacks."""
        self.outcome.graphs += len(some)
        self.outcome.triples += sum(part.triples for part in some)
        self.seen.update(map(_key, map(self._node, some)))
        held = self._held(some)
        lacking = [part for part in some if held.get(part.graph) != part.holds]
        bound = Bound(self.options.batch, MOST_BYTES)
        small = [part for part in lacking if part.fits(bound)]
        for batch in together(small, bound, lambda part: (part.triples, part.size)):
            if not self.options.dry_run:
                self._send(batch)
            self._count(batch)
        large = Large(self.file, self.before, self.turn, bound, self._note)
        for part in lacking:
            if not part.fits(bound):
                self._send_large(large, part, held.get(part.graph))
        self.progress("sent", some[-1].start, self.size)

    def _held(self, some: Sequence[Part]) -> dict[str, str]:
        names = {self._node(part): part.graph for part in some}
        rows = self.target.rows(asking(self.base, names))
        return {names[row["g"]]: row["holds"] for row in rows if row["g"] in names}

    def _count(self, some: Sequence[Part]) -> None:
        self.outcome.sent += len(some)
        self._note(sum(part.triples for part in some))

    def _send(self, some: Sequence[Part]) -> None:
        """Replace small graphs, together where the store takes that."""
        self.turn.take(self.outcome.build)
        self._replace(some)
        wrong = self._wrong(some)
        for part, _ in wrong:  # what another push has left, or a server lost
            self._replace([part])
        self._complain(self._wrong([part for part, _ in wrong]) if wrong else [])
        self._done(some)

    def _replace(self, some: Sequence[Part]) -> None:
        target, nodes = self.target, [self._node(part) for part in some]
        begun = {self._node(part): BEGUN for part in some if part.graph == DEFAULT}  # it is nobody else's from now on
        emptied = [drop(self.base, node) for node in nodes]
        before = " ;\n".join([forget(self.base, nodes), *emptied, *([remember(self.base, begun)] if begun else [])])
        lines = {part.graph: list(lines_of(self.file, part)) for part in some}
        if target.addresses.graphs is None:
            data = "\n".join(target.braced(graph, own)[2:-2] for graph, own in lines.items())
            try:
                target.update(f"{before} ;\nINSERT DATA {{ {data} }}", is_data=True)
                return
            except TooMuch:
                pass  # one after the other, in halves
        target.update(before)
        for graph, own in lines.items():
            target.add(graph, own)

    def _send_large(self, large: Large, part: Part, held: str | None) -> None:
        self.outcome.sent += 1
        if self.options.dry_run:
            self._note(large.left(part, held))
            return
        self.turn.take(self.outcome.build)
        large.send(part, held)
        wrong = self._wrong([part])
        if wrong:
            large.replace(part)
            wrong = self._wrong([part])
        self._complain(wrong)
        self._done([part])

    def _note(self, triples: int) -> None:
        self.outcome.sent_triples += triples

    def _done(self, some: Sequence[Part]) -> None:
        self.turn.remember({self._node(part): part.holds for part in some})

    def _wrong(self, some: Sequence[Part]) -> list[tuple[Part, int]]:
        """Return those graphs of which the store does not hold as many triples as it should, with how many it does."""
        named = {self.target.name(part.graph): part for part in some}
        values = " ".join(f"<{name}>" for name in named if name)
        asked = f"SELECT ?g (COUNT(*) AS ?n) {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
        found = {row["g"]: int(row["n"]) for row in self.target.rows(asked) if "g" in row} if values else {}
        if "" in named:
            found[""] = int(self.target.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"])
        return [(part, found.get(name, 0)) for name, part in named.items() if found.get(name, 0) != part.triples]

    def _complain(self, wrong: Sequence[tuple[Part, int]]) -> None:
        if wrong:
            self.turn.check()
            part, count = wrong[0]
            name = f"graph <{self.target.name(part.graph)}>" if self.target.name(part.graph) else "the default graph"
            what = f"{name} has {part.triples:,} triples, and the store counts {count:,}"
            hint = "does something else write there? Does the server keep all values as they are?"
            raise RemoteError(what, where=self.target.addresses.query, hint=hint)

    def _check_free(self) -> None:
        """Raise UsageError when the default graph goes to a graph that no push has filled."""
        name = self.target.name(DEFAULT)
        own = f"{self.base}graph/"
        if name.startswith(own) and name != f"{own}default":
            what = f"<{name}> is a graph of the build, or of what is remembered of it"
            raise UsageError(what, where=self.target.addresses.query, hint=f"take another one: --default-graph {own}default")
        if self.options.overwrite or self.target.rows(asking(self.base, [subject(self.base, name)])):
            return
        if self.target.rows(f"SELECT ?s {{ {self.target.pattern(DEFAULT, '?s ?p ?o')} }} LIMIT 1"):
            what = "the default graph holds something that kg push has not put there"
            hint = f"take another one: --default-graph {self.base}graph/default; or empty it: --overwrite"
            raise UsageError(what, where=self.target.addresses.query, hint=hint)

    def _remove_others(self) -> None:
        """Remove the graphs that were pushed and are in the build no more."""
        if int(self.target.rows(counting(self.base))[0]["n"]) <= (0 if self.options.dry_run else self.outcome.graphs):
            return
        after = ""
        while rows := self.target.rows(listing(self.base, after)):
            after = rows[-1]["g"]
            gone = [row["g"] for row in rows if _key(row["g"]) not in self.seen]
            self.outcome.removed += len(gone)
            for some in _listed(gone) if not self.options.dry_run else ():
                self.turn.take(self.outcome.build)
                self.turn.check()  # what this build has no more may be there for the other one
                self.target.update(" ;\n".join([*(drop(self.base, node) for node in some), forget(self.base, some)]))

    def _node(self, part: Part) -> str:
        """Return what stands for a graph of the build in the records: where it is in the store."""
        return subject(self.base, self.target.name(part.graph))


def push(
    graph: Path,
    manifest: Mapping[str, Any],
    target: Target,
    options: Options,
    *,
    build: str,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Outcome:
    """Bring the graph of a build (its graph.nq, what its manifest tells, its id) to a store, and count it there.

    What an earlier push has brought is not sent again. Raise RemoteError when the store fails or another push has begun there,
    UsageError when it is none for this, BuildError when the build cannot be read.
    """
    base, outcome = manifest["versions"]["base"], Outcome(build)
    with (
        _opened(graph) as file,
        keeping(graph, None if options.dry_run else options.kept),
        former(options.kept) as before,
    ):
        size = fstat(file.fileno()).st_size
        turn = Turn(target, base, read_state(target.rows, base))
        under_way = _Push(file, Before(before), turn, options, outcome, progress, size)
        under_way.run()
        under_way.finish({"versions": dict(manifest["versions"]), "counts": dict(manifest["counts"])})
    outcome.requests = target.requests
    progress("sent", size, size)
    return outcome


def summary(outcome: Outcome, seconds: float, *, dry_run: bool) -> str:
    """Return in a sentence what a push has done."""
    there = f"{outcome.graphs:,} graphs, {outcome.triples:,} triples"
    if not outcome.sent and not outcome.removed:
        return f"build {outcome.build}: the store holds it, {there} ({seconds:.1f} s)"
    sent, removed = ("would send", "would remove") if dry_run else ("sent", "removed")
    done = f"{sent} {outcome.sent:,} graphs with {outcome.sent_triples:,} triples"
    gone = f", {removed} {outcome.removed:,} graphs" if outcome.removed else ""
    return f"build {outcome.build} ({there}): {done}{gone} ({seconds:.1f} s)"


def _key(node: str) -> bytes:
    return blake2b(node.encode(), digest_size=8).digest()


def _opened(graph: Path) -> BinaryIO:
    try:
        return graph.open("rb")
    except OSError as error:
        raise unreadable(error, str(graph)) from error


def _listed(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield items as many together as a store is asked about at once."""
    rest = iter(items)
    while some := list(islice(rest, _ASKED)):
        yield some
