"""A build -> the files of its pages: from the overview over all links, in several processes, each page once.

A process is told paths and writes their files itself; what it sends back is where they link to. What is written does not depend on
the order in which it is.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from kg.lookups import graph_of
from kg.pages import Missing
from kg.pages.data import data
from kg.pages.folders import file_of, folder_of
from kg.pages.graph import published
from kg.pages.render import html, rendered
from kg.pages.site import Site, data_file
from kg.processes import in_processes
from kg.publish.swap import written
from kg.store import open_store
from kg.why import Graph

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and of how many."""

Item = tuple[str, str]
"""The path of a page, and a format of its data, or nothing for the page itself."""

_CHUNK = 16  # pages that a process is given at once


@dataclass(frozen=True, slots=True)
class Plan:
    """What is published: a build's own folder, its name, and what its things' IRIs begin with; the folder that is written to, which
    the user knows as `shown`, and the site's address where it is known.
    """

    build: Path
    name: str
    base: str
    target: Path
    shown: Path
    address: str | None = None

    def site(self, path: str) -> Site:
        """Return the site as it is seen from a page."""
        return Site(self.base, path, static=True, address=self.address)


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of items: which pages there are none of, what they link to, and which data was written beside them."""

    items: int
    missing: frozenset[str]
    linked: frozenset[Item]
    beside: frozenset[Item]


@dataclass(slots=True)
class Crawl:
    """What was found so far: pages by path, data by path and format; `missing` are pages that are linked and not there."""

    pages: set[str] = field(default_factory=set)
    data: set[Item] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    done: int = 0
    _waiting: deque[Item] = field(default_factory=deque)
    _busy: int = 0

    @property
    def found(self) -> int:
        """Return how many files there are, as far as is known."""
        return len(self.pages) + len(self.data)

    def add(self, items: Iterable[Item]) -> None:
        """Take what is linked; what was met before is not written again."""
        for path, format in sorted(items):
            if (path, format) not in self.data if format else path not in self.pages:
                self.data.add((path, format)) if format else self.pages.add(path)
                self._waiting.append((path, format))

    def batches(self, jobs: int) -> Iterator[Sequence[Item]]:
        """Yield what is to be written, and nothing for as long as what is being written may link to more."""
        while self._waiting or self._busy:
            size = min(_CHUNK, -(-len(self._waiting) // jobs))
            self._busy += size
            yield [self._waiting.popleft() for _ in range(size)]

    def take(self, batch: Batch) -> None:
        """Take what became of a batch."""
        self._busy -= batch.items
        self.done += batch.items + len(batch.beside - self.data)
        self.data |= batch.beside
        self.missing |= batch.missing
        self.add(batch.linked)


def crawl(plan: Plan, jobs: int, progress: Progress) -> Crawl:
    """Write the pages of a plan and their data, and return what was found; `jobs` 0 means one process per core.

    Raise OutputError when a file cannot be written, BuildError for a build that is damaged.
    """
    found = Crawl()
    found.add([("", "")])
    jobs = jobs or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    work, batches = partial(_written, plan), found.batches(jobs)
    for batch in map(work, batches) if jobs == 1 else in_processes(work, batches, jobs, "writes pages"):
        found.take(batch)
        progress("publishing", found.done, found.found)
    return found


def _written(plan: Plan, items: Sequence[Item]) -> Batch:
    """Write files, and the data of a page with it: what was read for one serves the others."""
    missing, linked, beside = set[str](), set[Item](), set[Item]()
    graph = opened(plan)
    for path, format in items:
        site = plan.site(path)
        try:
            _write_item(plan, graph, site, format)
            for own in sorted(site.files) if not format else ():
                if own[0] == path:
                    _write_item(plan, graph, site, own[1])
                    beside.add(own)
        except Missing as error:
            missing.add(f"{path} as {format}" if format else path)
            site = plan.site(path)
            content = "" if format else problem(site, "Not found", error.what, error.hint)
            write(plan, _file(path, format), _encoded(content))
        finally:
            graph.forget()
        linked.update((page, "") for page in site.linked)
        linked |= site.files
    return Batch(len(items), frozenset(missing), frozenset(linked - beside), frozenset(beside))


def _write_item(plan: Plan, graph: Graph, site: Site, format: str) -> None:
    """Write a page, or its data in a format, and note what scripts will read; raise Missing when there is none."""
    content = data(graph, site.path, format)[1] if format else _encoded(html(graph, site, build=plan.name))
    site.files.update(published(site.path, format, content))
    write(plan, _file(site.path, format), content)


def _file(path: str, format: str) -> str:
    return f"{folder_of(path)}/{data_file(format) if format else 'index.html'}"


def problem(site: Site, title: str, detail: str, hint: str | None) -> str:
    """Return a page that says what is not there."""
    return rendered("problem", site, {"title": title, "detail": detail, "hint": hint, "formats": ()})


def write(plan: Plan, link: str, content: bytes) -> None:
    """Write a file, at the place below the root that links name."""
    path = plan.target / file_of(link.lstrip("/"))
    with written(plan.shown):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def opened(plan: Plan) -> Graph:
    """Return the build as pages read it, opened once in each process."""
    return _graph(plan.build, plan.base)


@lru_cache(maxsize=1)
def _graph(build: Path, base: str) -> Graph:
    return graph_of(build, open_store(build), base)
