"""`kg diff` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.diff import write
from tests.command import kg
from tests.diff.small import KESTREL, MERLIN, Builds, build, write_reports


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two builds in kg-out, and reports that differ from both."""
    folder = tmp_path_factory.mktemp("place")
    reports = write_reports(folder / "reports", {"a.txt": KESTREL, "b.txt": MERLIN})
    build(reports, folder / "kg-out")
    write_reports(reports, {"a.txt": KESTREL.replace("7 billion", "8 billion")})
    build(reports, folder / "kg-out")
    write_reports(reports, {"a.txt": KESTREL.replace("7 billion", "9 billion")})
    return folder


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ([], "7000000000 → 8000000000"),
        (["-b", "kg-out"], "7000000000 → 8000000000"),
        (["reports"], "9000000000 → 8000000000"),
        (["kg-out", "reports/"], "8000000000 → 9000000000"),
        (["kg-out/.previous", "kg-out"], "7000000000 → 8000000000"),
        (["kg-out", "reports/a.txt"], "8000000000 → 9000000000"),
    ],
    ids=str,
)
def test_what_is_compared(place: Path, arguments: list[str], values: str) -> None:
    ran = kg("diff", *arguments, cwd=place)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"~ Kestrel-7B: parameterCount {values}\n" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--exit-code"], 1),
        (["kg-out", "kg-out", "--exit-code"], 0),
        (["--exit-code", "--json"], 1),
        (["kg-out", "kg-out", "--exit-code", "--json"], 0),
        (["--exit-code", "--format", "rdf-patch"], 1),
        (["kg-out", "kg-out", "--exit-code", "--format", "rdf-patch"], 0),
    ],
    ids=str,
)
def test_the_exit_code_tells_when_it_is_asked_to(place: Path, arguments: list[str], code: int) -> None:
    assert kg("diff", *arguments, cwd=place).returncode == code


def test_json_is_one_document(place: Path) -> None:
    found = json.loads(kg("diff", "--json", cwd=place).stdout)
    assert (found["before"]["name"], found["after"]["name"]) == ("kg-out, the build before", "kg-out")
    assert [fact["relation"] for fact in found["facts"]] == ["parameterCount"]


def test_words_that_moved_are_a_patch_and_no_difference(tmp_path: Path) -> None:
    write_reports(tmp_path / "one", {"a.txt": KESTREL})
    write_reports(tmp_path / "two", {"a.txt": "This page was edited.\n\n" + KESTREL})
    assert kg("diff", "one", "two", "--exit-code", cwd=tmp_path).returncode == 0
    patch = kg("diff", "one", "two", "--exit-code", "--format", "rdf-patch", cwd=tmp_path)
    assert patch.returncode == 1
    assert '#text> "This page was edited.' in patch.stdout


def test_the_settings_that_hold_here_are_used(place: Path, tmp_path: Path) -> None:
    write_reports(tmp_path, {"kg.toml": 'exclude = ["b.txt"]\nbase-iri = "https://example.org/kg/"\n'})
    found = json.loads(kg("diff", place / "kg-out", place / "reports", "--json", cwd=tmp_path).stdout)
    assert found["after"]["base"] == "https://example.org/kg/"
    assert [report["before"] for report in found["reports"]] == ["b.txt"]
    assert [model["before"]["label"] for model in found["models"]] == ["Merlin-3B"]


def test_signs_say_what_colours_say(tmp_path: Path) -> None:
    difference = Builds(tmp_path).difference({"a.txt": KESTREL}, {"b.txt": MERLIN})
    plain, colored = (b"".join(write(difference, "text", color=color)) for color in (False, True))
    assert b"\x1b" not in plain
    assert b"\x1b[1;32m+\x1b[0m b.txt\n" in colored
    assert b"\x1b[1;31m-\x1b[0m a.txt\n" in colored
