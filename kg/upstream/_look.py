"""Which build a store elsewhere holds: what `kg push` has noted there, or else what the build says of itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import RemoteError, UsageError
from kg.guard import Current
from kg.manifest import fingerprint
from kg.push import State, read_state
from kg.remote import let_go
from kg.store import MANIFEST, own_folder
from kg.terms import KG, SH, VOID
from kg.upstream._place import Place
from kg.upstream._store import UpstreamStore

EVERY = 5.0
"""Seconds between two looks at the store."""

_ID = re.compile(r"[0-9a-f]{12}")
_COUNTED = {"Report": "reports", "Model": "models"}


def found_at(place: Place) -> Place:
    """Return a place with what the store tells of it: the base of its things, whether it shows graphs beside a default one.

    Raise RemoteError when it does not answer, UsageError when it holds no build of kg, or nothing in the default graph.
    """
    store = UpstreamStore(place)
    text = f'SELECT DISTINCT ?base {{ GRAPH ?g {{ ?thing <{SH}prefix> "data" ; <{SH}namespace> ?base }} }}'
    with _as_asked(place):
        bases = sorted({row["base"].value for row in store.rows(text)})
    if place.base not in bases if place.base else len(bases) != 1:
        what = (
            f"the store holds builds of several bases: {', '.join(bases)}" if len(bases) > 1 else "the store holds no build of kg"
        )
        hint = "say which one with --base-iri" if len(bases) > 1 else "load one with kg push, its whole graph.nq otherwise"
        raise UsageError(what, where=place.url, hint=hint)
    known = replace(place, base=place.base or bases[0])
    if place.default is None:
        _check_default(UpstreamStore(known), known)
        return known
    _check_named(UpstreamStore(known), known)
    parameters = [("default-graph-uri", place.default)]
    seen = store.rows(f"SELECT ?p {{ GRAPH <{known.base}graph/build> {{ ?s ?p ?o }} }} LIMIT 1", parameters)
    return replace(known, lax=next(seen, None) is not None)


def _check_default(store: UpstreamStore, place: Place) -> None:
    """Raise UsageError when the store shows other graphs, or nothing, as its default graph."""
    hint = f"name the one that holds the build's: --default-graph {place.base}graph/default, if kg push has put it there"
    if next(store.rows("SELECT ?s { ?s ?p ?o } LIMIT 1"), None) is None:
        raise UsageError("the default graph of the store is empty", where=place.url, hint=hint)
    if next(store.rows(f"SELECT ?s {{ ?s <{KG}nameOf> ?thing }} LIMIT 1"), None) is not None:  # only the index of names has them
        raise UsageError("the store shows all graphs as the default one", where=place.url, hint=hint)


def _check_named(store: UpstreamStore, place: Place) -> None:
    """Raise UsageError when the graph that is named as the default one holds nothing, unless a push may be about to fill it."""
    if next(store.rows(f"SELECT ?s {{ GRAPH <{place.default}> {{ ?s ?p ?o }} }} LIMIT 1"), None) is not None:
        return
    with _as_asked(place):
        pushing = read_state(store.texts, place.base).pushing
    if pushing is None:
        hint = f"name the graph that kg push was told, such as {place.base}graph/default; none if it was told none"
        raise UsageError(f"the store holds nothing in <{place.default}>", where=place.url, hint=hint)


@contextmanager
def _as_asked(place: Place) -> Iterator[None]:
    """Raise RemoteError for answers that lack the columns, or the kinds of values, that were asked for."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = "the store answers with what was not asked for"
        raise RemoteError(what, where=place.url, hint="check the address, or tell who runs it") from error


class LookingUp:
    """Look which build a store elsewhere holds, not more often than every few seconds; `folder` takes what is told of it.

    Where the same build is also `beside`, in an output folder here, what stands beside its graph (findings) is read there.
    """

    def __init__(self, place: Place, folder: Path, every: float = EVERY, beside: Path | None = None) -> None:
        self._place, self._folder, self._every, self._beside = place, folder, every, beside
        self._last: Current | None = None
        self._looked = 0.0

    def __call__(self) -> Current:
        """Return the build; raise RemoteError when the store does not answer, or not what was asked."""
        now = time.monotonic()
        if self._last is None or now - self._looked >= self._every:
            try:
                with _as_asked(self._place):
                    self._last, self._looked = self._current(UpstreamStore(self._place)), now
            except RemoteError as error:
                let_go(error)
                raise
        return self._last

    def _current(self, store: UpstreamStore) -> Current:
        state = read_state(store.texts, self._place.base)
        id = _id(state.build) if state.build else self._described(store)
        if state.pushing:
            id = f"{_id(state.build) if state.build else ''}-{_id(state.pushing)}"
        folder = self._same(id) or self._told(id, state, store)
        elsewhere = self._place.written()
        return Current(folder, id, 0, self._place.base, elsewhere=elsewhere, settled=state.pushing is None)

    def _same(self, id: str) -> Path | None:
        """Return the folder of the same build here."""
        own = own_folder(self._beside) if self._beside else None
        return own if own and (own / MANIFEST).is_file() and fingerprint(own / MANIFEST) == id else None

    def _told(self, id: str, state: State, store: UpstreamStore) -> Path:
        """Return a folder with a manifest of what is told of a build."""
        folder = self._folder / id
        if not (folder / MANIFEST).exists():
            told = state.told if _is_told(state) else self._counted(store)
            folder.mkdir(exist_ok=True)
            new = folder / f"{MANIFEST}.new"
            new.write_text(json.dumps(told), encoding="utf-8")
            new.replace(folder / MANIFEST)
        return folder

    def _described(self, store: UpstreamStore) -> str:
        """Return an id of what a build says of itself: it changes with its counts."""
        graph = ox.NamedNode(f"{self._place.base}graph/build")
        lines = sorted(str(quad.triple) for quad in store.quads_for_pattern(None, None, None, graph))
        return sha256("\n".join(lines).encode()).hexdigest()[:12]

    def _counted(self, store: UpstreamStore) -> Mapping[str, Any]:
        """Return in the form of a manifest what a build says that it counts."""
        node = f"{self._place.base}graph/build"
        pattern = f"<{node}/data> <{VOID}classPartition> ?part . ?part <{VOID}class> ?class ; <{VOID}entities> ?n"
        rows = store.texts(f"SELECT ?class ?n {{ GRAPH <{node}> {{ {pattern} }} }}")
        found = {row["class"].removeprefix(KG): int(row["n"]) for row in rows}
        counts = {name: found.get(kind, 0) for kind, name in _COUNTED.items()}
        return {"versions": {"base": self._place.base}, "counts": {**counts, "codes": {}}}


def _id(said: str) -> str:
    """Return the id of a build that a store names, of anything else what can stand for it in names of files and in headers."""
    return said if _ID.fullmatch(said) else sha256(said.encode()).hexdigest()[:12]


def _is_told(state: State) -> bool:
    counts = state.told.get("counts")
    return isinstance(counts, dict) and isinstance(counts.get("codes"), dict)
