"""Pictures of pages: for docs/img where KG_SCREENSHOTS is set (`make pictures`), from the seeds and from Epoch's table of models.

Elsewhere they are made all the same, of what the other tests look at, and thrown away.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from kg import pipeline
from kg.config import Config
from tests.command import ROOT, SEEDS
from tests.pages.browser.conftest import serving
from tests.pages.browser.sites import Opener, Scheme, Site, Sites
from tests.pages.browser.test_asking import write

ASKED = os.environ.get("KG_SCREENSHOTS") == "1"
LARGEST = 300_000  # bytes of a picture
TALL = {"editor": 1200, "overview": 1100}  # pixels of what shows its answer further down

SEEDS_PAGES = {
    "overview": ("", ""),
    "model": ("model/instructblip-13b", ""),
    "report": ("report/000_instructblip.txt", ""),
    "comparison": ("compare", "model=instructblip-13b&model=blip-2-flan-t5-xl"),
    "graph": ("graph", ""),
    "editor": ("query", ""),
}
EPOCH_PAGES = {
    "overview": ("", ""),
    "model": ("model/gpt-4", ""),
    "comparison": ("compare", "model=gpt-4&model=llama-3.1-405b"),
    "graph": ("graph", ""),
    "editor": ("query", ""),
}
QUERY = """SELECT ?name ?size WHERE {
  ?model kg:describedIn ?report ; rdfs:label ?name ; kg:parameterCount ?size
} ORDER BY DESC(?size) LIMIT 12"""


@pytest.fixture(scope="module")
def seeds(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the pages of the seeds alone where pictures are asked for."""
    if not ASKED:
        yield sites.live
        return
    yield from _site(tmp_path_factory.mktemp("seeds"), SEEDS)


@pytest.fixture(scope="module")
def epoch(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the pages of Epoch's table of models."""
    table = next((shared / "data").rglob("all_ai_models.csv"))
    yield from _site(tmp_path_factory.mktemp("epoch"), table)


def _site(folder: Path, reports: Path) -> Iterator[Site]:
    pipeline.build([reports], folder / "out", config=Config(), progress=lambda *_: None, say=lambda _: None)
    with serving(folder, folder / "out") as address:
        yield Site("live", f"{address}/")


def picture(page: Page, site: Site, at: tuple[str, str], name: str, folder: Path) -> None:
    """Take a picture of a page as it is first seen, and hold that it shows something and is small."""
    kind = name.removeprefix("epoch-").removesuffix("-dark")
    page.goto(site.url(at[0], query=at[1], fragment="at-390-400" if kind == "report" else ""))
    if kind == "editor":
        write(page, QUERY)
        page.get_by_role("button", name="Run").click()
        expect(page.locator("#status")).to_contain_text("rows")
        page.get_by_role("tab", name="Chart").click()
        expect(page.locator("#panel svg").first).to_be_visible()
        page.locator("h1").click()
    if kind == "graph":
        expect(page.locator(".graph-side [role=option]").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    path = folder / f"{name}.png"
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as shot:
        shot.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE).save(path, optimize=True)
    assert 10_000 < path.stat().st_size < LARGEST


@pytest.mark.parametrize("scheme", ["light", "dark"] if ASKED else ["light"])
@pytest.mark.parametrize("name", SEEDS_PAGES)
def test_a_picture_of_the_seeds(opener: Opener, seeds: Site, tmp_path: Path, name: str, scheme: Scheme) -> None:
    end = "-dark" if scheme == "dark" else ""
    picture(opener.page(height=TALL.get(name, 860), scheme=scheme), seeds, SEEDS_PAGES[name], f"{name}{end}", kept(tmp_path))


@pytest.mark.parametrize("name", EPOCH_PAGES)
def test_a_picture_of_a_large_table(opener: Opener, epoch: Site, tmp_path: Path, name: str) -> None:
    picture(opener.page(height=TALL.get(name, 860)), epoch, EPOCH_PAGES[name], f"epoch-{name}", kept(tmp_path))


def kept(folder: Path) -> Path:
    """Return where pictures stay: a folder of the test where they are not asked for."""
    if not ASKED:
        return folder
    pictures = ROOT / "docs" / "img"
    pictures.mkdir(parents=True, exist_ok=True)
    return pictures
