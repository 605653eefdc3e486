"""What one report says of one model, run by run."""

from __future__ import annotations

from kg.model import Claim
from kg.resolve import names_of, resolve
from kg.runs import ModelReport, said
from kg.schema import Schema
from tests.samples import claim


def reports(schema: Schema, *claims: Claim) -> tuple[ModelReport, ...]:
    names = names_of(claims, schema)
    ids = sorted({item.report for item in claims})
    return said(ids, {id: resolve([item for item in claims if item.report == id], schema, names) for id in ids}, names, schema)


def test_a_stage_takes_over_what_holds_throughout_and_no_totals(schema: Schema) -> None:
    (found,) = reports(schema, claim("acceleratorCount", "64"), claim("duration", "P10D"), claim("steps", "5", "pretraining"))
    stage = found.runs["pretraining"]
    assert [item.value for item in stage.claims("acceleratorCount")] == ["64"]
    assert stage.claims("duration") == ()
    assert list(found.runs) == [None, "pretraining"]


def test_what_a_stage_says_itself_counts_before_the_whole(schema: Schema) -> None:
    (found,) = reports(schema, claim("acceleratorCount", "64"), claim("acceleratorCount", "8", "fine-tuning"))
    assert [item.value for item in found.runs["fine-tuning"].claims("acceleratorCount")] == ["8"]
    assert [item.value for item in found.runs[None].claims("acceleratorCount")] == ["64"]


def test_a_report_about_several_models_is_told_apart_and_sorted(schema: Schema) -> None:
    found = reports(
        schema,
        claim("steps", "1", model="Merlin-2B"),
        claim("steps", "2", model="Kestrel-7B"),
        claim("steps", "3", model="Kestrel-7B", report="b.txt"),
        claim("steps", "4", model=None, report="b.txt"),
    )
    assert [(item.label, item.report) for item in found] == [
        ("Kestrel-7B", "a.txt"),
        ("Kestrel-7B", "b.txt"),
        ("Merlin-2B", "a.txt"),
        ("unnamed model of b.txt", "b.txt"),
    ]
    assert [item.value for model in found for item in model.every()] == ["2", "3", "1", "4"]


def test_a_row_of_a_table_is_known_as_one(schema: Schema) -> None:
    row, card = reports(schema, claim("steps", "1", method="table:epoch_csv"), claim("steps", "1", report="b.txt", method="tag"))
    assert (row.table, card.table) == (True, False)
