"""The flow of a push: what the store lacks is sent in batches, counted there, remembered; what the build has no more is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from kg.errors import RemoteError, UsageError
from kg.push._large import Before, Large
from kg.push._parts import DEFAULT, Bound, Part, lines_of, parts, together
from kg.push._records import (
    BEGUN,
    PUSH,
    State,
    asking,
    counting,
    drop,
    forget,
    listing,
    read_state,
    records,
    remember,
    subject,
    write_state,
)
from kg.push._target import Target, TooMuch

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

    path: Path
    base: str
    state: State
    target: Target
    options: Options
    outcome: Outcome
    progress: Callable[[str, int, int], None]
    size: int = 0
    seen: set[bytes] = field(default_factory=set)
    is_marked: bool = False
    before: Before = field(init=False)

    def __post_init__(self) -> None:
        kept = self.options.kept
        self.before = Before(kept if kept and kept.is_file() else None)

    def run(self) -> None:
        """Do all of it."""
        self._check_free()
        for some in _listed(parts(self.path)):
            self._take(some)
        self._remove_others()
        if self.options.verify and not self.options.dry_run:
            for some in _listed(parts(self.path)):
                self._complain(self._wrong(some))

    def finish(self, told: Mapping[str, Any]) -> None:
        """Say at the store that it holds the build."""
        wanted = State(self.outcome.build, None, told)
        if not self.options.dry_run and (self.is_marked or read_state(self.target.rows, self.base) != wanted):
            self.target.update(write_state(self.base, wanted))

    def _take(self, some: Sequence[Part]) -> None:
        """Send those of some graphs that the store lacks."""
        self.outcome.graphs += len(some)
        self.outcome.triples += sum(part.triples for part in some)
        self.seen.update(map(_key, map(self._node, some)))
        held = self._held(some)
        lacking = [part for part in some if held.get(part.graph) != part.holds]
        if self.options.dry_run:
            self._count(lacking)
        else:
            bound = Bound(self.options.batch, MOST_BYTES)
            small = [part for part in lacking if part.fits(bound)]
            for batch in together(small, bound, lambda part: (part.triples, part.size)):
                self._send(batch)
            for part in lacking:
                if not part.fits(bound):
                    self._send_large(part, held.get(part.graph), bound)
        self.progress("sent", some[-1].start, self.size)

    def _held(self, some: Sequence[Part]) -> dict[str, str]:
        names = {self._node(part): part.graph for part in some}
        rows = self.target.rows(asking(self.base, names))
        return {names[row["g"]]: row["holds"] for row in rows if row["g"] in names}

    def _count(self, lacking: Sequence[Part]) -> None:
        self.outcome.sent += len(lacking)
        self.outcome.sent_triples += sum(part.triples for part in lacking)

    def _send(self, some: Sequence[Part]) -> None:
        """Replace small graphs, together where the store takes that."""
        self._mark()
        self._replace(some)
        wrong = self._wrong(some)
        for part, _ in wrong:  # what another push has left, or a server lost
            self._replace([part])
        self._complain(self._wrong([part for part, _ in wrong]) if wrong else [])
        self._done(some)
        self._count(some)

    def _replace(self, some: Sequence[Part]) -> None:
        target, nodes = self.target, [self._node(part) for part in some]
        begun = {self._node(part): BEGUN for part in some if part.graph == DEFAULT}  # it is nobody else's from now on
        emptied = [drop(self.base, node) for node in nodes]
        before = " ;\n".join([forget(self.base, nodes), *emptied, *([remember(self.base, begun)] if begun else [])])
        lines = {part.graph: list(lines_of(self.path, part)) for part in some}
        if target.addresses.graphs is None:
            data = "\n".join(target.braced(graph, own)[2:-2] for graph, own in lines.items())
            try:
                target.update(f"{before} ;\nINSERT DATA {{ {data} }}")
                return
            except TooMuch:
                pass  # one after the other, in halves
        target.update(before)
        for graph, own in lines.items():
            target.add(graph, own)

    def _send_large(self, part: Part, held: str | None, bound: Bound) -> None:
        self._mark()
        large = Large(self.path, self.before, self.target, self.base, bound, self._note)
        if not large.send(part, held) and self._wrong([part]):
            large.replace(part)
        self._complain(self._wrong([part]))
        self._done([part])
        self.outcome.sent += 1

    def _note(self, triples: int) -> None:
        self.outcome.sent_triples += triples

    def _done(self, some: Sequence[Part]) -> None:
        holds = {self._node(part): part.holds for part in some}
        self.target.update(f"{forget(self.base, list(holds))} ;\n{remember(self.base, holds)}")

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
            part, count = wrong[0]
            name = f"graph <{self.target.name(part.graph)}>" if self.target.name(part.graph) else "the default graph"
            what = f"{name} has {part.triples:,} triples, and the store counts {count:,}"
            hint = "does something else write there? Does the server keep all values as they are?"
            raise RemoteError(what, where=self.target.addresses.query, hint=hint)

    def _mark(self) -> None:
        """Say at the store that a build is being pushed, before anything else is changed."""
        if self.is_marked:
            return
        self.target.update(write_state(self.base, State(self.state.build, self.outcome.build, self.state.told)))
        self.is_marked = True
        node = records(self.base)
        if self.target.default is None and self.target.rows(f"SELECT ?o {{ <{node}> <{PUSH}pushing> ?o }}"):
            if self.state == State():
                self.target.update(f"DROP SILENT GRAPH <{node}>")
            what = "a query without GRAPH sees all graphs there: the default graph cannot be told from the others"
            hint = f"give the default graph a name: --default-graph {self.base}graph/default"
            raise UsageError(what, where=self.target.addresses.query, hint=hint)

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
                self._mark()
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

    What an earlier push has brought is not sent again. Raise RemoteError when the store fails, UsageError when it is none for this.
    """
    base = manifest["versions"]["base"]
    under_way = _Push(graph, base, read_state(target.rows, base), target, options, Outcome(build), progress, graph.stat().st_size)
    under_way.run()
    under_way.finish({"versions": dict(manifest["versions"]), "counts": dict(manifest["counts"])})
    under_way.outcome.requests = target.requests
    if options.kept and not options.dry_run:
        _keep(graph, options.kept)
    progress("sent", under_way.size, under_way.size)
    return under_way.outcome


