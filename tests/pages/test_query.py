"""The page to ask from: with the bundle and without it, live and published, whatever stands in its address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from kg.pages import Missing, assets
from kg.pages.query import view
from kg.pages.render import html
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE
from kg.sparql.named import shipped
from kg.sparql.text import answer, prefixes
from kg.sparql.thread import LONGEST
from kg.why import Graph
from tests.pages.hubs import sample_graph
from tests.pages.parsed import Element, parsed

HOSTILE = "</textarea><script>alert(1)</script> \"'&amp; אב\u202e 🦜 SELECT * { ?s ?p ?o }"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return sample_graph(tmp_path_factory.mktemp("query"))


@pytest.fixture(params=[False, True], ids=["plain", "built"])
def built(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether npm has built what the page loads."""
    manifest = {"editor.js": "editor-1.js"} if request.param else {}
    monkeypatch.setattr(assets, "bundle", lambda: manifest)
    monkeypatch.setattr(assets, "versioned", assets.versioned.__wrapped__)  # which remembers nothing
    return bool(request.param)


def shown(graph: Graph, asked: Mapping[str, str] = MappingProxyType({}), *, static: bool = False) -> Element:
    return parsed(html(graph, Site(DEFAULT_BASE, "query", static), {name: [value] for name, value in asked.items()}))


def text_of(page: Element) -> str:
    return page.at("query").text.removeprefix("\n")


def settings(page: Element) -> Any:
    return json.loads(page.at("settings").text)


def test_the_form_asks_the_endpoint(sample: Graph, built: bool) -> None:
    page = shown(sample)
    form = page.at("ask")
    assert (form.attributes["action"], form.attributes["method"]) == ("./sparql", "get")
    assert text_of(page) == shipped()["models"].text
    assert "primary" in page.at("run").classes
    assert "hidden" in page.at("editor").attributes and "hidden" not in page.at("query").attributes


def test_only_what_is_there_is_loaded(sample: Graph, built: bool) -> None:
    sources = [script.attributes.get("src", "") for script in shown(sample).every("script")]
    assert any("editor-1.js" in source for source in sources) is built
    assert any("ask.js" in source for source in sources) is not built


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("text", [HOSTILE, "\n\nASK {}", "\r\nASK {}\x00\ud800"])
def test_a_query_in_the_address_shows_as_text(sample: Graph, built: bool, static: bool, text: str) -> None:
    source = html(sample, Site(DEFAULT_BASE, "query", static), {"query": [text], "name": [""]})
    assert "<script>alert" not in source
    assert text_of(parsed(source)) == text


@pytest.mark.parametrize("name", [HOSTILE, "nosuch", "../models"])
def test_an_unknown_name_is_no_page(sample: Graph, name: str) -> None:
    with pytest.raises(Missing, match="there is no query") as raised:
        view(sample, {"query": {"name": [name]}})
    assert "backbones" in str(raised.value.hint)


def test_a_long_query_is_cut_where_the_endpoint_takes_no_more(sample: Graph) -> None:
    assert len(view(sample, {"query": {"query": ["x" * (LONGEST + 5)]}})["text"]) == LONGEST


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_query_can_be_begun_with(sample: Graph, built: bool, name: str) -> None:
    page = shown(sample, {"name": name})
    assert text_of(page) == shipped()[name].text
    (current,) = (link for link in page.every("a") if link.attributes.get("data-example") and "aria-current" in link.attributes)
    assert current.attributes["href"] == f"./query?name={name}"
    fields = {field.attributes["name"] for field in page.at("parameters").every("input")} - {"name"}
    assert fields == {parameter.name for parameter in shipped()[name].parameters}


def test_a_query_of_ones_own_has_no_parameters(sample: Graph, built: bool) -> None:
    page = shown(sample, {"query": "ASK {}", "model": "Kestrel-7B"})
    assert text_of(page) == "ASK {}"
    assert not list(page.at("parameters").every("input"))


