"""The overview: its numbers are those of the queries, its size does not follow the graph's, and names are only ever text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pyoxigraph as ox
import pytest

from kg.pages._summed import models_of
from kg.pages.data import data
from kg.pages.overview import view
from kg.pages.render import html
from kg.pages.site import Site
from kg.query import run
from kg.schema import DEFAULT_BASE
from kg.store import MANIFEST, open_build
from kg.terms import KG, LABEL, XSD, string
from kg.why import Graph
from tests.graph.made import made_triples, store_of
from tests.pages.parsed import Element, parsed

COUNTS = {
    "reports": 2,
    "models": 12,
    "claims": 40,
    "suggestions": 0,
    "facts": 99,
    "derived": 7,
    "codes": {"KG201": 3, "KG302": 2, "KG107": 5},
}
SEVERITIES = {"violation": 0, "warning": 0, "info": 10}
EVIL = '<script>alert("x")</script> שלום 🦜'
Row = dict[str, str]


def graph_of_store(folder: Path, store: ox.Store) -> Graph:
    """Return a graph as pages read it, with a manifest beside its store."""
    manifest = {"versions": {"base": DEFAULT_BASE}, "inputs": [], "failed": [], "skipped": []}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).write_text(json.dumps({**manifest, "counts": {**COUNTS, "severities": SEVERITIES}}))
    return Graph(folder, store, DEFAULT_BASE, lambda reports: {})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return graph_of_store(tmp_path_factory.mktemp("made"), store_of(made_triples(Random(11), 300, 14)))


def rows(graph: Graph, name: str, **params: str) -> list[Row]:
    return [dict(row) for row in csv.DictReader(io.StringIO(run(graph.store, name, params=params, format="csv").decode()))]


def page(graph: Graph, site: Site | None = None) -> Element:
    return parsed(html(graph, site or Site(DEFAULT_BASE)))


def downloaded(graph: Graph) -> list[Row]:
    media, content = data(graph, "", "csv")
    assert media.startswith("text/csv")
    return list(csv.DictReader(io.StringIO(content.decode())))


def section(root: Element, id: str) -> Element:
    (found,) = (item for item in root.every("section") if item.attributes.get("aria-labelledby") == id)
    return found


# Bad input ----------------------------------------------------------------------------------------------------------------------


def test_a_build_of_an_earlier_kg_opens_without_plots_and_says_why(tmp_path: Path) -> None:
    store = store_of(made_triples(Random(1), 20))
    store.remove_graph(ox.NamedNode(f"{DEFAULT_BASE}graph/summary"))
    graph = graph_of_store(tmp_path, store)
    root = page(graph)
    assert "made by an earlier kg" in root.one("p", "old").words
    assert not list(root.every("section")) and root.one("ul", "counts").words.startswith("2 reports 12 models")
    assert downloaded(graph) == []


@pytest.mark.parametrize(
    ("lists", "kept"),
    [
        (["years"], {"acceleratorHours", "trainingCompute", "disclosure", "datasets", "backbones"}),
        (["timeline", "disclosure"], {"years", "datasets", "backbones"}),
        (["shared-datasets"], {"years", "acceleratorHours", "trainingCompute", "disclosure", "backbones"}),
    ],
)
def test_what_is_not_counted_is_left_out(tmp_path: Path, lists: Iterable[str], kept: set[str]) -> None:
    store = store_of(made_triples(Random(1), 20))
    for name in lists:
        node = ox.NamedNode(f"{DEFAULT_BASE}summary/{name}")
        for quad in list(store.quads_for_pattern(node, None, None, None)):
            store.remove(quad)
    root = page(graph_of_store(tmp_path, store))
    assert {item.attributes["aria-labelledby"] for item in root.every("section")} == kept
    assert root.one("p", "old").words


def test_a_graph_of_nothing(tmp_path: Path) -> None:
    root = page(graph_of_store(tmp_path, store_of([])))
    words = root.one("main").words
    for said in ("No report states when a model was released", "No report states accelerator-hours", "No two models"):
        assert said in words
    assert not list(root.every("svg", "spread")) and not list(root.every("p", "old"))


def model(number: int, **said: str) -> list[str]:
    """Return the triples of a described model with a run."""
    iri, run_ = f"<{DEFAULT_BASE}model/m-{number}>", f"<{DEFAULT_BASE}run/m-{number}>"
    values = {"describedIn": f"<{DEFAULT_BASE}report/r>", "hasRun": run_, **said}
    return [f"{run_ if name == 'acceleratorHours' else iri} <{KG}{name}> {value}" for name, value in values.items()]


def hours(value: str) -> str:
    return f'"{value}"^^<{XSD}decimal>'


def year(value: str) -> str:
    return f'"{value}"^^<{XSD}gYear>'


@pytest.mark.parametrize("strange", ["0203", "9999", "-0044", "20230"])
def test_years_that_can_be_none_are_told_and_not_drawn(tmp_path: Path, strange: str) -> None:
    default = [*model(1, releaseYear=year(strange), acceleratorHours=hours("10")), *model(2, releaseYear=year("2023"))]
    graph = graph_of_store(tmp_path, store_of(default))
    found = view(graph, {})
    assert found["by_year"].years == (2023,) and found["by_year"].undated == 1
    assert found["timelines"][0].drawn is None and found["timelines"][0].undated == 1
    assert "1 model of which it is known states no year" in page(graph).one("main").words


def test_numbers_of_any_size_are_drawn(tmp_path: Path) -> None:
    default = model(1, releaseYear=year("2023"), acceleratorHours=hours("0." + "0" * 40 + "1"))
    default += model(2, releaseYear=year("2024"), acceleratorHours=hours("1" + "0" * 60))
    drawing = page(graph_of_store(tmp_path, store_of(default))).one("svg", "spread")
    assert len(list(drawing.every("a"))) == 2


def test_names_are_text(tmp_path: Path) -> None:
    default = [*model(1, releaseYear=year("2023"), acceleratorHours=hours("10")), *model(2), *model(3)]
    for number in (1, 2, 3):
        default += [f"<{DEFAULT_BASE}model/m-{number}> <{KG}{name}> <{DEFAULT_BASE}{path}>" for name, path in RELATIONS.items()]
    for thing in ("model/m-1", *RELATIONS.values()):
        default.append(f"<{DEFAULT_BASE}{thing}> {LABEL} {string(EVIL)}")
    root = page(graph_of_store(tmp_path, store_of(default)))
    assert all("src" in item.attributes or item.attributes["type"] == "application/ld+json" for item in root.every("script"))
    assert sum(item.text == EVIL for item in root.every("bdi")) == 4
    assert {item.attributes["aria-label"] for item in root.every("a") if "aria-label" in item.attributes} == {f"{EVIL}, 2023"}


RELATIONS = {"country": "country/c", "trainedOn": "dataset/d", "hasBackbone": "model/b"}


# Numbers ------------------------------------------------------------------------------------------------------------------------


def test_counts_are_those_of_the_build(planted: Graph) -> None:
    counts = {count.label: count.number for count in view(planted, {})["counts"]}
    assert counts["models"] == len(rows(planted, "models", page="all"))
    assert counts["reports"] == len(set(row["report"] for row in rows(planted, "evidence", page="all")))
    derived = planted.store.query(f"SELECT (COUNT(*) AS ?n) {{ ?fact a <{KG}DerivedFact> }}")
    assert isinstance(derived, ox.QuerySolutions) and counts["derived facts"] == int(next(derived)["n"].value)
    codes = [finding.code for finding in planted.findings]
    assert counts["gaps"] == sum(code.startswith("KG2") for code in codes) > 0
    assert counts["contradictions"] == sum(code.startswith("KG3") for code in codes) > 0
    assert counts["claims"] == open_build(planted.folder).manifest["counts"]["claims"]


def test_what_nobody_looked_for_is_no_number(made: Graph) -> None:
    counts = page(made).one("ul", "counts")
    assert "– gaps not looked for in this build" in counts.words
    (made.folder / "findings.json").write_text("[]")
    links = {link.words: link.attributes["href"] for link in page(made).one("ul", "counts").every("a")}
    (made.folder / "findings.json").unlink()
    assert links["3 gaps"] == "./findings/gap" and links["2 contradictions"] == "./findings/contradiction"


def test_years_and_countries_are_those_of_the_query(made: Graph) -> None:
    groups = {(group.kind, group.iri): group.numbers for group, _ in view(made, {})["by_year"].drawn}
    found: dict[tuple[str, str | None], dict[int | None, int]] = {}
    for row in rows(made, "years", page="all"):
        own = found.setdefault((row["group"], row["country"] or None), {})
        own[int(row["year"]) if row["year"] else None] = int(row["models"])
    assert groups == found
    cells = {(row["country"], row["year"]): int(row["models"]) for row in rows(made, "by-country-year", page="all")}
    shown = {
        (iri, str(at or "")): number
        for (kind, iri), numbers in groups.items()
        if kind == "country"
        for at, number in numbers.items()
    }
    assert len(shown) > 8 and shown.items() <= cells.items()
    assert {at: number for (country, at), number in cells.items() if not country} == {
        str(at or ""): number for at, number in groups["unstated", None].items()
    }


def test_every_model_counts_once_beside_the_name_of_its_group(made: Graph) -> None:
    """Models of two years, and those of none: as many as the country's own page and the lists tell."""
    models = {row["model"]: row for row in rows(made, "models", page="all")}
    assert any(" | " in row["years"] for row in models.values()) and any(not row["years"] for row in models.values())
    found = {(group.kind, group.label): group for group, _ in view(made, {})["by_year"].drawn}
    assert found["all", "all"].models == len(models) == len(set(models))
    countries = {iri: set(row["countries"].split(" | ")) - {""} for iri, row in models.items()}
    shown = {label for kind, label in found if kind == "country"}
    for (kind, label), group in found.items():
        if kind == "country":
            assert group.iri and group.models == sum(label in own for own in countries.values()) == models_of(made, group.iri)
            assert group.models != sum(group.numbers.values())
    assert found["others", "others"].models == sum(bool(own - shown) for own in countries.values())
    assert found["unstated", "unstated"].models == sum(not own for own in countries.values())
    heads = [head.words for head in section(page(made), "years").every("h3")]
    assert heads[0] == f"All models {len(models)}"
    assert "the number beside a name counts each model once, with a year or without" in section(page(made), "years").words


