"""What it costs to open a page: bytes, requests, time to the first view, shift of what is seen; server's time beside it.

    python -m bench.pages BUILD...      each a folder that kg build wrote, as kg-out

Chromium opens each page with an empty cache, on a connection of 1.6 Mbit/s with 150 ms to each answer and a processor four times
slower, which is how Lighthouse plays a telephone. Bytes are those that came over the connection, packed as they were.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.serve.processes import Failed, ended

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+/")
_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
_SLOWER = 4
_SEEN = """() => new Promise(done => {
  let shift = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value; })
    .observe({type: "layout-shift", buffered: true});
  const largest = [];
  new PerformanceObserver(list => largest.push(...list.getEntries())).observe({type: "largest-contentful-paint", buffered: true});
  requestAnimationFrame(() => setTimeout(() => done({
    first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
    largest: largest.at(-1)?.startTime ?? NaN,
    shift,
  }), 0));
})"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that was opened once: bytes, requests, milliseconds to the first and the largest content, shift of the layout."""

    bytes: int
    requests: int
    first: float
    largest: float
    shift: float


@contextmanager
def serving(build: Path) -> Iterator[str]:
    """Serve a build on loopback while the block runs, and give the address."""
    command = [sys.executable, "-m", "kg", "serve", "-b", str(build), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    with ended(process):
        if process.stderr is None:
            raise Failed("kg serve says nothing")
        found = next((match for line in process.stderr if (match := _ADDRESS.search(line))), None)
        if found is None:
            raise Failed(f"kg serve does not start on {build}")
        yield found[0].decode()


def first_link(address: str, path: str, kind: str) -> str:
    """Return the path of the first thing of a kind that a page links to; raise Failed when there is none."""
    found = re.search(rf'href="\./({kind}/[^"#?]+)"', _read(address + path).decode())
    if not found:
        raise Failed(f"/{path} links to no {kind}")
    return found[1]


def _read(address: str) -> bytes:
    request = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310 - an address of loopback
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        content: bytes = reply.read()
    return content


def opened(browser: Browser, address: str) -> Opened:
    """Open a page as somebody with a slow telephone does who never was there."""
    context = browser.new_context(viewport={"width": 412, "height": 823})
    page = context.new_page()
    session = context.new_cdp_session(page)
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    page.goto(address, wait_until="networkidle")
    seen = page.evaluate(_SEEN)
    context.close()
    return Opened(sum(received), len(received), seen["first"], seen["largest"], seen["shift"])


def server_time(address: str, times: int = 5) -> float:
    """Return the milliseconds in which a page comes that was not asked before, the median of several; without the first ones."""
    found = []
    for number in range(times):
        start = time.perf_counter()
        _read(f"{address}?new={time.monotonic_ns()}{number}")
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def measure(builds: Sequence[Path], rounds: int) -> Iterator[tuple[Path, str, str, list[Opened], float]]:
    """Yield a build, a page's name and path, what was seen in each round, and the server's milliseconds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for build in builds:
            with serving(build) as address:
                pages = {"overview": "", "models": "models"}
                pages["model"] = first_link(address, "models", "model")
                pages["report"] = first_link(address, "reports", "report")
                for name, path in pages.items():
                    times = server_time(address + path)
                    yield build, name, path, [opened(browser, address + path) for _ in range(rounds)], times


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for each page of each build."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description="Measure what it costs to open a page.")
    parser.add_argument("builds", nargs="+", type=Path, metavar="BUILD")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    print("| build | page | server, ms | kB | requests | first view, ms | largest, ms | shift |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for build, name, _, seen, times in measure(given.builds, given.rounds):
        first, largest = (statistics.median(getattr(one, field) for one in seen) for field in ("first", "largest"))
        shift = max(one.shift for one in seen)
        size = seen[0].bytes / 1000
        figures = [f"{times:.1f}", f"{size:.1f}", str(seen[0].requests), f"{first:.0f}", f"{largest:.0f}", f"{shift:.3f}"]
        cells = [build.name, name, *figures]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
