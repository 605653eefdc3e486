"""Every code that is reported has a page, every page belongs to a code that is reported, and both agree on its severity."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.codes import Code, code, codes, page, read, selection
from kg.errors import UnknownName
from kg.ingest import read_text
from kg.model import Finding, Severity
from kg.render import ReportSource, render
from kg.render._text import LEVELS
from kg.schema import shapes_dir
from kg.terms import KG, SH
from kg.validate.findings import OTHER_CODE

CODE = re.compile(r"KG\d{3}")
SOURCES = sorted(Path(kg.__file__).parent.rglob("*.py"))
SEVERITIES = {"Violation": "violation", "Warning": "warning", "Info": "info"}


def constants() -> Iterator[str]:
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value


def calls() -> Iterator[tuple[str, str]]:
    """Yield (code, severity) of each call that is given both, such as `Finding("KG420", "warning", ...)`."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                words = [item.value for item in given if isinstance(item, ast.Constant) and isinstance(item.value, str)]
                for first, second in pairwise(words):
                    if CODE.fullmatch(first) and second in LEVELS:
                        yield first, second


def shapes() -> dict[str, set[str]]:
    """Return the severities under which the shapes report each code."""
    triples = [quad for file in shapes_dir().glob("*.ttl") for quad in ox.parse(path=file)]
    severity = {quad.subject: quad.object.value for quad in triples if quad.predicate.value == f"{SH}severity"}
    found: dict[str, set[str]] = {}
    for quad in triples:
        if quad.predicate.value == f"{KG}code":
            found.setdefault(quad.object.value, set()).add(SEVERITIES[severity[quad.subject].removeprefix(SH)])
    return found


def test_codes_and_pages_are_the_same() -> None:
    assert {*constants(), *shapes()} == {known.code for known in codes()}
    assert OTHER_CODE in {known.code for known in codes()}


def test_severities_agree() -> None:
    pages = {known.code: known.severity for known in codes()}
    assert shapes() == {name: {pages[name]} for name in shapes()}
    reported = set(calls())
    assert {name for name, _ in reported} >= {"KG401", "KG405"}
    assert reported == {(name, pages[name]) for name, _ in reported}


@pytest.mark.parametrize("known", codes(), ids=lambda known: known.code)
def test_a_page_says_what_it_means_shows_it_and_helps(known: Code) -> None:
    meaning, *rest = known.text.split("\n\n")
    assert not meaning.startswith(" ") and len(meaning) > 60
    assert rest[0].startswith(f"    {LEVELS[known.severity]}[{known.code}]: ")
    assert rest[-1].startswith("What to do: ") and rest[-1].endswith(".\n")
    assert known.title[0].islower() or known.title.startswith("arXiv")
    assert page(known.code) == f"# {known.code}: {known.title}\n\nSeverity: {known.severity}\n\n{known.text}"


@pytest.mark.parametrize("name", ["KG401", "KG402", "KG403", "KG404", "KG405"])
def test_examples_of_markup_are_what_kg_says(name: str) -> None:
    example = "\n".join(line[4:] for line in code(name).text.splitlines() if line.startswith("    "))
    source = next(line[4:] for line in example.splitlines() if line.startswith("1 | "))
    findings = read_text(source, "report.txt").findings
    assert render(findings, {"report.txt": ReportSource("seeds/report.txt", source)}) == example + "\n"


def test_a_code_is_found_in_any_case() -> None:
    assert code("kg103") is code("KG103")
    assert code("KG103").severity == "warning"


def test_an_unknown_code_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="no code is named 'KG499'\n  hint: did you mean KG4"):
        page("kg499")


@pytest.mark.parametrize(
    "text",
    ["", "title: x\n\nbody", "title: x\nseverity: fatal\n\nbody", "title: x\nseverity: info\nmore: y\n\nbody", "no front lines"],
)
def test_a_page_without_its_front_lines_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=re.escape("KG999: a page begins with 'title: ...' and 'severity: violation | warning | info'")
    ):
        read("KG999", text)


def test_every_severity_has_a_level() -> None:
    severities: tuple[Severity, ...] = ("violation", "warning", "info")
    assert tuple(LEVELS) == severities
    assert [render([Finding("KG101", severity, "m")], {}) for severity in severities] == [
        "error[KG101]: m\n",
        "warning[KG101]: m\n",
        "note[KG101]: m\n",
    ]


@pytest.mark.parametrize(
    ("select", "ignore", "kept"),
    [
        ([], [], "KG101 KG302 LAB7"),
        (["KG3"], [], "KG302"),
        (["kg3xx", "KG101"], [], "KG101 KG302"),
        ([], ["KG"], "LAB7"),
        (["KG302"], ["KG3"], "KG302"),
        (["KG3"], ["KG302"], ""),
        (["KG3"], ["KG3"], ""),
        (["lab7"], [], "LAB7"),
    ],
)
def test_a_selection_keeps_what_its_longest_beginning_says(select: list[str], ignore: list[str], kept: str) -> None:
    chosen = selection(select, ignore, lambda: ["LAB7"])
    assert " ".join(name for name in ("KG101", "KG302", "LAB7") if chosen.keeps(name)) == kept
    assert chosen.everything == (not select and not ignore)


@pytest.mark.parametrize("name", ["KG9", "", "X", "KG101x1", "LAB8"])
def test_a_beginning_of_no_code_is_refused(name: str) -> None:
    with pytest.raises(UnknownName, match=f"no code is named '{name}'\n  hint: "):
        selection([name], [], lambda: ["LAB7"])
    with pytest.raises(UnknownName, match=f"no code is named '{name}'\n  hint: "):
        selection([], [name], lambda: ["LAB7"])
