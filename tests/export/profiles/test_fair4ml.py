"""FAIR4ML: JSON-LD that keeps to the expected types of the specification, and says what the reports say."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from kg.export.profiles import Missing
from tests.export.profiles.checks import broken
from tests.export.profiles.sample import BASE, INSTRUCT, KESTREL, content, store_of

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # which rdflib's own reader of JSON-LD uses
FAIR4ML, SCHEMA = "https://w3id.org/fair4ml#", "http://schema.org/"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return store_of(tmp_path_factory.mktemp("fair4ml"))


def graph(jsonld: bytes) -> rdflib.Graph:
    return rdflib.Graph().parse(data=jsonld, format="json-ld")


def model(store: ox.Store, iri: str) -> dict[str, Any]:
    (node,) = [node for node in json.loads(content(store, "fair4ml"))["@graph"] if node["@id"] == iri]
    return dict(node)


def test_it_keeps_to_the_expected_types(store: ox.Store) -> None:
    found = graph(content(store, "fair4ml"))
    assert broken(found, "fair4ml") == set()
    models = set(found.subjects(rdflib.RDF.type, rdflib.URIRef(f"{FAIR4ML}MLModel")))
    assert len(models) == 3
    trained = found.objects(rdflib.URIRef(KESTREL), rdflib.URIRef(f"{FAIR4ML}trainedOn"))
    assert {str(iri).removeprefix(f"{BASE}dataset/") for iri in trained} == {"allenai-c4", "cc3m", "mmlu"}


def test_a_model_as_reports_state_it(store: ox.Store) -> None:
    node = model(store, KESTREL)
    assert node["name"] == "Kestrel-7B"
    assert node["license"] == ["https://spdx.org/licenses/Apache-2.0"]
    assert node["inLanguage"] == ["Finnish", "en"]
    assert node["datePublished"] == ["2023"]
    assert node["author"] == [{"@id": f"{BASE}organization/mistral-ai", "@type": "Organization", "name": "Mistral AI"}]
    assert INSTRUCT in node["isBasedOn"]
    assert "fair4ml:fineTunedFrom" not in node
    assert node["kg:parameterCount"] == ["7000000000"]


def test_a_report_with_a_number_at_arxiv_is_an_article(store: ox.Store) -> None:
    (report,) = model(store, INSTRUCT)["subjectOf"]
    assert (report["@type"], report["url"]) == ("ScholarlyArticle", ["https://arxiv.org/abs/2305.06500"])
    assert {report["@type"] for report in model(store, KESTREL)["subjectOf"]} == {"CreativeWork"}


def test_a_license_without_an_address_is_told(store: ox.Store) -> None:
    missing = Missing()
    content(store, "fair4ml", "Owl-1B", missing)
    assert list(missing.lines()) == [
        "left out: schema:license of the model: it wants an address, and SPDX lists no license of this name"
    ]


@pytest.mark.parametrize(
    ("said", "constraint"),
    [
        (f'<{FAIR4ML}trainedOn> "CC3M"', "Class"),
        (f'<{SCHEMA}license> "Apache-2.0"', "NodeKind"),
        (f'<{SCHEMA}datePublished> "last year"', "Pattern"),
        (f"<{FAIR4ML}fineTunedFrom> <urn:n>", "Class"),
    ],
)
def test_the_shapes_find_what_is_wrong(said: str, constraint: str) -> None:
    turtle = f"<urn:m> a <{FAIR4ML}MLModel> ; {said} ."
    assert constraint in {found for _, _, found in broken(rdflib.Graph().parse(data=turtle, format="turtle"), "fair4ml")}
