"""A build after another: what is done again, and what is not."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg import pipeline
from kg.model import Finding
from kg.store import open_build
from tests.builds import IMPOSSIBLE, SMALL, build, content, write
from tests.command import ROOT
from tests.memory import misremember


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return write(tmp_path / "reports", SMALL)


def test_a_second_build_of_the_same_does_nothing(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = build(reports, out)
    second = build(reports, out)
    assert (first.changed, second.changed) == (True, False)
    assert second.build == first.build
    assert len(list((out / ".builds").iterdir())) == 1


IMPORTED = """
import sys
from pathlib import Path
from kg.config import Config
from kg.pipeline import build
assert not build([sys.argv[1]], Path(sys.argv[2]), config=Config(), progress=print, say=print).changed
print(*sys.modules)
"""


def test_nothing_heavy_is_imported_to_see_that_nothing_changed(reports: Path, tmp_path: Path) -> None:
    build(reports, tmp_path / "out")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", IMPORTED, str(reports), str(tmp_path / "out")]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
    imported = set(ran.stdout.split())
    assert "kg.manifest" in imported
    assert not {"rdflib", "pyshacl", "pyarrow", "pyld", "ahocorasick_rs", "kg.extract", "kg.graph", "kg.validate"} & imported


CHANGES: Mapping[str, Mapping[str, str | None]] = {
    "one is edited": {"a.txt": "We introduce Kestrel-8B, a language model with 8 billion parameters.\n"},
    "one is added": {"d.txt": "Owl-2B was trained for 3 epochs with Adam.\n"},
    "one is removed": {"c.md": None},
    "one is renamed": {"c.md": None, "e.md": SMALL["c.md"]},
    "a spelling changes an IRI of another": {"d.txt": "Our model, Kes-trel-7B, has 7 billion parameters.\n"},
    "one can no longer be read": {"a.txt": "\0\0\0"},
    "one has findings": {
        "d.txt": "Our model, Owl-2B, has <params>many</params> parameters and was trained on <gpu_count>64 GPUs.\n"
    },
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_changed_input_gives_what_a_build_from_nothing_gives(reports: Path, tmp_path: Path, change: str) -> None:
    write(reports, IMPOSSIBLE)
    build(reports, tmp_path / "out")
    for name, text in CHANGES[change].items():
        if text is None:
            (reports / name).unlink()
        else:
            (reports / name).write_text(text)
    again = build(reports, tmp_path / "out", accept_shrink=True)
    fresh = build(reports, tmp_path / "fresh")
    assert again.changed
    assert content(tmp_path / "out") == content(tmp_path / "fresh")
    assert again.findings == fresh.findings
    assert "KG106" in {finding.code for finding in again.findings}


def mend(said: Any) -> Any:
    """Return what SHACL said in other words."""
    if isinstance(said, Finding):
        return replace(said, message=said.message.replace("must be 1 or more", "must be 2 or more"))
    return replace(said, messages=tuple(text.replace("must be 1 or more", "must be 2 or more") for text in said.messages))


def test_with_another_version_of_a_library_everything_is_read_again(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    build(reports, out)
    misremember(out, "7000000000", "7000000001")
    assert not build(reports, out).changed
    monkeypatch.setattr("kg.manifest.libraries", lambda: {"rdflib": "9"})
    assert build(reports, out).changed
    assert '"7000000001"^^' not in (out / "graph.nq").read_text("utf-8")


def test_an_unchanged_report_is_not_asked_again(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(reports, out)
    misremember(out, "7000000000", "7000000001")
    (reports / "d.txt").write_text("Owl-2B was trained for 3 epochs with Adam.\n")
    build(reports, out)
    assert '"7000000001"^^' in (out / "graph.nq").read_text("utf-8")


def test_an_unchanged_report_is_not_checked_again(reports: Path, tmp_path: Path) -> None:
    write(reports, IMPOSSIBLE)
    out = tmp_path / "out"
    build(reports, out)
    with closing(sqlite3.connect(out / pipeline.SHELF)) as shelf, shelf:
        for id, data in shelf.execute("SELECT id, data FROM checked").fetchall():
            said = [[mend(item) for item in items] for items in pickle.loads(data)]  # noqa: S301  # the build wrote it
            shelf.execute("UPDATE checked SET data = ? WHERE id = ?", (pickle.dumps(said), id))
    (reports / "d.txt").write_text("Osprey-2B was trained for 3 epochs with Adam.\n")
    build(reports, out)
    for name in ("findings.json", "findings.ttl"):
        assert "must be 2 or more" in (out / name).read_text("utf-8")


def test_other_rules_ask_every_report_again(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(reports, out)
    misremember(out, "7000000000", "7000000001")
    build(reports, out, base_iri="https://example.org/kg/")
    text = (out / "graph.nq").read_text("utf-8")
    assert '"7000000001"^^' not in text
    assert "<https://example.org/kg/model/kestrel-7b>" in text


@pytest.mark.parametrize("damage", ["claims.jsonl", "findings.json", "findings.ttl", "manifest.json"])
def test_a_damaged_build_before_is_replaced(reports: Path, tmp_path: Path, damage: str) -> None:
    out = tmp_path / "out"
    build(reports, out)
    expected = content(out)
    path = open_build(out).path / damage
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] + b"{")
    (reports / "d.txt").write_text("Owl-2B was trained for 3 epochs with Adam.\n")
    build(reports, out)
    (reports / "d.txt").unlink()
    build(reports, out, accept_shrink=True)
    assert content(out) == expected
