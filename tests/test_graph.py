from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.errors import ConfigError
from kg.graph import build_triples, catalog_triples, default_quads, ontology_triples, quads, report_graph, report_quads
from kg.model import Claim, Document, Field
from kg.resolve import names_of, resolve
from kg.schema import DEFAULT_BASE, Schema, load_schema
from kg.terms import KG, PREFIXES, path, string, typed
from tests.samples import claim, document, schema_with

XSD = PREFIXES["xsd"]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    return schema_with(tmp_path_factory.mktemp("schema") / "ontology")


def short(term: str) -> str:
    """Return a term of N-Triples with prefixes, to read in a test."""
    for prefix, namespace in {**PREFIXES, "": DEFAULT_BASE}.items():
        term = re.sub(f"<{re.escape(namespace)}([^>]*)>", rf"{prefix}:\1" if prefix else r"<\1>", term)
    return term


def facts_of(schema: Schema, *claims: Claim, doc: Document | None = None) -> set[str]:
    names = names_of(claims, schema)
    return {short(fact) for fact in report_graph(doc or document(), resolve(claims, schema, names), names, schema).facts}


def evidence_of(schema: Schema, *claims: Claim) -> set[str]:
    names = names_of(claims, schema)
    return {short(triple) for triple in report_graph(document(), resolve(claims, schema, names), names, schema).evidence}


REPORT = {
    "<report/a.txt> rdf:type kg:Report",
    '<report/a.txt> rdfs:label "a.txt"',
    f'<report/a.txt> kg:sha256 "{document().sha256}"',
}
MODEL = {
    "<model/kestrel-7b> rdf:type kg:Model",
    '<model/kestrel-7b> rdfs:label "Kestrel-7B"',
    "<model/kestrel-7b> kg:describedIn <report/a.txt>",
}
RUN = {
    "<model/kestrel-7b> kg:hasRun <run/kestrel-7b>",
    "<run/kestrel-7b> rdf:type kg:TrainingRun",
    '<run/kestrel-7b> rdfs:label "Kestrel-7B, training"',
}
STAGE = {
    "<model/kestrel-7b> kg:hasRun <run/kestrel-7b/instruction-tuning>",
    "<run/kestrel-7b/instruction-tuning> rdf:type kg:TrainingRun",
    '<run/kestrel-7b/instruction-tuning> rdfs:label "Kestrel-7B, instruction-tuning"',
    "<run/kestrel-7b/instruction-tuning> kg:stage kg:instructionTuning",
    "<run/kestrel-7b/instruction-tuning> kg:partOf <run/kestrel-7b>",
}


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        (claim("parameterCount", "7000000000"), {'<model/kestrel-7b> kg:parameterCount "7000000000"^^xsd:integer'}),
        (claim("name", "Kestrel-7B"), {'<model/kestrel-7b> kg:name "Kestrel-7B"'}),
        (claim("releaseYear", "2023"), {'<model/kestrel-7b> kg:releaseYear "2023"^^xsd:gYear'}),
        (
            claim("extends", "BLIP-2"),
            {
                "<model/kestrel-7b> kg:extends <model/blip-2>",
                "<model/kestrel-7b> kg:hasBackbone <model/blip-2>",
                "<model/blip-2> rdf:type kg:Model",
                '<model/blip-2> rdfs:label "BLIP-2"',
            },
        ),
        (
            claim("component", "querying transformer"),
            {
                "<model/kestrel-7b> kg:component <model/q-former>",
                "<model/q-former> rdf:type kg:Model",
                '<model/q-former> rdfs:label "Q-Former"',
            },
        ),
        (claim("optimizer", "AdamW"), RUN | {'<run/kestrel-7b> kg:optimizer "AdamW"'}),
        (
            claim("peakLearningRate", "1e-4", "instruction-tuning"),
            RUN | STAGE | {'<run/kestrel-7b/instruction-tuning> kg:peakLearningRate "0.0001"^^xsd:decimal'},
        ),
        (claim("duration", "PT36H"), RUN | {'<run/kestrel-7b> kg:duration "P1DT12H"^^xsd:duration'}),
        (
            claim("trainingDataset", "Web-5", "instruction-tuning"),
            RUN
            | STAGE
            | {
                "<run/kestrel-7b/instruction-tuning> kg:trainingDataset <dataset/web-5>",
                "<model/kestrel-7b> kg:trainedOn <dataset/web-5>",
                "<dataset/web-5> rdf:type kg:Dataset",
                '<dataset/web-5> rdfs:label "Web-5"',
            },
        ),
        (
            claim("acceleratorCount", "64", "instruction-tuning"),
            RUN
            | STAGE
            | {
                "<run/kestrel-7b/instruction-tuning> kg:hardware <hardware/kestrel-7b/instruction-tuning>",
                "<hardware/kestrel-7b/instruction-tuning> rdf:type kg:HardwareConfig",
                '<hardware/kestrel-7b/instruction-tuning> kg:acceleratorCount "64"^^xsd:integer',
            },
        ),
        (
            claim("accelerator", "A100-80GB"),
            RUN
            | {
                "<run/kestrel-7b> kg:hardware <hardware/kestrel-7b>",
                "<hardware/kestrel-7b> rdf:type kg:HardwareConfig",
                "<hardware/kestrel-7b> kg:accelerator <accelerator/nvidia-a100-80gb>",
                "<accelerator/nvidia-a100-80gb> rdf:type kg:Accelerator",
                '<accelerator/nvidia-a100-80gb> rdfs:label "NVIDIA A100 80GB"',
            },
        ),
        # A value that is none: the words stay, and the shapes find the datatype.
        (claim("parameterCount", "seven"), {'<model/kestrel-7b> kg:parameterCount "seven"'}),
    ],
    ids=lambda value: value.relation if isinstance(value, Claim) else "",
)
def test_a_claim_gives_its_fact_and_what_leads_to_it(schema: Schema, said: Claim, facts: set[str]) -> None:
    assert facts_of(schema, said) == REPORT | MODEL | facts


