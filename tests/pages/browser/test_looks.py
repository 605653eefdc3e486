"""Every kind of page, in both colour schemes, on a phone and on a desk: nothing is out of reach, of sight or of the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kg.terms import path
from tests.pages.browser.sites import Opener, Scheme, Site, Sites
from tests.pages.planted import EVIL_ID, FIRST_ID, LONG_ID

MODEL = "model/instructblip-13b"
PAGES: dict[str, tuple[str, str]] = {
    "overview": ("", ""),
    "model": (MODEL, ""),
    "disputed-model": ("model/kestrel-7b", ""),
    "run": ("run/instructblip-13b/pretraining", ""),
    "hardware": ("hardware/kestrel-7b/pretraining", ""),
    "backbone": ("model/blip-2", ""),
    "dataset": ("dataset/cc3m", ""),
    "country": ("country/us", ""),
    "accelerator": ("accelerator/nvidia-a100-80gb", ""),
    "report": (f"report/{FIRST_ID}", ""),
    "hostile-report": (f"report/{path(EVIL_ID)}", ""),
    "long-report": (f"report/{LONG_ID}", ""),
    "models": ("models", ""),
    "datasets": ("datasets", ""),
    "backbones": ("backbones", ""),
    "organizations": ("organizations", ""),
    "countries": ("countries", ""),
    "accelerators": ("accelerators", ""),
    "reports": ("reports", ""),
    "search": ("search", "q=blip"),
    "findings": ("findings", ""),
    "findings-of-code": ("findings/KG301", ""),
    "compare": ("compare", "model=instructblip-13b&model=kestrel-7b"),
    "compare-nothing": ("compare", ""),
    "graph": ("graph", "from=https%3A%2F%2Fw3id.org%2Fkg%2Fdataset%2Fcc3m"),
    "query": ("query", ""),
    "ontology": ("ontology", ""),
}
BY_SCRIPT = ("search", "compare", "graph", "query")
GRAVE = {"serious", "critical"}
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")


def settled(page: Page, name: str) -> None:
    """Wait until scripts have drawn what they draw."""
    waited = {
        "graph": ".graph-side [role=option]",
        "query": ".cm-content",
        "search": "main a[href*='blip']",
        "compare": "table.compared td",
    }
    if name in waited:
        expect(page.locator(waited[name]).first).to_be_visible()


def violations(page: Page, axe: str, only: list[str] | None = None) -> list[str]:
    """Return what keeps people from using a page, as far as a program finds it."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe)
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": only} if only else {})
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{item['id']} ({item['impact']}): {item['help']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for item in found["violations"]
        if item["impact"] in GRAVE
        for node in item["nodes"][:3]
    ]


def beyond(page: Page) -> list[str]:
    """Return what makes a page wider than the window."""
    found: list[str] = page.evaluate(
        """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
          [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map((one) => one.outerHTML.slice(0, 160))"""
    )
    return found


def check(page: Page, site: Site, name: str, axe: str) -> None:
    path, query = PAGES[name]
    page.goto(site.url(path, query=query))
    settled(page, name)
    assert page.locator("h1").count() == 1
    assert violations(page, axe) == []
    for width in (360, 768, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert beyond(page) == [], f"wider than {width} pixels"
    page.emulate_media(color_scheme="dark")
    assert violations(page, axe, ["color-contrast", "link-in-text-block"]) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_on_any_screen(opener: Opener, sites: Sites, axe: str, name: str) -> None:
    check(opener.page(), sites.live, name, axe)


@pytest.mark.parametrize("name", BY_SCRIPT)
def test_what_a_published_site_draws_by_script_is_too(opener: Opener, sites: Sites, axe: str, name: str) -> None:
    check(opener.page(), sites.static, name, axe)


def test_what_unfolds_is_for_everybody(opener: Opener, sites: Sites, axe: str) -> None:
    page = opener.page(width=360)
    for at in (MODEL, f"report/{FIRST_ID}", "findings"):
        page.goto(sites.live.url(at))
        page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")
        assert beyond(page) == []
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert violations(page, axe) == []


def test_chosen_words_and_entries_can_be_read(opener: Opener, sites: Sites, axe: str) -> None:
    page = opener.page()
    page.goto(sites.live.url(f"report/{FIRST_ID}"))
    page.locator(".text mark.contradiction a").first.click()
    expect(page.locator(".claims li.chosen")).to_be_visible()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page, axe, ["color-contrast"]) == []


def test_the_switch_of_colours_holds_on_other_pages(page: Page, site: Site) -> None:
    page.goto(site.url())
    before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Dark colours").click()
    page.goto(site.url("models"))
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != before
    expect(page.get_by_role("button", name="Light colours")).to_be_visible()


def test_the_first_key_leads_past_the_head_of_the_page(page: Page, site: Site) -> None:
    page.goto(site.url(MODEL))
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_what_is_not_there_is_told_on_a_page(opener: Opener, sites: Sites, axe: str) -> None:
    page = opener.page(width=360)
    with opener.expecting("404"):
        page.goto(sites.live.url("model/instructblip-13"))
        expect(page.locator("h1")).to_be_visible()
    assert violations(page, axe) == []
    assert beyond(page) == []
