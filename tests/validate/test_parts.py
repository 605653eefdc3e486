"""A report of a build that is written part by part has the bytes of one that is written at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest

from kg.terms import PREFIXES
from kg.turtle import turtle
from kg.validate import ShapesGraph, load_shapes
from kg.validate.check import Result, check
from kg.validate.parts import ReportFile, ReportPart, part_of_report
from kg.validate.report import of_build
from tests.validate.case_graphs import BASE, cases, triples

OWN = """
kg:Numbers a sh:NodeShape ; sh:targetClass kg:Model ;
    sh:property [ sh:path [ sh:alternativePath ( kg:license kg:organization ) ] ; sh:minCount 1 ] ;
    sh:property [ sh:path kg:parameterCount ; sh:maxInclusive 7 ; sh:message "too many"@en, "zu viele"@de ] .
"""


@pytest.fixture(scope="module")
def shapes() -> ShapesGraph:
    return load_shapes()


@pytest.fixture(scope="module")
def results(shapes: ShapesGraph) -> list[Result]:
    return check([(f"{number}.txt", case.facts()) for number, case in enumerate(cases()[:60])], shapes)


def at_once(results: Sequence[Result], shapes: ShapesGraph, base: str) -> bytes:
    quads = ox.parse(of_build(results, shapes, base), format=ox.RdfFormat.TURTLE)
    return turtle(sorted(str(quad.triple) for quad in quads), base)


def in_parts(parts: Iterable[ReportPart], base: str, folder: Path | None = None, most: int = 1) -> bytes:
    with ReportFile(base, folder, most) as file:
        for part in parts:
            file.add(part)
        return b"".join(file.chunks())


def by_report(results: Sequence[Result], shapes: ShapesGraph, base: str = BASE) -> list[ReportPart]:
    reports = sorted({result.unit for result in results})
    return [part_of_report((result for result in results if result.unit == report), shapes, base) for report in reports]


@pytest.mark.parametrize("base", [BASE, "https://example.org/k#", PREFIXES["kg"]])
@pytest.mark.parametrize("most", [1, 4_000, 1 << 20])
def test_parts_in_any_order_give_the_same_file(results: list[Result], shapes: ShapesGraph, base: str, most: int) -> None:
    parts = by_report(results, shapes, base)
    assert len(parts) > 30
    Random(7).shuffle(parts)
    assert in_parts(parts, base, most=most) == at_once(results, shapes, base)


def test_reports_in_one_part_or_in_several_are_the_same(results: list[Result], shapes: ShapesGraph) -> None:
    assert in_parts([part_of_report(results, shapes, BASE)], BASE) == in_parts(by_report(results, shapes), BASE)


def test_a_part_tells_whose_results_it_has(results: list[Result], shapes: ShapesGraph) -> None:
    part = part_of_report(results, shapes, BASE)
    assert sorted(shown.report for shown in part.results) == sorted(result.unit for result in results)
    assert all(f"<report/{shown.report}>".encode() in shown.body for shown in part.results)


def test_no_result_is_a_report_that_conforms(shapes: ShapesGraph, tmp_path: Path) -> None:
    nothing = part_of_report([], shapes, BASE)
    assert in_parts([], BASE, tmp_path) == in_parts([nothing], BASE) == at_once([], shapes, BASE)
    assert in_parts([], BASE).endswith(b"<validation> a sh:ValidationReport ;\n\tsh:conforms true .\n")


def test_two_results_of_a_kind_are_two(results: list[Result], shapes: ShapesGraph) -> None:
    twice = [results[0], *results[:3], results[0]]
    part = part_of_report(twice, shapes, BASE)
    assert len(part.results) == 5
    assert in_parts([part], BASE) == at_once(twice, shapes, BASE)


def test_shapes_without_a_name_are_described_once(tmp_path: Path) -> None:
    file = tmp_path / "own.ttl"
    file.write_text("".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + OWN)
    own = load_shapes([file], alone=True)
    facts = tuple(sorted(triples("<model/a> a kg:Model ; kg:parameterCount 8, 9 .")))
    found = check([("a.txt", facts), ("b.txt", facts)], own)
    parts = by_report(found, own)
    assert parts[0].described and parts[0].described == parts[1].described
    written = in_parts(parts, BASE)
    assert written == at_once(found, own, BASE)
    assert written.count(b"sh:alternativePath <") == 1 and b"_:" not in written
