"""Where an export can go: files, links, pipes; and what is answered when it cannot."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from kg.errors import OutputError, UsageError
from kg.export import write_file


def test_a_file_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    write_file(path, b"one")
    path.chmod(0o640)
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["claims.csv"]


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder/target.csv", tmp_path / "link.csv"
    if exists:
        target.write_bytes(b"old")
    link.symlink_to("folder/target.csv")
    write_file(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()), daemon=True)
    reader.start()
    write_file(path, b"words")
    reader.join(60)
    assert read == [b"words"]
    assert path.is_fifo()


def test_a_device_is_written_to() -> None:
    write_file(Path("/dev/null"), b"words")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OutputError, match=r"^/dev/full: cannot be written: No space left on device\n  hint: choose another file"):
        write_file(Path("/dev/full"), b"words")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"^{tmp_path}: this is a folder\n  hint: name a file in it"):
        write_file(tmp_path, b"")


@pytest.mark.parametrize("is_file", [True, False])
def test_a_missing_folder_is_named_as_it_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_file: bool) -> None:
    monkeypatch.chdir(tmp_path)
    if is_file:
        Path("no").touch()
    with pytest.raises(UsageError, match=r"^no/claims\.csv: there is no folder 'no'\n  hint: make it first"):
        write_file(Path("no/claims.csv"), b"")
    assert os.listdir() == ["no"] * is_file


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)
    with pytest.raises(OutputError, match=rf"^{path}: cannot be written: File name too long"):
        write_file(path, b"")


def test_a_link_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="cannot be written: Too many levels of symbolic links"):
        write_file(tmp_path / "a", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
