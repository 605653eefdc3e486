"""An export takes its place whole or not at all, and nothing is replaced that kg has not exported."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from kg.errors import OutputError, UsageError
from kg.export.tables import Built, write_tables
from kg.export.tables.placing import replacing
from tests.command import kg


def any_place(place: Path) -> bool:
    return True


def write(target: Path, text: str, is_own: Callable[[Path], bool] = any_place) -> None:
    """Write a folder with one file."""
    with replacing(target, is_own) as (new, _):
        new.mkdir()
        (new / "a").write_text(text)


@pytest.mark.parametrize(
    ("target", "format", "what"),
    [
        (None, "parquet", "the export parquet is a folder of tables\n  hint: say with -o where it goes"),
        (None, "duckdb", "the export duckdb is a file of tables\n  hint: say with -o"),
        ("claims.parquet", "parquet", "a folder of tables, not a file\n  hint: name a folder with -o"),
        ("folder", "duckdb", "this is a folder\n  hint: name a file in it"),
        ("folder", "parquet", "this holds what kg did not export\n  hint: move it away"),
        ("file", "parquet", "this holds what kg did not export"),
        ("pipe", "duckdb", "this holds what kg did not export"),
        ("no/tables", "parquet", "there is no folder '.*no'\n  hint: make it first"),
        ("file/tables", "parquet", "there is no folder"),
    ],
)
def test_what_is_no_place(built: Built, tmp_path: Path, target: str | None, format: str, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/mine.parquet").write_text("mine")
    (tmp_path / "file").write_text("mine")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=what):
        write_tables(built, format, None if target is None else tmp_path / target)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "mine.parquet", "pipe"]


def test_a_database_that_somebody_has_open_is_not_replaced(built: Built, database: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.duckdb"
    shutil.copy(database, target)
    with duckdb.connect(str(target)) as connection:
        connection.execute("CREATE TABLE mine (a INTEGER)")
        assert target.with_name("x.duckdb.wal").exists()
        with pytest.raises(UsageError, match="somebody has changes open in the database that stands here\n  hint: close the"):
            write_tables(built, "duckdb", target)
    write_tables(built, "duckdb", target)
    with duckdb.connect(str(target), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM models").fetchall() == [(built.manifest["counts"]["models"],)]


def test_an_export_replaces_the_one_before_and_an_empty_folder(built: Built, parquet: Path, tmp_path: Path) -> None:
    target = tmp_path / "tables"
    target.mkdir(mode=0o750)
    write_tables(built, "parquet", target, "Kestrel-7B")
    small = (target / "claims.parquet").read_bytes()
    write_tables(built, "parquet", target)
    assert (target / "claims.parquet").read_bytes() == (parquet / "claims.parquet").read_bytes() != small
    assert stat.S_IMODE(target.stat().st_mode) == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there/a").read_text() == "new"


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path / "tables", "old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "tables", any_place) as (new, meanwhile):
        new.mkdir()
        (meanwhile / "x").touch()
        raise ZeroDivisionError
    assert (tmp_path / "tables/a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_what_cannot_be_put_in_its_place_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path / "tables", "old")
    with (
        pytest.raises(OutputError, match="cannot be written: No such file or directory\n  hint: see whether"),
        replacing(tmp_path / "tables", any_place),
    ):
        pass  # nothing was written
    assert (tmp_path / "tables/a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_what_was_put_there_meanwhile_stays(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="this holds what kg did not export"),
        replacing(tmp_path / "tables", lambda place: False) as (new, _),
    ):
        new.mkdir()
        (tmp_path / "tables").write_text("mine")
    assert (tmp_path / "tables").read_text() == "mine"


@pytest.mark.parametrize("moved", [True, False])
def test_what_a_killed_process_left_is_cleared(tmp_path: Path, moved: bool) -> None:
    scratch = tmp_path / ".tables.kg-new"
    for name in ("old", "new", "meanwhile"):
        (scratch / name).mkdir(parents=True)
    (scratch / "file").touch()
    (scratch / "old/a").write_text("old")
    if not moved:
        write(tmp_path / "elsewhere", "published")
        (tmp_path / "elsewhere").rename(tmp_path / "tables")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "tables", any_place):
        raise ZeroDivisionError
    assert (tmp_path / "tables/a").read_text() == ("old" if moved else "published")
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_another_process_that_writes_there_is_not_disturbed(tmp_path: Path) -> None:
    scratch = tmp_path / ".tables.kg-new"
    scratch.mkdir()
    (scratch / "new").touch()
    lock = os.open(scratch, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with pytest.raises(OutputError, match="another process is exporting to this place\n  hint: wait until it ends"):
            write(tmp_path / "tables", "new")
    finally:
        os.close(lock)
    assert [path.name for path in scratch.iterdir()] == ["new"]


def test_a_folder_that_cannot_be_written_to(built: Built, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: File name too long\n  hint: see whether it can"):
        write_tables(built, "parquet", tmp_path / ("x" * 300))


def full() -> None:
    """Let no file grow beyond 4 kB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.parametrize("format", ["parquet", "duckdb"])
def test_a_full_disk_leaves_what_was_there(format: str, built: Built, tmp_path: Path) -> None:
    target = tmp_path / "export"
    write_tables(built, format, target, "Owl-1B")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    ran = kg("export", format, "-b", built.folder, "-o", target, before=full)
    assert ran.returncode == 3, ran.stderr
    assert re.search(r"^error: .*export: cannot be written: ", ran.stderr)
    assert "hint: raise the limit of a file's size (ulimit -f)" in ran.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_command_takes_the_format_as_an_option(built: Built, parquet: Path, tmp_path: Path) -> None:
    ran = kg("export", "--format", "parquet", "-b", built.folder, "-o", tmp_path / "tables")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert (tmp_path / "tables/facts.parquet").read_bytes() == (parquet / "facts.parquet").read_bytes()


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (["csv", "--format", "duckdb"], "two formats are asked for, csv and duckdb"),
        ([], "no format is given\n  hint: choose one of: csv, duckdb, jsonld"),
        (["duckdb"], "the export duckdb is a file of tables"),
    ],
)
def test_wrong_use_of_the_command(flags: list[str], what: str, built: Built) -> None:
    ran = kg("export", *flags, "-b", built.folder)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert what in ran.stderr
