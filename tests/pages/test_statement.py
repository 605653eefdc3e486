"""The pages of claims and derived facts: the words, the whole chain down to them, what rests on them, who says otherwise."""

from __future__ import annotations

from urllib.parse import unquote

import pyoxigraph as ox
import pytest

from kg.pages import Missing
from kg.pages.data import data
from kg.pages.render import html
from kg.pages.site import Site
from kg.pages.statement import view
from kg.terms import KG
from kg.why import Graph
from tests.pages.parsed import Element, parsed
from tests.pages.planted import EVIL, EVIL_NAME, FIRST, FIRST_ID, SECOND_ID

BASE = "https://w3id.org/kg/"


def page(graph: Graph, iri: str) -> Element:
    return parsed(html(graph, Site(BASE, iri.removeprefix(BASE))))


def iri_of(graph: Graph, subject: str, relation: str) -> str:
    """Return the first statement of a subject's relation."""
    found = graph.statements.about(f"{BASE}{subject}", frozenset({KG + relation}))
    return found[0].iri


def section(shown: Element, title: str) -> Element:
    return next(item for item in shown.every("section") if next(item.every("h2")).words == title)


@pytest.mark.parametrize("path", ["claim/nothing", "derived/kestrel-7b/energy/0", "model/kestrel-7b", "claim/<b>", "claim/\ud800"])
def test_what_is_no_statement_is_missing(planted: Graph, path: str) -> None:
    with pytest.raises(Missing, match="nothing is known of"):
        view(planted, {"iri": f"{BASE}{path}"})


@pytest.mark.parametrize("part", ["page", "stage"])
def test_a_statement_has_no_further_pages(planted: Graph, part: str) -> None:
    with pytest.raises(Missing, match="one page"):
        view(planted, {"iri": iri_of(planted, "model/kestrel-7b", "parameterCount"), part: "2"})


def test_a_claim_tells_its_words_and_place(planted: Graph) -> None:
    iri = iri_of(planted, "run/kestrel-7b/pretraining", "duration")
    shown = page(planted, iri)
    assert shown.one("h1").words == "Duration of Kestrel-7B, pretraining"
    assert "21 days" in shown.one("p", "told").words and "reported" in shown.one("p", "told").words
    words = section(shown, "The words")
    link = unquote(words.one("a", "place").attributes["href"])
    start, end = map(int, link.partition("#at-")[2].split("-"))
    assert words.one("mark").text == FIRST[start:end] == "21 days"
    assert link.startswith(f"../../report/{FIRST_ID}#")
    assert f"From the report {FIRST_ID}" in words.words
    assert "../../run/kestrel-7b/pretraining" in shown.links() and "../../model/kestrel-7b" in shown.links()
    rests = section(shown, "Computed from it")
    assert "implied accelerator hours of Kestrel-7B, pretraining 32,256 accelerator-hours derived" in rests.words


def test_a_claim_that_another_report_contradicts_shows_both(planted: Graph) -> None:
    shown = page(planted, iri_of(planted, "model/kestrel-7b", "parameterCount"))
    others = section(shown, "Stated elsewhere of the same")
    assert "9 B parameters" in others.words and "disputed" in others.words
    assert [mark.text for mark in others.every("mark")] == ["9 billion"]
    wrong = section(shown, "What is wrong or missing").one("aside", "contradiction")
    assert [link.attributes["href"].partition("#")[0] for link in wrong.every("a", "place")] == [
        f"../../report/{FIRST_ID}",
        f"../../report/{SECOND_ID}",
    ]


def test_a_claim_about_a_thing_leads_to_it_and_others_that_say_so(planted: Graph) -> None:
    shown = page(planted, iri_of(planted, "model/kestrel-7b", "extends"))
    assert "Page of Llama 2" in shown.words
    assert "../../model/llama-2" in shown.links()
    name = page(planted, iri_of(planted, "model/kestrel-7b", "name"))
    others = [item for item in name.every("div", "brief")]
    assert [mark.text for item in others for mark in item.every("mark")] == ["Kestrel-7B"]
    assert not list(name.every("span", "disputed"))


def test_a_derived_fact_tells_the_whole_chain(planted: Graph) -> None:
    shown = page(planted, iri_of(planted, "run/kestrel-7b/pretraining", "trainingEnergy"))
    assert shown.one("h1").words == "Training energy of Kestrel-7B, pretraining"
    chain = section(shown, "How it was computed")
    assert [item.words.partition(" = ")[2] for item in chain.every("p", "formula")] == ["18,063 kWh", "32,256 accelerator-hours"]
    assert all("open" in item.attributes for item in chain.every("details", "step"))
    assert [mark.text for mark in chain.every("mark")] == ["NVIDIA A100 80GB", "21 days", "64"]
    assert "rule energy · from kestrel-first.txt" in chain.words
    assert "training energy of Kestrel-7B 18,063.4 kWh derived" in section(shown, "Computed from it").words


def test_what_rests_on_a_derived_fact(planted: Graph) -> None:
    shown = page(planted, iri_of(planted, "run/kestrel-7b/pretraining", "impliedAcceleratorHours"))
    rests = section(shown, "Computed from it")
    assert {"training energy", "compute by hardware"} <= {
        name for name in ("training energy", "compute by hardware") if f"{name} of Kestrel-7B, pretraining" in rests.words
    }
    assert all(item.words for item in rests.every("p", "formula"))


def test_hostile_words_show_as_text(planted: Graph) -> None:
    model = planted.called(EVIL_NAME)[0]
    for item in planted.statements.about(model):
        if not item.derived:
            shown = page(planted, item.iri)
            assert section(shown, "The words").one("mark").text == EVIL[item.number("start") : item.number("end")]
            assert EVIL_NAME in shown.one("h1").text
            assert not list(shown.every("img")) and not list(shown.one("main").every("script"))


def test_its_data(planted: Graph) -> None:
    iri = iri_of(planted, "run/kestrel-7b/pretraining", "impliedAcceleratorHours")
    _, table = data(planted, iri.removeprefix(BASE), "csv")
    lines = table.decode().splitlines()
    assert len(lines) >= 3 and ",derived," in lines[1]
    claim = iri_of(planted, "run/kestrel-7b/pretraining", "duration")
    _, content = data(planted, claim.removeprefix(BASE), "ttl")
    found = {quad.predicate.value for quad in ox.parse(content, format=ox.RdfFormat.TURTLE) if str(quad.subject) == f"<{claim}>"}
    assert {"http://www.w3.org/ns/oa#start", "http://www.w3.org/1999/02/22-rdf-syntax-ns#object"} <= found
