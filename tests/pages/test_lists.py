"""Pages of lists: what stands in their rows, in which order, and that a page of many costs what one of few does."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyoxigraph as ox
import pytest

from kg.pages import Missing, _rows
from kg.pages.addresses import LISTS as ADDRESSES
from kg.pages.data import data
from kg.pages.lists import LISTS, view
from kg.pages.render import html, page_at
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE
from kg.terms import DCTERMS, KG
from kg.why import Graph
from tests.graph.made import made_triples, store_of
from tests.pages.hubs import HOSTILE, Counting, graph_of_store, hub_store, sample_graph, shuffled, without_summaries
from tests.pages.parsed import Element, parsed

MANY = 130


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return sample_graph(tmp_path_factory.mktemp("lists"))


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return hub_store(MANY)


@pytest.fixture(scope="module")
def many(store: ox.Store) -> Graph:
    return graph_of_store(store)


def shown(graph: Graph, path: str, *, static: bool = False) -> Element:
    return parsed(html(graph, Site(DEFAULT_BASE, path, static)))


def cells(page: Element) -> list[list[str]]:
    return [[cell.words for cell in row.inside if isinstance(cell, Element)] for row in page.one("tbody").every("tr")]


def table(graph: Graph, path: str) -> list[dict[str, str]]:
    media, content = data(graph, path, "csv")
    assert media.startswith("text/csv")
    return list(csv.DictReader(io.StringIO(content.decode())))


# What is not there --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["models/4", "models/999999", "models/by-year/4", "datasets/2", "reports/9"])
def test_no_page_behind_the_last(many: Graph, path: str) -> None:
    with pytest.raises(Missing, match=r"there is no page \S+ of this list: the last one is [13]"):
        html(many, Site(DEFAULT_BASE, path))


@pytest.mark.parametrize(
    ("path", "order"), [("models/by-beauty", "beauty"), ("models/by-name", "name"), ("reports/by-size/2", "size")]
)
def test_an_order_that_there_is_not(many: Graph, path: str, order: str) -> None:
    with pytest.raises(Missing, match=f"are not listed by {order} there") as caught:
        html(many, Site(DEFAULT_BASE, path))
    assert caught.value.hint and caught.value.hint.startswith(f"see /{path.partition('/')[0]}")


@pytest.mark.parametrize(
    "path", ["models/0", "models/x", "models/", "models/by-/2", "models/by-year/", "models/2/3", "models/by-year2"]
)
def test_what_is_no_address_of_a_list(many: Graph, path: str) -> None:
    with pytest.raises(Missing, match="there is no page at"):
        page_at(many, path, {})


def test_a_build_of_an_earlier_version_opens_and_says_what_to_do(store: ox.Store) -> None:
    old = graph_of_store(without_summaries(store))
    for name in LISTS:
        assert "made by an earlier kg: build it again" in shown(old, name).one("main").words


def test_an_empty_graph_has_empty_lists() -> None:
    empty = graph_of_store(hub_store(0))
    assert "There is none" in shown(empty, "models").one("main").words
    assert table(empty, "models") == []


# Rows ---------------------------------------------------------------------------------------------------------------------------


def test_every_list_has_an_address() -> None:
    assert set(ADDRESSES) == set(LISTS)


def test_models(sample: Graph) -> None:
    page = shown(sample, "models")
    assert cells(page) == [
        ["", "InstructBLIP-13B", "13 B", "Mistral AI", "France", "2023", "", "1"],
        ["", "Kestrel-7B", "7 B", "", "United States", "2023", "", "2"],
        ["", "Owl-1B", "1 B", "", "", "2024", "", "1"],
    ]
    assert "../" not in "".join(page.one("main").links())


def test_hours_tell_whether_they_are_reported_or_derived(planted: Graph, many: Graph) -> None:
    derived = {row[1]: row[6] for row in cells(shown(planted, "models/by-hours"))}
    assert derived["Kestrel-7B"].startswith("derived ") and " to " in derived["Kestrel-7B"]
    assert cells(shown(many, "models/by-hours"))[0][6] == f"reported {MANY}"
    assert "Gannet-3B" in derived and [row["name"] for row in table(planted, "models/by-hours")] == list(derived)


HOURS = [
    ({}, None, ("", "", None)),
    ({"statedHoursLow": "7", "statedHoursHigh": "7"}, 7, ("7", "7", "reported")),
    ({"statedHoursLow": "1000", "statedHoursHigh": "3000"}, 2000, ("1,000 to 3,000", "1,000 to 3,000", "reported")),
    ({"impliedHoursLow": "1", "impliedHoursTotal": "20", "impliedHoursHigh": "900"}, 20, ("20", "20", "derived")),
    ({"statedHoursLow": "2000"}, 2000, ("at least 2,000", "at least 2000", "reported")),
    ({"impliedHoursLow": "2000.5"}, "2000.5", ("at least 2,000", "at least 2000.5", "derived")),
]


@pytest.mark.parametrize(("known", "key", "shown"), HOURS)
def test_hours_are_ordered_by_what_is_shown(
    known: dict[str, str], key: str | int | None, shown: tuple[str, str, str | None]
) -> None:
    said = {name: (value,) for name, value in known.items()}
    cell = _rows.hours_cell(said)
    assert (cell.text, cell.plain, cell.origin) == shown
    assert _rows._hours_key(said) == (None if key is None else Decimal(key))


def test_pages_of_models_by_hours_follow_each_other() -> None:
    """What stands on a page is never shown with more hours than what stands on the page before it."""
    graph = graph_of_store(store_of(made_triples(Random(9), 170)))
    rows = [row for number in (1, 2, 3) for row in view(graph, {"list": "models", "order": "hours", "number": number})["rows"]]
    keys = [row.key for row in rows if row.key is not None]
    assert len(keys) > 100 and keys == sorted(keys, reverse=True)
    assert [row.key is None for row in rows] == sorted(row.key is None for row in rows)
    assert any(row.cells[4].text.startswith("at least ") for row in rows)


def test_hours_of_an_organization() -> None:
    graph = graph_of_store(store_of(made_triples(Random(4), 40)))
    rows = {row[0]: row[3:] for row in cells(shown(graph, "organizations"))}
    stated, implied = rows["Organization 0"]
    number = r"[\d,.]+"
    assert re.fullmatch(f"reported {number}( to {number})?", stated)
    assert re.fullmatch(f"derived {number}( {number} to {number})?", implied)
    main = shown(graph, "organization/o-000").one("main").words
    assert f"{stated.removeprefix('reported ')} accelerator-hours" in main and "implied where none are stated" in main
    assert "Stages of which hours are not known add nothing" in main


def test_chosen_models_are_compared_without_a_script(sample: Graph) -> None:
    form = shown(sample, "models").one("main").one("form")
    assert (form.attributes["action"], form.attributes["method"]) == ("./compare", "get")
    boxes = [item.attributes for item in form.every("input")]
    assert [box["value"] for box in boxes] == ["instructblip-13b", "kestrel-7b", "owl-1b"]
    assert {(box["type"], box["name"]) for box in boxes} == {("checkbox", "model")}
    assert boxes[1]["aria-label"] == "Choose Kestrel-7B"


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("datasets", [["CC3M", "3", "3", ""], ["MMLU", "2", "1", "2"], ["LAION-2B", "1", "1", ""]]),
        (
            "backbones",
            [
                ["EVA-CLIP ViT-G/14", "2", "", "2", ""],
                ["BLIP-2", "1", "1", "", ""],
                ["Flan-T5-XL", "1", "", "", "1"],
                ["InstructBLIP-13B", "1", "1", "", ""],
            ],
        ),
        ("organizations", [["Mistral AI", "1", "France", "", ""]]),
        ("countries", [["France", "1", "FR"], ["United States", "1", "US"]]),
        ("accelerators", [["NVIDIA A100 80GB", "3", "128", "80 GB", "", "", ""]]),
        (
            "reports",
            [["a.txt", "InstructBLIP-13B"], ["c.txt", "Kestrel-7B, Owl-1B"], ["sub/b c.txt", "Kestrel-7B"]],
        ),
    ],
)
def test_things_in_use(sample: Graph, path: str, rows: list[list[str]]) -> None:
    assert cells(shown(sample, path)) == rows


@pytest.mark.parametrize("name", sorted(LISTS))
def test_data_of_a_list(sample: Graph, name: str) -> None:
    rows = table(sample, name)
    assert [row["name"] for row in rows] == [row.one("th").words for row in shown(sample, name).one("tbody").every("tr")]
    triples = {triple.subject for triple in ox.parse(data(sample, name, "ttl")[1], ox.RdfFormat.TURTLE)}
    assert {ox.NamedNode(row["iri"]) for row in rows} <= triples
    assert all(str(row["iri"]) in data(sample, name, "jsonld")[1].decode() for row in rows)


def test_a_report_has_its_title_and_date_where_it_has_any(tmp_path: Path) -> None:
    graph = sample_graph(tmp_path)
    for name, value in (("title", "A <b>study</b>"), ("issued", "2024-05-01")):
        report = ox.NamedNode(f"{DEFAULT_BASE}report/c.txt")
        graph.store.add(ox.Quad(report, ox.NamedNode(DCTERMS + name), ox.Literal(value)))
    rows = cells(shown(graph, "reports"))
    assert rows[0] == ["a.txt", "", "", "InstructBLIP-13B"]
    assert rows[1] == ["c.txt", "A <b>study</b>", "2024-05-01", "Kestrel-7B, Owl-1B"]


def test_values_in_csv_are_whole(sample: Graph) -> None:
    row = table(sample, "models")[0]
    assert (row["parameters"], row["developer"], row["year"]) == ("13000000000", "Mistral AI", "2023")


# Pages and orders ---------------------------------------------------------------------------------------------------------------

BY: dict[str, Callable[[dict[str, str]], Any]] = {
    "": lambda row: row["name"].casefold(),
    "/by-year": lambda row: -int(row["year"]),
    "/by-size": lambda row: -int(row["parameters"]),
    "/by-hours": lambda row: -int(row["acceleratorHours"]),
}


@pytest.mark.parametrize("order", sorted(BY))
def test_the_pages_of_a_list_hold_every_model_once_and_in_order(many: Graph, order: str) -> None:
    rows = [row for number in ("", "/2", "/3") for row in table(many, f"models{order}{number}")]
    assert len({row["iri"] for row in rows}) == len(rows) == MANY
    keys = [BY[order](row) for row in rows]
    assert keys == sorted(keys)


def test_the_order_is_told_and_linked(many: Graph) -> None:
    page = shown(many, "models/by-year/2")
    assert [head.words for head in page.every("th") if "aria-sort" in head.attributes] == ["Year"]
    current = [item for item in page.every("a") if item.attributes.get("aria-current") == "true" and "by " in item.text]
    assert [item.words for item in current] == ["by year"]
    links = page.one("main").links()
    assert {"../../models", "../../models/by-year", "../../models/by-size", "../../models/by-year/3"} <= set(links)


def test_pages_are_linked_on_a_published_site(many: Graph) -> None:
    site = Site(DEFAULT_BASE, "models", static=True)
    page = parsed(html(many, site))
    assert {"models/2", "models/3", "models/by-year"} <= site.linked
    assert "../models/2/" in page.one("main").links()
    assert [link.words for link in page.every("a") if link.attributes.get("rel") == "next"] == ["Next"]


def test_pages_are_the_same_however_the_store_was_filled(store: ox.Store) -> None:
    one, other = graph_of_store(store), graph_of_store(shuffled(store))
    for path in ("models", "models/by-hours/2", "datasets", "countries", "reports/3"):
        assert html(one, Site(DEFAULT_BASE, path)) == html(other, Site(DEFAULT_BASE, path))
        for format in ("csv", "ttl", "jsonld"):
            assert data(one, path, format) == data(other, path, format)


def test_a_page_of_many_is_read_as_one_of_few() -> None:
    asked = {}
    for models in (60, 600):
        counting = Counting(hub_store(models))
        graph = graph_of_store(counting)
        for path in ("models", "models/by-hours", "datasets", "countries", "reports"):
            graph.forget()
            before = counting.asked, counting.given
            html(graph, Site(DEFAULT_BASE, path))
            asked[path, models] = counting.asked - before[0], counting.given - before[1]
    for path in ("models", "models/by-hours", "datasets", "countries", "reports"):
        assert asked[path, 600] == asked[path, 60], path
        assert asked[path, 600][1] < 1500


# Names that attack --------------------------------------------------------------------------------------------------------------


def test_names_are_text(many: Graph) -> None:
    page = shown(many, "models")
    names = [row[1] for row in cells(page)]
    assert {" ".join(name.split()) for name in HOSTILE if name[0] in "<\"'"} <= set(names)
    assert {script.attributes.get("type") for script in page.every("script") if "src" not in script.attributes} <= {
        "application/ld+json"
    }
    assert not [item for item in page.every() if any(name.startswith("on") or name == "style" for name in item.attributes)]


def test_every_name_is_kept_apart_from_the_direction_of_the_page(many: Graph) -> None:
    for path in ("models", "models/3"):
        for link in shown(many, path).one("tbody").every("a"):
            assert [item.tag for item in link.inside if isinstance(item, Element)] == ["bdi"]


def test_the_longest_name_stands_in_data_whole(many: Graph) -> None:
    rows = [row for number in ("", "/2", "/3") for row in table(many, f"models{number}")]
    assert set(HOSTILE) <= {row["name"] for row in rows}


def test_a_row_of_a_model_that_says_nothing(tmp_path: Path) -> None:
    store = hub_store(1)
    for name in ("parameterCount", "releaseYear", "country"):
        for quad in list(store.quads_for_pattern(None, ox.NamedNode(KG + name), None, None)):
            store.remove(quad)
    (row,) = view(graph_of_store(store), {"list": "models", "number": 1})["rows"]
    assert [cell.text for cell in row.cells] == ["", "", "", "", "1", "1"]
