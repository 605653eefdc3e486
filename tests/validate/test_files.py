"""RDF files of anybody's."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import InputError
from kg.terms import KG, SH, XSD
from kg.validate import ShapesGraph, load_shapes, validate_file
from kg.validate.files import units
from tests.validate.case_graphs import BASE, good, lines, triples

FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}


@pytest.fixture(scope="module")
def shapes() -> ShapesGraph:
    return load_shapes()


def quads(facts: frozenset[str], graph: str | None = None) -> list[ox.Quad]:
    name = ox.NamedNode(f"{BASE}graph/{graph}") if graph else ox.DefaultGraph()
    parsed = ox.parse(lines(facts), format=ox.RdfFormat.N_TRIPLES)
    return [ox.Quad(quad.subject, quad.predicate, quad.object, name) for quad in parsed]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_syntax_is_read(tmp_path: Path, suffix: str, shapes: ShapesGraph) -> None:
    for name, facts, conforms in (("good", good(), True), ("bad", good() | triples("<run/k> kg:steps 0 ."), False)):
        file = tmp_path / f"{name}.{suffix}"
        data = quads(facts)
        ox.serialize(
            data if suffix in {"nq", "trig", "jsonld"} else (quad.triple for quad in data), str(file), format=FORMATS[suffix]
        )
        validation = validate_file(file, shapes)
        assert validation.conforms is conforms
        assert [(finding.code, finding.report, finding.labels) for finding in validation.findings] == (
            [] if conforms else [("KG106", str(file), ())]
        )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ttl", b"<a:b> <a:c>\n<a:d> <a:e> .", r"a\.ttl:2:\d+: the file is no Turtle: .*\n  hint: mend this line"),
        ("a.nq", b"no quads", r"a\.nq:1:\d+: the file is no N-Quads"),
        ("a.rdf", b"<rdf:RDF", r"a\.rdf.*: the file is no RDF/XML"),
        ("a.jsonld", b"{", r"a\.jsonld.*: the file is no JSON-LD"),
        ("a.ttl", b'<a:b> <a:c> "\xff" .', r"a\.ttl.*: the file is no Turtle"),
        ("a.jsonld", b'{"@context": "https://example.invalid/c.jsonld", "a": "b"}', r"a\.jsonld.*: the file is no JSON-LD"),
        ("a.csv", b"a,b", r"a\.csv: not RDF by its name\n  hint: name it \.ttl"),
        ("a", b"", r"a: not RDF by its name"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes, message: str, shapes: ShapesGraph) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        validate_file(tmp_path / name, shapes)


def test_a_file_that_is_not_there(tmp_path: Path, shapes: ShapesGraph) -> None:
    with pytest.raises(InputError, match=r"absent\.ttl: the file cannot be read: No such file"):
        validate_file(tmp_path / "absent.ttl", shapes)


def test_an_empty_file_conforms(tmp_path: Path, shapes: ShapesGraph) -> None:
    (tmp_path / "a.ttl").write_text("")
    assert units(tmp_path / "a.ttl") == {}
    assert validate_file(tmp_path / "a.ttl", shapes).conforms


def build(file: Path, *reports: str, default: bool) -> Path:
    """Write report graphs as a build does: facts again in the default graph, claims in the report's graph alone."""
    facts = frozenset(fact for fact in good() if not fact.startswith(f"<{BASE}claim/"))
    claims = good() - facts
    data = []
    for number, report in enumerate(reports):
        own = facts | triples(f"<model/k> kg:parameterCount {number + 1}000000000 .")
        text = triples(f'<report/{number}> kg:text "all words" .')
        data += quads(own | claims | text, f"report/{report}") + (quads(own) if default else [])
    data += quads(triples("<accelerator/x> a kg:Accelerator ; kg:memory 'much' ."), "catalog")
    ox.serialize(data, str(file), format=ox.RdfFormat.N_QUADS)
    return file


def test_reports_of_a_build_are_checked_on_their_own(tmp_path: Path, shapes: ShapesGraph) -> None:
    file = build(tmp_path / "graph.nq", "a", "b%20c", default=True)
    assert list(units(file)) == ["", "a", "b c"]
    validation = validate_file(file, shapes)
    assert [finding.code for finding in validation.findings] == ["KG101"]  # the catalogue's; the two counts are no contradiction
    assert b"report/b%20c" not in validation.report


def test_a_default_graph_of_its_own_is_checked_too(tmp_path: Path, shapes: ShapesGraph) -> None:
    file = build(tmp_path / "graph.nq", "a", default=False)
    with file.open("a") as more:
        more.write(
            f'<{BASE}model/z> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{KG}Model> .\n<{BASE}model/z> <{KG}name> "" .\n'
        )
    assert sorted(finding.code for finding in validate_file(file, shapes).findings) == ["KG101", "KG105", "KG105", "KG109"]


