"""What is wrong is said with its place and a remedy, and nothing is left behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.diff import Difference, check_format, compare
from kg.errors import BuildError, NoBuild, UnknownName
from kg.schema import load_schema
from kg.store import open_build, open_previous
from tests.command import kg
from tests.diff.small import KESTREL, MERLIN, Builds, written

TWO = {"a.txt": KESTREL, "b.txt": MERLIN}


@pytest.fixture
def out(builds: Builds, tmp_path: Path) -> Path:
    return builds.copy(TWO, tmp_path)


def damaged(out: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    path = open_build(out).path / name
    path.chmod(0o644)
    path.write_bytes(change(path.read_bytes()))
    return out


@pytest.mark.parametrize(
    ("arguments", "code", "what", "remedy"),
    [
        (["nowhere"], 2, "there is no 'nowhere'", "REVISION:PATH such as HEAD~1:reports/"),
        ([":nowhere"], 2, "there is no ':nowhere'", "REVISION:PATH such as HEAD~1:reports/"),
        (["out", "nowhere"], 2, "there is no 'nowhere'", "name the folder of a build, reports"),
        (["out", "empty"], 3, "the folder holds no report", "kg reads"),
        (["out", "reports", "--format", "txt"], 2, "no format of differences is named 'txt'", "did you mean text?"),
        (["-b", "out"], 2, "no build before the current one at out", "REVISION:PATH"),
        (["-b", "empty"], 2, "no build at empty", "kg build PATH"),
        (["reports", "-b", "nowhere"], 2, "no build at nowhere", "kg build PATH"),
        (["HEAD:reports", "reports"], 2, "not a git repository", "REVISION:PATH needs a git repository"),
    ],
    ids=str,
)
def test_wrong_arguments(out: Path, arguments: list[str], code: int, what: str, remedy: str) -> None:
    (out.parent / "empty").mkdir()
    ran = kg("diff", *arguments, cwd=out.parent, environ={"GIT_CEILING_DIRECTORIES": str(out.parents[1])})
    assert (ran.returncode, ran.stdout) == (code, "")
    assert what in ran.stderr
    assert remedy in ran.stderr


def test_without_git(out: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    ran = kg("diff", "HEAD:reports", "reports", cwd=tmp_path, environ={"PATH": str(tmp_path / "bin")})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "HEAD:reports: git is not installed" in ran.stderr
    assert "install git, or give a folder" in ran.stderr


def test_an_unknown_format_names_the_right_ones() -> None:
    with pytest.raises(UnknownName, match=r"(?s)'yaml'.*json, markdown, rdf-patch, text"):
        check_format("yaml")


def test_the_build_before_may_be_gone(out: Path) -> None:
    (out / ".previous").symlink_to(".builds/elsewhere")
    with pytest.raises(NoBuild, match="no build before the current one"):
        open_previous(out)


def difference_with(builds: Builds, out: Path) -> Difference:
    from kg.diff import Side

    return compare(builds.side("old", {"a.txt": KESTREL}), Side("new", open_build(out)), load_schema())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("claims.jsonl", lambda content: content[:-20]),
        ("claims.jsonl", lambda content: b'{"report": "a.txt"}\n'),
        ("claims.jsonl", lambda content: b"[1]\n"),
        ("claims.jsonl", lambda content: content.replace(b'"relation": "name"', b'"relation": 7')),
        ("derived.jsonl", lambda content: content[:-20]),
        ("derived.jsonl", lambda content: b'{"model": "m"}\n'),
        ("findings.json", lambda content: b"[{}]"),
        ("findings.json", lambda content: b"\xff"),
    ],
)
def test_a_damaged_build_is_told(builds: Builds, out: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    damaged(out, name, change)
    with pytest.raises(BuildError, match=rf"(?s){name}: the build cannot be read: .*hint: build again"):
        written(difference_with(builds, out))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda content: b"nonsense\n" + content, "not enough values"),
        (lambda content: content + content[:200].splitlines(keepends=True)[0], "stands in two places"),
        (lambda content: b"".join(reversed(content.splitlines(keepends=True))), "not sorted"),
    ],
)
def test_a_damaged_graph_is_told(builds: Builds, out: Path, change: Callable[[bytes], bytes], what: str) -> None:
    damaged(out, "graph.nq", change)
    with pytest.raises(BuildError, match=rf"graph.nq: the build cannot be read: .*{what}"):
        written(difference_with(builds, out), "rdf-patch")


def test_a_build_without_store_is_told(out: Path) -> None:
    path = open_build(out).path
    path.chmod(0o755)
    (path / "store").chmod(0o755)
    shutil.rmtree(path / "store")
    ran = kg("diff", out, out.parent / "reports")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "the store cannot be read" in ran.stderr


def test_reports_that_cannot_be_read_are_told_and_the_others_compared(out: Path, tmp_path: Path) -> None:
    (tmp_path / "reports" / "bad.txt").write_bytes(b"\0\0\0")
    ran = kg("diff", out, tmp_path / "reports")
    assert ran.returncode == 3
    assert f"not read: bad.txt of {tmp_path}/reports: the file is binary" in ran.stderr
    assert "+ bad.txt\n" in ran.stdout
    assert "+ KG400 error: " in ran.stdout


def test_nothing_is_left_in_the_temporary_folder(out: Path, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    for reports in ("reports", "empty"):
        (tmp_path / reports).mkdir(exist_ok=True)
        kg("diff", out, tmp_path / reports, environ={"TMPDIR": str(tmp_path / "tmp")})
        assert os.listdir(tmp_path / "tmp") == []
