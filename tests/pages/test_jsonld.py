"""What pages tell search engines: JSON-LD that needs nothing from elsewhere, and says what the graph says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld  # type: ignore[import-untyped]  # it ships no types

from kg.lookups import graph_of
from kg.pages.jsonld import structured
from kg.pages.render import html, rendered
from kg.pages.shown import json_block
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE
from kg.store import open_build
from kg.why import Graph
from tests.served import Served

SCHEMA = "https://schema.org/"
KG = "https://w3id.org/kg/ontology#"
ADDRESS = "https://example.org/graph/"


@pytest.fixture(scope="module")
def graph(served: Served) -> Iterator[Graph]:
    build = open_build(served.folder)
    yield graph_of(build.path, build.store(), build.manifest["versions"]["base"])


def expanded(said: Any) -> dict[str, Any]:
    """Return what a processor makes of JSON-LD that may ask nobody for a context."""

    def refuse(url: str, options: Any) -> Any:
        pytest.fail(f"{url} is asked for")

    [node] = jsonld.expand(said, {"documentLoader": refuse, "base": f"{ADDRESS}page/"})
    return dict(node)


def of_thing(graph: Graph, path: str, address: str | None = ADDRESS) -> dict[str, Any]:
    iri = DEFAULT_BASE + path
    arguments = {"iri": iri, "kind": path.partition("/")[0]}
    return expanded(structured(graph, "model", arguments, Site(DEFAULT_BASE, path, static=True, address=address)))


def texts(node: dict[str, Any], name: str) -> list[str]:
    return [value["@value"] for value in node.get(SCHEMA + name, [])]


def test_a_model(graph: Graph) -> None:
    node = of_thing(graph, "model/instructblip-13b")
    assert (node["@id"], node["@type"]) == (f"{DEFAULT_BASE}model/instructblip-13b", [f"{SCHEMA}CreativeWork", f"{KG}Model"])
    assert (texts(node, "name"), texts(node, "datePublished")) == (["InstructBLIP-13B"], ["2023"])
    assert node[f"{KG}parameterCount"] == [{"@type": "http://www.w3.org/2001/XMLSchema#integer", "@value": "13000000000"}]
    assert {"@id": f"{DEFAULT_BASE}dataset/cc3m"} in node[f"{KG}trainedOn"]
    assert f"{DEFAULT_BASE}model/flan-t5-xl" in [part["@id"] for part in node[f"{SCHEMA}isBasedOn"]]
    assert [report["@id"] for report in node[f"{SCHEMA}subjectOf"]] == [f"{DEFAULT_BASE}report/000_instructblip.txt"]
    assert node[f"{SCHEMA}url"] == [{"@id": f"{ADDRESS}model/instructblip-13b/"}]


def test_without_an_address_nobody_is_told_one(graph: Graph) -> None:
    assert f"{SCHEMA}url" not in of_thing(graph, "model/instructblip-13b", address=None)


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("dataset/cc3m", ["Dataset", "kg:Dataset"]),
        ("organization/nvidia", ["Organization", "kg:Organization"]),
        ("country/us", ["Country", "kg:Country"]),
        ("accelerator/nvidia-a100-80gb", ["ProductModel", "kg:Accelerator"]),
        ("report/000_instructblip.txt", ["CreativeWork", "kg:Report"]),
        ("run/instructblip-13b", ["kg:TrainingRun"]),
        ("hardware/instructblip-13b/pretraining", ["kg:HardwareConfig"]),
    ],
)
def test_types(graph: Graph, path: str, types: list[str]) -> None:
    node = of_thing(graph, path)
    assert node["@type"] == [name.replace("kg:", KG) if ":" in name else SCHEMA + name for name in types]
    [name] = texts(node, "name")
    assert name and "://" not in name


def test_hardware_is_called_after_its_model(graph: Graph) -> None:
    assert texts(of_thing(graph, "hardware/instructblip-13b/pretraining"), "name") == ["Hardware of InstructBLIP-13B"]


def test_a_claim_has_no_name_but_its_own(graph: Graph) -> None:
    [iri] = [item.iri for item in graph.statements.about(f"{DEFAULT_BASE}model/instructblip-13b") if item.name == "releaseYear"]
    assert texts(of_thing(graph, iri.removeprefix(DEFAULT_BASE)), "name") == [f"Claim {iri.rpartition('/')[2]}"]


def test_a_dataset_has_the_text_that_search_engines_want(graph: Graph) -> None:
    [text] = texts(of_thing(graph, "dataset/cc3m"), "description")
    assert text.startswith("CC3M") and 50 <= len(text) <= 5000


def test_a_report_of_arxiv_is_an_article(graph: Graph) -> None:
    node = of_thing(graph, "report/004_arxiv-listing.txt")
    [expected] = graph.statements.texts(f"{DEFAULT_BASE}report/004_arxiv-listing.txt", ox.NamedNode(f"{KG}arxivId"))
    assert node["@type"] == [f"{SCHEMA}ScholarlyArticle", f"{KG}Report"]
    assert texts(node, "identifier") == [f"arXiv:{expected}"] and texts(node, "headline") == texts(node, "name")
    assert node[f"{SCHEMA}sameAs"] == [{"@id": f"https://arxiv.org/abs/{expected}"}]


@pytest.mark.parametrize(("address", "root"), [(ADDRESS, ADDRESS), (None, f"{ADDRESS}page/")])
def test_the_whole_graph_is_a_dataset_with_its_files(graph: Graph, address: str | None, root: str) -> None:
    node = expanded(structured(graph, "overview", {}, Site(DEFAULT_BASE, static=True, address=address), "0123456789ab"))
    assert (node["@id"], node["@type"], texts(node, "version")) == (DEFAULT_BASE, [f"{SCHEMA}Dataset"], ["0123456789ab"])
    assert "training dataset" in texts(node, "variableMeasured") and 50 <= len(texts(node, "description")[0]) <= 5000
    files = {part[f"{SCHEMA}contentUrl"][0]["@id"]: texts(part, "encodingFormat") for part in node[f"{SCHEMA}distribution"]}
    assert files[f"{root}data/graph.ttl"] == ["text/turtle"] and files[f"{root}data/graph.nq.gz"] == ["application/n-quads"]


def test_live_there_are_no_such_files(graph: Graph) -> None:
    node = expanded(structured(graph, "overview", {}, Site(DEFAULT_BASE)))
    assert f"{SCHEMA}distribution" not in node and f"{SCHEMA}version" not in node


@pytest.mark.parametrize(
    ("name", "arguments", "type", "title"),
    [
        ("ontology", {}, "DefinedTermSet", "kg: how AI models were trained"),
        ("lists", {"list": "models", "number": 2}, "CollectionPage", "Models"),
        ("findings", {"filter": ""}, "WebPage", "Findings"),
        ("compare", {}, "WebPage", "Compare models"),
    ],
)
def test_pages_about_no_single_thing(graph: Graph, name: str, arguments: dict[str, Any], type: str, title: str) -> None:
    node = expanded(structured(graph, name, arguments, Site(DEFAULT_BASE, name)))
    assert (node["@type"], texts(node, "name")) == ([SCHEMA + type], [title])


def test_it_stands_in_the_head_with_canonical_link_and_tags(graph: Graph) -> None:
    page = html(graph, Site(DEFAULT_BASE, "ontology", static=True, address=ADDRESS))
    head = page.partition("</head>")[0]
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', head, re.DOTALL)
    assert expanded(json.loads(block))["@id"] == f"{DEFAULT_BASE}ontology"
    assert f'<link rel="canonical" href="{ADDRESS}ontology/">' in head
    assert (
        f'<meta property="og:url" content="{ADDRESS}ontology/">' in head and '<meta property="og:title" content="Ontology">' in head
    )


def test_without_an_address_there_is_no_canonical_link(graph: Graph) -> None:
    head = html(graph, Site(DEFAULT_BASE, "ontology")).partition("</head>")[0]
    assert "canonical" not in head and "og:url" not in head and "application/ld+json" in head


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--", '"\\', "\u2028\u202e\U0001f600", "\ud83d"])
def test_no_name_ends_the_script(name: str) -> None:
    found = {"title": "t", "detail": "d", "hint": None, "formats": (), "jsonld": {"@type": "Thing", "name": name}}
    page = rendered("problem", Site(DEFAULT_BASE), found)
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(block) == {"@type": "Thing", "name": name} and "<" not in block
    assert str(json_block({"name": name})).isascii()


def test_the_folder_of_a_build_is_looked_at(graph: Graph, tmp_path: Path) -> None:
    other = Graph(tmp_path, graph.store, graph.base, graph.sources)
    assert "distribution" not in structured(other, "overview", {}, Site(DEFAULT_BASE, static=True))
