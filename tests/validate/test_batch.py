"""A batch of reports: the same whatever stands beside a report, whichever engine looks first, and however often it is asked."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from kg.terms import KG, RDFS
from kg.validate import ShapesGraph, Validation, by_reference, check_batch, disagreement, entry, load_shapes, validate
from kg.validate import batch as of_batches
from kg.validate.batch import Entry, sampled
from kg.validate.check import by_pyshacl
from kg.validate.fewer import fewer
from kg.validate.screen import focus_nodes, with_fault
from kg.validate.shapes import load_shapes as loaded
from kg.validate.together import Unit
from tests.validate.case_graphs import BASE, Report, cases, good, lines, triples
from tests.validate.test_rules import broken_core

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shapes() -> ShapesGraph:
    return load_shapes(engine="pyrudof")


def of(name: str, facts: frozenset[str]) -> Entry:
    return entry(name, Report(facts))


def violations() -> list[Entry]:
    """Return a report for every kind of violation that kg's shapes know, and some without any."""
    found = [of(f"r{number:03}", frozenset(case.facts())) for number, case in enumerate(cases())]
    found += [of(f"core{number}", triples(broken)) for number, broken in enumerate(dict(broken_core()).values())]
    return [*found, *(of(f"good{number}", good()) for number in range(20))]


def test_every_kind_of_violation_gives_the_same_with_both_engines(shapes: ShapesGraph) -> None:
    entries = violations()
    ours, theirs = check_batch(entries, by_reference(shapes)), check_batch(entries, shapes)
    assert theirs == ours and ours.missed == () and len(ours.findings) > 80


def test_the_size_of_a_batch_changes_nothing(shapes: ShapesGraph) -> None:
    entries = violations()[::3]
    whole = check_batch(entries, shapes)
    parts = [check_batch(entries[start : start + 7], shapes) for start in range(0, len(entries), 7)]
    assert sorted(result for part in parts for result in part.results) == list(whole.results)
    assert [finding for part in parts for finding in part.findings] == list(whole.findings)


def test_what_a_batch_takes_and_gives_passes_between_processes(shapes: ShapesGraph) -> None:
    entries = violations()[:5]
    assert pickle.loads(pickle.dumps((entries, shapes, check_batch(entries, shapes)))) == (  # noqa: S301 - our own bytes
        entries,
        shapes,
        check_batch(entries, shapes),
    )


def test_nothing_is_a_batch(shapes: ShapesGraph) -> None:
    assert check_batch([], shapes) == of_batches.Checked((), ())


def alone(units: Sequence[Unit], shapes: ShapesGraph) -> list[tuple[str, str, str, str]]:
    found = [result for unit in units for result in by_pyshacl([unit], shapes)]
    return sorted((result.unit, result.focus, result.path, result.value) for result in found)


SATISFYING = [
    "<dataset/x> a kg:Dataset .",
    "kg:mine a kg:Dataset .",
    f"<dataset/x> a <class/c> . <class/c> <{RDFS}subClassOf> kg:Dataset .",
    f"kg:Own <{RDFS}subClassOf> kg:Dataset .",
    "_:b a kg:Dataset .",
    "<model/other> kg:hasRun <run/extra> .",
]
NEEDING = [
    "<run/k> kg:trainingDataset <dataset/x> .",
    "<run/k> kg:trainingDataset kg:mine .",
    "<dataset/x> a <class/c> . <run/k> kg:trainingDataset <dataset/x> .",
    "<dataset/x> a kg:Own . <run/k> kg:trainingDataset <dataset/x> .",
    "<run/k> kg:trainingDataset _:b .",
    '<run/extra> a kg:TrainingRun ; rdfs:label "extra" ; kg:partOf <run/k> .',
]


@pytest.mark.parametrize(("satisfying", "needing"), list(zip(SATISFYING, NEEDING, strict=True)))
@pytest.mark.parametrize("engine", ["pyshacl", "pyrudof"])
def test_a_neighbour_does_not_satisfy_what_a_report_lacks(engine: str, satisfying: str, needing: str) -> None:
    shapes = load_shapes(engine="pyrudof" if engine == "pyrudof" else "pyshacl")
    planted, lacking = good() | triples(satisfying), good() | triples(needing)
    entries = [of("a", planted), of("b", lacking), of("c", planted), of("d", good())]
    checked = check_batch(entries, shapes)
    assert {result.unit for result in checked.results} >= {"b"} and checked.missed == ()
    found = [(result.unit, result.focus, result.path, result.value) for result in checked.results]
    assert found == alone([(name, facts) for name, facts, _ in entries], by_reference(shapes))
    both = [of("x", planted | lacking)]
    reasons = {(result.focus, result.path, result.value) for result in checked.results if result.unit == "b"}
    assert reasons - {(result.focus, result.path, result.value) for result in check_batch(both, shapes).results}


@pytest.mark.parametrize("engine", ["pyshacl", "pyrudof"])
@pytest.mark.parametrize(
    "planted",
    [
        "<run/k> kg:steps 7 .",
        "<run/k> kg:warmupSteps 900 ; kg:steps 1000 .",
        "<run/k> a kg:HardwareConfig .",
        "<model/other> kg:hasRun <run/k> .",
        f"kg:Dataset <{RDFS}subClassOf> kg:Model .",
    ],
)
def test_a_neighbour_does_not_violate_for_another(engine: str, planted: str) -> None:
    shapes = load_shapes(engine="pyrudof" if engine == "pyrudof" else "pyshacl")
    sound = good() | triples("<run/k> kg:steps 900 .")
    entries = [of("a", good() | triples(planted)), of("b", sound), of("c", good() | triples(planted)), of("d", sound)]
    assert not {"b", "d"} & {result.unit for result in check_batch(entries, shapes).results}
    assert check_batch([of("x", sound | triples(planted))], shapes).results or "subClassOf" in planted