def test_a_report_without_claims_still_has_its_node(schema: Schema) -> None:
    assert facts_of(schema) == REPORT


def test_an_ambiguous_name_gives_neither_fact_nor_claim(schema: Schema) -> None:
    assert facts_of(schema, claim("country", "Korea")) == REPORT
    assert len(evidence_of(schema, claim("country", "Korea"))) == 1


def test_an_unnamed_model_hangs_on_its_report(schema: Schema) -> None:
    doc = document("runs/a b.txt")
    facts = facts_of(schema, claim("acceleratorCount", "8", model=None, report=doc.id), doc=doc)
    assert "<model/unnamed/runs/a%20b.txt> kg:hasRun <run/unnamed/runs/a%20b.txt>" in facts
    assert '<hardware/unnamed/runs/a%20b.txt> kg:acceleratorCount "8"^^xsd:integer' in facts
    assert '<model/unnamed/runs/a%20b.txt> rdfs:label "unnamed model of runs/a b.txt"' in facts


@pytest.mark.parametrize(
    ("field", "fact"),
    [
        (Field("title", 'On "Kestrel"', 0, 1), '<report/a.txt> dcterms:title "On \\"Kestrel\\""'),
        (Field("arxivId", "2305.06500", 0, 1), '<report/a.txt> kg:arxivId "2305.06500"'),
        (Field("published", "2023-05-11", 0, 1), '<report/a.txt> dcterms:issued "2023-05-11"^^xsd:date'),
        (Field("published", "2023-05", 0, 1), '<report/a.txt> dcterms:issued "2023-05"^^xsd:gYearMonth'),
        (Field("published", "2023", 0, 1), '<report/a.txt> dcterms:issued "2023"^^xsd:gYear'),
        (Field("published", "last spring", 0, 1), None),
        (Field("mood", "good", 0, 1), None),
    ],
)
def test_what_a_report_says_of_itself(schema: Schema, field: Field, fact: str | None) -> None:
    assert facts_of(schema, doc=document(fields=(field,))) == REPORT | ({fact} if fact else set())


def test_a_claim_is_six_triples_and_what_differs_from_the_default(schema: Schema) -> None:
    plain = claim("acceleratorCount", "64", start=803, end=806)
    node = r"<claim/a\.txt/803-806-acceleratorCount-[0-9a-f]{8}> "
    triples = {re.sub(node, "", triple) for triple in evidence_of(schema, plain) if re.match(node, triple)}
    assert triples == {
        "rdf:type kg:Claim",
        "rdf:subject <hardware/kestrel-7b>",
        "rdf:predicate kg:acceleratorCount",
        'rdf:object "64"^^xsd:integer',
        'oa:start "803"^^xsd:integer',
        'oa:end "806"^^xsd:integer',
    }
    more = claim("acceleratorCount", "64", start=803, end=806, approximate=True, value_max="128", unit="chips", method="llm:x")
    added = {re.sub(node, "", triple) for triple in evidence_of(schema, more) if re.match(node, triple)} - triples
    assert added == {'kg:approximate "true"^^xsd:boolean', 'kg:valueMax "128"^^xsd:integer', 'kg:unit "chips"', 'kg:method "llm:x"'}


