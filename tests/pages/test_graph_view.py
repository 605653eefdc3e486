"""What things are linked with, and the page that draws it: on the sample graph, beside things that hundreds of models share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.pages import assets
from kg.pages._neighbours import LIMIT, SORTED, neighbours
from kg.pages.data import data
from kg.pages.errors import Missing
from kg.pages.folders import folder_of
from kg.pages.graph import links, published, view
from kg.pages.render import html
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE as BASE
from kg.terms import KG, LABEL, OA, TYPE, string
from kg.why import Graph
from tests.pages.parsed import parsed
from tests.sample_graph import sample_store

MANY = SORTED + 137
"""Models that share a dataset and an accelerator: more than are put in order."""

HOSTILE = '<script>alert("1")</script> \u202e& \U0001f99c'
Found = dict[str, Any]


def _crowd() -> list[str]:
    """Return the triples of many models of one dataset and one accelerator, each trained on both in two stages."""
    lines = [f"<{BASE}dataset/crowded> {TYPE} <{KG}Dataset>", f"<{BASE}dataset/crowded> {LABEL} {string('Crowded')}"]
    lines += [f"<{BASE}dataset/lonely> {TYPE} <{KG}Dataset>", f"<{BASE}dataset/lonely> {LABEL} {string('Lonely')}"]
    lines += [f"<{BASE}dataset/hostile> {TYPE} <{KG}Dataset>", f"<{BASE}dataset/hostile> {LABEL} {string(HOSTILE)}"]
    for number in range(MANY):
        model = f"model/crowd-{number:04}"
        lines += [
            f"<{BASE}{model}> {TYPE} <{KG}Model>",
            f"<{BASE}{model}> {LABEL} {string(f'Crowd {number}')}",
            f"<{BASE}{model}> <{KG}describedIn> <{BASE}report/a.txt>",
            f"<{BASE}{model}> <{KG}trainedOn> <{BASE}dataset/crowded>",
            f"<{BASE}{model}> <{KG}country> <{BASE}country/fr>",
        ]
        for stage in ("pretraining", "fineTuning"):
            run, hardware = f"{BASE}run/crowd-{number:04}/{stage}", f"{BASE}hardware/crowd-{number:04}/{stage}"
            lines += [
                f"<{BASE}{model}> <{KG}hasRun> <{run}>",
                f"<{run}> <{KG}stage> <{KG}{stage}>",
                f"<{run}> <{KG}hardware> <{hardware}>",
                f"<{hardware}> <{KG}accelerator> <{BASE}accelerator/nvidia-a100-80gb>",
            ]
    lines.append(f"<{BASE}model/owl-1b> <{KG}trainedOn> <{BASE}dataset/hostile>")
    return lines


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("graph")
    return Graph(folder, sample_store(folder, more=_crowd()), BASE, lambda reports: {})


def group(found: Found, name: str) -> Mapping[str, Any]:
    return next(item for item in found["groups"] if item["name"] == name)


def ends(found: Found, relation: str, side: str) -> list[str]:
    return [edge[side] for edge in found["edges"] if edge["relation"] == relation]


def test_a_model_leads_to_what_it_is_made_of(graph: Graph) -> None:
    found = neighbours(graph, f"{BASE}model/instructblip-13b")
    assert found["thing"] == {"id": "model/instructblip-13b", "kind": "model", "label": "InstructBLIP-13B", "described": True}
    assert [(item["name"], item["total"], item["next"]) for item in found["groups"]] == [
        ("hasBackbone", 3, None),
        ("^hasBackbone", 1, None),
        ("component", 1, None),
        ("trainedOn", 2, None),
        ("evaluationDataset", 1, None),
        ("accelerator", 1, None),
        ("organization", 1, None),
        ("country", 1, None),
        ("describedIn", 1, None),
    ]
    edges = {(edge["source"], edge["relation"], edge["target"]): edge for edge in found["edges"]}
    model = "model/instructblip-13b"
    assert edges[model, "hasBackbone", "model/eva-clip-vit-bigg-14"]["roles"] == ["image encoder"]
    assert edges["model/kestrel-7b", "hasBackbone", model]["roles"] == ["extends"]
    assert edges[model, "trainedOn", "dataset/cc3m"]["stages"] == ["pretraining"]
    assert edges[model, "accelerator", "accelerator/nvidia-a100-80gb"]["stages"] == ["pretraining"]
    assert "stages" not in edges[model, "country", "country/fr"]


def test_runs_and_hardware_are_no_things(graph: Graph) -> None:
    for thing in ("model/kestrel-7b", "accelerator/nvidia-a100-80gb", "report/a.txt"):
        found = neighbours(graph, BASE + thing)
        assert not {node["kind"] for node in [found["thing"], *found["nodes"]]} & {"run", "hardware", "claim", "derived"}


def test_a_model_that_no_report_describes_is_told_apart(graph: Graph) -> None:
    found = neighbours(graph, f"{BASE}model/blip-2")
    assert found["thing"]["described"] is False
    assert ends(found, "hasBackbone", "source") == ["model/instructblip-13b"]


def test_a_stage_that_nobody_states_is_not_made_up(graph: Graph) -> None:
    found = neighbours(graph, f"{BASE}dataset/cc3m")
    stages = {edge["source"]: edge.get("stages") for edge in found["edges"]}
    assert stages == {"model/instructblip-13b": ["pretraining"], "model/kestrel-7b": None, "model/owl-1b": None}


def test_every_edge_leads_from_one_node_to_another(graph: Graph) -> None:
    for thing in ("dataset/crowded", "country/fr", "organization/nvidia", "software/pytorch", "report/sub/b%20c.txt"):
        found = neighbours(graph, BASE + thing)
        nodes = {node["id"] for node in [found["thing"], *found["nodes"]]}
        assert {end for edge in found["edges"] for end in (edge["source"], edge["target"])} <= nodes
        assert all(found["thing"]["id"] in {edge["source"], edge["target"]} for edge in found["edges"])


@pytest.mark.parametrize(
    ("thing", "name", "models"),
    [
        ("dataset/crowded", "^trainedOn", MANY),
        ("accelerator/nvidia-a100-80gb", "^accelerator", MANY + 3),
        ("country/fr", "^country", MANY + 1),
        ("report/a.txt", "^describedIn", MANY + 1),
        ("dataset/cc3m", "^trainedOn", 3),
    ],
)
def test_pages_hold_all_neighbours_once(graph: Graph, thing: str, name: str, models: int) -> None:
    seen: list[str] = []
    page: int | None = 1
    while page:
        found = neighbours(graph, BASE + thing, name, page)
        assert [item["name"] for item in found["groups"]] == [name]
        assert len(found["edges"]) <= LIMIT
        seen += ends(found, name[1:], "source")
        page = group(found, name)["next"]
    assert len(seen) == len(set(seen)) == models


def test_a_page_is_bounded_and_tells_how_many_there_are(graph: Graph) -> None:
    found = neighbours(graph, f"{BASE}dataset/crowded")
    assert (len(found["edges"]), len(found["nodes"])) == (LIMIT, LIMIT)
    assert group(found, "^trainedOn")["total"] == MANY  # counted when the graph was built
    assert group(neighbours(graph, f"{BASE}report/a.txt"), "^describedIn")["total"] is None  # nobody counted them
    assert found["thing"]["models"] == MANY


def test_a_model_with_hardware_of_two_stages_is_told_once(graph: Graph) -> None:
    found = neighbours(graph, f"{BASE}accelerator/nvidia-a100-80gb", "^accelerator", limit=MANY * 3)
    crowd = [edge for edge in found["edges"] if edge["source"].startswith("model/crowd")]
    assert len(crowd) == MANY
    assert {tuple(edge["stages"]) for edge in crowd} == {("fine-tuning", "pretraining")}


def test_the_same_graph_gives_the_same_bytes(graph: Graph, tmp_path: Path) -> None:
    lines = _crowd()
    other = Graph(tmp_path, sample_store(tmp_path, more=lines[::-1]), BASE, lambda reports: {})
    for thing in ("dataset/crowded", "accelerator/nvidia-a100-80gb", "model/instructblip-13b"):
        first, second = (json.dumps(neighbours(made, BASE + thing, page=2), sort_keys=True) for made in (graph, other))
        assert first == second


@pytest.mark.parametrize(
    "iri",
    [
        f"{BASE}model/nobody",
        f"{BASE}run/instructblip-13b/pretraining",
        f"{KG}Model",
        "https://elsewhere.example/model/instructblip-13b",
        "model/instructblip-13b",
        f"{BASE}model/a b<c>",
        f"{BASE}\U0001f99c",
        BASE,
        "",
    ],
)
def test_what_is_no_thing_is_missing(graph: Graph, iri: str) -> None:
    with pytest.raises(Missing, match="the graph knows nothing of"):
        neighbours(graph, iri)


@pytest.mark.parametrize("name", ["nonsense", "^", "hasRun", "hardware", "trainingDataset", "extends", "name", "^^trainedOn"])
def test_what_is_no_relation_of_things_is_missing(graph: Graph, name: str) -> None:
    with pytest.raises(Missing, match="no relation between things is named") as raised:
        neighbours(graph, f"{BASE}dataset/cc3m", name)
    assert "trainedOn" in str(raised.value.hint)


def test_a_page_behind_the_last_one_is_empty(graph: Graph) -> None:
    assert neighbours(graph, f"{BASE}dataset/cc3m", page=2) | {"thing": 0} == {
        "thing": 0,
        "nodes": [],
        "edges": [],
        "groups": [],
        "page": 2,
    }


@pytest.mark.parametrize(("page", "limit"), [(0, 30), (-1, 30), (1, 0)])
def test_pages_are_counted_from_one(graph: Graph, page: int, limit: int) -> None:
    with pytest.raises(Missing, match="there is no page"):
        neighbours(graph, f"{BASE}dataset/cc3m", page=page, limit=limit)


def test_names_stay_what_they_are(graph: Graph) -> None:
    assert neighbours(graph, f"{BASE}dataset/hostile")["thing"]["label"] == HOSTILE
    page = html(graph, Site(BASE, "graph"), {"from": [f"{BASE}dataset/hostile"]})
    assert "<script>alert" not in page
    assert '<script>alert("1")</script>' in parsed(page).at("graph-title").text


# JSON ---------------------------------------------------------------------------------------------------------------------------


def test_links_are_json_at_the_address_of_a_thing(graph: Graph) -> None:
    media, content = data(graph, "dataset/cc3m", "links")
    assert media == "application/json"
    assert json.loads(content) == neighbours(graph, f"{BASE}dataset/cc3m")


def test_links_have_pages_in_the_path_and_in_the_query(graph: Graph) -> None:
    second = neighbours(graph, f"{BASE}dataset/crowded", page=2)
    assert json.loads(data(graph, "dataset/crowded/page/2", "links")[1]) == second
    query = {"page": ["2"], "relation": ["^trainedOn"]}
    assert json.loads(data(graph, "dataset/crowded", "links", query)[1]) == second


@pytest.mark.parametrize("page", ["", "x", "-1", "1.5", "٣", "99999999", "0"])
def test_links_of_a_page_that_is_no_number_are_missing(graph: Graph, page: str) -> None:
    with pytest.raises(Missing):
        links(graph, {"iri": f"{BASE}dataset/cc3m", "page": page or "no", "query": {}})


def test_a_page_about_no_thing_has_no_links(graph: Graph) -> None:
    with pytest.raises(Missing, match="about no thing"):
        links(graph, {"query": {}})


# The page -----------------------------------------------------------------------------------------------------------------------


def test_without_a_beginning_it_is_what_most_models_share(graph: Graph) -> None:
    found = view(graph, {"query": {}})
    assert found["start"]["thing"]["id"] == "dataset/crowded"
    assert found["asked"] is None
    assert [start["id"] for start in found["starts"]][:2] == ["dataset/crowded", "dataset/cc3m"]
    assert found["groups"][0]["left"] == MANY - LIMIT


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        (f"{BASE}model/kestrel-7b", "model/kestrel-7b"),
        ("model/kestrel-7b", "model/kestrel-7b"),
        (" Kestrel-7B ", "model/kestrel-7b"),
        ("kestrel 7b", "model/kestrel-7b"),
        (f"{BASE}run/instructblip-13b/pretraining", "model/instructblip-13b"),
        (f"{BASE}hardware/instructblip-13b/pretraining", "model/instructblip-13b"),
    ],
)
def test_it_begins_with_what_is_asked_for(graph: Graph, asked: str, id: str) -> None:
    assert view(graph, {"query": {"from": ["", asked]}})["start"]["thing"]["id"] == id


def test_it_begins_with_the_model_of_a_claim(graph: Graph) -> None:
    quads = graph.store.quads_for_pattern(None, ox.NamedNode(f"{OA}start"), None, None)
    claims = sorted(quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))
    found = view(graph, {"query": {"from": [next(claim for claim in claims if "acceleratorCount" in claim)]}})
    assert found["start"]["thing"]["id"] == "model/instructblip-13b"


def test_an_unknown_beginning_is_missing(graph: Graph) -> None:
    with pytest.raises(Missing, match="knows nothing of Nobody-1B"):
        view(graph, {"query": {"from": ["Nobody-1B"]}})


def test_a_graph_without_models_has_nothing_to_draw(tmp_path: Path) -> None:
    empty = Graph(tmp_path, ox.Store(), BASE, lambda reports: {})
    assert view(empty, {"query": {}})["start"] is None
    assert "nothing to draw" in parsed(html(empty, Site(BASE, "graph"))).words


@pytest.mark.parametrize("static", [False, True])
def test_the_list_reads_without_a_script(graph: Graph, static: bool) -> None:
    site = Site(BASE, "graph", static=static)
    page = parsed(html(graph, site, {"from": [f"{BASE}model/instructblip-13b"]}))
    assert page.at("graph-title").words == "Graph around InstructBLIP-13B"
    listed = page.at("graph-list")
    assert ("../dataset/cc3m/" if static else "./dataset/cc3m") in listed.links()
    assert "EVA-CLIP ViT-G/14 image encoder" in listed.words
    assert "CC3M pretraining" in listed.words


def test_the_list_says_how_many_more_there_are(graph: Graph) -> None:
    listed = parsed(html(graph, Site(BASE, "graph"), {"from": ["dataset/crowded"]})).at("graph-list")
    assert f"{MANY - LIMIT} more on its page" in listed.words
    many = parsed(html(graph, Site(BASE, "graph"), {"from": ["report/a.txt"]})).at("graph-list")
    assert "More on its page" in many.words


def test_a_thing_without_neighbours_says_so(graph: Graph) -> None:
    page = parsed(html(graph, Site(BASE, "graph"), {"from": ["dataset/lonely"]}))
    assert "no relation of the graph leads to it" in page.at("graph-list").words


def test_a_published_page_links_the_neighbours_as_data(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "bundle", lambda: {"graph.js": "graph-1.js"})
    monkeypatch.setattr(assets, "versioned", lambda name: f"versioned/{name}")
    site = Site(BASE, "graph", static=True)
    page = html(graph, site)
    assert ("dataset/crowded", "links") in site.files
    assert "assets/versioned/graph.js" in page
    assert "form" not in {element.tag for element in parsed(page).at("main").every()}  # a server would have to read it


@pytest.mark.parametrize("static", [False, True])
def test_only_a_published_page_says_that_it_needs_a_script(graph: Graph, monkeypatch: pytest.MonkeyPatch, static: bool) -> None:
    monkeypatch.setattr(assets, "bundle", lambda: {"graph.js": "graph-1.js"})
    monkeypatch.setattr(assets, "versioned", lambda name: f"versioned/{name}")
    page = parsed(html(graph, Site(BASE, "graph", static)))
    assert ["always about Crowded" in told.words for told in page.every("noscript")] == [True] * static


def test_without_the_bundle_it_says_so(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "bundle", dict)
    page = parsed(html(graph, Site(BASE, "graph")))
    assert "The drawing is not part of this installation" in page.at("main").words
    assert "Crowd " in page.at("graph-list").words


# What a published site keeps -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "format", "kept"),
    [
        ("dataset/crowded", "", ["dataset/crowded"]),
        ("report/sub/b%20c.txt", "", ["report/sub/b%20c.txt"]),
        ("dataset/crowded", "links", ["dataset/crowded/page/2"]),
        ("dataset/crowded/page/9", "links", ["dataset/crowded/page/10"]),
        ("dataset/crowded/page/10", "links", []),
        ("dataset/cc3m", "links", []),
        ("dataset/crowded/page/2", "", []),
        ("model/kestrel-7b/stage/pretraining", "", []),
        ("run/kestrel-7b", "", []),
        ("models", "", []),
        ("dataset/crowded", "csv", []),
    ],
)
def test_a_published_site_keeps_some_neighbours_of_each_thing(graph: Graph, path: str, format: str, kept: list[str]) -> None:
    content = data(graph, path, format)[1] if format == "links" else b"<html>"
    assert list(published(path, format, content)) == [(item, "links") for item in kept]


def test_where_a_site_publishes_a_thing_is_told_if_it_is_elsewhere(graph: Graph) -> None:
    long = f"dataset/{'x' * 250}"
    store = sample_store(graph.folder / "long", more=[f"<{BASE}{long}> {LABEL} {string('Long')}"])
    found = neighbours(Graph(graph.folder, store, BASE, lambda reports: {}), BASE + long)
    assert found["thing"]["folder"] == folder_of(long) != long
    assert "folder" not in neighbours(graph, f"{BASE}dataset/cc3m")["thing"]