def test_one_in_two_hundred_reports_without_fault_is_checked_again(shapes: ShapesGraph) -> None:
    number = sum(sampled(f"reports/{number:05}.txt") for number in range(40_000))
    assert 150 < number < 250
    assert sampled("\ud800") in {True, False}


def test_what_only_pyshacl_finds_is_missed_and_all_is_checked_again(shapes: ShapesGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyrudof has no such fault that the lint does not know, so its answer is taken away."""
    monkeypatch.setattr(of_batches, "with_fault", lambda units, shapes: frozenset())
    bad = good() | triples("<run/k> kg:steps 0 .")
    names = [f"r{number}" for number in range(200)]
    checked = check_batch([of(name, bad) for name in names], shapes)
    assert list(checked.missed) == sorted(name for name in names if sampled(name)) != []
    again = validate([(name, Report(bad)) for name in names], shapes)
    assert again.missed == checked.missed
    assert {finding.report for finding in again.findings} == set(names)
    expected = validate([(name, Report(bad)) for name in names], by_reference(shapes))
    assert Validation(again.findings, again.conforms, again.report) == expected


@pytest.mark.parametrize(
    ("missed", "said"),
    [
        (["b"], "warning: pyshacl finds fault in b where pyrudof finds none: all reports are checked by pyshacl alone; "),
        (["c", "a", "b"], "warning: pyshacl finds fault in a and in 2 others where pyrudof finds none: "),
    ],
)
def test_disagreement_is_said(missed: list[str], said: str) -> None:
    assert disagreement(missed).startswith(said)


def test_fewer_shapes_find_fault_in_at_least_the_same_nodes(shapes: ShapesGraph) -> None:
    """Each violation alone, so that none hides behind another."""
    less = ShapesGraph(fewer(shapes.triples), False, "pyrudof")
    assert less.triples.count("#path>") < 0.7 * shapes.triples.count("#path>")
    units = [(name, facts) for name, facts, _ in violations()]
    faulty = {(result.unit, result.focus) for result in by_pyshacl(units, shapes)}
    seen = {(name, focus) for name, facts in units for focus in focus_nodes(lines(facts), less) or ()}
    assert len(faulty) > 80 and faulty <= seen


@pytest.mark.parametrize(
    "kept",
    [
        "my:S sh:targetClass kg:Model ; sh:nodeKind sh:IRI .",
        "my:S sh:targetClass kg:Model ; sh:property my:P . my:P sh:path kg:name ; sh:deactivated true .",
        "my:P sh:path kg:name ; sh:targetClass kg:Model ; sh:minCount 1 .",
    ],
)
def test_shapes_of_another_form_stay_as_they_are(kept: str) -> None:
    text = lines(triples(f"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix my: <http://example.org/> . {kept}"))
    assert sorted(fewer(text).splitlines()) == sorted(text.splitlines())


def test_what_says_one_thing_twice_is_said_by_two_shapes() -> None:
    text = lines(
        triples(
            """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix my: <http://example.org/> .
               my:S sh:targetClass kg:Model ; sh:property my:P . my:P sh:path kg:extends ; sh:class kg:Model, kg:Report ."""
        )
    )
    assert fewer(text).count(f"class> <{KG}Model>") == fewer(text).count(f"class> <{KG}Report>") == 1
    assert fewer(text).count("#path>") == 2


def test_auto_is_pyrudof_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(engine="auto").engine == "pyrudof"
    monkeypatch.setattr("kg.validate.screen.find_spec", lambda name: None)
    assert loaded(engine="auto").engine == "pyshacl"


def test_where_most_reports_have_faults_pyshacl_looks_at_once(shapes: ShapesGraph) -> None:
    bad = tuple(sorted(good() | triples("<run/k> kg:steps 0 .")))
    most = [(f"r{number}", tuple(sorted(good())) if number % 3 == 0 else bad) for number in range(60)]
    few = [(f"r{number}", bad if number % 3 == 0 else tuple(sorted(good()))) for number in range(60)]
    assert with_fault(most, shapes) == {*range(25, 60), *(number for number in range(25) if number % 3)}
    assert with_fault(few, shapes) == set(range(0, 60, 3))


FORKED = """
import multiprocessing
from kg.validate import check_batch, entry, load_shapes
from tests.validate.case_graphs import Report, good, triples
shapes = load_shapes(engine="pyrudof")
entries = [entry("a", Report(good())), entry("b", Report(good() | triples("<run/k> kg:steps 0 .")))]
before = check_batch(entries, shapes)
def again(): assert check_batch(entries, shapes) == before
process = multiprocessing.get_context("fork").Process(target=again)
process.start()
process.join(60)
print(process.exitcode)
process.kill()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_a_process_forked_after_a_validation_does_not_wait_for_ever() -> None:
    """pyrudof works in threads, of which a forked process has none."""
    ran = subprocess.run([sys.executable, "-c", FORKED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout == "0\n", ran.stderr


def test_the_nodes_of_a_batch_are_those_of_the_reports(shapes: ShapesGraph) -> None:
    marked = good() | triples("<run/k~report-1> a kg:TrainingRun ; kg:steps 0 .")
    units: list[Unit] = [("a", tuple(sorted(good()))), ("b", tuple(sorted(marked))), ("c", tuple(sorted(good())))]
    assert with_fault(units, shapes) == {1}
    assert {(result.unit, result.focus) for result in by_pyshacl(units, shapes)} == {("b", f"<{BASE}run/k~report-1>")}
