"""The row of a table: its cells are its claims, and no rule reads it."""

from __future__ import annotations

from dataclasses import replace

from kg.extract import extract
from kg.model import Cell, Claim, Extraction, Table
from kg.schema import load_schema
from tests.samples import document

SOURCE = "Ibis-7B,~7e9,48, We trained Owl-2B with AdamW."


def test_cells_are_claims_in_order() -> None:
    cells = (
        Cell("duration", "PT48H", 13, 15, stage="fine-tuning"),
        Cell("parameterCount", "7000000000", 8, 12, unit="weights", approximate=True, value_max="8000000000"),
        Cell("name", "Ibis-7B", 0, 7),
    )
    row = replace(document(source=SOURCE), table=Table("birds", "Ibis-7B", cells))
    method = "table:birds"
    assert extract(row, load_schema()) == Extraction(
        (
            Claim("a.txt", "Ibis-7B", "name", "Ibis-7B", 0, 7, "Ibis-7B", method=method),
            Claim(
                *("a.txt", "Ibis-7B", "parameterCount", "7000000000", 8, 12, "~7e9"),
                unit="weights",
                approximate=True,
                value_max="8000000000",
                method=method,
            ),
            Claim("a.txt", "Ibis-7B", "duration", "PT48H", 13, 15, "48", stage="fine-tuning", method=method),
        )
    )


def test_a_row_that_states_nothing_is_read_by_no_rule() -> None:
    row = replace(document(source=SOURCE), table=Table("birds", None, ()))
    assert extract(row, load_schema()) == Extraction()
