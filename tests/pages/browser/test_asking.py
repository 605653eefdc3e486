"""A person asks: a query is run, cancelled and passed on; on a published site the browser itself answers it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browser.sites import Opener, Site, Sites

QUERY = 'SELECT ?name ?size WHERE { ?m a kg:Model ; rdfs:label ?name ; kg:parameterCount ?size FILTER(?name = "Gannet-3B") }'
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def write(page: Page, query: str) -> None:
    """Put a query into the editor in place of what stands there."""
    text = page.locator(".cm-content")
    text.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(query)
    expect(text).to_contain_text(query[:20])


def test_a_query_is_run(page: Page, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, QUERY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#status")).to_contain_text("1 row")
    expect(page.locator("#answer").get_by_role("cell", name="Gannet-3B")).to_be_visible()
    expect(page.locator("#answer")).to_contain_text(re.compile("3,?000,?000,?000"))


def test_a_query_is_cancelled_and_the_next_one_answered(page: Page, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, ENDLESS)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#status")).to_have_text("Running …")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#status")).to_have_text("Cancelled")
    write(page, QUERY)
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator("#status")).to_contain_text("1 row")


def test_a_query_is_passed_on_with_its_view(page: Page, opener: Opener, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, "SELECT ?name ?size WHERE { ?m a kg:Model ; rdfs:label ?name ; kg:parameterCount ?size } ORDER BY ?name")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#status")).to_contain_text("rows")
    page.get_by_role("tab", name="Chart").click()
    page.wait_for_url(re.compile("view=chart"))
    other = opener.page()
    other.goto(page.url)
    expect(other.locator(".cm-content")).to_contain_text("ORDER BY ?name")
    expect(other.get_by_role("tab", name="Chart")).to_have_attribute("aria-selected", "true")
    expect(other.locator("#panel svg").first).to_be_visible()


def test_a_query_that_was_run_is_answered_where_its_link_is_opened(page: Page, opener: Opener, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, QUERY)
    page.get_by_role("button", name="Run").click()
    page.wait_for_url(re.compile("view=table"))
    other = opener.page()
    other.goto(page.url)
    expect(other.locator("#answer").get_by_role("cell", name="Gannet-3B")).to_be_visible()
    expect(other).to_have_title("Ask with SPARQL · kg")


def test_a_changed_query_is_ones_own_and_the_way_back_leads_to_it(page: Page, site: Site) -> None:
    page.goto(site.url("query", query="name=training"))
    form, title = page.get_by_role("form", name="Parameters of"), page.locator("#title")
    expect(form).to_be_visible()
    page.locator(".cm-content").click()
    page.keyboard.type("#")
    expect(form).to_be_hidden()
    expect(title).to_contain_text("(changed)")
    page.locator("[data-example=shared-datasets]").click()
    expect(page).to_have_title(re.compile("share a training dataset"))
    expect(form).to_be_visible()
    page.go_back()
    expect(title).to_contain_text("(changed)")
    expect(page).to_have_title(re.compile("Training time"))
    expect(form).to_be_hidden()


def test_an_error_is_told_with_its_line(opener: Opener, page: Page, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, "SELECT ?a WHERE {\n  ?a ?b }}")
    if site.kind == "live":
        with opener.expecting("400"):
            page.get_by_role("button", name="Run").click()
            expect(page.locator("#status")).to_contain_text("Line 2")
    else:
        page.get_by_role("button", name="Run").click()
        expect(page.locator("#status")).to_contain_text("Line 2")


def test_a_class_is_completed(page: Page, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, "SELECT * WHERE { ?a a kg:Accel")
    page.keyboard.press("Control+Space")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("Accelerator")


def test_a_shipped_query_is_begun_with_and_its_answer_saved(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(site.url("query"))
    page.locator("[data-example=shared-datasets]").click()
    expect(page.locator(".cm-content")).to_contain_text("SELECT")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#answer")).to_contain_text("CC3M")
    with page.expect_download() as waiting:
        page.locator("#answer").get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "rows.csv")
    assert "CC3M" in (tmp_path / "rows.csv").read_text(encoding="utf-8")


def test_an_answer_is_drawn_as_a_graph(page: Page, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, "SELECT ?model ?dataset WHERE { ?model kg:trainedOn ?dataset }")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#status")).to_contain_text("rows")
    page.get_by_role("tab", name="Graph").click()
    expect(page.get_by_role("option", name="CC3M")).to_be_visible()


def test_an_answer_links_what_has_a_page(page: Page, site: Site) -> None:
    page.goto(site.url("query"))
    write(page, "SELECT ?thing { VALUES ?thing { data:accelerator\\/nvidia-a100 data:accelerator\\/nvidia-a100-64gb kg:Model } }")
    page.get_by_role("button", name="Run").click()
    cells = page.locator("#answer td")
    expect(cells).to_have_count(3)
    expect(cells.nth(0).locator("a")).to_have_attribute("href", re.compile(r"/accelerator/nvidia-a100/?$"))
    expect(cells.nth(1).locator("a")).to_have_count(1 if site.kind == "live" else 0)
    expect(cells.nth(1)).to_contain_text("accelerator/nvidia-a100-64gb")
    expect(cells.nth(2).locator("a")).to_have_attribute("href", re.compile("#Model$"))
    cells.nth(0).locator("a").click()
    expect(page.locator("h1")).to_contain_text("NVIDIA A100")


def test_only_what_has_a_page_is_opened_and_expanded(page: Page, site: Site) -> None:
    page.goto(site.url("graph", query="from=accelerator%2Fnvidia-a100"))
    page.get_by_role("option", name="NVIDIA A100 64GB").click()
    chosen = page.locator(".graph-chosen")
    expect(chosen.get_by_role("heading")).to_have_text("NVIDIA A100 64GB")
    there = 1 if site.kind == "live" else 0
    expect(chosen.get_by_role("link", name="Open its page")).to_have_count(there)
    expect(chosen.get_by_role("button", name="Expand")).to_have_count(there)
    if site.kind == "static":
        expect(chosen).to_contain_text("without a page on this site")
        page.get_by_role("option", name="NVIDIA A100 64GB").press("Enter")
        expect(page.locator(".graph-status")).to_contain_text("has no page on this site")
    page.get_by_role("option", name=re.compile("^accelerator: NVIDIA A100$")).click()
    expect(chosen.get_by_role("link", name="Open its page")).to_have_count(1)


def test_a_beginning_without_a_page_is_told(page: Page, sites: Sites) -> None:
    page.goto(sites.static.url("graph", query="from=accelerator%2Fnvidia-a100-64gb"))
    expect(page.locator("#graph-wait")).to_contain_text("This site has no page of accelerator/nvidia-a100-64gb")


def things(page: Page) -> int:
    """Return how many things are drawn, as the list beside the drawing says."""
    heading = page.locator(".graph-side h2", has_text="Things")
    expect(heading).to_have_text(re.compile(r"Things \(\d+\)"))
    return int(re.findall(r"\d+", heading.inner_text())[0])


def test_the_graph_is_expanded_filtered_and_linked(page: Page, opener: Opener, site: Site) -> None:
    page.goto(site.url("graph", query="from=https%3A%2F%2Fw3id.org%2Fkg%2Fmodel%2Finstructblip-13b"))
    before = things(page)
    page.get_by_role("option", name="dataset: CC3M").click()
    page.locator(".graph-chosen").get_by_role("button", name="Expand").click()
    expect(page.get_by_role("option", name="model: Kestrel-7B")).to_be_visible()
    after = things(page)
    assert after > before
    page.wait_for_url(re.compile("expanded="))
    other = opener.page()
    other.goto(page.url)
    expect(other.get_by_role("option", name="model: Kestrel-7B")).to_be_visible()
    assert things(other) == after
    datasets = page.locator(".graph-filter").get_by_role("checkbox", name=re.compile("atasets")).last
    datasets.uncheck()
    expect(page.get_by_role("option", name="dataset: CC3M")).to_be_hidden()
    datasets.check()
    page.get_by_role("option", name="model: Kestrel-7B").click()
    page.locator(".graph-chosen").get_by_role("link", name="Open its page").click()
    expect(page.locator("h1")).to_have_text("Kestrel-7B")


@pytest.mark.parametrize(("name", "begin"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_the_graph_is_saved_as_a_picture(page: Page, site: Site, tmp_path: Path, name: str, begin: bytes) -> None:
    page.goto(site.url("graph", query="from=https%3A%2F%2Fw3id.org%2Fkg%2Fdataset%2Fcc3m"))
    assert things(page) > 2
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Save as {name}").click()
    waiting.value.save_as(tmp_path / name)
    assert begin in (tmp_path / name).read_bytes()[:200]
