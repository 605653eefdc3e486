"""The row of a known table -> claims: each value that a cell states, with the cell as its evidence."""

from __future__ import annotations

from kg.model import Claim, Document, Extraction, Table


def extract(document: Document, table: Table) -> Extraction:
    """Return the claims of a row; nothing else in it is read."""
    claims = (
        Claim(
            document.id,
            table.model,
            cell.relation,
            cell.value,
            cell.start,
            cell.end,
            document.source[cell.start : cell.end],
            stage=cell.stage,
            unit=cell.unit,
            approximate=cell.approximate,
            value_max=cell.value_max,
            method=f"table:{table.name}",
        )
        for cell in table.cells
    )
    return Extraction(tuple(sorted(claims, key=Claim.sort_key)))
