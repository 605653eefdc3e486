"""MLDCAT-AP: what the shapes find missing is exactly what is told, and nothing else is wrong."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib

from kg.export.profiles import Missing
from tests.export.profiles.checks import broken
from tests.export.profiles.sample import BASE, INSTRUCT, KESTREL, OWL, content, store_of

DCT, DCAT, IT6 = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#", "http://data.europa.eu/it6/"
PREFIXES = {"dct": DCT, "dcat": DCAT, "it6": IT6}
CATALOG = f"{BASE}catalog/models"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return store_of(tmp_path_factory.mktemp("mldcat"))


def graph(turtle: bytes) -> rdflib.Graph:
    return rdflib.Graph().parse(data=turtle, format="turtle")


def values(found: rdflib.Graph, node: str, name: str) -> list[str]:
    prefix, _, local = name.partition(":")
    return sorted(map(str, found.objects(rdflib.URIRef(node), rdflib.URIRef(PREFIXES[prefix] + local))))


def test_it_breaks_the_shapes_where_it_tells_that_something_is_left_out(store: ox.Store) -> None:
    missing = Missing()
    found = broken(graph(content(store, "mldcat-ap", missing=missing)), "mldcat-ap")
    assert {constraint for _, _, constraint in found} == {"MinCount"}
    counted: dict[str, int] = {}
    for _, path, _ in found:
        counted[path] = counted.get(path, 0) + 1
    told = {
        PREFIXES[name.partition(":")[0]] + name.partition(":")[2]: count
        for (_, name, why), count in missing.counts.items()
        if "different ones" not in why and "another name" not in why
    }
    assert (
        "left out: dct:language of 1 of 3 models: it wants a code of two letters, and the report has another name"
        in missing.lines()
    )
    assert counted == told
    assert counted[f"{DCT}created"] == 3


def test_what_the_user_says_of_the_catalogue(store: ox.Store) -> None:
    given = {"publisher": 'The "Lab"', "license": "https://spdx.org/licenses/CC-BY-4.0", "title": "T", "description": "D"}
    missing = Missing()
    found = graph(content(store, "mldcat-ap", missing=missing, given=given))
    assert not any(node == CATALOG for node, _, _ in broken(found, "mldcat-ap"))
    assert not any(kind == "export" for kind, _, _ in missing.counts)
    assert [values(found, CATALOG, name) for name in ("dct:title", "dct:description", "dct:license")] == [
        ["T"],
        ["D"],
        [given["license"]],
    ]
    assert values(found, CATALOG, "dcat:resource") == sorted([INSTRUCT, KESTREL, OWL])


def test_a_model_with_all_that_is_stated(store: ox.Store) -> None:
    found = graph(content(store, "mldcat-ap"))
    assert values(found, KESTREL, "dct:title") == ["Kestrel-7B"]
    assert values(found, KESTREL, "it6:totalNumberOfParameters") == ["7000000000"]
    assert values(found, KESTREL, "dct:license") == ["https://spdx.org/licenses/Apache-2.0"]
    assert values(found, KESTREL, "dct:language") == ["http://id.loc.gov/vocabulary/iso639-1/en"]
    assert values(found, KESTREL, "it6:testedOn") == [f"{BASE}dataset/mmlu"]
    assert values(found, KESTREL, "it6:hasProvider") == [f"{BASE}organization/mistral-ai"]
    assert f"{BASE}dataset/cc3m" in values(found, KESTREL, "it6:trainedOn")
    (process,) = values(found, KESTREL, "it6:trainingProcess")
    assert "on allenai/c4 and CC3M, 128 × NVIDIA A100 80GB, duration 4 days or 5 days" in process
    assert "fine-tuning: on MMLU, with PyTorch" in process
    assert values(found, KESTREL, "it6:fineTunedFrom") == []


def test_a_license_that_spdx_does_not_list_has_a_title_alone(store: ox.Store) -> None:
    found = graph(content(store, "mldcat-ap", "Owl-1B"))
    (license,) = found.objects(rdflib.URIRef(OWL), rdflib.URIRef(f"{DCT}license"))
    assert isinstance(license, rdflib.BNode)
    assert str(found.value(license, rdflib.URIRef(f"{DCT}title"))) == "Owl License 1"


def test_what_reports_disagree_about_is_left_out_where_only_one_value_may_stand(store: ox.Store) -> None:
    missing = Missing()
    found = graph(content(store, "mldcat-ap", "Owl-1B", missing))
    assert values(found, OWL, "it6:releaseDate") == []
    assert "left out: it6:releaseDate of the model: it may have one value, and reports state different ones" in missing.lines()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ('<urn:m> a it6:MachineLearningModel ; it6:totalNumberOfParameters "7"', "Datatype"),
        ("<urn:m> a it6:MachineLearningModel ; dct:license <urn:l>", "Class"),
        ('<urn:m> a it6:MachineLearningModel ; it6:releaseDate "2023", "2024"', "MaxCount"),
        ('<urn:m> a it6:MachineLearningModel ; it6:trainedOn "CC3M"', "NodeKind"),
        ("<urn:m> a it6:MachineLearningModel", "MinCount"),
    ],
)
def test_the_shapes_find_what_is_wrong(change: str, constraint: str) -> None:
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    assert constraint in {found for _, _, found in broken(graph(f"{head}{change} .".encode()), "mldcat-ap")}