@pytest.mark.parametrize(
    "change", [("value", "65"), ("model", "Merlin"), ("stage", "alignment"), ("value_max", "70"), ("unit", "x")]
)
def test_two_claims_on_the_same_words_are_two_nodes(schema: Schema, change: tuple[str, str]) -> None:
    said = claim("acceleratorCount", "64")
    both = evidence_of(schema, said, replace(said, **dict([change])))  # type: ignore[arg-type]  # mypy sees one type for all fields
    assert sum(" rdf:type kg:Claim" in triple for triple in both) == 2


def test_the_text_stands_in_the_reports_graph_alone(schema: Schema) -> None:
    names = names_of([], schema)
    graph = report_graph(document(), [], names, schema)
    assert graph.iri == DEFAULT_BASE + "graph/report/a.txt"
    assert [line for line in report_quads(graph) if f"<{KG}text>" in line] == [
        f'<{DEFAULT_BASE}report/a.txt> <{KG}text> "Kestrel-7B was trained." <{graph.iri}> .\n'
    ]
    assert not any(f"<{KG}text>" in line for line in default_quads(graph.facts))


def test_the_words_of_a_claim_are_found_by_its_offsets(schema: Schema) -> None:
    source = '🦅 Kestrel\r\nran on \t64 "GPUs"\\.'
    start = source.index("64")
    doc = document(source=source)
    claims = [claim("acceleratorCount", "64", start=start, end=start + 2)]
    names = names_of(claims, schema)
    store = ox.Store()
    store.load(
        "".join(report_quads(report_graph(doc, resolve(claims, schema, names), names, schema))).encode(), ox.RdfFormat.N_QUADS
    )
    words = store.query(
        f"PREFIX kg: <{KG}> PREFIX oa: <{PREFIXES['oa']}> SELECT (SUBSTR(?text, ?start + 1, ?end - ?start) AS ?words) "
        "{ GRAPH ?g { ?c oa:start ?start; oa:end ?end. ?r kg:text ?text } }"
    )
    assert isinstance(words, ox.QuerySolutions)
    assert [solution["words"] for solution in words] == [ox.Literal("64")]


TERM_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)


@given(TERM_TEXT)
@example("half \udc80 of a pair")
def test_any_text_comes_back_from_a_literal(text: str) -> None:
    line = f"<x:s> <x:p> {string(text)} .\n"
    (quad,) = ox.parse(line.encode(), format=ox.RdfFormat.N_QUADS)
    assert quad.object == ox.Literal(re.sub("[\ud800-\udfff]", "\ufffd", text))


@given(TERM_TEXT)
def test_any_report_id_gives_an_iri_of_its_own(text: str) -> None:
    line = f"<{DEFAULT_BASE}report/{path(text)}> <x:p> <x:o> .\n"
    (quad,) = ox.parse(line.encode(), format=ox.RdfFormat.N_QUADS)
    assert isinstance(quad.subject, ox.NamedNode)
    assert quad.subject.value == f"{DEFAULT_BASE}report/{path(text)}"


@given(TERM_TEXT, TERM_TEXT)
def test_two_report_ids_never_share_an_iri(one: str, other: str) -> None:
    assert (path(one) == path(other)) == (one == other)


RELATIONS = st.sampled_from(
    ["name", "extends", "trainingDataset", "acceleratorCount", "peakLearningRate", "license", "organization"]
)


@given(st.lists(st.tuples(RELATIONS, TERM_TEXT, TERM_TEXT, st.sampled_from([None, "pretraining"])), max_size=4), TERM_TEXT)
def test_any_claim_becomes_quads_that_parse_and_mean_the_same(said: list[tuple[str, str, str, str | None]], id: str) -> None:
    schema = load_schema()
    claims = [claim(relation, value, stage, model=model, unit=value, report=id) for relation, value, model, stage in said]
    names = names_of(claims, schema)
    lines = report_quads(report_graph(document(id, source=id), resolve(claims, schema, names), names, schema))
    parsed = list(ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_QUADS))
    assert len(set(parsed)) == len(lines)
    assert not any(isinstance(term, ox.BlankNode) for quad in parsed for term in quad)
    store = ox.Store()
    store.extend(parsed)
    assert set(store) == set(parsed)


def test_lines_are_sorted_and_each_stands_once() -> None:
    triples = ["<b:> <p:> <o:>", "<a:> <p:> <o:>", "<b:> <p:> <o:>"]
    assert default_quads(triples) == ["<a:> <p:> <o:> .\n", "<b:> <p:> <o:> .\n"]
    assert quads(triples, "g:") == ["<a:> <p:> <o:> <g:> .\n", "<b:> <p:> <o:> <g:> .\n"]


def test_typed_leaves_out_the_string_type() -> None:
    assert typed("x", XSD + "string") == '"x"'