def test_a_build_that_counted_no_totals_shows_none(tmp_path: Path) -> None:
    store = store_of(model(1, releaseYear=year("2023")))
    for quad in list(store.quads_for_pattern(None, ox.NamedNode(f"{KG}list"), ox.Literal("years-total"), None)):
        store.remove(quad)
    assert [head.words for head in page(graph_of_store(tmp_path, store)).every("h3")] == ["All models", "No country stated"]


def test_what_trainings_took_is_that_of_the_queries(made: Graph) -> None:
    largest = {(row["relation"], row["model"], row["year"]): row for row in rows(made, "largest", page="all")}
    for timeline in view(made, {})["timelines"]:
        expected = rows(made, "timeline", relation=timeline.relation)
        names = ("least", "lowerQuartile", "median", "upperQuartile", "greatest")
        told = [(span.year, span.models, span.stated, span.implied, *span.quartiles) for span in timeline.taken.spans]
        assert told == [
            (
                int(row["year"]) if row["year"] else None,
                *(int(row[name]) for name in ("models", "statedModels", "impliedModels")),
                *(row[name] for name in names),
            )
            for row in expected
        ]
        assert timeline.models + timeline.undated == sum(int(row["models"]) for row in expected)
        assert 0 < len(timeline.drawn.points) < timeline.models
        for point in timeline.drawn.points:
            value = point.value
            row = largest[KG + timeline.relation, value.iri, str(value.year)]
            assert (value.low, value.value, value.high) == tuple(float(row[name]) for name in ("low", "value", "high"))
            assert (value.label, value.stated) == (row["name"], row["stated"] == "true")


