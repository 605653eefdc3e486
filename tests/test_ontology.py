"""The vocabulary itself: every term says all that it must, once, and the catalogue keeps to it."""

from __future__ import annotations

import re
from collections import Counter

import pyoxigraph as ox
import pytest

from kg.model import Thing
from kg.schema import ONTOLOGY, Relation, Schema, load_schema, ontology_dir
from kg.values import literal

RELATIONS = tuple(load_schema().relations.values())
TYPES = {f"xsd:{name}" for name in ("integer", "decimal", "double", "boolean", "date", "gYear", "duration", "string")}
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OWL = "http://www.w3.org/2002/07/owl#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
FUNCTIONAL = {"name", "parameterCount", "releaseYear", "peakLearningRate", "acceleratorCount", "duration", "stage"}
PLURAL = {
    "extends",
    "component",
    "software",
    "trainingDataset",
    "evaluationDataset",
    "organization",
    "country",
    "accelerator",
    "license",
}


def name_of(relation: Relation) -> str:
    return relation.name


def statements(file: str) -> list[ox.Quad]:
    return list(ox.parse(path=str(ontology_dir() / file), format=ox.RdfFormat.TURTLE))


def iri(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    assert isinstance(term, ox.NamedNode), term
    return term.value


@pytest.mark.parametrize("relation", RELATIONS, ids=name_of)
def test_relation_is_complete(schema: Schema, relation: Relation) -> None:
    assert relation.label[0].isalpha()
    assert relation.definition.endswith(".") and len(relation.definition.split()) >= 5
    assert relation.example.endswith(".") and len(relation.example.split()) >= 4
    assert relation.domain in schema.classes
    in_other_graphs = {"valueMax", "catalogInput", "entry", "about", "inRole", "ofRelation", "wordOf", "nameOf", "firstThing"}
    assert relation.range in TYPES | set(schema.classes) or relation.name in in_other_graphs
    assert relation.origin in {"report", "structure", "catalog", "derived", "summary"}
    assert set(relation.parents) <= set(schema.relations)


@pytest.mark.parametrize("relation", RELATIONS, ids=name_of)
def test_kind_of_property_follows_from_its_range(relation: Relation) -> None:
    types = {
        iri(quad.object) for quad in statements("kg.ttl") if iri(quad.subject) == relation.iri and quad.predicate.value == RDF_TYPE
    }
    literal = relation.range.startswith("xsd:") or relation.range == "rdfs:Literal"
    assert types == {OWL + ("DatatypeProperty" if literal else "ObjectProperty")}


@pytest.mark.parametrize("predicate", [RDFS + "label", SKOS + "definition"])
def test_every_term_says_once_what_it_is(predicate: str) -> None:
    terms = {iri(quad.subject) for quad in statements("kg.ttl") if iri(quad.subject).startswith(ONTOLOGY)}
    counts = Counter(iri(quad.subject) for quad in statements("kg.ttl") if quad.predicate.value == predicate)
    assert counts == dict.fromkeys(terms, 1)


def test_definitions_differ(schema: Schema) -> None:
    definitions = [relation.definition for relation in RELATIONS] + [cls.definition for cls in schema.classes.values()]
    assert len(set(definitions)) == len(definitions)


def test_functional_relations(schema: Schema) -> None:
    assert {name for name in FUNCTIONAL | PLURAL if schema.relation(name).functional} == FUNCTIONAL


def test_nothing_is_a_blank_node() -> None:
    quads = [*statements("kg.ttl"), *statements("align.ttl")]
    assert not [quad for quad in quads if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)]


def test_alignments_speak_of_declared_terms_and_other_vocabularies(schema: Schema) -> None:
    known = {relation.iri for relation in RELATIONS} | {cls.iri for cls in schema.classes.values()}
    allowed = {RDFS + name for name in ("subClassOf", "subPropertyOf", "seeAlso")}
    allowed |= {SKOS + name for name in ("exactMatch", "closeMatch", "narrowMatch", "relatedMatch")}
    for quad in statements("align.ttl"):
        assert iri(quad.subject) in known
        assert quad.predicate.value in allowed
        assert not iri(quad.object).startswith(ONTOLOGY)
        assert quad.predicate.value != RDFS + "subClassOf" or iri(quad.subject).removeprefix(ONTOLOGY) in schema.classes
        assert quad.predicate.value != RDFS + "subPropertyOf" or iri(quad.subject).removeprefix(ONTOLOGY) in schema.relations


def test_every_class_is_aligned(schema: Schema) -> None:
    assert {iri(quad.subject) for quad in statements("align.ttl")} >= {term.iri for term in schema.classes.values()}


def test_every_relation_of_a_report_has_the_subject_of_a_report() -> None:
    assert {relation.domain for relation in RELATIONS if relation.origin == "report"} == {"Model", "TrainingRun", "HardwareConfig"}


# The catalogue ------------------------------------------------------------------------------------------------------------------


def test_things_of_a_class_have_its_values(schema: Schema) -> None:
    classes = {name.lower(): name for name in schema.classes}
    wrong = [problem for thing in schema.things for problem in problems(schema, thing, classes.get(thing.kind, ""))]
    assert wrong == []


def problems(schema: Schema, thing: Thing, cls: str) -> list[str]:
    """Return what is wrong with those facts of a thing that are relations of its class."""
    found = []
    for column, cell in thing.facts.items():
        relation = schema.relations.get(column)
        if relation is None or relation.domain != cls:
            continue
        if ":" not in relation.range:
            if len(schema.find(cell, relation.range.lower())) > 1:
                found.append(f"{thing.iri} {column}: '{cell}' is ambiguous")
            continue
        try:
            literal(relation.range, cell)
        except ValueError as error:
            found.append(f"{thing.iri} {column}: {error}")
    return found


def test_things_have_valid_iris(schema: Schema) -> None:
    assert not [thing.iri for thing in schema.things if re.search(r"[\s<>\"{}|^`\\]", thing.iri)]


def test_wrong_catalogue_value_is_found(schema: Schema) -> None:
    thing = Thing("https://w3id.org/kg/accelerator/x", "accelerator", "X", facts={"memory": "80GB", "tdp": "400", "use": "y"})
    assert problems(schema, thing, "Accelerator") == ["https://w3id.org/kg/accelerator/x memory: not a number: '80GB'"]
