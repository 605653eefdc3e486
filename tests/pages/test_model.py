"""The page of a model: every fact with exactly its words, both sides of what is disputed, gaps where they belong, bounded pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox
import pytest

from kg.model import Finding, Label
from kg.pages import Missing
from kg.pages._facts import Part, keys
from kg.pages._parts import parts_of
from kg.pages._remarks import MOST, placed
from kg.pages._shared import backbones, datasets
from kg.pages.data import data
from kg.pages.model import view
from kg.pages.render import html
from kg.pages.site import Site
from kg.terms import KG
from kg.why import Graph
from tests.pages.parsed import Element, parsed
from tests.pages.planted import EVIL, EVIL_ID, EVIL_NAME, FIRST_ID, PLANTED, SECOND_ID

BASE = "https://w3id.org/kg/"
KESTREL = f"{BASE}model/kestrel-7b"
EVIL_SLUG = "script-alert-x-script-שלום-7b"
LARGEST = 150_000
"""Bytes of a page."""


def copied(graph: Graph) -> ox.Store:
    """Return a store of our own with what a build holds."""
    store = ox.Store()
    store.bulk_load(path=str(graph.folder / "graph.nq"), format=ox.RdfFormat.N_QUADS)
    return store


def page(graph: Graph, path: str, *, static: bool = False) -> Element:
    return parsed(html(graph, Site(BASE, path, static)))


def rows(shown: Element) -> list[tuple[str, str, str]]:
    """Return the relation, the value and the origin of every fact in order."""
    found = []
    for fact in shown.every("div", "fact"):
        summary = next(fact.every("summary"))
        badge = summary.one("span", "origin")
        assert badge.text in fact.classes, "the word and the colour differ"
        found.append((summary.one("span", "relation").words, summary.one("span", "value").words, badge.words))
    return found


@pytest.fixture
def kestrel(planted: Graph) -> Element:
    return page(planted, "model/kestrel-7b")


# What there is not ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["kestrel-70b", "kestrle-7b"])
def test_an_unknown_model_is_answered_with_near_names(planted: Graph, slug: str) -> None:
    with pytest.raises(Missing, match=f"nothing is known of {slug}") as caught:
        view(planted, {"iri": f"{BASE}model/{slug}"})
    assert "Kestrel-7B" in (caught.value.hint or "")


@pytest.mark.parametrize("iri", ["", "no iri", f"{BASE}model/" + "x" * 5000, f"{BASE}model/<script>", f"{BASE}model/\ud800"])
def test_what_is_no_thing_is_missing(planted: Graph, iri: str) -> None:
    with pytest.raises(Missing, match="nothing is known of"):
        view(planted, {"iri": iri})


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "1e9", "99999999999", "١"])
def test_there_are_only_so_many_pages(planted: Graph, number: str) -> None:
    with pytest.raises(Missing, match="there is no page"):
        view(planted, {"iri": KESTREL, "page": number})


def test_a_wrong_stage_is_answered_with_the_right_ones(planted: Graph) -> None:
    with pytest.raises(Missing, match="no stage 'pre-training'") as caught:
        view(planted, {"iri": KESTREL, "stage": "pre-training"})
    assert "pretraining" in (caught.value.hint or "")


# Its head ------------------------------------------------------------------------------------------------------------------------


def test_its_head_tells_what_it_is(kestrel: Element) -> None:
    assert [heading.words for heading in kestrel.every("h1")] == ["Kestrel-7B"]
    head = kestrel.one("header", "thing")
    assert [(item.one("dt").words, item.one("dd").words) for item in head.one("dl").every("div")] == [
        ("extends", "Llama 2"),
        ("described in", "kestrel-first.txt, kestrel-second.txt"),
    ]
    assert "../compare?model=kestrel-7b" in head.links()
    assert "../graph?from=https%3A%2F%2Fw3id.org%2Fkg%2Fmodel%2Fkestrel-7b" in head.links()


def test_other_names_are_told(planted: Graph) -> None:
    store = copied(planted)
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
    for number in range(30):
        store.add(ox.Quad(ox.NamedNode(KESTREL), label, ox.Literal(f"Falcon {number:02}")))
    head = page(replace(planted, store=store), "model/kestrel-7b").one("header", "thing")
    assert "Also called Falcon 00, Falcon 01" in head.words and "Falcon 19 and 10 more" in head.words


# Its facts -----------------------------------------------------------------------------------------------------------------------


def test_facts_stand_by_run_and_stage(kestrel: Element) -> None:
    groups = [section for section in kestrel.every("section", "group")]
    assert [group.attributes["id"] for group in groups] == ["itself", "training", "pretraining"]
    found = {group.attributes["id"]: rows(group) for group in groups}
    assert found["itself"][:3] == [
        ("name", "Kestrel-7B", "reported"),
        ("parameter count", "7 B parameters 7,000,000,000 parameters", "reported"),
        ("parameter count", "9 B parameters 9,000,000,000 parameters", "reported"),
    ]
    assert ("duration", "35 days 840 hours", "reported") in found["training"]
    assert ("duration", "21 days 504 hours", "reported") in found["pretraining"]
    assert ("peak learning rate", "1e-4 0.0001", "reported") in found["pretraining"]
    assert ("implied accelerator hours", "32,256 accelerator-hours", "derived") in found["pretraining"]


def test_each_reported_fact_holds_exactly_its_words(planted: Graph, kestrel: Element) -> None:
    checked = 0
    for fact in kestrel.every("div", "reported"):
        if "fact" in fact.classes:
            for said in fact.every("div", "said"):
                checked += 1
                link = said.one("a", "place").attributes["href"]
                report, _, span = unquote(link).removeprefix("../report/").partition("#at-")
                start, end = map(int, span.split("-"))
                assert said.one("mark").text == PLANTED[report][start:end]
    assert checked >= 15
    quoted = next(kestrel.at("fact-pretraining-peakLearningRate-1").every("blockquote"))
    assert quoted.words == (
        "Pretraining on CC3M and LAION-2B took 21 days on 64 NVIDIA A100 80GB GPUs, with AdamW, "
        "a peak learning rate of 1e-4 and 2000 warmup steps."
    )


def test_a_derived_fact_tells_formula_interval_and_inputs(kestrel: Element) -> None:
    hours = next(item for item in kestrel.at("pretraining").every("div", "derived") if "implied accelerator hours" in item.words)
    assert hours.one("p", "formula").words == "Formula: 64 accelerators × 504 hours = 32,256 accelerator-hours"
    assert [mark.text for mark in hours.every("mark")] == ["21 days", "64"]
    energy = next(item for item in kestrel.at("pretraining").every("div", "derived") if "training energy" in item.words)
    drawn = energy.one("svg", "interval")
    assert drawn.attributes["role"] == "img"
    assert drawn.attributes["aria-label"] == "at least 10,321.9 kWh, most likely 18,063.4 kWh, at most 28,385.3 kWh"
    assert "the data centre draws 1.4 times the design power (0.8 to 2.2)" in energy.words
    assert "catalogue thermal design power of NVIDIA A100 80GB: 400 W from https://" in energy.words
    here = [link for link in energy.links() if link.startswith("#")]
    assert kestrel.at(here[0][1:]) is hours


def test_catalogue_facts_stand_apart_with_their_sources(planted: Graph) -> None:
    store = copied(planted)
    model = ox.NamedNode(KESTREL)
    for name, value in [("kind", "model of birds"), ("source", "https://example.org/birds"), ("source", "javascript:alert(1)")]:
        store.add(ox.Quad(model, ox.NamedNode(KG + name), ox.Literal(value)))
    store.add(ox.Quad(model, ox.NamedNode(f"{KG}credit"), ox.Literal("the <b>birds</b>")))
    shown = page(replace(planted, store=store), "model/kestrel-7b")
    fact = shown.one("div", "catalogue")
    assert rows(shown)[-1] != ("kind", "model of birds", "catalogue")
    assert "Source: https://example.org/birds" in fact.words and "Credit: the <b>birds</b>" in fact.words
    assert fact.links() == ["https://example.org/birds"]


def test_a_fact_leads_to_the_page_of_its_value(kestrel: Element) -> None:
    fact = kestrel.at("fact-pretraining-trainingDataset-1")
    assert fact.one("a", "go").attributes["href"] == "../dataset/cc3m"
    assert fact.one("a", "go").words.startswith("Page of CC3M")


# What is disputed, wrong or missing ----------------------------------------------------------------------------------------------


def test_both_sides_of_a_contradiction_stand_beside_its_facts(kestrel: Element) -> None:
    inside = [item for item in kestrel.at("itself").every() if item.classes & {"fact", "remark"}]
    at = next(number for number, item in enumerate(inside) if "contradiction" in item.classes)
    assert [item.attributes["id"] for item in inside[at - 2 : at]] == [
        "fact-itself-parameterCount-1",
        "fact-itself-parameterCount-2",
    ]
    assert all("disputed" in item.classes for item in inside[at - 2 : at])
    shown = inside[at]
    assert shown.words.startswith("KG301 Contradiction: Kestrel-7B: reports state different values of the parameter count")
    assert [mark.text for mark in shown.every("mark")] == ["7 billion", "9 billion"]
    places = [item.attributes["href"].partition("#")[0] for item in shown.every("a", "place")]
    assert places == [f"../report/{FIRST_ID}", f"../report/{SECOND_ID}"]
    assert "../findings/KG301" in shown.links()


def test_facts_that_may_have_several_values_are_not_disputed(kestrel: Element) -> None:
    disputed = {item.attributes["id"].split("-")[2] for item in kestrel.every("div", "disputed")}
    assert disputed == {"parameterCount"}


def test_gaps_stand_where_they_belong(kestrel: Element) -> None:
    found = {
        group.attributes["id"]: [next(item.every("a", "code")).words for item in group.every("aside", "gap")]
        for group in kestrel.every("section", "group")
    }
    assert found == {"itself": ["KG201"], "training": ["KG202", "KG204"], "pretraining": []}
    unstated = kestrel.at("training").one("div", "unstated")
    assert "global batch size gap KG204" in unstated.words and "training examples gap KG202" in unstated.words
    assert "weight decay," in unstated.words
    contents = kestrel.one("nav", "contents").words
    assert "1 gap" in contents and "2 gaps" in contents and "1 contradiction" in contents


def finding(**fields: Any) -> Finding:
    head: dict[str, Any] = {"code": "KG302", "severity": "error", "message": "wrong", "subject": KESTREL}
    return Finding(**(head | fields))


def test_findings_find_their_part(planted: Graph) -> None:
    parts = parts_of(planted, KESTREL, "model")
    told = [
        finding(relation="duration"),  # two parts tell of it: the whole training
        finding(relation="warmupSteps"),  # one does
        finding(relation="steps"),  # none does
        finding(relation="parameterCount"),
        finding(relation="duration", subject=f"{BASE}run/kestrel-7b/pretraining"),
        finding(relation=None, subject=f"{BASE}hardware/kestrel-7b"),
        finding(relation=None, subject=f"{BASE}model/other"),
        finding(relation=None, subject=None),
    ]
    found = placed(planted, told, parts, [key for part in parts for key in keys(planted, part)])
    assert {place: len(some) for place, some in found.beside.items()} == {
        ("training", "duration"): 1,
        ("pretraining", "warmupSteps"): 1,
        ("itself", "parameterCount"): 1,
        ("pretraining", "duration"): 1,
    }
    assert {name: len(some) for name, some in found.within.items()} == {"training": 2}
    assert found.left == 0


def test_findings_are_bounded(planted: Graph) -> None:
    part = Part("itself", "", KESTREL, (KESTREL,))
    assert placed(planted, [finding() for _ in range(MOST + 7)], [part], []).left == 7


class _Told(Graph):
    """A build with findings of our own."""

    def findings_about(self, model: str | None, reports: Any = ()) -> list[Finding]:
        labels = tuple(Label(FIRST_ID, number, number + 4, f"side {number} <i>") for number in range(9))
        return [
            finding(code="LAB7", message="<b>our own</b>", relation="duration", labels=labels, notes=("one", "<two>")),
            *(finding(relation="license", message=f"gap {number}") for number in range(MOST)),
        ]


def test_other_findings_are_remarks_and_their_places_are_counted(planted: Graph) -> None:
    told = _Told(planted.folder, planted.store, planted.base, planted.sources)
    shown = page(told, "model/kestrel-7b")
    item = next(item for item in shown.every("aside") if "LAB7" in item.words)
    assert "LAB7 Remark: <b>our own</b>" in item.words and "and 3 more places" in item.words and "<two>" in item.words
    assert not list(item.every("a", "code"))  # a code of the user's own has no page
    assert "1 more finding about this model" in shown.words


# What it shares ------------------------------------------------------------------------------------------------------------------


def test_what_it_shares_with_others(planted: Graph, kestrel: Element) -> None:
    words = kestrel.at("shared").words
    assert "Llama 2 extends: 1 other model" in words
    assert "LAION-2B: 1 other model" in words and "CC3M: no other model" in words
    found = datasets(planted, KESTREL)
    assert [(item.thing.name, item.others, [other.name for other in item.some]) for item in found.shown] == [
        ("LAION-2B", 1, [EVIL_NAME]),
        ("CC3M", 0, []),
    ]
    assert [item.roles for item in backbones(planted, KESTREL).shown] == [("extends",)]


def test_what_it_shares_is_bounded(planted: Graph) -> None:
    store = copied(planted)
    for number in range(1000):
        store.add(ox.Quad(ox.NamedNode(KESTREL), ox.NamedNode(f"{KG}trainedOn"), ox.NamedNode(f"{BASE}dataset/d{number}")))
    found = datasets(replace(planted, store=store), KESTREL)
    assert (len(found.shown), found.more) == (12, 990)


# Runs and hardware ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "title", "group"),
    [
        ("run/kestrel-7b/pretraining", "Kestrel-7B, pretraining", "Pretraining"),
        ("run/kestrel-7b", "Kestrel-7B, training", "Training as a whole"),
        ("hardware/kestrel-7b/pretraining", "hardware/kestrel-7b/pretraining", "Hardware"),
    ],
)
def test_a_part_has_a_page_of_its_own(planted: Graph, path: str, title: str, group: str) -> None:
    shown = page(planted, path)
    assert shown.one("h1").words == title
    assert [heading.words for heading in shown.every("h2")] == [group]
    assert next(shown.one("p", "lead").every("a")).words == "Kestrel-7B"
    assert rows(shown)


def test_a_run_shows_what_the_model_shows_of_it(planted: Graph, kestrel: Element) -> None:
    assert rows(page(planted, "run/kestrel-7b/pretraining")) == rows(kestrel.at("pretraining"))


def test_one_stage_of_a_model(planted: Graph, kestrel: Element) -> None:
    assert rows(page(planted, "model/kestrel-7b/stage/pretraining")) == rows(kestrel.at("pretraining"))


# Hostile text --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("static", [False, True])
def test_hostile_text_shows_as_text(planted: Graph, static: bool) -> None:
    text = html(planted, Site(BASE, f"model/{EVIL_SLUG}", static))
    shown = parsed(text)
    assert shown.one("h1").text == EVIL_NAME
    assert shown.one("title").text.strip().startswith(EVIL_NAME)
    assert not [item for item in shown.every("img")]
    assert all("src" in script.attributes or script.attributes["type"] == "application/ld+json" for script in shown.every("script"))
    assert "style" not in {name for item in shown.every() for name in item.attributes}
    assert not [name for item in shown.every() for name in item.attributes if name.startswith("on")]
    for said in shown.every("div", "said"):
        start, end = map(int, said.one("a", "place").attributes["href"].partition("#at-")[2].split("-"))
        assert said.one("mark").text == EVIL[start:end]
    assert EVIL_ID in shown.one("dl").words


# Without what a build usually has ------------------------------------------------------------------------------------------------


def test_a_build_of_the_store_alone(planted: Graph, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((planted.folder / "manifest.json").read_bytes())
    alone = Graph(tmp_path, planted.store, planted.base, lambda ids: {})
    shown = page(alone, "model/kestrel-7b")
    assert rows(shown) == rows(page(planted, "model/kestrel-7b"))
    assert "The text of this report is not in the build." in shown.words
    assert not list(shown.every("aside"))


# Its data ------------------------------------------------------------------------------------------------------------------------


def test_its_table_has_a_row_for_each_claim_and_derived_fact(planted: Graph, kestrel: Element) -> None:
    media, content = data(planted, "model/kestrel-7b", "csv")
    head, *found = content.decode().split("\r\n")[:-1]
    assert media.startswith("text/csv")
    assert head.startswith("model,stage,relation,value,name,unit,approximate,valueMax,origin,report,start,end,place,words")
    claims = sum(len(list(fact.every("div", "said"))) or 1 for fact in kestrel.every("div", "fact") if "reported" in fact.classes)
    assert len(found) == claims + sum(origin == "derived" for *_, origin in rows(kestrel))
    assert any(line.startswith("Kestrel-7B,pretraining,duration,P21D,,,,,reported,kestrel-first.txt,") for line in found)
    assert any(",derived," in line and "64 accelerators × 504 hours" in line for line in found)


@pytest.mark.parametrize(("format", "syntax"), [("ttl", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)])
def test_its_triples_hold_facts_and_claims(planted: Graph, format: str, syntax: ox.RdfFormat) -> None:
    _, content = data(planted, "model/kestrel-7b", format)
    found = {quad.triple for quad in ox.parse(content, format=syntax)}
    fact = ox.Triple(ox.NamedNode(KESTREL), ox.NamedNode(f"{KG}parameterCount"), ox.Literal(7000000000))
    assert fact in found
    assert len([item for item in found if item.object == ox.NamedNode(f"{KG}Claim")]) >= 15
    assert [item for item in found if item.object == ox.NamedNode(f"{KG}DerivedFact")]
    assert not [item for item in found if item.predicate == ox.NamedNode(f"{KG}text")]


def test_two_reads_give_the_same_page(planted: Graph) -> None:
    first = html(planted, Site(BASE, "model/kestrel-7b"))
    planted.forget()
    assert html(planted, Site(BASE, "model/kestrel-7b")) == first
