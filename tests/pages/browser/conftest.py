"""A browser on the pages of one build, live and as a published site; what goes wrong in it unseen fails the test."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kg import pipeline
from kg.config import Config
from tests.command import ROOT, SEEDS, environment, kg, start
from tests.lacking import lacking
from tests.pages.browser.sites import PATIENCE, Opener, Site, Sites
from tests.pages.planted import plant
from tests.served import _ADDRESS

_AXE = ROOT / "build" / "clients" / "node_modules" / "axe-core" / "axe.min.js"
_BUNDLE = ROOT / "kg" / "pages" / "built" / "manifest.json"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return the system's Chromium; as long as it runs, so does Playwright's event loop, and no other can in this process."""
    path = shutil.which("chromium")
    if path is None:
        lacking("chromium is not installed: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the script that looks for what keeps people from using a page."""
    if not _AXE.is_file():
        lacking("axe-core is not installed: make clients")
    return _AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Return the pages of the seeds and the planted reports, from `kg serve` and from a folder that `kg publish` wrote."""
    if not _BUNDLE.is_file():
        lacking("the editor and the graph view are not built: make pages")
    folder = tmp_path_factory.mktemp("sites")
    build = folder / "out"
    pipeline.build([SEEDS, plant(folder / "in")], build, config=Config(), progress=lambda *_: None, say=lambda _: None)
    done = kg("publish", folder / "host" / "a" / "graph", "-b", build, cwd=folder)
    assert done.returncode == 0, done.stderr
    with serving(folder, build) as live, _static(folder / "host") as host:
        yield Sites(build, Site("live", f"{live}/"), Site("static", f"{host}/a/graph/"))


@contextmanager
def serving(folder: Path, build: Path) -> Iterator[str]:
    """Serve a build with `kg serve`."""
    with start("serve", "-b", build, "--port", "0", cwd=folder) as process:
        yield from _answering(process)


@contextmanager
def _static(folder: Path) -> Iterator[str]:
    """Serve a folder as Python does, which knows nothing of kg."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "-d", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()) as process:
        yield from _answering(process)


def _answering(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield the address that a server says it answers at, and stop it."""
    try:
        said = process.stderr or process.stdout
        assert said
        address = next((found[0] for line in iter(said.readline, "") if (found := _ADDRESS.search(line))), None)
        assert address, "the server has ended"
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


@pytest.fixture(params=["live", "static"])
def site(request: pytest.FixtureRequest, sites: Sites) -> Site:
    """Return the site that a test looks at: each test looks at both."""
    found: Site = getattr(sites, request.param)
    return found


@pytest.fixture
def opener(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Return what opens pages; after the test nothing may have gone wrong in any."""
    found = Opener(browser)
    yield found
    found.close()


@pytest.fixture
def page(opener: Opener) -> Page:
    """Return an empty page, 1280 pixels wide."""
    return opener.page()
