"""The measure of what the scanners find: it counts what is there, and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.schema import load_schema
from tests.extract.recall import hours, main, recall, table

TEXT = """# Quillon-7B

Quillon-7B was trained on CC3M for about three weeks with 16 nodes of 8 A100 (80 GB) GPUs, 3% warm-up, bf16 and 3.1 zettaFLOP.
"""
FOUND = [
    ("name", "Quillon-7B"),
    ("trainingDataset", "CC3M"),
    ("duration", "P21D"),
    ("acceleratorCount", "128"),
    ("accelerator", "NVIDIA A100 80GB"),
    ("warmupFraction", "0.03"),
    ("precision", "bfloat16"),
    ("trainingCompute", "3.1e21"),
]
MISSED = [
    ("optimizer", "AdamW"),
    ("duration", "P20D"),
    ("acceleratorCount", "64"),
    ("trainingDataset", "CC12M"),
    ("precision", "float16"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one document and its gold, of which some does not stand in it."""
    facts = [{"relation": relation, "value": value, "explicit": True} for relation, value in (*FOUND, *MISSED)]
    facts += [{"relation": "epochs", "value": "9", "explicit": False}, {"relation": "epochs", "value": "9", "optional": True}]
    (tmp_path / "report.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "report.json").write_text(json.dumps({"facts": facts}), encoding="utf-8")
    (tmp_path / "other.md").write_text("A document without gold.\n", encoding="utf-8")
    return tmp_path


def test_recall_counts_what_stands_in_the_text(folder: Path) -> None:
    tally = recall(folder, load_schema())
    assert tally.found.total() == len(FOUND)
    assert [line.split("  ")[0] for line in tally.missed] == [f"report: {relation}={value}" for relation, value in MISSED]
    assert tally.share == len(FOUND) / (len(FOUND) + len(MISSED))
    assert "epochs" not in tally.total


def test_the_table_names_every_relation(folder: Path) -> None:
    shown = table({"own": recall(folder, load_schema())})
    assert "| acceleratorCount | 1/2 50% |" in shown
    assert shown.endswith("| **all** | 8/13 62% |")


def test_the_command_prints_the_table_or_what_was_missed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(folder)])
    assert f"| relation | {folder.name} |" in capsys.readouterr().out
    main([str(folder), "--missed"])
    assert len(capsys.readouterr().out.splitlines()) == len(MISSED)


@pytest.mark.parametrize(
    ("duration", "expected"), [("P21D", 504), ("PT36H", 36), ("P1DT12H30M", 36.5), ("P2M", 1440), ("P1Y", 8760)]
)
def test_hours(duration: str, expected: float) -> None:
    assert hours(duration) == expected