def test_what_is_shared_and_disclosed_is_that_of_the_queries(made: Graph) -> None:
    found = view(made, {})
    for ranking, query, thing in zip(
        found["rankings"], ("shared-datasets", "shared-backbone"), ("dataset", "backbone"), strict=True
    ):
        expected = [(row[thing], row["name"], int(row["models"])) for row in rows(made, query)[:12]]
        assert [(bar.iri, bar.label, bar.told[0][1]) for bar in ranking.bars] == expected != []
    names = ("statedModels", "impliedModels", "undisclosedModels")
    numbers = [(row["relation"], [int(row[name]) for name in names]) for row in rows(made, "disclosure")]
    assert [(bar.iri, [number for _, number, _ in bar.told]) for bar in found["disclosure"]] == numbers


def test_the_table_holds_every_number_that_is_drawn(made: Graph) -> None:
    found, told = view(made, {}), downloaded(made)
    plots: dict[str, list[Row]] = {}
    for row in told:
        plots.setdefault(row["plot"], []).append(row)
    assert set(plots) == {"models", "years", "acceleratorHours", "trainingCompute", "datasets", "backbones", "disclosure"}
    assert [int(row["models"]) for row in plots["models"]] == [group.models for group, _ in found["by_year"].drawn]
    assert sum(int(row["models"]) for row in plots["years"] if row["group"] == "all") == sum(
        found["by_year"].drawn[0][0].numbers.values()
    )
    for timeline in found["timelines"]:
        points = [row for row in plots[timeline.relation] if row["group"] == "largest"]
        assert {(row["iri"], float(row["value"]), row["origin"]) for row in points} == {
            (point.value.iri, point.value.value, "reported" if point.value.stated else "derived") for point in timeline.drawn.points
        }
    assert len(plots["disclosure"]) == len(found["disclosure"])


