"""The vocabulary as a page: an anchor for every term's IRI, the shapes of every relation, and data that says the same."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.codes import codes
from kg.pages.assets import assets
from kg.pages.data import data
from kg.pages.ontology import FILES, ShownClass, ShownRelation, view
from kg.pages.render import html
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE, ONTOLOGY, Schema, ontology_dir, ontology_triples, shapes_dir
from kg.terms import SH
from kg.why import Graph

OTHER = "https://example.org/other/"


def graph(base: str = DEFAULT_BASE) -> Graph:
    """Return a graph that says nothing: the vocabulary is known without one."""
    return Graph(Path(), ox.Store(), base, lambda reports: {})


@pytest.fixture(scope="module")
def page() -> str:
    return html(graph(), Site(DEFAULT_BASE, "ontology"))


@pytest.fixture(scope="module")
def classes() -> dict[str, ShownClass]:
    return {shown.term.name: shown for shown in view(graph(), {})["classes"]}


@pytest.fixture(scope="module")
def relations(classes: dict[str, ShownClass]) -> dict[str, ShownRelation]:
    return {shown.term.name: shown for found in classes.values() for shown in found.relations}


def ids(text: str) -> list[str]:
    return re.findall(r'\sid="([^"]*)"', text)


def test_every_term_stands_at_its_fragment(page: str) -> None:
    subjects = {quad.subject for quad in ox.parse("".join(f"{line} .\n" for line in ontology_triples()), ox.RdfFormat.N_TRIPLES)}
    terms = {term.value.removeprefix(ONTOLOGY) for term in subjects if isinstance(term, ox.NamedNode)} - {ONTOLOGY.rstrip("#")}
    assert terms and sorted(terms - set(ids(page))) == []


def test_no_anchor_stands_twice(page: str) -> None:
    assert len(ids(page)) == len(set(ids(page)))


def test_links_within_the_page_lead_somewhere(page: str) -> None:
    targets = set(re.findall(r'href="#([^"]*)"', page))
    assert {"Model", "trainingDataset", "KG101"} <= targets
    assert sorted(targets - set(ids(page))) == []


def test_every_relation_is_shown_once(relations: dict[str, ShownRelation], schema: Schema) -> None:
    assert sorted(relations) == sorted(schema.relations)


def test_a_relation_in_words(relations: dict[str, ShownRelation]) -> None:
    shown = relations["peakLearningRate"]
    assert (shown.origin[0], shown.range_class, shown.closed) == ("reported", None, ())
    assert "decimal number" in shown.values
    assert [(check.code, check.severity) for check in shown.checks] == [
        ("KG101", "violation"),
        ("KG103", "warning"),
        ("KG106", "violation"),
        ("KG107", "warning"),
    ]
    assert shown.checks[-1].message == "a peak learning rate is hardly above 10"
    assert [(item.how, item.name) for item in shown.aligned] == [("is related to", "mls:HyperParameterSetting")]


def test_a_relation_of_things(relations: dict[str, ShownRelation]) -> None:
    assert (relations["trainingDataset"].range_class, relations["extends"].term.parents) == ("Dataset", ("hasBackbone",))
    assert relations["learningRateSchedule"].closed and relations["stage"].closed[0] == "pretraining"


def test_a_shape_that_looks_backwards_is_told_of_its_relation(relations: dict[str, ShownRelation]) -> None:
    assert "a training run must be the run of one model" in [check.message for check in relations["hasRun"].checks]


def test_every_shape_is_told_somewhere(classes: dict[str, ShownClass], relations: dict[str, ShownRelation]) -> None:
    quads = [quad for file in shapes_dir().glob("*.ttl") for quad in ox.parse(file.read_bytes(), ox.RdfFormat.TURTLE)]
    messages = {str(quad.object) for quad in quads if quad.predicate.value == f"{SH}message"}
    shown: list[ShownClass | ShownRelation] = [*classes.values(), *relations.values()]
    told = {str(ox.Literal(check.message)) for one in shown for check in one.checks}
    assert len(messages) > 150 and messages == told


def test_values_of_every_datatype_are_told(relations: dict[str, ShownRelation]) -> None:
    assert [name for name, shown in relations.items() if shown.values == "a value"] == []


def test_every_alignment_has_a_prefix(classes: dict[str, ShownClass], relations: dict[str, ShownRelation]) -> None:
    shown: list[ShownClass | ShownRelation] = [*classes.values(), *relations.values()]
    aligned = [item for one in shown for item in one.aligned]
    assert len(aligned) > 50
    assert [item for item in aligned if "://" in item.name] == []


def test_every_code_is_told(page: str) -> None:
    assert {known.code for known in codes()} <= set(ids(page))
    assert "error[KG302]: Kestrel-7B: the batch arithmetic does not reconcile\n --&gt; kestrel.txt:1:52" in page


def test_stages_and_graphs() -> None:
    found = view(graph(OTHER), {})
    assert [stage["notation"] for stage in found["stages"]] == ["pretraining", "alignment", "instruction-tuning", "fine-tuning"]
    assert all(stage["label"] and stage["definition"] for stage in found["stages"])
    assert (f"{OTHER}graph/derived") in [iri for iri, _ in found["graphs"]]
    assert {"functional", "origin", "values", "code"} <= {item["name"] for item in found["annotations"]}


def test_its_data_is_the_ontology() -> None:
    media, content = data(graph(), "ontology", "ttl")
    found = {str(quad.triple) for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)}
    assert (media, found) == ("text/turtle; charset=utf-8", set(ontology_triples()))


def test_its_table_is_the_relations(schema: Schema) -> None:
    rows = list(csv.DictReader(io.StringIO(data(graph(), "ontology", "csv")[1].decode())))
    assert [row["relation"] for row in rows] == list(schema.relations)
    assert rows[0] | {"definition": "", "example": ""} == {
        "relation": "name",
        "label": "name",
        "of": "Model",
        "value": "xsd:string",
        "functional": "true",
        "origin": "report",
        "values": "",
        "definition": "",
        "example": "",
    }


@pytest.mark.parametrize("name", [name for name, _ in FILES])
def test_the_files_behind_it_can_be_had(page: str, name: str) -> None:
    folder = ontology_dir() if (ontology_dir() / name).is_file() else shapes_dir()
    assert assets()[f"vocabulary/{name}"].content == (folder / name).read_bytes()
    assert f'href="./assets/vocabulary/{name}?v=' in page
