"""`kg query --evidence`: which words stand beside a row, and which never do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import UsageError
from kg.places import ReportSource
from kg.query import cited_in_row, run
from kg.schema import DEFAULT_BASE
from kg.sparql.cited import NOTHING
from kg.sparql.evidence import claims_below
from kg.sparql.named import shipped
from kg.sparql.statements import Statements
from kg.stored import texts
from kg.terms import KG, RDF, XSD
from tests.sample_graph import REPORTS, sample_store

DERIVED = f"{DEFAULT_BASE}derived/instructblip-13b/pretraining/accelerator-hours/0a1b2c3d"
OUTER = f"{DEFAULT_BASE}derived/instructblip-13b/pretraining/compute/0a1b2c3d"
FORMULA = "64 accelerators × 504 hours = 32,256 accelerator-hours"


def add_derived(store: ox.Store, base: str = DEFAULT_BASE) -> None:
    """Add accelerator-hours that two claims give, and a number that these give with a figure of the catalogue."""
    statements = Statements(store, base)
    run = f"{base}run/instructblip-13b/pretraining"
    parts: list[tuple[str, ox.NamedNode | ox.Literal]]
    inputs = [item for subject in statements.below(run) for item in statements.about(subject)]
    chosen = [item.iri for item in inputs if item.name in {"duration", "acceleratorCount"}]
    hours = [("input", ox.NamedNode(iri)) for iri in chosen] + [
        ("formula", ox.Literal(FORMULA)),
        ("measuredIn", ox.Literal("hours")),
    ]
    figure = ox.Literal("peak FP16 of NVIDIA A100 80GB: 312000000000000 FLOP/s (https://example.org)")
    a100 = ox.NamedNode(f"{base}accelerator/nvidia-a100-80gb")
    compute = [("derivedFrom", ox.NamedNode(DERIVED)), ("formula", ox.Literal("hours × peak")), ("figure", figure)]
    compute += [("assumption", ox.Literal("a third of the peak is reached")), ("catalogInput", a100)]
    for node, relation, value, more in (
        (DERIVED, "impliedAcceleratorHours", "32256", hours),
        (OUTER, "computeByHardware", "1.2E22", compute),
    ):
        term = ox.Literal(value, datatype=ox.NamedNode(f"{XSD}double"))
        bounds = [(name, ox.Literal(value, datatype=ox.NamedNode(f"{XSD}double"))) for name in ("lowerBound", "upperBound")]
        about = ox.NamedNode(run)
        parts = [(f"{RDF}subject", about), (f"{RDF}predicate", ox.NamedNode(KG + relation)), (f"{RDF}object", term)]
        parts += [(f"{RDF}type", ox.NamedNode(f"{KG}DerivedFact")), (f"{KG}rule", ox.Literal(relation))]
        parts += [(KG + name, object) for name, object in (*more, *bounds)]
        for graph in (ox.NamedNode(f"{base}graph/derived"), ox.DefaultGraph()):
            store.extend([ox.Quad(ox.NamedNode(node), ox.NamedNode(name), object, graph) for name, object in parts])
            store.add(ox.Quad(about, ox.NamedNode(KG + relation), term, graph))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    store = sample_store(tmp_path_factory.mktemp("evidence"))
    add_derived(store)
    return store


def sources(store: ox.Store, ids: Iterable[str]) -> Mapping[str, ReportSource]:
    return {id: ReportSource(f"reports/{id}", text) for id, text in texts(store, ids, DEFAULT_BASE).items()}


def asked(store: ox.Store, text: str, format: str | None = "jsonl", **more: Any) -> str:
    return run(store, text, format=format, evidence=lambda ids: sources(store, ids), **more).decode()


def rows(store: ox.Store, text: str, **params: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in asked(store, text, params=params).splitlines()]


def quoted(store: ox.Store, text: str, **params: str) -> list[list[str]]:
    """Return what is quoted for each row: cell, report, words; a `?` for what is not certain."""
    return [
        [f"{item['cell']}{'' if item['certain'] else '?'} {item['report']} {item['mention']}" for item in row["evidence"]]
        for row in rows(store, text, **params)
    ]


@pytest.mark.parametrize("text", ["ASK { ?s ?p ?o }", "CONSTRUCT { ?s a ?t } WHERE { ?s a ?t }", "DESCRIBE <model/owl-1b>"])
@pytest.mark.parametrize("format", [None, "json", "turtle"])
def test_what_has_no_rows_is_refused(store: ox.Store, text: str, format: str | None) -> None:
    with pytest.raises(UsageError, match=r"only the rows of a SELECT have evidence\n  hint: leave out --evidence"):
        asked(store, text, format)


def test_rows_in_a_format_for_graphs(store: ox.Store) -> None:
    with pytest.raises(UsageError, match="a SELECT cannot be written as turtle"):
        asked(store, "models", "turtle")


def test_no_rows_at_all(store: ox.Store) -> None:
    said: list[str] = []
    assert asked(store, "SELECT ?a { ?a a <x> }", "csv", say=said.append) == "a,evidence\r\n"
    assert asked(store, "SELECT ?a { ?a a <x> }", "jsonl", say=said.append) == ""
    assert said == [NOTHING, NOTHING]


@pytest.mark.parametrize(
    "text", ["by-country-year", "datasets", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT ?model { ?model a kg:Model }"]
)
def test_what_names_no_fact_is_said_once(store: ox.Store, text: str) -> None:
    said: list[str] = []
    asked(store, text, "csv", say=said.append)
    assert said == [NOTHING]


def test_a_row_without_evidence_among_others_is_left_empty(store: ox.Store) -> None:
    said: list[str] = []
    text = "SELECT ?model ?year { ?model a kg:Model OPTIONAL { ?model kg:releaseYear ?year } } ORDER BY ?model"
    lines = asked(store, text, "csv", say=said.append).splitlines()
    assert said == []
    assert any(line.endswith(",,") for line in lines)
    assert sum("“20" in line for line in lines) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SELECT ?m ?d { ?m kg:hasRun/kg:duration ?d } ORDER BY ?m ?d",
            [["d a.txt 21 days"], ["d sub/b c.txt 4 days"], ["d c.txt 5 days"]],
        ),
        ("SELECT ?r ?d { ?r kg:duration ?d } ORDER BY ?r ?d", [["d a.txt 21 days"], ["d sub/b c.txt 4 days"], ["d c.txt 5 days"]]),
        # over hardware, which the row does not name
        (
            "SELECT ?m ?n { ?m kg:hasRun ?r . ?r kg:hardware ?h . ?h kg:acceleratorCount ?n } ORDER BY ?n",
            [["n a.txt 64"], ["n sub/b c.txt 128"]],
        ),
        ("SELECT ?r ?n { ?r kg:hardware/kg:acceleratorCount ?n } ORDER BY ?n", [["n a.txt 64"], ["n sub/b c.txt 128"]]),
        # by the name of the model, and by the name of the value
        (
            "SELECT ?name ?y { ?m rdfs:label ?name ; kg:releaseYear ?y } ORDER BY ?name",
            [["y a.txt 2023"], ["y sub/b c.txt 2023"], ["y c.txt 2024"]],
        ),
        (
            "SELECT ?m ?land { ?m kg:country/rdfs:label ?land } ORDER BY ?land",
            [["land a.txt France"], ["land sub/b c.txt United States"]],
        ),
        (
            "SELECT ?m ?land { ?m kg:country ?c . ?c rdfs:label ?land } ORDER BY ?land",
            [["land a.txt France"], ["land sub/b c.txt United States"]],
        ),
        # several facts in a row; the value is a thing
        (
            "SELECT ?m ?b ?p { ?m kg:extends ?b ; kg:parameterCount ?p } ORDER BY ?m",
            [["b a.txt BLIP-2", "p a.txt 13B parameters"], ["b sub/b c.txt InstructBLIP-13B", "p sub/b c.txt 7B parameters"]],
        ),
        # shortcuts
        (
            "SELECT ?m ?s { ?m kg:trainedOn ?s FILTER (?s = <dataset/cc3m>) } ORDER BY ?m",
            [["s a.txt CC3M"], ["s sub/b c.txt CC3M"], ["s c.txt CC3M"]],
        ),
        ("SELECT ?m ?b { ?m kg:hasBackbone ?b FILTER (?b = <model/flan-t5-xl>) }", [["b a.txt Flan-T5-XL"]]),
        # the whole of a stage and not another one
        (
            "SELECT ?m ?stage ?rate "
            "{ ?m kg:hasRun ?r . ?r kg:stage/skos:notation ?stage ; kg:peakLearningRate ?rate } ORDER BY ?rate",
            [["rate a.txt 1e-5"], ["rate a.txt 1e-4"]],
        ),
        ("SELECT ?m ?st ?w { ?m kg:hasRun ?r . ?r kg:stage ?st ; kg:warmupSteps ?w }", [["w a.txt 2000"]]),
        # predicate in a column, predicate in none: what has one meaning only is certain
        ("SELECT ?m ?p ?o { ?m ?p ?o FILTER (?m = <model/owl-1b> && ?p = kg:releaseYear) }", [["o c.txt 2024"]]),
        ("SELECT ?m ?o { ?m ?p ?o FILTER (?m = <model/owl-1b> && ?p = kg:releaseYear) }", [["o c.txt 2024"]]),
        # claims that the query itself asks for
        (
            "SELECT ?s ?p ?o { GRAPH ?g { ?c rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o FILTER (?p = kg:epochs) } }",
            [["o a.txt 0.5"]],
        ),
        ("SELECT ?s ?o { GRAPH ?g { ?c rdf:subject ?s ; rdf:predicate kg:epochs ; rdf:object ?o } }", [["o a.txt 0.5"]]),
        ("SELECT ?c { GRAPH ?g { ?c rdf:predicate kg:epochs } }", [["c a.txt 0.5"]]),
        # one model is the subject, the other is not
        (
            "SELECT ?a ?b ?n { ?a kg:extends ?b . ?b kg:parameterCount ?n }",
            [["b sub/b c.txt InstructBLIP-13B", "n a.txt 13B parameters"]],
        ),
        ("SELECT ?n { <model/owl-1b> kg:parameterCount ?n }", [["n c.txt 1B parameters"]]),
        # a number written otherwise
        ("SELECT ?m (STR(?e) AS ?text) { ?m kg:hasRun/kg:epochs ?e }", [["text a.txt 0.5"]]),
        # an aggregate that hands on values; one that counts
        (
            "SELECT ?m (MAX(?n) AS ?most) (COUNT(?n) AS ?times) "
            "{ ?m kg:hasRun/kg:hardware/kg:acceleratorCount ?n } GROUP BY ?m ORDER BY ?m",
            [["most a.txt 64"], ["most sub/b c.txt 128"]],
        ),
        (
            'SELECT ?m (GROUP_CONCAT(STR(?n); separator = ", ") AS ?all) '
            "{ ?m kg:hasRun/kg:hardware/kg:acceleratorCount ?n } GROUP BY ?m ORDER BY ?m",
            [["all a.txt 64"], ["all sub/b c.txt 128"]],
        ),
    ],
)
def test_the_words_of_a_row(store: ox.Store, text: str, expected: list[list[str]]) -> None:
    assert quoted(store, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?m (64 AS ?n) { ?m kg:hasRun/kg:hardware/kg:acceleratorCount 64 }",  # a constant
        "SELECT ?m (SUM(?n) AS ?sum) { ?m kg:hasRun/kg:hardware/kg:acceleratorCount ?n } GROUP BY ?m",
        "SELECT ?m (?n * 1 AS ?same) { ?m kg:hasRun/kg:hardware/kg:acceleratorCount ?n }",
        "SELECT ?n { ?m kg:parameterCount ?n }",  # of nobody knows which model
        "SELECT ?m ?n { ?m kg:extends/kg:parameterCount ?n }",  # of another model than the one in the row
        "SELECT ?m ?n { ?m a kg:Model . ?other kg:parameterCount ?n }",
        "SELECT ?m ?n { ?m a kg:Model VALUES ?n { 13000000000 } }",
    ],
)
def test_a_number_that_only_equals_a_fact_is_not_quoted(store: ox.Store, text: str) -> None:
    assert set(map(tuple, quoted(store, text))) == {()}


def test_what_may_be_several_facts_is_said_to_be_possible(store: ox.Store) -> None:
    chosen = "?m = <model/kestrel-7b> && isIRI(?o) && ?p IN (kg:trainedOn, kg:evaluationDataset)"
    text = f"SELECT ?m ?o {{ ?m ?p ?o FILTER ({chosen}) }} ORDER BY ?o"
    found = [item for row in rows(store, text) if row["o"].endswith("mmlu") for item in row["evidence"]]
    assert (
        sorted((item["relation"], item["certain"]) for item in found)
        == [("evaluationDataset", False)] * 2 + [("trainingDataset", False)] * 2
    )
    assert "o (possibly trainingDataset): " in asked(store, text, "csv")


def test_the_report_in_a_row_is_the_one_that_is_quoted(store: ox.Store) -> None:
    graph = "SELECT ?g ?m { GRAPH ?g { ?m kg:trainingDataset <dataset/cc3m> } }"
    assert len(rows(store, graph)) == 3
    pattern = "?m kg:trainedOn ?set ; kg:describedIn ?report FILTER (?set = <dataset/cc3m>)"
    text = f"SELECT ?m ?set ?report {{ {pattern} }} ORDER BY ?m ?report"
    assert quoted(store, text) == [["set a.txt CC3M"], ["set sub/b c.txt CC3M"], ["set sub/b c.txt CC3M"], ["set c.txt CC3M"]]
    named = "SELECT ?g ?m ?d { GRAPH ?g { ?m kg:hasRun/kg:duration ?d } } ORDER BY ?g ?d"
    assert quoted(store, named) == [["d a.txt 21 days"], ["d c.txt 5 days"], ["d sub/b c.txt 4 days"]]


def test_derived_facts_are_quoted_with_their_formula_and_the_words_of_their_inputs(store: ox.Store) -> None:
    text = "SELECT ?m ?h ?c { ?m kg:hasRun ?r . ?r kg:impliedAcceleratorHours ?h ; kg:computeByHardware ?c }"
    [row] = rows(store, text)
    hours, compute = row["evidence"]
    assert (hours["derived"], hours["formula"]) == (DERIVED, FORMULA)
    assert [item["mention"] for item in hours["inputs"]] == ["21 days", "64"]
    assert [item["mention"] for item in compute["inputs"]] == ["21 days", "64"]
    assert (
        asked(store, text, "csv")
        .splitlines()[1]
        .endswith(
            f'"h: {FORMULA} (reports/a.txt:2:105 “21 days”; reports/a.txt:2:116 “64”) | '
            'c: hours × peak (reports/a.txt:2:105 “21 days”; reports/a.txt:2:116 “64”)"'
        )
    )
    assert [item["evidence"][0]["derived"] for item in rows(store, "SELECT ?d { ?d kg:formula ?f } ORDER BY ?d")] == [
        DERIVED,
        OUTER,
    ]


def test_every_format_has_the_words(store: ox.Store) -> None:
    text = "SELECT ?m ?size { ?m kg:parameterCount ?size FILTER (?m = <model/instructblip-13b>) }"
    line = "size: reports/a.txt:1:37 “13B parameters”"
    assert asked(store, text, "csv") == f"m,size,evidence\r\n{DEFAULT_BASE}model/instructblip-13b,13000000000,{line}\r\n"
    assert asked(store, text, "tsv").splitlines()[0] == "?m\t?size\t?evidence"
    assert f'"{line}"' in asked(store, text, "tsv")
    assert f'<binding name="evidence"><literal>{line}</literal></binding>' in asked(store, text, "xml")
    document = json.loads(asked(store, text, "json"))
    assert document["head"]["vars"] == ["m", "size", "evidence"]
    assert document["results"]["bindings"][0]["evidence"] == {"type": "literal", "value": line}
    [[entry]] = document["results"]["evidence"]
    assert entry == rows(store, text)[0]["evidence"][0]
    start = REPORTS[0][0].source.index("13B parameters")
    assert entry | {"before": "", "after": "", "claim": ""} == {
        "cell": "size",
        "relation": "parameterCount",
        "certain": True,
        "claim": "",
        "report": "a.txt",
        "start": start,
        "end": start + 14,
        "path": "reports/a.txt",
        "line": 1,
        "column": start + 1,
        "endLine": 1,
        "endColumn": start + 15,
        "page": None,
        "mention": "13B parameters",
        "before": "",
        "after": "",
    }


def test_a_table_has_numbers_and_the_words_below(store: ox.Store) -> None:
    text = "SELECT ?m ?y { ?m kg:country ?c ; kg:releaseYear ?y } ORDER BY ?m"
    assert asked(store, text, None).splitlines() == [
        "m                            y     evidence",
        "───────────────────────────  ────  ────────",
        "data:model/instructblip-13b  2023  [1]",
        "data:model/kestrel-7b        2023  [2]",
        "",
        "[1] y: reports/a.txt:1:89 “2023”",
        "[2] y: reports/sub/b c.txt:1:43 “2023”",
    ]


def test_a_column_that_is_called_so_stays(store: ox.Store) -> None:
    text = "SELECT ?m (?y AS ?evidence) { ?m kg:releaseYear ?y FILTER (?m = <model/owl-1b>) }"
    assert asked(store, text, "csv").splitlines()[0] == "m,evidence,evidence2"
    [row] = rows(store, text)
    assert (row["evidence"], row["evidence2"][0]["mention"]) == ("2024", "2024")


def test_what_the_words_hold_cannot_harm_a_terminal(tmp_path: Path) -> None:
    store = sample_store(tmp_path)
    node = ox.NamedNode(f"{DEFAULT_BASE}report/a.txt")
    for quad in list(store.quads_for_pattern(node, ox.NamedNode(f"{KG}text"), None, None)):
        store.remove(quad)
        text = quad.object.value.replace("13B parameters", "13B\x1b[2J\n‮ters ") if isinstance(quad.object, ox.Literal) else ""
        store.add(ox.Quad(quad.subject, quad.predicate, ox.Literal(text), quad.graph_name))
    for format in (None, "csv", "tsv"):
        found = asked(store, "SELECT ?m ?size { ?m kg:parameterCount ?size }", format)
        assert "13B␛[2J <U+202E>ters" in found
        assert "\x1b" not in found


def test_a_report_without_text_is_quoted_by_its_offsets(store: ox.Store) -> None:
    found = run(store, "SELECT ?m ?y { ?m kg:releaseYear ?y } ORDER BY ?m LIMIT 1", format="csv", evidence=lambda ids: {})
    assert b"y: a.txt (chars 88..92)" in found


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_query_that_comes_with_kg(store: ox.Store, name: str) -> None:
    said: list[str] = []
    found = rows(store, name)
    plain = [json.loads(line) for line in run(store, name, format="jsonl").splitlines()]
    assert [{key: value for key, value in row.items() if key != "evidence"} for row in found] == plain
    asked(store, name, None, say=said.append)
    counted = {"backbones", "by-accelerator", "by-country-year", "datasets", "disclosure", "hours", "largest", "timeline", "years"}
    assert bool(said) == (name in {*counted, "search", "undisclosed"})
    for row in found:
        for item in row["evidence"]:
            assert item.get("mention") or item["inputs"]


def test_rows_that_share_a_dataset_quote_every_model(store: ox.Store) -> None:
    [words] = [row["evidence"] for row in rows(store, "shared-datasets") if row["name"] == "CC3M"]
    assert [item["report"] for item in words] == ["a.txt", "sub/b c.txt", "c.txt"]


def test_a_row_by_its_number(store: ox.Store) -> None:
    [cited] = cited_in_row(store, "SELECT ?m ?y { ?m kg:releaseYear ?y } ORDER BY ?y ?m", 3, base=DEFAULT_BASE)
    assert (cited.column, cited.statement.report, claims_below(Statements(store, DEFAULT_BASE), cited.statement)) == (
        "y",
        "c.txt",
        [cited.statement],
    )


@pytest.mark.parametrize(
    ("text", "number", "what"), [("models", 0, "no row 0"), ("models", 99, "no row 99"), ("ASK {}", 1, "has no rows")]
)
def test_a_row_that_is_not_there(store: ox.Store, text: str, number: int, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        cited_in_row(store, text, number, base=DEFAULT_BASE)