def test_the_catalogue_gives_types_names_and_typed_facts(schema: Schema) -> None:
    triples = {short(triple) for triple in catalog_triples(schema) if "accelerator/" in triple}
    assert triples == {
        "<accelerator/nvidia-a100-80gb> rdf:type kg:Accelerator",
        '<accelerator/nvidia-a100-80gb> rdfs:label "NVIDIA A100 80GB"',
        '<accelerator/nvidia-a100-80gb> skos:altLabel "A100-80GB"',
        '<accelerator/nvidia-a100-80gb> skos:altLabel "A100 (80 GB)"',
        '<accelerator/nvidia-a100-80gb> kg:memory "80000000000"^^xsd:integer',
        "<accelerator/nvidia-a100-80gb> kg:manufacturer <organization/nvidia>",
        "<accelerator/nvidia-a100-80gb> kg:manufacturer <organization/foxconn>",
    }


def test_a_manufacturer_outside_the_catalogue_has_type_and_label(schema: Schema) -> None:
    triples = {short(triple) for triple in catalog_triples(schema, [schema.find("A100-80GB")[0]])}
    assert {"<organization/foxconn> rdf:type kg:Organization", '<organization/foxconn> rdfs:label "Foxconn"'} <= triples
    assert not any("cc3m" in triple for triple in triples)


def test_the_catalogue_states_nothing_that_only_reports_may_state(schema: Schema) -> None:
    reported = {f"<{relation.iri}>" for relation in schema.relations.values() if relation.origin == "report"}
    assert not {triple for triple in catalog_triples(schema) if triple.split(" ", 2)[1] in reported}


def test_a_cell_names_a_thing_by_id_or_by_name(schema: Schema) -> None:
    triples = {short(triple) for triple in catalog_triples(schema)}
    assert "<organization/mistral-ai> kg:basedIn <country/fr>" in triples
    assert "<organization/nvidia> kg:basedIn <country/us>" in triples
    assert {triple for triple in triples if triple.startswith("<country/fr> rdfs:label")} == {'<country/fr> rdfs:label "France"'}


def test_a_component_of_the_catalogue_is_a_model(schema: Schema) -> None:
    assert "<model/q-former> rdf:type kg:Model" in {short(triple) for triple in catalog_triples(schema)}


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    bad = schema_with(tmp_path / "o", {"accelerators": "name,aliases,memory\nNVIDIA A100,,lots\n"})
    with pytest.raises(ConfigError, match=r"the memory of 'NVIDIA A100' is no xsd:integer: 'lots'"):
        catalog_triples(bad)


def test_the_ontology_holds_no_blank_node() -> None:
    parsed = list(ox.parse("".join(default_quads(ontology_triples())).encode(), format=ox.RdfFormat.N_QUADS))
    assert len(parsed) > 300
    assert not any(isinstance(term, ox.BlankNode) for quad in parsed for term in quad)


def test_a_build_describes_itself() -> None:
    default = [
        f"<m:1> <{PREFIXES['rdf']}type> <{KG}Model>",
        f"<m:2> <{PREFIXES['rdf']}type> <{KG}Model>",
        '<m:2> <http://elsewhere.example/p> "x y"',
    ]
    queries = {"models": "# title: Every model\nPREFIX x: <x:>\nselect * { ?s ?p ?o }", "odd": "DESCRIBE <x:>"}
    triples = {short(triple) for triple in build_triples(default, queries, DEFAULT_BASE)}
    assert {
        '<graph/build/data> void:triples "3"^^xsd:integer',
        '<graph/build/data> void:distinctSubjects "2"^^xsd:integer',
        "<graph/build/data> void:classPartition <graph/build/class-kg-Model>",
        '<graph/build/class-kg-Model> void:entities "2"^^xsd:integer',
        '<graph/build/property-rdf-type> void:triples "2"^^xsd:integer',
        '<graph/build/property-rdf-type> void:distinctObjects "1"^^xsd:integer',
        "<graph/build/class-kg-Model> void:propertyPartition <graph/build/class-kg-Model/property-rdf-type>",
        '<graph/build/class-kg-Model/property-rdf-type> void:distinctSubjects "2"^^xsd:integer',
        "<graph/build/query-models> rdf:type sh:SPARQLSelectExecutable",
        '<graph/build/query-models> rdfs:comment "Every model"',
        "<graph/build/query-odd> rdf:type sh:SPARQLExecutable",
        '<graph/build/prefix-kg> sh:prefix "kg"',
        f'<graph/build/prefix-kg> sh:namespace "{KG}"^^xsd:anyURI',
    } <= triples
    assert sum(" void:property " in triple for triple in triples) == 4
    assert not any(triple.startswith("_:") or " _:" in triple for triple in triples)
    list(ox.parse("".join(default_quads(build_triples(default, queries, DEFAULT_BASE))).encode(), format=ox.RdfFormat.N_QUADS))
