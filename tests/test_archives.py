"""Tar archives in a build: a report says the same as its file would, and is shown by its path in the archive."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg import pipeline
from kg.config import Config
from kg.ingest import Input, Piece, pieces, walk
from kg.outcome import BuildResult
from kg.render import render
from kg.steps import read as reading
from kg.store import FILES
from tests.command import SEEDS
from tests.format_files import FILES as FORMATS

WRONG = "Kite-1B is a language model.\n\nKite-1B was trained with <gpu_count>0</gpu_count> GPUs."


def archive(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a tar archive of files, compressed as its suffix says."""
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
        for name, data in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
    return path


def build(given: Path, out: Path, *, accept_shrink: bool = False, **settings: Any) -> BuildResult:
    talk: dict[str, Any] = {"progress": lambda *_: None, "say": lambda text: None, "accept_shrink": accept_shrink}
    return pipeline.build([given], out, config=Config(**settings), **talk)


def rows(out: Path, name: str = "claims.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]


def test_an_archive_says_what_its_folder_says(tmp_path: Path) -> None:
    """Claims, suggestions and findings are those of the files; ids have the archive's name in front, and nothing else differs."""
    files = {path.name: path.read_bytes() for path in sorted(SEEDS.glob("*.txt"))}
    assert len(files) == 5
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    archive(tmp_path / "seeds.tgz", files)
    plain = build(folder, tmp_path / "of-files", jobs=1)
    packed = build(tmp_path / "seeds.tgz", tmp_path / "of-archive", jobs=1)
    for name in ("claims.jsonl", "suggestions.jsonl", "coverage.jsonl"):
        of_files = (tmp_path / "of-files" / name).read_text("utf-8")
        assert len(of_files) > 1000
        assert (tmp_path / "of-archive" / name).read_text("utf-8").replace("seeds.tgz/", "") == of_files, name
    assert derived(tmp_path / "of-archive") == derived(tmp_path / "of-files")
    said = [(item.code, item.message.replace("seeds.tgz/", "")) for item in packed.findings]
    assert said == [(item.code, item.message) for item in plain.findings]


def derived(out: Path) -> list[tuple[str, ...]]:
    """Return the numbers that follow; their ids are made from those of reports."""
    names = ("model", "relation", "rule", "formula", "low", "value", "high")
    return sorted(tuple(str(row.get(name)).replace("seeds.tgz/", "") for name in names) for row in rows(out, "derived.jsonl"))


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """An archive with a report that a finding is about, a PDF, one that cannot be read, one of an odd name, and a picture."""
    pdf = FORMATS["pdf"][1]()
    return archive(
        tmp_path / "r.tar",
        {"deep/a.md": WRONG.encode(), "b.pdf": pdf, "c.txt": b"a\0b", "x\x01y.md": b"We train Owl-2B.", "d.png": b"a"},
    )


def test_a_build_of_an_archive(mixed: Path, tmp_path: Path) -> None:
    result = build(mixed, tmp_path / "out", jobs=1)
    manifest = result.build.manifest
    inputs = {entry["id"]: entry for entry in manifest["inputs"]}
    assert list(inputs) == ["r.tar/4.md", "r.tar/b.pdf", "r.tar/deep/a.md"]
    assert {entry["file"] for entry in inputs.values()} == {"r.tar"}
    assert not any("line" in entry for entry in inputs.values())
    assert [(entry["id"], entry["reports"]) for entry in manifest["files"]] == [("r.tar", 4)]
    assert [(entry["id"], entry["file"]) for entry in manifest["failed"]] == [("r.tar/c.txt", "r.tar")]
    assert [(item.path, item.reason) for item in result.failures] == [("r.tar/c.txt", "the file is binary: byte 1 is NUL")]
    assert result.exit_code("violation") == 3
    said = render(result.findings, result.sources, "concise")
    assert f"{mixed}/deep/a.md:3:40: KG106 error: " in said or f"{mixed}/deep/a.md:3:" in said
    assert f"{mixed}/b.pdf:page " in said or {row["page"] for row in rows(tmp_path / "out") if row["report"] == "r.tar/b.pdf"} == {
        1,
        2,
    }
    assert f"{mixed}/c.txt: KG400 error: the file is binary" in said
    assert f"{mixed}: KG408 note: 1 of 5 files of the archive are not read" in said
    store = result.build.store()
    report = ox.NamedNode(f"{manifest['versions']['base']}report/r.tar/deep/a.md")
    told = {quad.predicate.value.rpartition("#")[2]: quad.object for quad in store.quads_for_pattern(report, None, None)}
    assert told["path"] == ox.Literal("r.tar")
    assert "line" not in told

    again = build(mixed, tmp_path / "out", jobs=1)
    assert not again.changed
    about = {label.report for finding in result.findings for label in finding.labels}
    assert {id: again.sources[id] for id in about} == {id: result.sources[id] for id in about}


def test_a_changed_archive_gives_what_a_build_from_nothing_gives(mixed: Path, tmp_path: Path) -> None:
    build(mixed, tmp_path / "out", jobs=1)
    files = {"deep/a.md": WRONG.replace("0", "8").encode(), "e.txt": b"We train Ibis-7B."}
    archive(mixed, files)
    build(mixed, tmp_path / "out", jobs=1, accept_shrink=True)
    build(mixed, tmp_path / "fresh", jobs=1)
    for name in FILES:
        if name != "run.json":
            assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes(), name


def test_batches_hold_a_bounded_amount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in memory at once does not grow with the files in an archive, however large they are."""
    monkeypatch.setattr(reading, "_HELD", 1000)
    given: list[Input | Piece] = [
        *(item for item in pieces(walk([archive(tmp_path / "r.tar", {f"{n}.txt": b"a" * 400 for n in range(40)})])[0][0])),  # type: ignore[list-item]
        *(Input(f"{n}", Path(f"{n}"), f"{n}") for n in range(40)),
    ]
    tasks = iter([(item, None) for item in given])
    counts = [len(chunk) for chunk in iter(lambda: reading._some(tasks, 16, reading._HELD), [])]
    assert counts[:13] == [3] * 13
    assert counts[13:] == [16, 16, 9]
    assert sum(counts) == len(given)
