"""What a worker does with a question: a store that was opened once, and a task for each kind of question."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from kg.errors import KgError, UsageError
from kg.guard import Answered, Current, Guard, Limits, Refused, Writable
from kg.lookups import graph_of, lookup_tasks
from kg.manifest import fingerprint
from kg.schema import load_schema
from kg.sparql.description import description, write_description
from kg.sparql.formats import FORMATS, kind_of
from kg.sparql.graphs import NoGraph, graph_triples, write_graph
from kg.sparql.text import QueryError, answer, prefixes
from kg.store import MANIFEST, open_build, open_store, own_folder
from kg.upstream import LookingUp, Place, UpstreamStore
from kg.why import Graph

# What stands at each row in the rows' formats, and how often more than there are rows; in a text it makes an answer seem longer.
_ROW_MARKS = {"json": (b"}},{", -1), "xml": (b"<result>", 0), "csv": (b"\r\n", 1), "tsv": (b"\n", 1)}


@dataclass(frozen=True)
class Opened:
    """A build that questions are asked about, and the addresses that SERVICE may name."""

    folder: Path
    store: ox.Store
    base: str
    services: tuple[str, ...] = ()

    @cached_property
    def graph(self) -> Graph:
        """Return the build as what is looked up in it reads it."""
        return graph_of(self.folder, self.store, self.base)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Return the prefixes that a query need not declare."""
        return prefixes(self.base)


def guarded(folder: Path, limits: Limits, *, say: Callable[[str], None] = lambda text: None) -> Guard:
    """Return a guard of the builds of an output folder; raise NoBuild or BuildError when there is none."""
    return Guard(Looking(folder), limits, tasks=__name__, say=say)


def guarded_elsewhere(looking: LookingUp, limits: Limits, *, say: Callable[[str], None] = lambda text: None) -> Guard:
    """Return a guard of the build in a store that another server holds; raise RemoteError when that one does not answer."""
    return Guard(looking, limits, tasks=__name__, say=say)


class Looking:
    """Look which build of an output folder is the current one; its manifest, which can be long, is read when it is another one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: Current | None = None

    def __call__(self) -> Current:
        """Return the build, known by the first 12 digits of its manifest's SHA-256; raise NoBuild or BuildError."""
        path = own_folder(self._folder)
        manifest = path / MANIFEST
        made = manifest.stat().st_ino if manifest.exists() else 0
        if not self._last or (self._last.folder, self._last.made) != (path, made):
            base = open_build(path).manifest["versions"]["base"]
            self._last = Current(path, fingerprint(manifest), made, base)
        return self._last


def prepare() -> None:
    """Read what workers need of every build, once in the process that they are forked from."""
    from kg.pages import render

    load_schema()
    render.prepare()


def open_tasks(folder: str, base: str, services: tuple[str, ...], elsewhere: str = "") -> Opened:
    """Open the build in its own folder, whose things are below `base`; raise BuildError when it cannot be.

    `elsewhere` tells where its store is when another server holds it.
    """
    if not elsewhere:
        return Opened(Path(folder), open_store(Path(folder)), base, services)
    store = UpstreamStore(Place.read(elsewhere))
    return Opened(Path(folder), cast("ox.Store", store), base, services)  # it can be asked the same


def query(opened: Opened, arguments: Mapping[str, Any]) -> Answered:
    """Answer a query: text, endpoint (its base), default_graphs, named_graphs, formats wanted for each kind of answer."""
    try:
        found = answer(
            opened.store,
            arguments["text"],
            base=arguments["endpoint"],
            known=opened.prefixes,
            default_graphs=arguments["default_graphs"],
            named_graphs=arguments["named_graphs"],
            services=opened.services,
        )
    except QueryError as error:
        raise Refused("request", error.reason, line=error.line, column=error.column, hint=error.hint) from error
    except UsageError as error:
        raise Refused("request", error.what, hint=error.hint) from error
    kind = kind_of(found)
    name = arguments["formats"].get(kind)
    if name is None:
        detail = "the answer cannot be had in a format that the request accepts"
        raise Refused("format", detail, kind=kind)
    media = str(FORMATS[name].media_type)
    if isinstance(found, ox.QueryTriples):
        return Answered(_with_charset(media), lambda output: write_graph(found, name, _file(output), opened.prefixes))
    layout = ox.QueryResultsFormat.from_media_type(media)
    return Answered(_with_charset(media), lambda output: _void(found.serialize(_file(output), format=layout)), _ROW_MARKS[name])


def graph(opened: Opened, arguments: Mapping[str, Any]) -> Answered:
    """Give a named graph, or (None) the default one, in a format."""
    name = arguments["format"]
    try:
        triples = graph_triples(opened.store, arguments["graph"])
    except NoGraph as error:
        raise Refused("missing", error.what, hint=error.hint) from error
    media = _with_charset(str(FORMATS[name].media_type))
    return Answered(media, lambda output: write_graph(triples, name, _file(output), opened.prefixes))


def page(opened: Opened, arguments: Mapping[str, Any]) -> Answered:
    """Give the page at a `path`, with the `query` of its address, for people (`html`) or as data of another format."""
    from kg.pages import Missing, NoData
    from kg.pages.data import data
    from kg.pages.render import html
    from kg.pages.site import Site

    path, format, asked = arguments["path"], arguments["format"], arguments["query"]
    graph = opened.graph
    try:
        if format == "html":
            site = Site(opened.base, path, address=arguments["address"])
            media, content = "text/html; charset=utf-8", html(graph, site, asked).encode("utf-8", "replace")
        else:
            media, content = data(graph, path, format, asked)
    except NoData as error:
        raise Refused("format", error.what, hint=error.hint) from error
    except Missing as error:
        raise Refused("missing", error.what, hint=error.hint) from error
    except UsageError as error:
        raise Refused("request", error.what, hint=error.hint) from error
    except KgError as error:
        raise Refused("crash", str(error)) from error
    finally:
        graph.forget()
    sent = gzip.compress(content, 6, mtime=0) if arguments["coding"] == "gzip" else content
    return Answered(media, lambda output: _void(output.write(sent)))


def describe_service(opened: Opened, arguments: Mapping[str, Any]) -> Answered:
    """Describe the service at `endpoint`, in the named `format`."""
    triples = description(opened.store, arguments["endpoint"], opened.base, federated=bool(opened.services))
    content = write_description(triples, arguments["format"])
    return Answered(_with_charset(str(FORMATS[arguments["format"]].media_type)), lambda output: _void(output.write(content)))


Task = Callable[[Opened, Mapping[str, Any]], Answered]

_TASKS: Mapping[str, Task] = {
    "query": query,
    "graph": graph,
    "description": describe_service,
    "page": page,
    **lookup_tasks(lambda opened: opened.graph),
}


def _anew(task: Task, opened: Opened, arguments: Mapping[str, Any]) -> Answered:
    """Do a task without what was fetched for the one before."""
    if isinstance(opened.store, UpstreamStore):
        opened.store.forget()
    return task(opened, arguments)


TASKS: Mapping[str, Task] = {name: partial(_anew, task) for name, task in _TASKS.items()}


def _with_charset(media: str) -> str:
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def _file(output: Writable) -> IO[bytes]:
    return cast(IO[bytes], output)  # of a file only `write` is used


def _void(written: object) -> None:
    """Take what a writer returns, of which nobody wants to know."""
