"""What a build says of itself, asked for as SPARQL editors ask, and counted again."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import pipeline
from kg.config import Config
from kg.graph import build_triples, default_quads, quads
from kg.graph.build import VOID_EXT
from kg.query import run
from kg.schema import DEFAULT_BASE
from kg.sparql.named import shipped
from kg.sparql.text import prefixes
from tests.command import SEEDS
from tests.samples import schema_with

VOID_PREFIX = f"PREFIX void-ext: <{VOID_EXT}> "


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    """Return the store of a build of the seeds."""
    out = tmp_path_factory.mktemp("build")
    config = Config(catalog=())
    return pipeline.build([SEEDS], out, config=config, progress=lambda *_: None, say=lambda _: None).build.store()


def rows(store: ox.Store, text: str) -> list[str]:
    return sorted(run(store, text, format="csv").decode().splitlines()[1:])


OUTSIDE = "FILTER (!STRSTARTS(STR(?s), CONCAT(STR(data:), 'graph/build')))"
COUNTED = {
    "triples": "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) (COUNT(DISTINCT ?o) AS ?k) { ?s ?p ?o %s }",
    "classes": "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c %s } GROUP BY ?c",
    "properties": "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) (COUNT(DISTINCT ?o) AS ?k) { ?s ?p ?o %s } GROUP BY ?p",
    "of classes": (
        "SELECT ?c ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) (COUNT(DISTINCT ?o) AS ?k) { ?s a ?c ; ?p ?o %s } GROUP BY ?c ?p"
    ),
    "values": "SELECT ?c ?p ?d (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o . ?o a ?d %s } GROUP BY ?c ?p ?d",
    "datatypes": (
        "SELECT ?c ?p ?d (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o FILTER (isLiteral(?o)) BIND (DATATYPE(?o) AS ?d) %s } GROUP BY ?c ?p ?d"
    ),
}
TOLD = {
    "triples": "SELECT ?n ?m ?k { ?d a void:Dataset ; void:triples ?n ; void:distinctSubjects ?m ; void:distinctObjects ?k }",
    "classes": "SELECT ?c ?n { ?x void:class ?c ; void:entities ?n }",
    "properties": (
        "SELECT ?p ?n ?m ?k { ?d a void:Dataset ; void:propertyPartition ?x . "
        "?x void:property ?p ; void:triples ?n ; void:distinctSubjects ?m ; void:distinctObjects ?k }"
    ),
    "of classes": (
        "SELECT ?c ?p ?n ?m ?k { ?d void:class ?c ; void:propertyPartition ?x . "
        "?x void:property ?p ; void:triples ?n ; void:distinctSubjects ?m ; void:distinctObjects ?k }"
    ),
    "values": (
        "SELECT ?c ?p ?d ?n { ?y void:class ?c ; void:propertyPartition ?x . ?x void:property ?p ; void:classPartition ?z . "
        "?z void:class ?d ; void:triples ?n }"
    ),
    "datatypes": VOID_PREFIX
    + (
        "SELECT ?c ?p ?d ?n { ?y void:class ?c ; void:propertyPartition ?x . ?x void:property ?p ; void-ext:datatypePartition ?z . "
        "?z void-ext:datatype ?d ; void:triples ?n }"
    ),
}


@pytest.mark.parametrize("what", COUNTED)
def test_what_is_told_is_what_sparql_counts(store: ox.Store, what: str) -> None:
    assert rows(store, TOLD[what]) == rows(store, COUNTED[what] % OUTSIDE)


def test_an_editor_finds_the_properties_of_a_class_and_what_their_values_are(store: ox.Store) -> None:
    text = VOID_PREFIX + (
        "SELECT DISTINCT ?p ?value { ?c void:class kg:Model ; void:propertyPartition ?x . ?x void:property ?p "
        "{ ?x void:classPartition/void:class ?value } UNION { ?x void-ext:datatypePartition/void-ext:datatype ?value } }"
    )
    found = rows(store, text)
    kg, xsd = "https://w3id.org/kg/ontology#", "http://www.w3.org/2001/XMLSchema#"
    assert {f"{kg}trainedOn,{kg}Dataset", f"{kg}releaseYear,{xsd}gYear", f"{kg}extends,{kg}Model"} <= set(found)


def test_an_editor_finds_examples_and_prefixes(store: ox.Store) -> None:
    forms = "sh:select|sh:ask|sh:construct|sh:describe"
    text = f"SELECT ?comment ?query {{ ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ; {forms} ?query }}"
    found = store.query(text, prefixes=prefixes())
    assert isinstance(found, ox.QuerySolutions)
    examples = {row["comment"].value: row["query"].value for row in found}
    assert set(examples) == {query.title for query in shipped().values()}
    for query in shipped().values():  # whole queries, for a store that knows no prefix
        alone, here = store.query(examples[query.title]), store.query(query.text, prefixes=prefixes())
        assert isinstance(alone, ox.QuerySolutions) and isinstance(here, ox.QuerySolutions)
        assert list(alone) == list(here)
    declared = rows(store, "SELECT ?prefix ?namespace { ?x sh:prefix ?prefix ; sh:namespace ?namespace }")
    assert declared == sorted(f"{prefix},{namespace}" for prefix, namespace in prefixes().items())


def test_a_triple_that_three_reports_assert_counts_once(tmp_path: Path) -> None:
    """Each report has it in its own graph; a plain query sees it once, so that counts and sums are of facts, not of reports."""
    reports = tmp_path / "reports"
    reports.mkdir()
    for number in range(3):
        text = f"Report {number}. The model Kestrel-7B has 7 billion parameters. It was pretrained on CC3M.\n"
        (reports / f"{number}.txt").write_text(text, encoding="utf-8")
    built = pipeline.build([reports], tmp_path / "out", config=Config(), progress=lambda *_: None, say=lambda _: None).build
    store, fact = built.store(), "?model kg:parameterCount ?size"
    assert rows(store, f"SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ {fact} }} }}") == ["3"]
    assert rows(store, f"SELECT (COUNT(*) AS ?n) {{ {fact} }}") == ["1"]
    assert rows(store, f"SELECT (SUM(?size) AS ?n) {{ {fact} }}") == ["7000000000"]
    assert rows(store, "SELECT ?n { ?x void:property kg:parameterCount ; void:triples ?n }") == ["1", "1"]
    found = [row.split(",")[1:] for row in rows(store, "datasets")]
    assert found == [["CC3M", "1", "0"]]


def test_the_description_holds_no_blank_node_and_is_the_same_in_any_order(tmp_path: Path) -> None:
    from kg.graph import catalog_triples

    triples = catalog_triples(schema_with(tmp_path / "o"))
    one, other = (build_triples(some, {}, DEFAULT_BASE) for some in (triples, triples[::-1]))
    assert one == other
    parsed = list(ox.parse("".join(default_quads(one)).encode(), format=ox.RdfFormat.N_QUADS))
    assert not any(isinstance(term, ox.BlankNode) for quad in parsed for term in quad)
    assert len(quads(one, "g:")) == len(one)
