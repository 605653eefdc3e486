"""Epoch AI's tables of models: columns under the names they have had, cells as evidence, and nothing lost unseen."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract import extract
from kg.ingest import pieces, walk
from kg.ingest._columns import epoch, folded
from kg.model import Claim, Document, Finding, Origin
from kg.schema import load_schema
from tests.ingest.containers import found, made
from tests.lacking import lacking

TABLES = Path(os.environ.get("KG_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "epoch"

HEADER = "Model,Organization,Publication date,Parameters,Training dataset,Training hardware,Hardware quantity,Notes\n"
ROW = 'Ibis-7B,"Org A,Org B",2024-02-01,7e9,"C4,Unspecified","NVIDIA A100,NVIDIA V100",512,"said ""7B""\nof Ibis"\n'
SECOND = "Owl-2B,Org A,2023,~2B,,,,\n"


def table(folder: Path, text: str | bytes, name: str = "a.csv") -> tuple[list[Document], list[tuple[str, str]], list[Finding]]:
    return found(made(folder, name, text))


def claims(documents: list[Document]) -> list[Claim]:
    return [claim for document in documents for claim in extract(document, load_schema()).claims]


def test_a_row_is_a_report_and_its_cells_are_what_it_says(tmp_path: Path) -> None:
    (first, second), failures, _ = table(tmp_path, HEADER + ROW + SECOND)
    assert (first.id, first.format, first.origin) == ("a.csv/Ibis-7B", "epoch_csv", Origin("a.csv", 2, len(HEADER)))
    assert first.source == ROW.rstrip("\n")
    assert (second.id, second.origin) == ("a.csv/Owl-2B", Origin("a.csv", 4, len(HEADER + ROW)))
    assert failures == []
    assert [(c.relation, c.value, c.mention, c.approximate) for c in claims([first])] == [
        ("name", "Ibis-7B", "Ibis-7B", False),
        ("organization", "Org A", "Org A", False),
        ("organization", "Org B", "Org B", False),
        ("releaseYear", "2024", "2024", False),
        ("parameterCount", "7000000000", "7e9", False),
        ("trainingDataset", "C4", "C4", False),
        ("accelerator", "NVIDIA A100", "NVIDIA A100", False),
        ("accelerator", "NVIDIA V100", "NVIDIA V100", False),
        ("acceleratorCount", "512", "512", False),
    ]
    assert [(c.relation, c.value, c.approximate) for c in claims([second])][-1] == ("parameterCount", "2000000000", True)
    assert {(c.model, c.method, c.report) for c in claims([first])} == {("Ibis-7B", "table:epoch", "a.csv/Ibis-7B")}


def test_no_rule_reads_a_row(tmp_path: Path) -> None:
    text = "Model,Parameters,Epochs,Notes\nIbis,,,We introduce Owl-2B. It was trained with AdamW on 64 A100 GPUs for 3 days.\n"
    ((document,), _, _) = table(tmp_path, text)
    assert [claim.relation for claim in claims([document])] == ["name"]
    assert extract(document, load_schema()).suggestions == ()


def test_what_was_read_of_each_column_is_told_once(tmp_path: Path) -> None:
    _, _, (finding,) = table(tmp_path, HEADER + ROW + SECOND)
    assert (finding.code, finding.report) == ("KG451", "a.csv")
    assert finding.message == "7 of 8 columns of a table of 2 rows are read"
    assert finding.notes == (
        "Model: 2 cells, 2 values",
        "Organization: 2 cells, 3 values",
        "Publication date: 2 cells, 2 values",
        "Parameters: 2 cells, 2 values",
        "Training dataset: 1 cells, 1 values; 1 say nothing",
        "Training hardware: 1 cells, 2 values",
        "Hardware quantity: 1 cells, 1 values",
        "not read: Notes (1 cells)",
    )


def test_a_cell_that_is_not_what_its_column_says(tmp_path: Path) -> None:
    text = "Model,Parameters,Epochs\nIbis,7B or 13B,3\n"
    ((document,), _, (summary,)) = table(tmp_path, text)
    (finding,) = document.findings
    (label,) = finding.labels
    assert (finding.code, finding.report) == ("KG450", "a.csv/Ibis")
    assert document.source[label.start : label.end] == "7B or 13B"
    assert finding.message == "the cell of Parameters is not one number: “7B or 13B”"
    assert [claim.relation for claim in claims([document])] == ["name", "epochs"]
    assert "Parameters: 1 cells, 0 values; 1 not read" in summary.notes


def test_one_number_for_two_kinds_of_accelerators(tmp_path: Path) -> None:
    (first, second), _, _ = table(tmp_path, HEADER + ROW + SECOND)
    (finding,) = first.findings
    assert (finding.code, first.source[finding.labels[0].start : finding.labels[0].end]) == ("KG452", "512")
    assert finding.notes == ("512 of NVIDIA A100, NVIDIA V100: how many of each is not said",)
    assert second.findings == ()


@pytest.mark.parametrize("column", [name for column in epoch().columns for name in column.names])
def test_a_column_is_known_under_each_of_its_names(tmp_path: Path, column: str) -> None:
    known = next(each for each in epoch().columns if column in each.names)
    others = {"model": "Ibis", "parameters": "7e9", "epochs": "3", "batch size": "64"} | {column: "1998 2"[:4]}
    if known.kind == "term":
        others[column] = "fp8"
    if known.kind == "name" and column != "model":
        del others["model"]
    header = [name.upper() for name in others]
    sink = io.StringIO()
    csv.writer(sink).writerows([header, list(others.values())])
    documents, failures, _ = table(tmp_path, sink.getvalue())
    assert failures == []
    assert known.relation in {claim.relation for claim in claims(documents)}


def test_relations_kinds_and_stages_of_the_columns_are_those_of_the_ontology() -> None:
    schema = load_schema()
    names = [name for column in epoch().columns for name in column.names]
    assert len(names) == len(set(names))
    ranges = {
        "integer": "xsd:integer",
        "number": "xsd:decimal",
        "compute": "xsd:double",
        "hours": "xsd:duration",
        "year": "xsd:gYear",
    }
    for column in epoch().columns:
        relation = schema.relation(column.relation)
        assert relation.range == ranges.get(column.kind, relation.range), column.relation
        assert column.stage in {None, *schema.stages}
        assert (column.kind == "names") == bool(column.splits)
        if column.kind == "term":
            assert set(column.terms.values()) <= set(relation.values)


def test_a_stage_and_a_unit_come_from_the_column(tmp_path: Path) -> None:
    text = "Model,Finetune compute (FLOP),Training dataset size (gradients),Training compute (FLOP)\nIbis,2e20,5e6,1.5e+22\n"
    documents, _, _ = table(tmp_path, text)
    said = [(c.relation, c.value, c.stage, c.unit) for c in claims(documents)]
    assert said == [
        ("name", "Ibis", None, None),
        ("trainingCompute", "2e20", "fine-tuning", None),
        ("trainingExamples", "5000000", None, "gradients"),
        ("trainingCompute", "1.5e22", None, None),
    ]


@pytest.mark.parametrize(
    ("confidence", "approximate"), [("Confident", False), ("Likely", True), ("speculative ", True), ("", False)]
)
def test_what_is_an_estimate(tmp_path: Path, confidence: str, approximate: bool) -> None:
    documents, _, (summary,) = table(tmp_path, f"Model,Parameters,Epochs,Confidence\nIbis,7e9,3,{confidence}\n")
    assert {c.relation: c.approximate for c in claims(documents)} == {"name": False, "parameterCount": approximate, "epochs": False}
    assert not any("Confidence" in note for note in summary.notes)


FORMS = {
    "LF": lambda text: text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "mark and CRLF": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
    "blank lines": lambda text: ("\n" + text + "\n\n").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_claim_stands_where_it_says_in_the_file(tmp_path: Path, form: str) -> None:
    data = FORMS[form](HEADER + ROW + SECOND)
    documents, failures, _ = table(tmp_path, data)
    assert (len(documents), failures) == (2, [])
    assert len(claims(documents)) == 13
    in_place(data.decode(), documents)


def in_place(text: str, documents: list[Document]) -> None:
    """Check every claim's words in their row and in the file, and the row's line."""
    for document in documents:
        origin = document.origin
        assert origin is not None and origin.offset is not None and origin.line is not None
        assert text[origin.offset :].startswith(document.source)
        assert text[: origin.offset].count("\n") == origin.line - 1
        for claim in claims([document]):
            assert document.source[claim.start : claim.end] == claim.mention == claim.mention.strip() != ""
            assert text[origin.offset + claim.start : origin.offset + claim.end] == claim.mention


CELL = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20),
    st.sampled_from(["7e9", "~3", "2024-02-01", "A,B", 'say "C, D",E', "x\ny", "1-2", "Unspecified", "é 7B", " 5.0 "]),
)


@given(st.lists(st.lists(CELL, min_size=6, max_size=6), max_size=5), st.booleans())
def test_any_table_is_read_and_every_claim_stands_where_it_says(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], marked: bool
) -> None:
    sink = io.StringIO("\ufeff" if marked else "")
    sink.seek(0, io.SEEK_END)
    header = ["Model", "Organization", "Parameters", "Training dataset", "Training time (hours)", "Other"]
    csv.writer(sink).writerows([header, *rows])
    documents, failures, _ = table(tmp_path_factory.getbasetemp(), sink.getvalue())
    in_place(sink.getvalue(), documents)
    said = [row for row in rows if any(cell.strip() for cell in row)]
    assert len(documents) + len(failures) == max(len(said), 1)
    assert said == [] or all("is binary" in reason for _, reason in failures)


def test_a_row_with_too_few_or_too_many_cells_fails_alone(tmp_path: Path) -> None:
    text = "Model,Parameters,Epochs\nIbis,7e9,3\nOwl,7e9\nKite,7,000,000,3\nHeron,1e9,2\n"
    documents, failures, _ = table(tmp_path, text)
    assert [document.id for document in documents] == ["a.csv/Ibis", "a.csv/Heron"]
    assert failures == [
        ("a.csv:3", "the row has 2 cells, the table 3 columns"),
        ("a.csv:4", "the row has 5 cells, the table 3 columns"),
    ]


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    text = 'Model,Parameters,Epochs\nIbis,"7e9,3\nOwl,2e9,2\n'
    documents, failures, _ = table(tmp_path, text)
    assert [document.id for document in documents] == ["a.csv/Owl"]
    assert failures == [("a.csv:2", "a quote is never closed")]


def test_rows_without_a_model_or_with_one_of_another_row(tmp_path: Path) -> None:
    text = "Model,Parameters,Epochs\n,7e9,3\nOwl\n,1,2\n".replace("Owl\n", '"Owl\n"') + "Owl,2,2\n,,\n"
    documents, failures, _ = table(tmp_path, text)
    assert [document.id for document in documents] == ["a.csv/2", "a.csv/Owl", "a.csv/Owl@5"]
    assert [claim.model for claim in claims(documents) if claim.relation == "parameterCount"] == [None, "Owl", "Owl"]
    assert [claim.mention for claim in claims(documents) if claim.relation == "name"] == ["Owl", "Owl"]
    assert failures == []


def test_a_row_under_other_columns_is_another(tmp_path: Path) -> None:
    row = "Ibis,7,3,5\n"
    (one,), _, _ = table(tmp_path, "Model,Parameters,Epochs,Batch size\n" + row)
    (two,), _, _ = table(tmp_path, "Model,Parameters,Batch size,Epochs\n" + row)
    assert one.source == two.source
    assert one.sha256 != two.sha256


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Hardware name,Manufacturer,Type\nA100,NVIDIA,GPU\n", "a table of Epoch AI's of hardware: catalogue data, not reports"),
        (
            "name,manufacturer,release_date,fp8\nA100,NVIDIA,2020,1\n",
            "a table of Epoch AI's of hardware: catalogue data, not reports",
        ),
        ("city,inhabitants\nBonn,3\n", "a table whose columns are none that kg knows"),
        ("Model,Colour,Price\nIbis,red,3\n", "a table whose columns are none that kg knows"),
        ("Parameters,Epochs,Batch size\n1,2,3\n", "a table whose columns are none that kg knows"),
        ("", "a table without a header"),
        ('"Model', "a table without a header"),
    ],
)
def test_other_tables_are_skipped(tmp_path: Path, text: str, reason: str) -> None:
    inputs, skipped = walk([made(tmp_path, "a.csv", text).path])
    assert (inputs, [(item.reason, item.failed) for item in skipped]) == ([], [(reason, False)])


def test_a_table_that_is_found_another_when_it_is_read(tmp_path: Path) -> None:
    assert table(tmp_path, "city,inhabitants\nBonn,3\n")[1] == [("a.csv", "the table is none of models")]
    assert table(tmp_path, '"Model')[1] == [("a.csv", "the file holds no report")]
    assert table(tmp_path, "Model,Parameters,Epochs\n")[1] == [("a.csv", "the file holds no report")]


def test_a_table_that_cannot_be_opened_is_told_when_it_is_read(forbidden: Path) -> None:
    input = made(forbidden, "a.csv", HEADER)
    input.path.chmod(0)
    inputs, skipped = walk([input.path])
    assert ([item.id for item in inputs], skipped) == (["a.csv"], [])
    assert [getattr(item, "reason", "") for item in pieces(input)] == ["no permission to read the file"]


def test_names_of_columns_are_folded() -> None:
    assert folded("\ufeffTraining  compute\n(FLOP) ") == "training compute (flop)"


@pytest.mark.parametrize(
    ("name", "rows", "least"),
    [("all_ai_models", 2228, 17_500), ("notable_ai_models", 952, 8_500), ("large_scale_ai_models", 473, 3_400)],
)
def test_the_tables_of_epoch(name: str, rows: int, least: int) -> None:
    path = TABLES / f"{name}.csv"
    if not path.is_file():
        lacking(f"{path} is not there")
    (input,), skipped = walk([path])
    documents, failures, (summary,) = found(input)
    assert (len(documents), failures, skipped) == (rows, [], [])
    in_place(path.read_bytes().decode(), documents)
    said = Counter(claim.relation for claim in claims(documents))
    assert said.total() >= least
    filled = Counter(
        folded(column)
        for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
        for column in row
        if row[column].strip()
    )
    told = {
        folded(note.partition(":")[0]): int(note.split()[note.split().index("cells,") - 1].replace(",", ""))
        for note in summary.notes[:-1]
    }
    assert told == {column: filled[column] for column in told}
    for relation, columns in {"parameterCount": ["parameters"], "duration": ["training time (hours)"], "name": ["model"]}.items():
        assert said[relation] == sum(filled[column] for column in columns)


@pytest.mark.parametrize("name", ["accelerators", "ml_hardware"])
def test_the_catalogue_of_epoch_is_skipped(name: str) -> None:
    path = TABLES / f"{name}.csv"
    if not path.is_file():
        lacking(f"{path} is not there")
    inputs, (skipped,) = walk([path])
    assert (inputs, skipped.failed) == ([], False)
    assert "catalogue data" in skipped.reason