@pytest.mark.parametrize(
    ("name", "asked", "models"),
    [
        ("training", {"model": "Kestrel-7B"}, {"Kestrel-7B"}),
        ("training", {"model": "kestrel 7b"}, {"Kestrel-7B"}),
        ("training", {"model": "kestrel-7b"}, {"Kestrel-7B"}),
        ("training", {"model": "model/kestrel-7b"}, {"Kestrel-7B"}),
        ("training", {"model": f" <{DEFAULT_BASE}model/kestrel-7b> "}, {"Kestrel-7B"}),
        ("training", {"page": "all"}, {"Kestrel-7B", "InstructBLIP-13B", "Owl-1B"}),
        ("training", {"page": "7"}, set()),
        ("lineage", {"ancestor": "InstructBLIP-13B"}, {"Kestrel-7B"}),
        ("evidence", {"relation": "duration", "report": "sub/b c.txt"}, set()),
        ("search", {"text": "kestrel"}, {"Kestrel-7B"}),
    ],
)
def test_values_of_parameters_are_written_into_the_query(
    sample: Graph, built: bool, name: str, asked: dict[str, str], models: set[str]
) -> None:
    page = shown(sample, {"name": name, **asked})
    assert not list(page.every(of_class="problem"))
    rows: Any = answer(sample.store, text_of(page), base=sample.base, known=prefixes())
    names = {row["name"].value for row in rows} if name != "evidence" else set()
    assert names == models
    fields = {field.attributes["name"]: field.attributes["value"] for field in page.at("parameters").every("input")}
    assert {key: fields[key] for key in asked} == asked


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("training", {"model": "Kestrl-7B"}, "no model is named 'Kestrl-7B'"),
        ("training", {"model": "CC3M"}, "no model is named 'CC3M'"),
        ("training", {"model": "zzzz"}, "no model is named 'zzzz' (search"),
        ("training", {"model": "x> } DROP ALL"}, "no model is named"),
        ("training", {"page": "0"}, "'0' is no page"),
        ("training", {"page": "2", "model": "Kestrel-7B"}, "there is no page 2"),
        ("evidence", {"relation": "nosuch"}, "nosuch"),
        ("search", {"text": "two words"}, "is not one word"),
        ("training", {"model": HOSTILE}, "no model is named"),
    ],
)
def test_what_is_wrong_with_a_value_is_said(sample: Graph, built: bool, name: str, asked: dict[str, str], said: str) -> None:
    page = shown(sample, {"name": name, **asked})
    assert said in page.one("p", "problem").text
    assert text_of(page) == shipped()[name].text


def test_the_script_is_told_what_it_needs(sample: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "bundle", lambda: {"editor.js": "editor-1.js"})
    monkeypatch.setattr(assets, "versioned", assets.versioned.__wrapped__)  # which remembers nothing
    live, published = settings(shown(sample)), settings(shown(sample, static=True))
    assert (live["root"], live["static"], published["root"], published["static"]) == ("./", False, "../", True)
    assert published["graph"] == "../data/graph.nq.gz"
    assert live["prefixes"] == prefixes() and live["base"] == DEFAULT_BASE
    assert [example["name"] for example in live["examples"]] == list(shipped())
    assert all(example["text"] == shipped()[example["name"]].text for example in live["examples"])


def test_a_published_page_offers_what_the_published_graph_answers(sample: Graph, built: bool) -> None:
    page = shown(sample, static=True)
    offered = {link.attributes["data-example"] for link in page.every("a") if "data-example" in link.attributes}
    assert offered == set(shipped()) - {"search"}
    assert ("primary" in {name for button in page.every("button") for name in button.classes}) is built
    said = [gap.words for gap in page.every("p", "gap")]
    assert any("published without the part that answers" in text for text in said) is not built
    assert "../data/graph.nq.gz" in page.links()


def test_the_page_is_small_and_the_same_each_time(sample: Graph) -> None:
    first, second = (html(sample, Site(DEFAULT_BASE, "query"), {}) for _ in range(2))
    assert first == second
    assert len(first) < 60_000
