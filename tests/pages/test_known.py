"""Pages of what reports name and none describes: what is known of it, who uses it, and in which words."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
import pytest

from kg.pages import Missing
from kg.pages._users import Group, _layout
from kg.pages.data import data
from kg.pages.known import view
from kg.pages.render import html, page_at
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE
from kg.terms import KG, OA, RDF, RDFS
from kg.why import Graph
from tests.pages.hubs import HOSTILE, HUB, Counting, graph_of_store, hub_store, sample_graph, shuffled, without_summaries
from tests.pages.parsed import Element, parsed

MANY = 60


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return sample_graph(tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return hub_store(MANY)


@pytest.fixture(scope="module")
def many(store: ox.Store) -> Graph:
    return graph_of_store(store)


def shown(graph: Graph, path: str, *, static: bool = False) -> Element:
    return parsed(html(graph, Site(graph.base, path, static)))


def table(graph: Graph, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data(graph, path, "csv")[1].decode())))


def counts(page: Element) -> list[tuple[str, str]]:
    rows = [
        [cell.words for cell in row.inside if isinstance(cell, Element)]
        for row in page.one("table", "counts").one("tbody").every("tr")
    ]
    return [(what, number) for what, number in rows]


# What is not there --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "near"),
    [("dataset/cc3n", "CC3M"), ("model/blip2-x", "BLIP-2"), ("organization/mistral-a", "Mistral AI"), ("country/frnce", "France")],
)
def test_what_is_unknown_names_what_is_near(sample: Graph, path: str, near: str) -> None:
    with pytest.raises(Missing, match=f"there is no page at /{path}") as caught:
        page_at(sample, path, {})
    assert caught.value.hint and near in caught.value.hint


@pytest.mark.parametrize(
    "path", ["dataset/zzzz", "dataset/%00", "dataset/<script>", "dataset/%F0%9F%A6%9C", "dataset/" + "x" * 5000]
)
def test_what_is_like_nothing(sample: Graph, path: str) -> None:
    with pytest.raises(Missing, match="there is no page at") as caught:
        page_at(sample, path, {})
    assert caught.value.hint and caught.value.hint.startswith(("Search for", "did you mean"))


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "1.0", "٢", "01", "9" * 30])
def test_a_page_that_there_is_not(sample: Graph, page: str) -> None:
    with pytest.raises(Missing, match=r"no such page of CC3M: the last one is 1") as caught:
        html(sample, Site(DEFAULT_BASE, f"dataset/cc3m/page/{page}"))
    assert caught.value.hint == "see /dataset/cc3m"


def test_a_stage_is_of_models_alone(sample: Graph) -> None:
    with pytest.raises(Missing, match="no such page of CC3M"):
        html(sample, Site(DEFAULT_BASE, "dataset/cc3m/stage/pretraining"))


@pytest.mark.parametrize("path", ["summary/models", "word/blip"])
def test_what_the_graph_keeps_for_itself_has_no_page(sample: Graph, path: str) -> None:
    with pytest.raises(Missing, match="no page is made of a"):
        html(sample, Site(DEFAULT_BASE, path))


def test_a_build_of_an_earlier_version_opens_and_says_what_to_do(store: ox.Store) -> None:
    page = shown(graph_of_store(without_summaries(store)), "dataset/hub")
    assert "made by an earlier kg: build it again" in page.one("main").words


def test_a_thing_that_no_model_uses(sample: Graph) -> None:
    page = shown(sample, "country/kr")
    assert "No model that a report describes uses it." in page.one("main").words
    assert "South Korea" in page.one("h1").words and "Republic of Korea" in page.one("main").words


# What is known, and who uses it -------------------------------------------------------------------------------------------------


def test_a_dataset(sample: Graph) -> None:
    page = shown(sample, "dataset/cc3m")
    assert page.one("h1").words == "CC3M"
    assert "Also called Conceptual Captions 3M" in page.one("main").words
    assert counts(page) == [("Trained on it, stage not stated", "2"), ("Trained on it, in pretraining", "1")]
    assert [user.one("p", "user").words for user in page.every("li") if list(user.every("p", "user"))] == [
        "Kestrel-7B 2023",
        "Owl-1B 2024",
        "InstructBLIP-13B Mistral AI 2023",
    ]


def test_each_use_shows_its_words_and_where_they_are(sample: Graph) -> None:
    page = shown(sample, "dataset/cc3m")
    quotes = [item for item in page.every("details", "words")]
    assert [item.one("mark").words for item in quotes] == ["CC3M"] * 3
    assert "It saw CC3M, and MMLU in fine-tuning" in quotes[0].one("blockquote").words
    links = [unquote(item.one("a", "place").attributes["href"]) for item in quotes]
    assert [link.partition("#")[0] for link in links] == ["../report/sub/b c.txt", "../report/c.txt", "../report/a.txt"]
    assert all("reported" in item.classes for item in page.every("mark"))


def test_a_use_that_many_words_tell_shows_some_of_them(tmp_path: Path) -> None:
    graph = sample_graph(tmp_path)
    source = next(
        iter(graph.store.quads_for_pattern(None, ox.NamedNode(f"{RDF}object"), ox.NamedNode(f"{DEFAULT_BASE}dataset/laion-2b")))
    )
    assert isinstance(source.subject, ox.NamedNode)
    for number in range(9):
        start = str(300 + number)
        copy = ox.NamedNode(f"{source.subject.value.rsplit('-', 1)[0]}-{number:08}")
        for quad in list(graph.store.quads_for_pattern(source.subject, None, None)):
            value = ox.Literal(start) if quad.predicate.value == f"{OA}start" else quad.object
            graph.store.add(ox.Quad(copy, quad.predicate, value, quad.graph_name))
    details = shown(graph, "dataset/laion-2b").one("details", "words")
    assert details.one("summary").words.startswith("The words that say so, in 3 and more places")
    assert len(list(details.every("blockquote"))) == 3
    assert "More stand on the page of InstructBLIP-13B" in details.words


def test_a_use_by_several_relations(sample: Graph) -> None:
    page = shown(sample, "dataset/mmlu")
    assert counts(page) == [("Trained on it, in fine-tuning", "1"), ("Evaluated on it", "2")]


@pytest.mark.parametrize(
    ("path", "uses"),
    [
        ("model/blip-2", [("Extend it", "1")]),
        ("model/eva-clip-vit-bigg-14", [("Have it as image encoder", "2")]),
        ("model/flan-t5-xl", [("Have it as language model", "1")]),
        ("model/q-former", [("Have it as a component", "1")]),
        ("organization/mistral-ai", [("Developed by it", "1")]),
        ("country/fr", [("Developed there", "1")]),
        ("accelerator/nvidia-a100-80gb", [("Trained on it, stage not stated", "2"), ("Trained on it, in pretraining", "1")]),
    ],
)
def test_every_kind_of_use(sample: Graph, path: str, uses: list[tuple[str, str]]) -> None:
    page = shown(sample, path)
    assert counts(page) == uses
    assert len(list(page.every("details", "words"))) == sum(int(number) for _, number in uses)


def test_a_model_that_no_report_describes_says_so(sample: Graph) -> None:
    assert "No report in this graph describes this model" in shown(sample, "model/blip-2").one("main").words
    assert "No report" not in shown(sample, "dataset/cc3m").one("main").words


def test_what_the_catalogue_knows(sample: Graph) -> None:
    page = shown(sample, "accelerator/nvidia-a100-80gb")
    facts = {row.one("th").words: row.one("td").words for row in page.one("table", "facts").every("tr")}
    assert facts["memory"] == "80 GB 80,000,000,000 B"
    assert "At most 128 of them in one training" in page.one("main").words
    assert [item.words for item in page.every("span", "catalogue")] == ["catalogue"]
    assert "../organization/nvidia" in page.one("main").links()


def test_what_the_catalogue_names_it_by(sample: Graph) -> None:
    assert "Organizations based there" in shown(sample, "country/fr").one("main").words
    assert "Accelerators that it makes" in shown(sample, "organization/nvidia").one("main").words
    assert "../accelerator/nvidia-a100-80gb" in shown(sample, "organization/nvidia").one("main").links()


def test_sources_and_credits_are_named(tmp_path: Path) -> None:
    graph = sample_graph(tmp_path)
    thing = ox.NamedNode(f"{DEFAULT_BASE}accelerator/nvidia-a100-80gb")
    for name, value in (
        ("source", "https://example.org/a100"),
        ("source", "javascript:alert(1)"),
        ("credit", "Some People, CC BY 4.0"),
    ):
        graph.store.add(ox.Quad(thing, ox.NamedNode(KG + name), ox.Literal(value)))
    graph.store.add(ox.Quad(thing, ox.NamedNode(f"{KG}wikidata"), ox.Literal("Q1")))
    page = shown(graph, "accelerator/nvidia-a100-80gb")
    assert "https://example.org/a100" in page.one("main").links()
    assert "Some People, CC BY 4.0" in page.one("main").words and "javascript:alert(1)" in page.one("main").words
    assert not [link for link in page.links() if link.startswith("javascript")]


def test_models_of_a_country_by_year(many: Graph) -> None:
    bars = shown(many, "country/us").one("table", "bars")
    assert [row.one("th").words for row in bars.every("tr")] == [str(year) for year in range(2015, 2024)]
    assert sum(int(row.one("td", "number").words) for row in bars.every("tr")) == MANY


def test_years_long_ago_stand_together(tmp_path: Path) -> None:
    graph = sample_graph(tmp_path)
    france, inside = ox.NamedNode(f"{DEFAULT_BASE}country/fr"), ox.NamedNode(f"{DEFAULT_BASE}graph/summary")
    for year in range(1990, 2023):
        node = ox.NamedNode(f"{DEFAULT_BASE}summary/by-country-year/fr;{year}")
        known: dict[str, ox.NamedNode | ox.Literal] = {
            "inCountry": france,
            "inYear": ox.Literal(str(year)),
            "models": ox.Literal("2"),
        }
        for name, value in known.items():
            graph.store.add(ox.Quad(node, ox.NamedNode(KG + name), value, inside))
    years = [row.one("th").words for row in shown(graph, "country/fr").one("table", "bars").every("tr")]
    assert years == ["before 2009", *(str(year) for year in range(2009, 2024))]


def test_what_models_have_beside_it(sample: Graph) -> None:
    page = shown(sample, "model/eva-clip-vit-bigg-14")
    assert "Datasets that its models share" in page.one("main").words
    assert "../dataset/cc3m" in page.one("main").links()


# Pages --------------------------------------------------------------------------------------------------------------------------


def test_its_pages_hold_every_user_once_by_name(many: Graph) -> None:
    pages = ["dataset/hub", *(f"dataset/hub/page/{number}" for number in range(2, 5))]
    rows = [row for path in pages for row in table(many, path)]
    with pytest.raises(Missing):
        table(many, "dataset/hub/page/5")
    for relation in ("trainingDataset", "evaluationDataset"):
        names = [row["name"] for row in rows if row["relation"] == relation]
        assert len(names) == len(set(names)) == MANY
        assert names == sorted(names, key=lambda name: (name.casefold(), name))


def test_a_heading_leads_to_the_page_where_its_models_begin(many: Graph) -> None:
    page = shown(many, "dataset/hub/page/2")
    assert "26 to 60 of 60 models, by name" in page.one("main").words
    first = shown(many, "dataset/hub")
    links = [link.attributes["href"] for link in first.one("table", "counts").every("a")]
    assert links[0] == "#trainingDataset-pretraining"
    path, _, anchor = links[1].removeprefix("../").partition("#")
    assert shown(many, path).at(anchor).words == "Evaluated on it"


@pytest.mark.parametrize("totals", [[], [1], [25], [26], [10, 10, 10], [60, 3, 3], [25, 25], [1] * 40])
def test_every_page_is_full_enough_and_none_too_long(totals: list[int]) -> None:
    pages = _layout([Group(f"uses/{at}", "extends", None, total) for at, total in enumerate(totals)])
    sizes = [sum(chunk.size for chunk in page) for page in pages]
    assert sum(sizes) == sum(totals) and all(0 < size <= 37 for size in sizes)
    assert len(pages) <= 2 * max(1, -(-sum(totals) // 25))
    together = [(chunk.group, chunk.number) for page in pages for chunk in page]
    assert together == sorted(together) and len(set(together)) == len(together)


def test_pages_are_the_same_however_the_store_was_filled(store: ox.Store, sample: Graph) -> None:
    for one, path in ((store, "dataset/hub"), (store, "dataset/hub/page/3"), (store, "country/us"), (sample.store, "dataset/cc3m")):
        first, second = graph_of_store(one), graph_of_store(shuffled(one))
        assert html(first, Site(DEFAULT_BASE, path)) == html(second, Site(DEFAULT_BASE, path))
        for format in ("csv", "ttl", "jsonld"):
            assert data(first, path, format) == data(second, path, format)


def test_a_thing_of_many_is_read_as_one_of_few() -> None:
    read = {}
    for models in (100, 600):
        counting = Counting(hub_store(models))
        graph = graph_of_store(counting)
        for path in ("dataset/hub", "dataset/hub/page/2", "country/us"):
            graph.forget()
            before = counting.asked, counting.given
            html(graph, Site(DEFAULT_BASE, path))
            read[path, models] = counting.asked - before[0], counting.given - before[1]
    for path in ("dataset/hub", "dataset/hub/page/2", "country/us"):
        assert read[path, 600] == read[path, 100], path
        assert sum(read[path, 600]) < 2000


# Data, and names that attack ----------------------------------------------------------------------------------------------------


def test_data_of_a_thing(sample: Graph) -> None:
    row = table(sample, "dataset/cc3m")[-1]
    assert (row["name"], row["relation"], row["stage"], row["report"]) == (
        "InstructBLIP-13B",
        "trainingDataset",
        "pretraining",
        "a.txt",
    )
    assert row["words"] == "CC3M" and int(row["end"]) - int(row["start"]) == 4
    triples = set(ox.parse(data(sample, "dataset/cc3m", "ttl")[1], ox.RdfFormat.TURTLE))
    run = ox.NamedNode(f"{DEFAULT_BASE}run/instructblip-13b/pretraining")
    thing = ox.NamedNode(f"{DEFAULT_BASE}dataset/cc3m")
    assert ox.Quad(run, ox.NamedNode(f"{KG}trainingDataset"), thing) in triples
    assert ox.Quad(thing, ox.NamedNode(f"{RDFS}label"), ox.Literal("CC3M")) in triples
    assert all(quad in sample.store for quad in triples)


def test_data_leads_from_the_model_to_what_the_thing_hangs_on(sample: Graph) -> None:
    triples = set(ox.parse(data(sample, "accelerator/nvidia-a100-80gb", "ttl")[1], ox.RdfFormat.TURTLE))
    assert {quad.predicate.value.removeprefix(KG) for quad in triples} >= {"hasRun", "hardware", "accelerator"}
    assert all(quad in sample.store for quad in triples)


def test_names_are_text(many: Graph) -> None:
    page = shown(many, "dataset/hub")
    assert page.one("h1").words == HOSTILE[0]
    assert page.one("title").words.startswith(HOSTILE[0])
    assert not [item for item in page.every() if any(name.startswith("on") or name == "style" for name in item.attributes)]
    scripts = [item for item in page.every("script") if "src" not in item.attributes]
    assert all(item.attributes["type"] == "application/ld+json" and "<" not in item.text for item in scripts)


def test_a_report_whose_text_is_not_there_is_still_told(sample: Graph) -> None:
    page = shown(replace(sample, sources=lambda reports: {}), "dataset/cc3m")
    assert not list(page.every("mark")) and len(list(page.every("a", "place"))) == 3


def test_links_of_a_published_site(sample: Graph) -> None:
    site = Site(DEFAULT_BASE, "dataset/cc3m", static=True)
    html(sample, site)
    assert {"datasets", "model/owl-1b", "report/c.txt", "organization/mistral-ai"} <= site.linked
    assert {("dataset/cc3m", format) for format in ("csv", "ttl", "jsonld")} <= site.files


def test_what_is_shown_of_many_names_is_bounded(tmp_path: Path) -> None:
    graph = sample_graph(tmp_path)
    for number in range(40):
        quad = ox.Quad(ox.NamedNode(HUB.replace("hub", "cc3m")), ox.NamedNode(f"{KG}name"), ox.Literal(f"Name {number}"))
        graph.store.add(quad)
    assert len(view(graph, {"iri": HUB.replace("hub", "cc3m"), "kind": "dataset"})["names"]) == 41
    assert "17 more names" in shown(graph, "dataset/cc3m").one("main").words
