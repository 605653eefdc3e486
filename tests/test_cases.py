"""Sentences by somebody other than the rules' author: what is read from each, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.model import Claim
from kg.schema import load_schema
from tests.case_files import KNOWN_FAILURES, Case, cases, known_failures, parse, read
from tests.cases_report import main, table

CASES = tuple(cases())
KNOWN = known_failures()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}:{case.line}")
def test_case(case: Case) -> None:
    problems = case.problems(read(case.sentence))
    if case.key in KNOWN:
        assert problems, f"passes now; take it out of {KNOWN_FAILURES.name}: {case.key}"
    else:
        assert not problems, case.sentence


def test_known_failures_are_cases() -> None:
    assert not KNOWN - {case.key for case in CASES}


def test_no_case_stands_twice() -> None:
    keys = [case.key for case in CASES]
    assert len(keys) == len(set(keys))


def test_every_relation_of_reports_has_its_file() -> None:
    reported = {relation.name for relation in load_schema().relations.values() if relation.origin == "report"}
    assert {case.file for case in CASES} == reported


@pytest.mark.parametrize("relation", sorted({case.file for case in CASES}))
def test_every_file_has_values_and_traps_of_its_own_relation(relation: str) -> None:
    own = [case for case in CASES if case.file == relation]
    assert sum(not case.trap for case in own) >= 8
    assert sum(case.trap for case in own) >= 4
    assert all(relation in {part.relation for part in case.expected} | set(case.absent) for case in own)


def test_every_stage_and_relation_exists() -> None:
    schema = load_schema()
    named = {part.relation for case in CASES for part in case.expected} | {name for case in CASES for name in case.absent}
    assert named <= set(schema.relations)
    assert {part.stage for case in CASES for part in case.expected if part.stage} <= set(schema.stages)


def claim(relation: str, value: str, stage: str | None = None, mention: str | None = None) -> Claim:
    return Claim("case.txt", "Ibis", relation, value, 0, 1, mention or value, stage)


@pytest.mark.parametrize(
    ("line", "claims", "problems"),
    [
        ("x => steps=500000", [claim("steps", "500000")], []),
        ("x => steps=500000", [claim("epochs", "500000")], ["missed steps=500000"]),
        ("x => steps=5", [claim("steps", "5"), claim("steps", "6")], ["wrong steps=6 ('6')"]),
        (
            "x => steps=5@pretraining",
            [claim("steps", "5", "alignment")],
            ["missed steps=5@pretraining", "wrong steps=5@alignment ('5')"],
        ),
        ("x => steps=5@pretraining", [claim("steps", "5", "pretraining")], []),
        ("x => (steps=5); steps=6", [claim("steps", "6")], []),
        ("x => (steps=5); steps=6", [claim("steps", "6"), claim("steps", "5")], []),
        ("x => none:steps", [claim("steps", "5")], ["wrong steps=5 ('5')"]),
        ("x => none:steps", [claim("epochs", "5")], []),
        ("x => duration=PT36H", [claim("duration", "P1DT12H")], []),
        ("x => duration=PT36H", [claim("duration", "P3W")], ["missed duration=PT36H", "wrong duration=P3W ('P3W')"]),
        ("x => peakLearningRate=1e-4", [claim("peakLearningRate", "0.0001")], []),
        ("x => license=MIT|CC0-1.0", [claim("license", "CC0-1.0")], []),
        ("x => trainingDataset=CC3M", [claim("trainingDataset", "the CC3M dataset")], []),
        ("x => imageEncoder=ViT-g/14", [claim("imageEncoder", "ViT-g/14", mention="ViT g 14")], []),
        (
            "x => imageEncoder=ViT-g/14",
            [claim("imageEncoder", "ViT-G/14", mention="ViT-g/14")],
            ["missed imageEncoder=ViT-g/14", "wrong imageEncoder=ViT-G/14 ('ViT-g/14')"],
        ),
        ("x => accelerator=NVIDIA A100 80GB", [claim("accelerator", "A100 80 GB GPUs")], []),
        (
            "x => accelerator=NVIDIA A100",
            [claim("accelerator", "NVIDIA H100")],
            ["missed accelerator=NVIDIA A100", "wrong accelerator=NVIDIA H100 ('NVIDIA H100')"],
        ),
    ],
)
def test_a_case_says_what_is_missed_and_what_is_wrong(line: str, claims: list[Claim], problems: list[str]) -> None:
    assert parse(line).problems(claims) == problems


@pytest.mark.parametrize("line", ["no arrow", "x => ", "x => steps", "x => steps=", "x => steps=5;", "x => steps=5@"])
def test_a_malformed_line_names_its_place(line: str) -> None:
    with pytest.raises(ValueError, match="steps:7: expected"):
        parse(line, "steps", 7)


def test_remarks_in_the_list_of_known_failures_are_no_cases(tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text("# why\n\nsteps: x\n", encoding="utf-8")
    assert known_failures(tmp_path / "known.txt") == {"steps: x"}


def test_the_report_counts_values_and_traps() -> None:
    results = [
        (parse("x => steps=5", "steps"), []),
        (parse("y => steps=6", "steps"), ["missed"]),
        (parse("z => none:steps", "steps"), []),
    ]
    assert table(results).splitlines()[2:] == [
        "| steps | 1 of 2 (50%) | 1 of 1 (100%) | 2 of 3 (67%) |",
        "| **all** | 1 of 2 (50%) | 1 of 1 (100%) | 2 of 3 (67%) |",
    ]


def test_the_report_runs_one_relation(capsys: pytest.CaptureFixture[str]) -> None:
    main(["duration"])
    assert capsys.readouterr().out.splitlines()[-1].startswith("| **all** | ")
    main(["--failures", "duration"])
    failing = set(capsys.readouterr().out.splitlines())
    assert failing == {key for key in KNOWN if key.startswith("duration: ")}
