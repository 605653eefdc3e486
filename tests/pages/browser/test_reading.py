"""A person reads: from a search to a model, from a fact to its words, along a contradiction, and takes the data home."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from playwright.sync_api import Page, expect

from kg.model import Claim
from kg.store import open_build
from kg.terms import path
from kg.wire import claims_of
from tests.pages.browser.sites import Opener, Site, Sites
from tests.pages.planted import EVIL_ID, EVIL_NAME, FIRST, FIRST_ID, LONG_ID, PLANTED, SECOND_ID

SEED = "000_instructblip.txt"
MODEL = "model/instructblip-13b"


def claim(sites: Sites, report: str, mention: str) -> Claim:
    """Return the first claim of a report on some words."""
    return next(item for item in claims_of(open_build(sites.build).path) if (item.report, item.mention) == (report, mention))


def marked(page: Page) -> dict[str, str]:
    """Return the words that the address names, and the colours in which they and other words are drawn."""
    found: dict[str, str] = page.evaluate(
        """() => {
          const target = document.querySelector(":target");
          const apart = (mark) => !target.contains(mark) && !mark.contains(target);
          const colour = (element) => getComputedStyle(element).backgroundColor;
          const { top, bottom } = target.getBoundingClientRect();
          return {
            tag: target.tagName,
            words: target.textContent,
            colour: colour(target),
            around: colour(target.parentElement),
            other: colour([...document.querySelectorAll(".text mark")].find(apart)),
            inView: String(top >= 0 && bottom <= innerHeight),
          };
        }"""
    )
    return found


def check_marked(page: Page, words: str) -> None:
    """Hold that exactly these words are highlighted, and seen."""
    found = marked(page)
    assert (found["tag"], found["words"], found["inView"]) == ("MARK", words, "true")
    assert len({found["colour"], found["around"], found["other"]}) == 3, "the words look like others"


@pytest.mark.parametrize("how", ["keys", "pointer", "form"])
def test_a_model_is_found_and_opened(page: Page, site: Site, how: str) -> None:
    page.goto(site.url())
    field = page.locator("#search")
    field.click()
    field.press_sequentially("instructbl")
    if how == "form":
        field.press("Enter")
        page.wait_for_url(re.compile(r"/search/?\?q=instructbl"))
        page.locator("main").get_by_role("link", name="InstructBLIP-13B", exact=True).click()
    else:
        option = page.get_by_role("option", name="InstructBLIP-13B")
        expect(option).to_be_visible()
        if how == "keys":
            field.press("ArrowDown")
            field.press("Enter")
        else:
            option.click()
    page.wait_for_url(re.compile(MODEL))
    expect(page.locator("h1")).to_have_text("InstructBLIP-13B")


def test_a_fact_shows_exactly_its_words_in_the_report(page: Page, site: Site, sites: Sites) -> None:
    said = claim(sites, SEED, "13 billion")
    page.goto(site.url(MODEL))
    fact = page.locator("#fact-itself-parameterCount-1")
    fact.locator("summary").first.click()
    expect(fact.locator("blockquote mark").first).to_have_text("13 billion")
    fact.locator("a.place").first.click()
    page.wait_for_url(re.compile(rf"#at-{said.start}-{said.end}$"))
    check_marked(page, said.mention)


def test_every_claim_of_a_report_has_its_words(page: Page, site: Site, sites: Sites) -> None:
    for id in (EVIL_ID, SEED):
        page.goto(site.url(f"report/{path(id)}"))
        shown: dict[str, str] = page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('.text mark[id]')].map((mark) => [mark.id, mark.textContent]))"
        )
        own = [item for item in claims_of(open_build(sites.build).path) if item.report == id]
        assert own
        assert {f"at-{item.start}-{item.end}": item.mention for item in own}.items() <= shown.items()


def test_words_after_astral_characters_are_found(page: Page, site: Site, sites: Sites) -> None:
    said = claim(sites, EVIL_ID, "1024")
    page.goto(site.url(f"report/{path(EVIL_ID)}", fragment=f"at-{said.start}-{said.end}"))
    check_marked(page, "1024")


def test_words_far_into_a_long_report_are_found(page: Page, site: Site, sites: Sites) -> None:
    said = claim(sites, LONG_ID, "9 days")
    page.goto(site.url("model/gannet-3b"))
    fact = page.locator("#fact-training-duration-1")
    fact.locator("summary").first.click()
    fact.locator("a.place").first.click()
    page.wait_for_url(re.compile(rf"/page/2/?#at-{said.start}-{said.end}$"))
    check_marked(page, "9 days")


def test_the_text_and_the_list_of_its_claims_lead_to_each_other(page: Page, site: Site, sites: Sites) -> None:
    said = claim(sites, FIRST_ID, "21 days")
    page.goto(site.url(f"report/{FIRST_ID}"))
    mark = page.locator(f"#at-{said.start}-{said.end}")
    entry = page.locator(".claims li", has_text="duration")
    mark.hover()
    expect(entry).to_have_class(re.compile("lit"))
    entry.locator("a").first.hover()
    expect(mark).to_have_class(re.compile("lit"))
    mark.locator("a").click()
    expect(entry).to_have_class(re.compile("chosen"))
    expect(entry.locator("a").first).to_be_focused()
    entry.locator("a").first.press("Enter")
    page.wait_for_url(re.compile(rf"#at-{said.start}-{said.end}$"))
    check_marked(page, "21 days")
    entry.locator("a.origin").click()
    page.wait_for_url(re.compile("#fact-pretraining-duration-1$"))
    expect(page.locator("#fact-pretraining-duration-1")).to_be_in_viewport()


@pytest.mark.parametrize("begin", ["findings", "report"])
def test_a_contradiction_is_followed_to_both_sides(page: Page, site: Site, begin: str) -> None:
    sides = {FIRST_ID: "7 billion", SECOND_ID: "9 billion"}
    for report, words in sides.items():
        if begin == "findings":
            page.goto(site.url("findings"))
            page.get_by_role("navigation", name="Filters").get_by_role("link", name="Contradiction").click()
            page.wait_for_url(re.compile("findings/contradiction"))
            item = page.locator("article", has_text="KG301")
            item.locator(f"a.place[href*='{report}']").click()
        else:
            page.goto(site.url(f"report/{FIRST_ID}"))
            start = FIRST.index("7 billion")
            page.locator(f"#at-{start}-{start + 9} a").click()
            entry = page.locator(".claims li.chosen")
            entry.locator("a.code").first.click()
            page.locator(".findings li:target").get_by_role("link", name=words).click()
        start = PLANTED[report].index(words)
        page.wait_for_url(re.compile(rf"{report}/?#at-{start}-{start + len(words)}$"))
        check_marked(page, words)


def test_models_are_chosen_and_compared(page: Page, site: Site) -> None:
    page.goto(site.url("models"))
    for name in ("InstructBLIP-13B", "Kestrel-7B"):
        page.get_by_role("checkbox", name=f"Choose {name}").check()
    page.get_by_role("button", name="Compare chosen models").first.click()
    page.wait_for_url(re.compile(r"/compare/?\?.*model=.*model="))
    table = page.get_by_role("table").first
    for name in ("InstructBLIP-13B", "Kestrel-7B"):
        expect(table.get_by_role("columnheader", name=name)).to_be_visible()
    expect(table).to_contain_text("13 B")
    expect(table).to_contain_text("9 B")


def test_data_is_downloaded(page: Page, site: Site, tmp_path: Path, sites: Sites) -> None:
    page.goto(site.url(f"report/{path(EVIL_ID)}"))
    found = {}
    for name in ("CSV", "Turtle", "JSON-LD", "text"):
        with page.expect_download() as waiting:
            page.locator(".downloads").get_by_role("link", name=name, exact=True).click()
        waiting.value.save_as(tmp_path / name)
        found[name] = (tmp_path / name).read_bytes()
    rows = list(csv.DictReader(io.StringIO(found["CSV"].decode(), newline="")))
    assert {row["modelName"] for row in rows} == {EVIL_NAME}
    assert found["text"].decode() == PLANTED[EVIL_ID]
    turtle = {quad.triple for quad in ox.parse(found["Turtle"], format=ox.RdfFormat.TURTLE)}
    assert turtle == {quad.triple for quad in ox.parse(found["JSON-LD"], format=ox.RdfFormat.JSON_LD)}
    assert len(turtle) > len(rows)


def test_hostile_text_is_shown_as_text(page: Page, site: Site) -> None:
    page.goto(site.url("models"))
    link = page.locator("main").get_by_role("link", name=EVIL_NAME)
    expect(link).to_have_text(EVIL_NAME)
    link.click()
    expect(page.locator("h1")).to_have_text(EVIL_NAME)
    assert page.title().startswith(EVIL_NAME)
    page.goto(site.url(f"report/{path(EVIL_ID)}"))
    expect(page.locator("h1")).to_have_text(EVIL_ID)
    assert page.locator(".text").evaluate("(text) => text.textContent") == PLANTED[EVIL_ID]
    assert page.title().startswith("<img src=x"), "the title is the report's id"
    page.goto(site.url("search", query="q=script"))
    expect(page.locator("main").get_by_role("link", name=EVIL_NAME)).to_be_visible()


def test_reading_needs_no_script(opener: Opener, site: Site, sites: Sites) -> None:
    page = opener.page(java_script_enabled=False)
    said = claim(sites, FIRST_ID, "7 billion")
    page.goto(site.url("models"))
    page.get_by_role("link", name="Kestrel-7B", exact=True).click()
    fact = page.locator("#fact-itself-parameterCount-1")
    fact.locator("summary").first.click()
    expect(fact.locator("blockquote mark").first).to_have_text("7 billion")
    fact.locator("a.place").first.click()
    page.wait_for_url(re.compile(rf"#at-{said.start}-{said.end}$"))
    target = page.locator("mark:target")
    expect(target).to_have_text("7 billion")
    expect(target).to_be_in_viewport()
    colours = page.locator(".text mark").evaluate_all("(marks) => marks.map((mark) => getComputedStyle(mark).backgroundColor)")
    assert colours.count(target.evaluate("(mark) => getComputedStyle(mark).backgroundColor")) == 1
    target.locator("a").click()
    entry = page.locator(".claims li:target")
    expect(entry).to_contain_text("parameter count")
    entry.locator("a.code").first.click()
    page.locator(".findings li:target").get_by_role("link", name="9 billion").click()
    expect(page.locator("mark:target")).to_have_text("9 billion")
    if site.kind == "live":
        page.locator("#search").fill("instructblip-13b")
        page.locator("#search").press("Enter")
        page.locator("main").get_by_role("link", name="InstructBLIP-13B", exact=True).click()
        expect(page.locator("h1")).to_have_text("InstructBLIP-13B")
