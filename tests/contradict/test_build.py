"""Contradictions in real builds: told once, made anew in every build, kept beside findings of the user's shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.config import Config
from kg.contradict import told_once
from kg.model import Finding, Label
from kg.outcome import BuildResult
from kg.pipeline import build
from tests.command import SEEDS, kg
from tests.samples import claim

TAGGED = "We trained <model>Kestrel</model> on <gpu_count>128</gpu_count> NVIDIA A100 GPUs. In all, 256 GPUs were in use.\n"
ROUNDED = "<model>Kestrel</model> has <params>13 billion parameters</params>. It has 12.9 billion parameters in total.\n"
SEVERAL = "We trained <model>Kestrel</model> on 128 NVIDIA A100 GPUs. In all, 256 GPUs were in use.\n"
SHAPE = """
@prefix kg: <https://w3id.org/kg/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix lab: <https://lab.example/#> .
lab:CountShape a sh:NodeShape ; sh:targetClass kg:HardwareConfig ; sh:property lab:count .
lab:count a sh:PropertyShape ; sh:path kg:acceleratorCount ; sh:maxInclusive 100 ; sh:message "more than we own" .
"""


def quiet(what: str, done: int, of: int) -> None:
    """Say nothing of how far it is."""


def built(folder: Path, out: Path) -> BuildResult:
    return build([folder], out, config=Config(), progress=quiet, say=print, accept_shrink=True)


def codes(findings: object) -> list[str]:
    assert isinstance(findings, list | tuple)
    return sorted(finding.code for finding in findings if not finding.code.startswith("KG2"))


def several(relation: str, *places: tuple[int, int], report: str = "a.txt") -> Finding:
    labels = tuple(Label(report, *place) for place in places)
    return Finding("KG103", "warning", "several", labels, (), report, "https://w3id.org/kg/model/kestrel", relation)


@pytest.mark.parametrize(("text", "wanted"), [(TAGGED, ["KG303"]), (ROUNDED, []), (SEVERAL, ["KG103"])])
def test_several_values_are_told_once_or_not(tmp_path: Path, text: str, wanted: list[str]) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/kestrel.txt").write_text(text, encoding="utf-8")
    assert codes(built(tmp_path / "reports", tmp_path / "out").findings) == wanted
    (tmp_path / "reports/other.txt").write_text("Merlin was trained for 3 days.\n", encoding="utf-8")
    assert codes(built(tmp_path / "reports", tmp_path / "out").findings) == wanted  # nothing of kestrel.txt is checked anew


def test_nothing_is_asked_for_without_several_values() -> None:
    other = Finding("KG107", "warning", "m")
    assert told_once([other], lambda: pytest.fail("not needed")) == [other]


def test_values_whose_claims_are_not_known_stay() -> None:
    finding = several("parameterCount", (0, 5), (10, 15))
    assert told_once([finding]) == [finding]
    assert told_once([finding], lambda: [claim("parameterCount", "13", start=0, end=5)]) == [finding]


def test_names_are_no_roundings() -> None:
    finding = several("optimizer", (0, 5), (10, 15))
    claims = [claim("optimizer", "AdamW", start=0, end=5), claim("optimizer", "adamw", start=10, end=15)]
    assert told_once([finding], lambda: claims) == [finding]


def test_a_finding_goes_when_the_other_side_does(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.txt").write_text("Kestrel-7B was trained on 64 NVIDIA A100 GPUs.\n", encoding="utf-8")
    (reports / "b.txt").write_text("Kestrel-7B was trained on 128 NVIDIA A100 GPUs.\n", encoding="utf-8")
    assert codes(built(reports, tmp_path / "out").findings) == ["KG301"]
    (reports / "b.txt").write_text("Kestrel-7B was trained on 64 NVIDIA A100 GPUs.\n", encoding="utf-8")
    assert codes(built(reports, tmp_path / "out").findings) == []


def test_a_second_build_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/kestrel.txt").write_text(TAGGED, encoding="utf-8")
    first = built(tmp_path / "reports", tmp_path / "one").build.path
    (tmp_path / "reports/a.txt").write_text("Merlin was trained for 3 days.\n", encoding="utf-8")
    built(tmp_path / "reports", tmp_path / "two")
    (tmp_path / "reports/a.txt").unlink()
    again = built(tmp_path / "reports", tmp_path / "two").build.path
    assert (first / "findings.json").read_bytes() == (again / "findings.json").read_bytes()


def test_shapes_of_the_user_are_checked_beside(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/kestrel.txt").write_text(TAGGED, encoding="utf-8")
    (tmp_path / "lab.ttl").write_text(SHAPE, encoding="utf-8")
    kg("build", "reports", cwd=tmp_path)
    shown = kg("validate", "--shapes", "lab.ttl", "--format", "json", cwd=tmp_path)
    found = [finding["code"] for finding in json.loads(shown.stdout)]
    assert found.count("KG303") == 1 and found.count("KG100") == 2 and "KG103" not in found


def test_the_sizes_of_the_seeds_are_far_from_their_parts(tmp_path: Path, shared: Path) -> None:
    for folder in (SEEDS, shared / "eval/seeds"):
        found = [finding for finding in built(folder, tmp_path / "out").findings if finding.code.startswith("KG3")]
        assert [finding.code for finding in found] == ["KG309", "KG309"]
        assert [str(finding.report)[:3] for finding in found] == ["000", "001"]
        assert all(len(finding.labels) == 3 and len(finding.notes) == 4 for finding in found)
