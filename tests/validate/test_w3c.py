"""The W3C SHACL test suite through `kg validate`, each test with its own shapes alone: reports are compared as graphs."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.checks import Checked, check_file
from kg.config import Config
from kg.errors import ConfigError
from kg.terms import SH
from tests.command import kg
from tests.lacking import lacking
from tests.validate.w3c import FOLDER, Case, Rows, cases, comparable, messages_of, read

NUMBER = 120  # tests that the manifests list

EXPECTED_FAILURES = {
    "sparql/pre-binding/shapesGraph-001": "the variable $shapesGraph, which the standard leaves to the processor (section 5.3.2), "
    "is refused by pyshacl",
}


def suite() -> list[Case]:
    return [case for part in ("core", "sparql") if FOLDER.is_dir() for case in cases(FOLDER / part / "manifest.ttl")]


SUITE = suite()


def params() -> list[object]:
    return [
        pytest.param(
            case,
            id=case.name,
            marks=pytest.mark.xfail(reason=EXPECTED_FAILURES[case.name], raises=ConfigError)
            if case.name in EXPECTED_FAILURES
            else (),
        )
        for case in SUITE
    ]


def test_every_test_of_the_suite_is_run() -> None:
    if not SUITE:
        lacking(f"the W3C SHACL test suite is not at {FOLDER}: set KG_SHARED to the folder above")
    names = [case.name for case in SUITE]
    assert len(names) == len(set(names)) == NUMBER
    assert set(EXPECTED_FAILURES) <= set(names)


def checked(case: Case) -> Checked:
    return check_file(case.data, Config(shapes=(case.shapes,)), alone=True)


def differences(case: Case, report: bytes) -> set[str]:
    """Return what a report says otherwise than is expected."""
    expected, found = read(case.manifest), Rows(ox.parse(report, format=ox.RdfFormat.TURTLE))
    head, messages = found.node_of(f"<{SH}ValidationReport>"), messages_of(expected, case.report)
    return comparable(expected, case.report, messages) ^ comparable(found, head, messages)


@pytest.mark.parametrize("case", params())
def test_a_test_of_the_suite(case: Case) -> None:
    if case.report is None:
        with pytest.raises(ConfigError, match=r"a shape cannot be used: (?s:.+)\n  hint: "):
            checked(case)
        return
    found = checked(case)
    assert differences(case, found.report()) == set()
    assert bool(found.findings) == (b"sh:conforms false" in found.report())


BY_COMMAND = {  # one that conforms, violations, paths that are blank nodes, a failure
    "core/node/minInclusive-003": 1,
    "core/complex/shacl-shacl": 0,
    "core/path/path-complex-002": 1,
    "core/property/uniqueLang-002": 0,
    "sparql/node/prefixes-001": 1,
    "sparql/pre-binding/unsupported-sparql-001": 2,
}


@pytest.mark.parametrize(("name", "code"), BY_COMMAND.items())
def test_a_test_of_the_suite_by_the_command(name: str, code: int, tmp_path: Path) -> None:
    case = next((case for case in SUITE if case.name == name), None)
    if case is None:
        lacking(f"the W3C SHACL test suite is not at {FOLDER}: set KG_SHARED to the folder above")
    ran = kg(
        "validate", case.data, "--shapes", case.shapes, "--only-shapes", "--engine", "pyshacl", "--format", "shacl", cwd=tmp_path
    )
    assert ran.returncode == code, ran.stderr
    assert code == 2 or differences(case, ran.stdout.encode()) == set()
    assert "Traceback" not in ran.stderr and bool(ran.stderr) == (code == 2)


def test_a_wrong_report_is_told_from_the_right_one() -> None:
    """The comparison itself can fail: on a value, on a path, on a result too many, on a message that is expected."""
    case = next((case for case in SUITE if case.name == "core/path/path-complex-001"), None)
    if case is None:
        lacking(f"the W3C SHACL test suite is not at {FOLDER}: set KG_SHARED to the folder above")
    report = checked(case).report().decode()
    for old, new in (
        ("InvalidResource1", "InvalidResource3"),
        ("sh:zeroOrMorePath", "sh:oneOrMorePath"),
        ("conforms false", "conforms true"),
    ):
        assert old in report
        assert differences(case, report.replace(old, new).encode())