def test_claims_without_facts_or_a_default_graph(tmp_path: Path, shapes: ShapesGraph) -> None:
    file = tmp_path / "graph.nq"
    claims = triples("<claim/a/1> a kg:Claim .")
    ox.serialize(quads(claims, "report/a"), str(file), format=ox.RdfFormat.N_QUADS)
    assert units(file) == {"a": tuple(claims)}
    assert not any(finding.report != str(file) for finding in validate_file(file, shapes).findings)


def test_blank_nodes_get_stable_names(tmp_path: Path, shapes: ShapesGraph) -> None:
    (tmp_path / "a.ttl").write_text(f"[] a <{KG}TrainingRun> ; <{KG}steps> 0 .\n[] a <{KG}TrainingRun> ; <{KG}steps> -1 .\n")
    (tmp_path / "b.ttl").write_text(f"_:x a <{KG}TrainingRun> ; <{KG}steps> -1 .\n_:y a <{KG}TrainingRun> ; <{KG}steps> 0 .\n")
    first, second = (validate_file(tmp_path / name, shapes) for name in ("a.ttl", "b.ttl"))
    assert first.report == second.report
    assert [finding.message for finding in first.findings] == [finding.message for finding in second.findings]
    assert {finding.subject for finding in first.findings} == {"_:c14n0", "_:c14n1"}


def test_blank_nodes_of_data_and_shapes_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(f"<x:n> a <{KG}Model> ; <x:p> [ <x:q> 1 ] .")
    shape = tmp_path / "s.ttl"
    shape.write_text(
        f"@prefix sh: <{SH}> . <x:S> a sh:NodeShape ; sh:targetClass <{KG}Model> ; "
        "sh:property [ sh:path [ sh:oneOrMorePath <x:p> ] ; sh:nodeKind sh:IRI ] ."
    )
    report = validate_file(tmp_path / "a.ttl", load_shapes([shape], alone=True)).report
    rows = list(ox.parse(report, format=ox.RdfFormat.TURTLE))
    (value,) = [row.object for row in rows if row.predicate.value == f"{SH}value"]
    (path,) = [row.object for row in rows if row.predicate.value == f"{SH}resultPath"]
    assert isinstance(value, ox.BlankNode) and isinstance(path, ox.BlankNode) and value != path
    assert [row.predicate.value for row in rows if row.subject == path] == [f"{SH}oneOrMorePath"]


def test_a_blank_node_that_is_only_an_object_has_a_stable_name_too(tmp_path: Path, shapes: ShapesGraph) -> None:
    (tmp_path / "a.ttl").write_text(f"<x:r> a <{KG}TrainingRun> ; <{KG}steps> [] .")
    assert validate_file(tmp_path / "a.ttl", shapes).report == validate_file(tmp_path / "a.ttl", shapes).report


LITERALS = st.builds(
    lambda text, kind: str(ox.Literal(text, datatype=ox.NamedNode(XSD + kind))),
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(["0", "-1", "1e400", "NaN", "INF", "P3W", "P", "2023-13-40", "--5", ""]),
    st.sampled_from(
        ["integer", "decimal", "double", "boolean", "date", "gYear", "duration", "string", "dateTime", "hexBinary", "unknown"]
    ),
)


@pytest.mark.parametrize(
    ("warmup", "steps"), [('""^^xsd:integer', "5"), ("5", '"x"^^xsd:integer'), ("5", '"2023-01-01"^^xsd:date'), ("'ten'@en", "5")]
)
def test_values_that_cannot_be_compared_break_the_comparison(tmp_path: Path, warmup: str, steps: str, shapes: ShapesGraph) -> None:
    file = tmp_path / "a.nt"
    file.write_text(lines(good() | triples(f"<run/k> kg:warmupSteps {warmup} ; kg:steps {steps} .")), "utf-8")
    validation = validate_file(file, shapes)
    assert b"shapes#warmupSteps-above-steps" in validation.report
    assert [finding.code for finding in validation.findings] == ["KG101"]  # which explains why


@given(
    st.lists(
        st.tuples(st.sampled_from(["steps", "warmupSteps", "duration", "peakLearningRate", "trainingCompute"]), LITERALS),
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_literal_is_judged(tmp_path: Path, values: list[tuple[str, str]]) -> None:
    shapes = load_shapes()
    extra = frozenset(f"<{BASE}run/k> <{KG}{relation}> {literal}" for relation, literal in values)
    (tmp_path / "any.nt").write_text(lines(good() | extra), "utf-8")
    validation = validate_file(tmp_path / "any.nt", shapes)
    assert validation.conforms == (not validation.findings)
    assert validation.report == validate_file(tmp_path / "any.nt", shapes).report
