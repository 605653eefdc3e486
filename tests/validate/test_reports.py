"""Reports of a build: what is found, where it stands, and that nothing but the report itself decides."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pyoxigraph as ox
import pytest

from kg.graph import ReportGraph, report_graph
from kg.model import Claim, Document, Finding, Label
from kg.resolve import names_of, resolve
from kg.schema import Schema
from kg.terms import KG, SH, XSD
from kg.validate import ShapesGraph, Validation, load_shapes, validate
from kg.validate.check import Result, check
from kg.validate.findings import findings
from tests.validate.case_graphs import BASE, Report, cases, good, triples

ROOT = Path(__file__).parents[2]
TEXT = "Kestrel-7B used AdamW (Adam for the adapter), warmup of 2,000 in 500 steps, 0 GPUs, AdamW again, CC3M and zigzag."


@pytest.fixture(scope="module")
def shapes() -> ShapesGraph:
    return load_shapes()


def claim(relation: str, value: str, words: str, stage: str | None = None, report: str = "a.txt") -> Claim:
    start = TEXT.index(words)
    return Claim(report, "Kestrel-7B", relation, value, start, start + len(words), words, stage=stage)


def graph(schema: Schema, *claims: Claim) -> tuple[str, ReportGraph]:
    report = claims[0].report
    names = names_of(claims, schema)
    document = Document(report, f"seeds/{report}", "text", TEXT, TEXT, "0" * 64)
    return report, report_graph(document, resolve(claims, schema, names), names, schema)


def only(validation: Validation) -> Finding:
    (finding,) = validation.findings
    return finding


def test_a_good_report_conforms(schema: Schema, shapes: ShapesGraph) -> None:
    good_one = graph(schema, claim("optimizer", "AdamW", "AdamW"), claim("trainingDataset", "CC3M", "CC3M", "pretraining"))
    validation = validate([good_one], shapes)
    assert validation.conforms and validation.findings == ()
    assert validation.report.decode().splitlines()[-2:] == [
        "<https://w3id.org/kg/validation> a sh:ValidationReport ;",
        "\tsh:conforms true .",
    ]


def test_nothing_conforms(shapes: ShapesGraph) -> None:
    assert validate([], shapes).conforms


def test_both_values_of_a_functional_relation_are_shown_where_they_stand_first(schema: Schema, shapes: ShapesGraph) -> None:
    again = Claim("a.txt", "Kestrel-7B", "optimizer", "AdamW", TEXT.index("AdamW again"), TEXT.index("AdamW again") + 5, "AdamW")
    report = graph(schema, again, claim("optimizer", "Adam", "Adam for"), claim("optimizer", "AdamW", "AdamW"))
    assert only(validate([report], shapes)) == Finding(
        "KG103",
        "warning",
        "Kestrel-7B, training: optimizer has more than one value (AdamW, Adam)",
        (Label("a.txt", 16, 21, "optimizer AdamW"), Label("a.txt", 23, 31, "optimizer Adam")),
        ("every value stays in the graph; kg does not choose",),
        "a.txt",
        "https://w3id.org/kg/run/kestrel-7b",
        "optimizer",
    )


def test_both_numbers_of_a_comparison_are_shown(schema: Schema, shapes: ShapesGraph) -> None:
    finding = only(validate([graph(schema, claim("warmupSteps", "2000", "2,000"), claim("steps", "500", "500"))], shapes))
    assert finding.code == "KG108"
    assert finding.message.endswith("the warmup steps must not be more than all steps (2000, 500)")
    assert [(TEXT[label.start : label.end], label.text) for label in finding.labels] == [
        ("2,000", "warmup steps 2000"),
        ("500", "steps 500"),
    ]


def test_only_the_number_that_is_too_small_is_shown(schema: Schema, shapes: ShapesGraph) -> None:
    several = graph(schema, claim("warmupSteps", "2000", "2,000"), claim("steps", "500", "500"), claim("steps", "9000", "steps"))
    by_code = {finding.code: finding for finding in validate([several], shapes).findings}
    assert set(by_code) == {"KG103", "KG108"}
    assert [label.text for label in by_code["KG108"].labels] == ["warmup steps 2000", "steps 500"]


def test_a_thing_without_label_is_called_after_its_owner(schema: Schema, shapes: ShapesGraph) -> None:
    finding = only(validate([graph(schema, claim("acceleratorCount", "0", "0 GPUs", "pretraining"))], shapes))
    assert finding.message == "Kestrel-7B, pretraining, hardware: the number of accelerators must be 1 or more, not 0"
    assert finding.labels == (Label("a.txt", TEXT.index("0 GPUs"), TEXT.index("0 GPUs") + 6, "accelerator count 0"),)
    assert finding.subject == "https://w3id.org/kg/hardware/kestrel-7b/pretraining"


@pytest.mark.parametrize("owner", ["", "<model/k> kg:hasRun <run/{}> ."])
def test_the_time_grows_with_the_number_of_findings_and_not_faster(shapes: ShapesGraph, owner: str) -> None:
    """Things without a label are named after their owner, which must not be looked for anew in the whole report."""

    def steps(number: int) -> int:
        """Return how many lines of Python run, which no busy machine changes."""
        count = 0

        def traced(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal count
            count += event == "line"
            return traced

        runs = "".join(f"<run/{run}> kg:steps 0 ." + owner.format(run) for run in range(number))
        facts = triples(f'<model/k> rdfs:label "K" .{runs}')
        shape, zero = "<https://w3id.org/kg/shapes#steps-possible>", f'"0"^^<{XSD}integer>'
        results = [
            Result("a", f"<{BASE}run/{run}>", f"<{KG}steps>", zero, shape, "", f"<{SH}Violation>", ('"no"',))
            for run in range(number)
        ]
        before = sys.gettrace()
        sys.settrace(traced)
        try:
            found = findings("a", results, facts, (), shapes)
        finally:
            sys.settrace(before)
        assert {finding.message.partition(":")[0] for finding in found} == {"K, has run"} if owner else len(found) == number
        return count

    steps(10)
    assert steps(200) < 8 * steps(50)  # 4 when linear, 16 when quadratic


def test_of_several_owners_the_first_with_a_label_gives_the_name(shapes: ShapesGraph) -> None:
    owned = triples(
        """<model/a> kg:hasRun <run/x> . <model/b> kg:related <run/x> ; kg:hasRun <run/x> ; rdfs:label "B" .
           <model/c> kg:hasRun <run/x> ; rdfs:label "C" . <run/x> a kg:TrainingRun ; kg:steps 0 ."""
    )
    messages = [finding.message for finding in validate([("a", Report(owned))], shapes).findings if finding.relation == "steps"]
    assert messages == ["B, has run: the number of steps must be 1 or more, not 0"]


def test_a_value_that_is_no_number_is_not_also_too_small(schema: Schema, shapes: ShapesGraph) -> None:
    finding = only(validate([graph(schema, claim("steps", "zigzag", "zigzag"), claim("warmupSteps", "2000", "2,000"))], shapes))
    assert (finding.code, finding.relation) == ("KG101", "steps")
    assert finding.message.endswith("steps must be an xsd:integer, not 'zigzag' (xsd:string)")


def test_a_value_of_another_language_or_an_iri_is_named_as_what_it_is(shapes: ShapesGraph) -> None:
    for value, said in (('"sieben"@de', "'sieben' (@de)"), ("<dataset/d>", "CC3M (no literal)")):
        facts = good() | triples(f"<model/k> kg:parameterCount {value} .")
        assert only(validate([("a", Report(facts))], shapes)).message.endswith(f"an xsd:integer, not {said}")


def test_a_neighbour_neither_satisfies_nor_violates(shapes: ShapesGraph) -> None:
    typed = triples('<dataset/x> a kg:Dataset ; rdfs:label "X" . <model/k> kg:parameterCount 7000000000 .')
    untyped = triples("<run/k> kg:trainingDataset <dataset/x> . <model/k> kg:parameterCount 13000000000 .")
    reports = [("a", Report(good() | typed)), ("b", Report(good() | untyped))]
    assert [(finding.report, finding.code) for finding in validate(reports, shapes).findings] == [("b", "KG102")]


def test_reports_checked_together_are_as_if_alone(shapes: ShapesGraph) -> None:
    units = [(f"r{number}", case.facts()) for number, case in enumerate(cases()) if number % 3 == 0]
    assert check(units, shapes) == sorted(result for unit in units for result in check([unit], shapes))


@pytest.mark.parametrize(("jobs", "number_of_reports"), [(1, 70), (2, 70), (2, 300)])
def test_order_and_processes_change_nothing(shapes: ShapesGraph, jobs: int, number_of_reports: int) -> None:
    few = [Report(frozenset(case.facts())) for case in cases()[::4]]
    reports = [(f"r{number:03}", few[number % len(few)]) for number in range(number_of_reports)]
    expected = validate(reports, shapes)
    random.Random(7).shuffle(reports)
    assert validate(iter(reports), shapes, jobs=jobs) == expected
    assert list(expected.findings) == sorted(expected.findings, key=Finding.sort_key)


def test_hashing_changes_nothing() -> None:
    program = (
        "from kg.validate import load_shapes, validate\n"
        "from tests.validate.case_graphs import Report, cases\n"
        "v = validate([(f'r{n}', Report(frozenset(c.facts()))) for n, c in enumerate(cases())], load_shapes())\n"
        "import hashlib; print(hashlib.sha256(v.report + repr(v.findings).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_the_report_is_standard_and_has_no_blank_node(shapes: ShapesGraph) -> None:
    reports = [(f"a b/{number}.txt", Report(frozenset(case.facts()))) for number, case in enumerate(cases())]
    validation = validate(reports, shapes, base="https://example.org/")
    quads = list(ox.parse(validation.report, format=ox.RdfFormat.TURTLE))
    assert not any(isinstance(term, ox.BlankNode) for quad in quads for term in (quad.subject, quad.object))
    store = ox.Store()
    store.extend(quads)
    query = f"""PREFIX sh: <{SH}> PREFIX kg: <{KG}> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?result WHERE {{ <https://example.org/validation> a sh:ValidationReport ; sh:conforms false ; sh:result ?result .
        ?result a sh:ValidationResult ; sh:focusNode ?focus ; sh:sourceShape ?shape ; sh:sourceConstraintComponent ?component ;
            sh:resultSeverity ?severity ; sh:resultMessage ?message ; sh:resultPath ?path ;
            kg:code ?code ; dcterms:source ?report }}"""
    results = {quad.object for quad in quads if quad.predicate.value == f"{SH}result"}
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    assert len(list(solutions)) == len(results) > 80
    assert "<https://example.org/report/a%20b/0.txt>" in {str(quad.object) for quad in quads}
    inverse = [quad for quad in quads if quad.predicate.value == f"{SH}inversePath"]
    assert {str(quad.subject).startswith("<https://example.org/.well-known/genid/") for quad in inverse} == {True}


def test_the_text_of_a_report_is_not_looked_at(shapes: ShapesGraph) -> None:
    evidence = ('<https://w3id.org/kg/report/a> <https://w3id.org/kg/ontology#text> "never parsed',)
    finding = only(validate([("a", Report(good() | triples("<run/k> kg:steps 0 ."), evidence))], shapes))
    assert finding.labels == ()
