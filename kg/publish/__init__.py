"""A build -> a site of static files: the pages of `kg serve` with their data, what they load, and the graph that browsers ask.

    path/index.html        a page and beside it its data, as data.ttl, data.jsonld, data.csv and JSON for scripts
    assets/                what pages load
    data/                  the whole graph; graph.nq.gz is what queries in the browser are answered from
    sitemap.xml robots.txt when the site's address is known
    site.json              what the site was made of
    site.files.gz          the files that kg has put there

Equal builds give equal bytes. A site is written beside the one before and takes its place whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kg import __version__
from kg.pages import assets
from kg.pages.search_shards import shards
from kg.pages.site import Site
from kg.publish.address import read_address
from kg.publish.alike import refuse_alike
from kg.publish.crawl import Plan, Progress, crawl, opened, problem, write
from kg.publish.downloads import write_downloads
from kg.publish.own import LIST, MARK, listed
from kg.publish.paths import listed_paths
from kg.publish.sitemap import robots, sitemaps
from kg.publish.swap import replacing
from kg.store import MANIFEST, Build

__all__ = ["Published", "publish", "read_address"]

_SHOWN = 3  # of pages that are told


@dataclass(frozen=True, slots=True)
class Published:
    """A site that was published: how many pages, files and bytes it has, and which pages are linked and not there."""

    pages: int
    files: int
    size: int
    missing: tuple[str, ...]


def publish(
    build: Build, folder: Path, address: str | None, *, jobs: int, progress: Progress, say: Callable[[str], None]
) -> Published:
    """Write the site of a build to a folder; its pages know their own addresses when that of the site is given.

    Raise UsageError for a folder that must not be replaced, OutputError when nothing can be written, BuildError when the build is
    damaged.
    """
    name = sha256((build.path / MANIFEST).read_bytes()).hexdigest()[:12]
    with replacing(folder) as new:
        plan = Plan(build.path, name, build.manifest["versions"]["base"], new, folder, address)
        progress("writing the graph", 0, 1)
        write_downloads(build.path, plan.base, new, folder)
        progress("writing the graph", 1, 1)
        found = crawl(plan, jobs, progress)
        refuse_alike(new, folder, found.pages, say)
        there = found.pages - found.missing
        progress("writing names", 0, 1)
        for link, content in _beside(plan, there):
            write(plan, link, content)
        progress("writing names", 1, 1)
        write(plan, LIST, listed(new))
        files, _ = _measured(new)
        said = {"generator": f"kg {__version__}", "build": name, "address": address, "pages": len(there), "files": files}
        write(plan, MARK, json.dumps(said, indent=1).encode() + b"\n")
        _, size = _measured(new)
    return Published(len(there), files, size, tuple(sorted(found.missing)))


def _beside(plan: Plan, pages: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield what is no page: links below the root, and contents."""
    yield ".nojekyll", b""
    # A host shows it in place of any page, so that only the site's own address tells where its links lead from there.
    root = "./" if plan.address is None else "/" + plan.address.split("/", 3)[3]
    site = Site(plan.base, static=True, at=root)
    hint = "search for what you are looking for, or begin at the overview"
    yield "404.html", problem(site, "There is no such page", "Nothing stands at this address.", hint).encode("utf-8", "replace")
    for name, asset in assets.assets().items():
        yield f"assets/{name}", asset.content
    yield from shards(opened(plan), pages).items()
    yield from listed_paths(pages)
    if plan.address is not None:
        site = plan.site("")
        yield from sitemaps(filter(None, map(site.absolute, pages)), plan.address)
        yield "robots.txt", robots(plan.address)


def _measured(folder: Path) -> tuple[int, int]:
    """Return how many files a folder has, and how many bytes."""
    sizes = [os.stat(os.path.join(place, name)).st_size for place, _, names in os.walk(folder) for name in names]
    return len(sizes), sum(sizes)


def summary(found: Published, folder: Path, seconds: float) -> Iterator[str]:
    """Yield lines that say what was published, and what is not as good as it could be."""
    if found.missing:
        shown = ", ".join(f"/{path}" for path in found.missing[:_SHOWN]) + (" ..." if len(found.missing) > _SHOWN else "")
        yield f"links to {len(found.missing):,} pages that there are none of: {shown}"
    if not assets.bundle():
        yield "editor and graph view are left out: make pages builds them, and a site that is published then has them"
    size = f"{found.size / 1e6:,.1f} MB"
    yield f"published {folder}: {found.pages:,} pages, {found.files:,} files, {size} ({seconds:.1f} s)"