# The page -----------------------------------------------------------------------------------------------------------------------


def test_every_drawing_has_words(made: Graph) -> None:
    root = page(made)
    for drawing in root.every("svg"):
        if drawing.attributes.get("aria-hidden") == "true":
            continue
        if drawing.attributes["role"] == "img":
            assert drawing.attributes["aria-label"] and drawing.one("title").words
        else:
            title, told = (root.at(id) for id in drawing.attributes["aria-labelledby"].split())
            assert title.words and "logarithmic scale" in told.words
    assert len(list(root.every("svg", "spread"))) == 2 and len(list(root.every("svg", "columns"))) == 11
    assert len(list(root.every("details"))) == 3
    assert all(list(details.every("table")) for details in root.every("details"))


def test_points_are_told_apart_by_shape_and_lead_to_their_models(tmp_path: Path) -> None:
    kinds: dict[str, set[bool]] = {}
    for drawing in page(graph_of_store(tmp_path, store_of(made_triples(Random(2), 30)))).every("svg", "spread"):
        for link in drawing.every("a"):
            assert link.attributes["href"].startswith("./model/")
            point = list(link.every("path"))[-1]
            kinds.setdefault(point.attributes["class"], set()).add("a" in point.attributes["d"])
            assert link.one("title").words.endswith(point.attributes["class"])
    assert kinds == {"reported": {True}, "derived": {False}}


def test_nothing_on_the_page_is_styled_or_scripted_in_place(made: Graph) -> None:
    for item in page(made).every():
        assert "style" not in item.attributes and not any(name.startswith("on") for name in item.attributes)
        assert item.tag != "style"


def test_links_of_a_static_site_lead_to_its_pages(made: Graph) -> None:
    site = Site(DEFAULT_BASE, static=True)
    root = page(made, site)
    assert {"models", "reports", "datasets", "backbones", "search", "ontology", "query"} <= site.linked
    assert all(link.startswith(("./", "#")) for link in root.links())
    assert any(path.startswith("country/") for path in site.linked) and any(path.startswith("model/") for path in site.linked)
    assert ("", "csv") in site.files


def test_the_page_does_not_grow_with_the_graph(tmp_path: Path, made: Graph) -> None:
    """Three times as many models give a page of about the same size, with as many points."""
    larger = graph_of_store(tmp_path, store_of(made_triples(Random(11), 900, 14)))
    sizes = [len(html(graph, Site(DEFAULT_BASE)).encode()) for graph in (made, larger)]
    assert sizes[1] < sizes[0] * 1.1 and sizes[1] < 150_000
    points = [[len(timeline.drawn.points) for timeline in drawn(graph)] for graph in (made, larger)]
    assert points[0] == points[1] and max(points[0]) <= 60


def drawn(graph: Graph) -> list[Any]:
    found: Mapping[str, Any] = view(graph, {})
    return list(found["timelines"])


def test_the_search_leads_to_the_search_page(made: Graph) -> None:
    form = page(made).one("form", "find")
    assert (form.attributes["action"], form.attributes["method"]) == ("./search", "get")
    assert form.one("input").attributes["name"] == "q" and form.one("label").attributes["for"] == form.one("input").attributes["id"]
