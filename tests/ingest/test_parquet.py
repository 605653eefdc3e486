"""Parquet: a report a row; what is damaged, lacks a text, or lacks the package."""

from __future__ import annotations

import datetime
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from pyarrow import parquet as pq

from kg.ingest import parquet
from kg.model import Origin
from tests.command import ROOT
from tests.ingest.containers import TEXT, found, made


def table(rows: Sequence[object], **settings: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, **settings)
    return sink.getvalue()


def test_a_row_is_a_report(tmp_path: Path) -> None:
    published = datetime.date(2024, 2, 1)
    rows = [
        {"id": 5, "text": TEXT, "date": published, "vector": [1.0]},
        {"id": None, "text": "B.", "date": None, "vector": None},
    ]
    (first, second), failures, _ = found(made(tmp_path, "a.parquet", table(rows)))
    assert (first.id, first.source, first.origin) == ("a.parquet/5", TEXT, Origin("a.parquet", 1, None))
    assert [(field.name, field.value) for field in first.fields] == [("published", "2024-02-01")]
    assert (second.id, second.origin) == ("a.parquet/2", Origin("a.parquet", 2, None))
    assert failures == []


def test_bad_rows_fail_alone(tmp_path: Path) -> None:
    rows = [{"text": TEXT}, {"text": None}, {"text": " "}, {"text": TEXT}]
    documents, failures, _ = found(made(tmp_path, "a.parquet", table(rows)))
    assert [document.id for document in documents] == ["a.parquet/1", "a.parquet/4"]
    assert failures == [("a.parquet:2", "the field 'text' is empty"), ("a.parquet:3", "the field 'text' is empty")]


def test_rows_of_many_batches_are_numbered_through(tmp_path: Path) -> None:
    rows = [{"content": f"Row {n}."} for n in range(1, 200)]
    documents, _, _ = found(made(tmp_path, "a.parquet", table(rows, row_group_size=50)))
    assert [(document.origin and document.origin.line, document.source) for document in documents] == [
        (n, f"Row {n}.") for n in range(1, 200)
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (table([{"x": 1, "url": "u"}]), "no column holds a text; the columns are: url, x"),
        (table([{"text": "a"}])[:0], "the Parquet file is damaged: "),
        (b"PAR1 and nothing else", "the Parquet file is damaged: "),
        (table([{"text": "a"}])[:-40], "the Parquet file is damaged: "),
        (table([{"text": "a"}])[:0] + b"text", "the Parquet file is damaged: "),
    ],
    ids=["no text", "empty", "only a mark", "cut off", "text"],
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, reason: str) -> None:
    documents, ((path, said),), _ = found(made(tmp_path, "a.parquet", data))
    assert (documents, path) == ([], "a.parquet")
    assert said.startswith(reason)


def test_damage_inside_stops_the_file_there(tmp_path: Path) -> None:
    data = bytearray(table([{"text": f"Row {n}. " * 50} for n in range(1000)], row_group_size=100, compression="snappy"))
    data[len(data) // 2 : len(data) // 2 + 400] = b"\xff" * 400
    documents, failures, _ = found(made(tmp_path, "a.parquet", bytes(data)))
    assert 100 <= len(documents) < 1000
    assert [path for path, _ in failures] == ["a.parquet"]


def test_a_table_without_rows(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), sink)
    assert found(made(tmp_path, "a.parquet", sink.getvalue()))[1] == [("a.parquet", "the file holds no report")]


def test_a_compressed_one_is_unpacked_to_disk_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    input = made(tmp_path, "a.parquet.gz", gzip.compress(table([{"text": TEXT}])))
    assert [document.id for document in found(input)[0]] == ["a.parquet.gz/1"]
    monkeypatch.setattr(parquet, "LARGEST_UNPACKED", 100)
    assert found(input)[1] == [("a.parquet.gz", "the file unpacks to more than 100 bytes")]


WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None
from kg.cli import main
sys.argv[1:] = ["extract", sys.argv[2]]
main()
"""


@pytest.mark.parametrize(
    ("package", "name", "extra"),
    [("pyarrow", "a.parquet", "parquet"), ("zstandard", "a.txt.zst", "zstd"), ("zstandard", "a.jsonl.zst", "zstd")],
)
def test_a_missing_package_is_named(tmp_path: Path, package: str, name: str, extra: str) -> None:
    (tmp_path / name).write_bytes(b"whatever")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WITHOUT, package, str(tmp_path / name)]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert f"needs {package}" in ran.stderr
    assert f"pip install 'kg[{extra}]'" in ran.stderr
    assert ran.returncode == 3


def test_a_value_that_python_cannot_hold_is_no_loss_of_others(tmp_path: Path) -> None:
    """Moments of nanoseconds are what pandas writes; a year of six digits is text; a list of what is no text is left out."""
    moments = pa.array([1_700_000_000_000_000_001, 1_700_000_000_000_000_000], pa.timestamp("ns"))
    far = pa.array([0, 10**17], pa.timestamp("ms"))
    odd = pa.array([[b"\xff"], []], pa.list_(pa.binary())).cast(pa.list_(pa.large_binary())).view(pa.list_(pa.large_string()))
    columns = {"id": ["a", "b"], "text": [TEXT, TEXT], "published": moments, "created": far, "doi": odd}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    documents, failures, _ = found(made(tmp_path, "a.parquet", sink.getvalue()))
    assert failures == []
    assert [(document.id, document.source) for document in documents] == [("a.parquet/a", TEXT), ("a.parquet/b", TEXT)]
    assert [field.value for document in documents for field in document.fields] == ["2023-11-14", "2023-11-14"]


def test_a_text_that_is_not_utf8_fails_alone(tmp_path: Path) -> None:
    texts = pa.array([b"Kestrel-7B \xff", TEXT.encode()], pa.binary()).view(pa.string())
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": ["a", "b"], "text": texts}), sink)
    documents, failures, _ = found(made(tmp_path, "a.parquet", sink.getvalue()))
    assert [document.id for document in documents] == ["a.parquet/b"]
    assert failures == [("a.parquet:1", "the field 'text' is no text: bytes")]
