"""What follows from what, one case a line: worked out by hand from the rules in the docstrings of `kg/derive`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from kg.model import Derived
from kg.schema import Schema
from tests.derive.samples import follow, read

CASES = [
    pytest.param(*(part.strip() for part in line.split("=>")), id=f"line {number}")
    for number, line in enumerate(Path(__file__).with_name("cases.txt").read_text("utf-8").splitlines(), 1)
    if line and not line.startswith("#")
]
_PLACES = Fraction(1, 10**5)  # derived texts have six significant digits


def near(found: str | None, wanted: str) -> bool:
    """Return whether a text has a value, up to the digits that are written."""
    if found is None or wanted == "?":
        return found is None and wanted == "?"
    return abs(Fraction(found) - Fraction(wanted)) <= abs(Fraction(wanted)) * _PLACES


def named(fact: Derived) -> str:
    return f"{fact.relation}@{fact.stage}" if fact.stage else fact.relation


@pytest.mark.parametrize(("stated", "follows"), CASES)
def test_what_follows(schema: Schema, stated: str, follows: str) -> None:
    found = follow(schema, {"a.txt": [read(part) for part in stated.split(";")]})
    wanted = [part.strip() for part in follows.split(";") if part.strip() != "nothing"]
    values = dict(part.split("=") for part in wanted if "=" in part)
    assert {named(fact) for fact in found.facts} == values.keys()
    for fact in found.facts:
        bounds = values[named(fact)].split("..")
        low, value, high = bounds if len(bounds) == 3 else bounds * 3
        assert near(fact.low, low) and near(fact.value, value) and near(fact.high, high), fact
    gaps = {
        (f"{gap.relation}@{gap.stage}" if gap.stage else gap.relation): ",".join(gap.missing) or "-" for gap in found.undetermined
    }
    for name, missing in (part.split("?") for part in wanted if "=" not in part):
        assert gaps.get(name, "!") == missing
