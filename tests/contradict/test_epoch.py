"""Epoch AI's table: rows that state more compute than their accelerators can do, counted here without kg as well."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from kg.config import Config
from kg.model import Finding
from kg.pipeline import build

PEAKS = (
    "Tensor-FP16/BF16 performance (FLOP/s)",
    "FP8 performance (FLOP/s)",
    "FP4 performance (FLOP/s)",
    "FP64 (double precision) performance (FLOP/s)",
    "FP32 (single precision) performance (FLOP/s)",
    "TF32 (TensorFloat-32) performance (FLOP/s)",
    "FP16 (half precision) performance (FLOP/s)",
)
# The table of hardware gives the 16-bit rate of this card's ordinary units, 2.23e13; its matrix units do 8.92e13.
ONLY_BY_ORDINARY_UNITS = {"ProteinBERT"}


def number(cell: str) -> float:
    """Return the number in a cell, 0 without one."""
    try:
        return float(cell)
    except ValueError:
        return 0.0


def key(name: str) -> str:
    """Return a product's name without what the two tables write differently."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\b(tesla|geforce|amazon|aws)\b", "", name.lower()))


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def counted(folder: Path) -> tuple[int, set[str]]:
    """Return how many rows can be checked, and the models of those above 100 %, from the tables alone."""
    peaks = {key(row["Hardware name"]): max(number(row[name]) for name in PEAKS) for row in rows(folder / "ml_hardware.csv")}

    def peak(name: str) -> float:
        versions = [rate for known, rate in peaks.items() if known.startswith(key(name))]
        return max(versions or [rate for known, rate in peaks.items() if key(name).startswith(known)], default=0.0)

    checked, above = 0, set()
    for row in rows(folder / "all_ai_models.csv"):
        compute, hours = number(row["Training compute (FLOP)"]), number(row["Training time (hours)"])
        count, products = number(row["Hardware quantity"]), [peak(name) for name in row["Training hardware"].split(",") if name]
        if compute and hours and count and products and all(products):
            checked += 1
            if compute > hours * 3600 * count * max(products):
                above.add(row["Model"].strip())
    return checked, above


@pytest.fixture(scope="module")
def found(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    table = shared / "data/epoch/all_ai_models.csv"
    out = tmp_path_factory.mktemp("epoch")
    result = build([table], out, config=Config(), progress=lambda what, done, of: None, say=print)
    return [finding for finding in result.findings if finding.code.startswith("KG3")]


def models(found: list[Finding], code: str) -> set[str]:
    return {str(finding.report).partition("/")[2] for finding in found if finding.code == code}


def test_rows_above_100_percent_are_found(found: list[Finding], shared: Path) -> None:
    checked, above = counted(shared / "data/epoch")
    assert checked == 190 and len(above) == 18
    assert models(found, "KG305") == above - ONLY_BY_ORDINARY_UNITS


def test_a_row_shows_compute_time_count_and_product(found: list[Finding]) -> None:
    (finding,) = (finding for finding in found if finding.report == "all_ai_models.csv/LLaVA 1.5")
    assert [label.text for label in finding.labels] == ["7.81e22 FLOP", "8 accelerators", "24 hours", "NVIDIA A100"]
    assert finding.notes[0] == "192 accelerator-hours × 3600 s × 3.12e14 FLOP/s = 2.16e20 FLOP at most"


def test_little_else_is_told_of_2228_rows(found: list[Finding]) -> None:
    others = {code: models(found, code) for code in sorted({finding.code for finding in found} - {"KG305"})}
    assert others == {"KG308": {"PaLM-SayCan", "llama-3-airoboros-70b-3.3"}, "KG313": {"Llama 2-7B"}}
