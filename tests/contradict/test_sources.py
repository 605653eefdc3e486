"""Reports against each other, and against rows of tables (KG301)."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.config import Config
from kg.model import Finding
from kg.pipeline import build
from tests.contradict.said import found_in

HEADER = (
    "Model,Organization,Publication date,Parameters,Training compute (FLOP),Training time (hours),Training hardware,"
    "Hardware quantity,Confidence\n"
)
ROW = "Kestrel-7B,Aviary,2023-05-01,7000000000.0,1e22,240.0,NVIDIA A100,64.0,Confident\n"
SAYS = "Kestrel-7B was trained on {} NVIDIA A100 GPUs. It has {} parameters."


def quiet(what: str, done: int, of: int) -> None:
    """Say nothing of how far it is."""


def built(folder: Path, **files: str) -> list[Finding]:
    """Return the contradictions of a build of files, whose names end behind two underscores."""
    reports = folder / "reports"
    reports.mkdir()
    for name, text in files.items():
        (reports / name.replace("__", ".")).write_text(text, encoding="utf-8")
    result = build([reports], folder / "out", config=Config(), progress=quiet, say=print)
    return [finding for finding in result.findings if finding.code.startswith("KG3")]


def codes_and_relations(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.relation) for finding in findings]


def test_one_report_has_no_other() -> None:
    assert found_in({"a.txt": SAYS.format(64, "7 billion")}) == []


def test_reports_that_agree_or_round_do_not_contradict() -> None:
    texts = {"a.txt": SAYS.format(64, "7 billion"), "b.txt": SAYS.format(64, "6.9 billion"), "c.txt": SAYS.format(64, "about 7B")}
    assert found_in(texts) == []


def test_both_sides_are_shown() -> None:
    (finding,) = found_in({"a.txt": SAYS.format(64, "7 billion"), "b.txt": SAYS.format(128, "7 billion")})
    assert finding.message == "Kestrel-7B: reports state different values of the accelerator count (64, 128)"
    assert [(label.report, label.text) for label in finding.labels] == [
        ("a.txt", "accelerator count 64"),
        ("b.txt", "accelerator count 128"),
    ]


def test_all_of_three_sides_are_shown_and_equal_ones_once() -> None:
    counts = {"a.txt": 64, "b.txt": 128, "c.txt": 128, "d.txt": 256}
    (finding,) = found_in({name: SAYS.format(count, "7 billion") for name, count in counts.items()})
    assert [label.report for label in finding.labels] == ["a.txt", "b.txt", "d.txt"]
    assert finding.notes == ("all three values stay in the graph; kg does not choose",)


def test_a_report_that_contradicts_itself_is_compared_with_none() -> None:
    unclear = SAYS.format(64, "7 billion") + " In all, 512 GPUs were in use."
    assert found_in({"a.txt": unclear, "b.txt": SAYS.format(128, "7 billion")}) == []


def test_reports_that_agree_on_nothing_are_about_two_models() -> None:
    one = "Kestrel was trained on 64 NVIDIA A100 GPUs. It was pretrained on The Pile. Warmup took 2,000 warmup steps."
    other = "Kestrel was trained on 128 NVIDIA V100 GPUs. It was pretrained on ImageNet. Warmup took 500 warmup steps."
    assert found_in({"a.txt": one, "b.txt": other}) == []
    assert [finding.code for finding in found_in({"a.txt": one, "b.txt": other.replace("ImageNet", "The Pile")})] == [
        "KG301",
        "KG301",
    ]


def test_a_family_is_not_a_model() -> None:
    family = "# Kestrel\n\nKestrel was trained on 64 NVIDIA A100 GPUs. Kestrel Large is a larger version of it.\n"
    single = "Kestrel was trained on 128 NVIDIA A100 GPUs.\n"
    names = {finding.code for finding in found_in({"a.md": family, "b.txt": single})}
    assert names == set()


@pytest.mark.parametrize(
    ("row", "relations"),
    [
        (ROW, []),
        (ROW.replace(",64.0,", ",128.0,"), [("KG301", "acceleratorCount")]),
        (ROW.replace("7000000000.0", "13000000000.0"), [("KG301", "parameterCount")]),
        (ROW.replace("7000000000.0", "6950000000.0"), []),
    ],
)
def test_a_report_against_a_row_of_a_table(tmp_path: Path, row: str, relations: list[tuple[str, str]]) -> None:
    findings = built(tmp_path, card__txt=SAYS.format(64, "7 billion"), table__csv=HEADER + row)
    assert codes_and_relations([finding for finding in findings if finding.code == "KG301"]) == relations
    for finding in findings:
        assert {label.report for label in finding.labels} == {"card.txt", "table.csv/Kestrel-7B"}


@pytest.mark.parametrize(("compute", "told"), [("9e22", True), ("2.5e22", False), ("1e21", True)])
def test_what_tables_compute_is_an_estimate(tmp_path: Path, compute: str, told: bool) -> None:
    card = f"{SAYS.format(64, '7 billion')} The training compute was {compute} FLOPs."
    findings = built(tmp_path, card__txt=card, table__csv=HEADER + ROW.replace("240.0", "2400.0"))
    assert codes_and_relations(findings) == ([("KG301", "trainingCompute")] if told else [])


def test_rows_of_one_table_are_different_models(tmp_path: Path) -> None:
    other = ROW.replace("Kestrel-7B", "KESTREL-7B").replace(",64.0,", ",128.0,")
    assert codes_and_relations(built(tmp_path, table__csv=HEADER + ROW + other)) == []


def test_rows_of_two_tables_are_compared(tmp_path: Path) -> None:
    other = HEADER + ROW.replace(",64.0,", ",128.0,")
    findings = built(tmp_path, one__csv=HEADER + ROW, two__csv=other)
    assert codes_and_relations(findings) == [("KG301", "acceleratorCount")]