def summary(outcome: Outcome, seconds: float, *, dry_run: bool) -> str:
    """Return in a sentence what a push has done."""
    there = f"{outcome.graphs:,} graphs, {outcome.triples:,} triples"
    if not outcome.sent and not outcome.removed:
        return f"build {outcome.build}: the store holds it, {there} ({seconds:.1f} s)"
    sent, removed = ("would send", "would remove") if dry_run else ("sent", "removed")
    done = f"{sent} {outcome.sent:,} graphs with {outcome.sent_triples:,} triples"
    gone = f", {removed} {outcome.removed:,} graphs" if outcome.removed else ""
    return f"build {outcome.build} ({there}): {done}{gone} ({seconds:.1f} s)"


def kept_for(build: Path, target: Target) -> Path | None:
    """Return where what was pushed last stands for the next time, None for a build that is in no output folder."""
    if build.parent.name != ".builds":
        return None
    key = f"{target.addresses.update}\n{target.default or ''}"
    return build.parent.parent / ".pushed" / f"{sha256(key.encode()).hexdigest()[:12]}.nq"


def _key(node: str) -> bytes:
    return blake2b(node.encode(), digest_size=8).digest()


def _keep(graph: Path, kept: Path) -> None:
    """Give the file another name, which outlives its build; where that cannot be, the next push sends more."""
    new = kept.with_suffix(".new")
    try:
        kept.parent.mkdir(exist_ok=True)
        new.unlink(missing_ok=True)
        new.hardlink_to(graph.resolve())
        new.replace(kept)
        new.unlink(missing_ok=True)  # where both were the same file, rename does nothing
    except OSError:
        return


def _listed(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield items as many together as a store is asked about at once."""
    rest = iter(items)
    while some := list(islice(rest, _ASKED)):
        yield some
