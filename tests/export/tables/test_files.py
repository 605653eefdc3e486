"""What stands in the files: columns as they are documented, keys, references, order; and what keeps them from being written."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest

from kg.errors import BuildError, OutputError, UnknownName, UsageError
from kg.export.tables import SHOWN, Built, tables_of, write_tables
from kg.export.tables.claims import ClaimRows
from kg.export.tables.columns import LABEL, Column, Table
from kg.export.tables.database import write_database
from kg.export.tables.files import ParquetFiles
from kg.export.tables.graph import Graph
from kg.schema import Schema, load_schema
from kg.sorting import Sorter
from tests.command import ROOT
from tests.export.tables.conftest import Ask
from tests.samples import claim

TABLES = tables_of(load_schema())
KESTREL = "https://w3id.org/kg/model/kestrel-7b"


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


def cells(folder: Path, table: str, column: str) -> Iterator[Any]:
    """Yield what stands in a column, item by item in a list, and not what is null."""
    for row in rows(folder, table):
        value = row[column]
        yield from value if isinstance(value, list) else [value] if value is not None else []


def test_a_folder_holds_a_file_for_each_table(parquet: Path) -> None:
    assert sorted(path.name for path in parquet.iterdir()) == sorted(f"{name}.parquet" for name in TABLES)
    assert set(TABLES) == {"models", "runs", "facts", "claims", "findings"}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_columns_are_as_documented(table: Table, parquet: Path, sql: Ask) -> None:
    schema = pq.read_schema(parquet / f"{table.name}.parquet")
    page = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    lines = re.search(rf"<!-- generated: table-{table.name} -->\n.*?---.*?\n(.*?)<!-- end -->", page, re.DOTALL)
    assert lines
    documented = [[cell.strip() for cell in line.split(" | ")[:3]] for line in lines[1].splitlines()]
    assert documented == [[f"| `{c.name}`", SHOWN[c.kind], "yes" if c.nullable else "no"] for c in table.columns]
    shown = {"bool": "bool", "int64": "int64", "double": "double", "string": "string"}
    assert [(field.name, field.nullable) for field in schema] == [(c.name, c.nullable) for c in table.columns]
    for field, column in zip(schema, table.columns, strict=True):
        assert field.metadata[b"definition"].decode() == column.definition
        assert column.kind not in shown or str(field.type) == shown[column.kind]
        assert column.kind in shown or str(field.type).startswith("list<")
    described = sql(f'SELECT column_name, "null" FROM (DESCRIBE {table.name})')  # noqa: S608
    assert described == [(c.name, "YES" if c.nullable else "NO") for c in table.columns]


def test_an_item_of_labels_is_as_documented(parquet: Path) -> None:
    record = pq.read_schema(parquet / "findings.parquet").field("labels").type.value_type
    assert [(record.field(i).name, record.field(i).nullable) for i in range(record.num_fields)] == [
        (column.name, column.nullable) for column in LABEL
    ]


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_nothing_is_null_that_must_not_be(table: Table, parquet: Path) -> None:
    found = rows(parquet, table.name)
    assert found
    assert [column.name for column in table.columns if not column.nullable and any(row[column.name] is None for row in found)] == []


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_column_that_may_be_null_is_sometimes(table: Table, parquet: Path) -> None:
    found = rows(parquet, table.name)
    always = {
        f"{table.name}.{column.name}"
        for column in table.columns
        if column.nullable and all(row[column.name] is not None for row in found)
    }
    assert always <= {"claims.model", "findings.report"}  # which only rare reports leave open


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_keys_are_unique(table: Table, parquet: Path) -> None:
    found = [row[table.key] for row in rows(parquet, table.name)]
    assert len(found) == len(set(found))


REFERENCES = [(table.name, column) for table in TABLES.values() for column in table.columns if column.refers]


@pytest.mark.parametrize(("table", "column"), REFERENCES, ids=[f"{table}.{column.name}" for table, column in REFERENCES])
def test_what_is_referred_to_is_there(table: str, column: Column, parquet: Path) -> None:
    other, _, key = column.refers.partition(".")
    found = set(cells(parquet, table, column.name))
    assert found
    assert found <= set(cells(parquet, other, key))


def test_rows_stand_in_order(parquet: Path) -> None:
    assert list(cells(parquet, "models", "model")) == sorted(cells(parquet, "models", "model"))
    runs = [(row["model"], row["stage"] or "") for row in rows(parquet, "runs")]
    assert runs == sorted(runs)
    facts = [(row["model"], row["stage"] or "", row["relation"], row["value"]) for row in rows(parquet, "facts")]
    assert facts == sorted(facts)
    claims = [(row["report"], row["start"], row["end"], row["relation"]) for row in rows(parquet, "claims")]
    assert claims == sorted(claims)
    assert list(cells(parquet, "findings", "finding")) == list(range(1, len(rows(parquet, "findings")) + 1))


def test_claims_are_those_of_the_build(parquet: Path, built: Built) -> None:
    said = [json.loads(line) for line in (built.folder / "claims.jsonl").read_text(encoding="utf-8").splitlines()]
    names = {"modelName": "model", **{name: name for name in "report relation value stage thing unit approximate method".split()}}
    names |= {name: name for name in ("start", "end", "valueMax")}
    found = rows(parquet, "claims")
    assert [{name: row[name] for name in names} for row in found] == [
        {name: whole(claim[key]) for name, key in names.items()} for claim in said
    ]
    assert [row["mention"] for row in found] == [whole(claim["mention"]) for claim in said]


def whole(value: Any) -> Any:
    return re.sub("[\ud800-\udfff]", "\ufffd", value) if isinstance(value, str) else value


def test_numbers_of_claims(parquet: Path) -> None:
    found = {(row["report"], row["relation"]): row for row in rows(parquet, "claims") if row["report"].startswith("more.jsonl/a")}
    duration = found["more.jsonl/a", "duration"]
    assert (duration["number"], duration["numberMax"], duration["approximate"]) == (240, 288, True)
    assert found["more.jsonl/a", "trainingExamples"]["number"] == 1.4e12
    assert found["more.jsonl/a", "license"]["number"] is None
    assert duration["mention"] in duration["context"] and len(duration["context"]) > 100


def test_a_name_that_may_mean_several_things_states_no_fact(parquet: Path) -> None:
    korea = {row["report"]: row for row in rows(parquet, "claims") if row["value"] == "Korea"}
    assert {row["fact"] for row in korea.values()} == {None}
    assert korea["more.jsonl/e"]["model"] == "https://w3id.org/kg/model/owl-1b"


@pytest.mark.parametrize("name", [None, "Kestrel-7B", "Nobody-1B"])
def test_a_model_of_which_a_report_states_nothing_sure(name: str | None, built: Built, schema: Schema) -> None:
    claims = [claim("country", "Korea", report="z.txt", model=name)]
    (row,), stated = ClaimRows(schema, Graph(built.store, schema.base)).of("z.txt", claims)
    named = dict(zip(TABLES["claims"].names(), row, strict=True))
    assert (named["model"], named["modelName"], named["fact"], named["run"]) == (None, name, None, None)
    assert stated == []


def test_a_run_whose_model_ends_like_a_stage(parquet: Path) -> None:
    model = "https://w3id.org/kg/model/unnamed/more.jsonl/f/pretraining"
    found = [row for row in rows(parquet, "runs") if row["model"] == model]
    assert [(row["stage"], row["duration"], row["accelerator"]) for row in found][-1:] == [
        ("pretraining", [36.0], ["NVIDIA A100 80GB"])
    ]
    assert {row["model"] for row in rows(parquet, "findings") if row["report"] == "more.jsonl/f/pretraining"} == {model}


def test_facts_are_counted_over_reports(parquet: Path) -> None:
    facts = {(row["relation"], row["value"]): row for row in rows(parquet, "facts") if row["model"] == KESTREL}
    assert (facts["trainingDataset", "CC3M"]["reports"], facts["duration", "P9D"]["reports"]) == (2, 1)
    (model,) = [row for row in rows(parquet, "models") if row["model"] == KESTREL]
    assert model["parameterCount"] == [7_000_000_000, 7_200_000_000]
    assert model["reports"] == 3
    assert model["claims"] == sum(row["claims"] for row in facts.values())


def test_findings_are_those_of_the_build(parquet: Path, built: Built) -> None:
    said = json.loads((built.folder / "findings.json").read_bytes())
    found = rows(parquet, "findings")
    for name in ("code", "severity", "message", "report", "subject", "relation", "notes"):
        assert [row[name] for row in found] == [whole(finding[name]) if name != "notes" else finding[name] for finding in said]
    names = [column.name for column in LABEL]
    labels = [[{name: whole(label.get(name)) for name in names} for label in finding["labels"]] for finding in said]
    assert [row["labels"] for row in found] == labels
    assert [row["mention"] for row in found] == [some[0]["mention"] if some else None for some in labels]
    assert any(row["kind"] == "contradiction" for row in found)


def test_the_database_holds_the_same_rows_as_the_files(parquet: Path, database: Path) -> None:
    connection = duckdb.connect(str(database), read_only=True)
    for name in TABLES:
        assert connection.table(name).to_arrow_table().to_pylist() == rows(parquet, name)


def test_the_database_tells_what_its_columns_hold(sql: Ask, built: Built) -> None:
    comments: dict[str, str] = dict(
        sql("SELECT table_name || '.' || column_name, comment FROM duckdb_columns() WHERE NOT internal")
    )
    assert comments["facts.run"].endswith("; see runs.run")
    assert comments["claims.number"].endswith("; in hours of a duration")
    assert [name for name, comment in comments.items() if not comment and not name.startswith("about.")] == []
    tables: dict[str, str] = dict(sql("SELECT table_name, comment FROM duckdb_tables()"))
    assert tables["claims"].startswith("what each report says")
    assert dict(sql("SELECT * FROM about")) == {"kg": "0.1.0", "build": built.folder.name, "base": "https://w3id.org/kg/"}


def test_equal_builds_give_equal_files_however_little_is_held(
    parquet: Path, built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.export.tables.Sorter", partial(Sorter, most=1))
    write_tables(built, "parquet", tmp_path / "again")
    assert {path.name: path.read_bytes() for path in parquet.iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()
    }


@pytest.mark.parametrize("format", ["parquet", "duckdb"])
def test_one_model_only(format: str, built: Built, parquet: Path, tmp_path: Path) -> None:
    write_tables(built, format, tmp_path / "one", "Kestrel-7B")
    for name in TABLES:
        wanted = [row for row in rows(parquet, name) if row["model"] == KESTREL]
        if format == "parquet":
            assert rows(tmp_path / "one", name) == wanted != []
        else:
            with duckdb.connect(str(tmp_path / "one"), read_only=True) as connection:
                assert connection.execute(f"SELECT count(*) FROM {name}").fetchall() == [(len(wanted),)]  # noqa: S608


def test_a_model_that_no_report_describes(built: Built, tmp_path: Path) -> None:
    told: list[str] = []
    write_tables(built, "parquet", tmp_path / "none", "GPT-4", say=told.append)
    assert told == ["no report of this build has facts about GPT-4"]
    assert [rows(tmp_path / "none", name) for name in TABLES] == [[]] * len(TABLES)


@pytest.mark.parametrize(("model", "what"), [(" ", "the model's name is empty"), ("Kestrel-8B", "did you mean Kestrel-7B")])
def test_no_such_model(built: Built, tmp_path: Path, model: str, what: str) -> None:
    with pytest.raises((UsageError, UnknownName), match=what):
        write_tables(built, "parquet", tmp_path / "none", model)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_to_its_end(built: Built, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_tables(built, "parquet", tmp_path / "tables", progress=lambda *said: told.append(said))
    total = built.manifest["counts"]["claims"]
    assert told[-1] == ("exporting claims", total, total)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


# What is large ------------------------------------------------------------------------------------------------------------------


def test_many_rows_are_written_in_groups(tmp_path: Path) -> None:
    table = Table("t", "rows", "number", (Column("number", "int64", "a number"), Column("words", "strings", "words")))
    with ParquetFiles(tmp_path, {"t": table}, {"kg": "0"}) as files:
        files.add("t", ((number, (str(number), "a")) for number in range(70_000)))
        files.add("t", [])
    found = pq.ParquetFile(tmp_path / "t.parquet")
    assert [found.metadata.row_group(i).num_rows for i in range(found.num_row_groups)] == [32_768, 32_768, 4_464]
    assert found.read().column("number").to_pylist() == list(range(70_000))
    assert found.read().slice(69_999).to_pylist() == [{"number": 69_999, "words": ["69999", "a"]}]


def test_half_a_surrogate_pair_becomes_a_replacement_character(tmp_path: Path) -> None:
    columns = (Column("text", "string", ""), Column("texts", "strings", ""), Column("labels", "labels", ""))
    label = dict.fromkeys(column.name for column in LABEL) | {"report": "\udc00", "start": 0, "end": 1, "text": ""}
    with ParquetFiles(tmp_path, {"t": Table("t", "", "", columns)}, {}) as files:
        files.add("t", [("a\ud800b", ["\udfff", "c"], [label])])
    (row,) = rows(tmp_path, "t")
    assert (row["text"], row["texts"], row["labels"][0]["report"]) == ("a\ufffdb", ["\ufffd", "c"], "\ufffd")


def test_a_new_relation_is_a_new_column(schema: Schema) -> None:
    reported = {r.name for r in schema.relations.values() if r.origin == "report"}
    columns = {*TABLES["models"].names(), *TABLES["runs"].names()}
    assert reported - columns == set()


# What goes wrong ----------------------------------------------------------------------------------------------------------------


def damaged(built: Built, folder: Path, **files: str) -> Built:
    """Return a build whose files are others."""
    for name in ("claims.jsonl", "derived.jsonl", "findings.json"):
        text = files.get(name.partition(".")[0])
        (folder / name).write_bytes((built.folder / name).read_bytes() if text is None else text.encode())
    return Built(folder, built.manifest, built.store)


@pytest.mark.parametrize(
    "files",
    [
        {"claims": "[]\n"},
        {"claims": "{\n"},
        {"claims": "{}\n"},
        {"claims": '{"report": "a", "colour": 1}\n'},
        {"claims": '{"report": "a"}\n'},
        {"derived": '{"id": "x"}\n'},
        {"derived": "5\n"},
        {"findings": "{}"},
        {"findings": "no"},
        {"findings": '[\n  {\n    "code": "KG1",\n'},
        {"findings": '[\n  {\n    "code": "KG1"\n  }\n]\n'},
    ],
    ids=str,
)
def test_a_damaged_build_is_named(built: Built, tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "out").mkdir()
    bad = damaged(built, tmp_path / "build", **files)
    with pytest.raises(BuildError, match="the build cannot be read, or is of another version of kg\n  hint: build again"):
        write_tables(bad, "parquet", tmp_path / "out/tables")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_build_without_findings_has_a_table_without_rows(built: Built, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    write_tables(damaged(built, tmp_path / "build", findings="[]\n"), "parquet", tmp_path / "tables")
    assert rows(tmp_path / "tables", "findings") == []


@pytest.mark.parametrize(("format", "name", "extra"), [("parquet", "pyarrow", "parquet"), ("duckdb", "duckdb", "duckdb")])
def test_a_missing_package_is_named(
    format: str, name: str, extra: str, built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=rf"needs? {name}\n  hint: pip install 'kg\[{extra}\]'$"):
        write_tables(built, format, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"the database cannot be written: .*\n? *hint: free some space"):
        write_database(tmp_path / "no" / "x.duckdb", tmp_path, {}, {})


@pytest.mark.parametrize("name", ["pyarrow", "duckdb"])
def test_a_package_that_lacks_something_itself_says_so(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("import a_part_that_is_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(ModuleNotFoundError, match="a_part_that_is_missing"):
        if name == "pyarrow":
            ParquetFiles(tmp_path, {}, {})
        else:
            write_database(tmp_path / "x.duckdb", tmp_path, {}, {})
