"""Reports of git revisions: in a repository of its own, from its top, from below it, and in its working tree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kg.diff import is_revision, unpack
from kg.errors import InputError, UnknownName, UsageError
from tests.command import kg
from tests.diff.small import KESTREL, MERLIN, write_reports


def git(repository: Path, *arguments: str) -> str:
    names = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = os.environ | names | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    ran = subprocess.run(["git", *arguments], cwd=repository, env=environment, check=True, capture_output=True, text=True)
    return ran.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a working tree with two revisions, and a change in the tree that is in none."""
    folder = tmp_path_factory.mktemp("repository")
    reports = write_reports(folder / "reports", {"a.txt": KESTREL, "deep/b.txt": MERLIN})
    (folder / "other").mkdir()
    (folder / "other" / "note.md").write_text("Nothing.\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "tag", "v1")
    (reports / "a.txt").write_text(KESTREL.replace("7 billion", "8 billion"))
    (reports / "link.txt").symlink_to("deep/b.txt")
    (reports / "outside.txt").symlink_to("/etc/hostname")
    (reports / "up.txt").symlink_to("../other/note.md")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "second")
    (reports / "a.txt").write_text(KESTREL.replace("7 billion", "9 billion"))
    return folder


@pytest.fixture
def inside(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository)
    return repository


@pytest.mark.parametrize(
    ("below", "named", "file", "size"),
    [
        (".", "v1:reports/", "reports/a.txt", "7"),
        (".", "HEAD~1:reports", "reports/a.txt", "7"),
        (".", "HEAD:reports", "reports/a.txt", "8"),
        (".", "main:./reports", "reports/a.txt", "8"),
        (".", "main:reports/a.txt", "a.txt", "8"),
        (".", "v1:", "reports/reports/a.txt", "7"),
        ("reports", "v1:reports", "reports/a.txt", "7"),
        ("reports", "HEAD:./", "reports/a.txt", "8"),
        ("reports", "HEAD:./a.txt", "a.txt", "8"),
        ("other", "v1:../reports", "reports/a.txt", "7"),
    ],
)
def test_files_of_a_revision_are_unpacked(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str, named: str, file: str, size: str
) -> None:
    monkeypatch.chdir(repository / below)
    unpack(named, tmp_path)
    assert (tmp_path / file).read_text() == KESTREL.replace("7 billion", f"{size} billion")


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("v1:reports/", "reports/", "v1:reports/a.txt", "reports/a.txt"),
        ("v1:reports/a.txt", "HEAD:./reports/a.txt", "v1:reports/a.txt", "HEAD:./reports/a.txt"),
        ("HEAD~1:", "HEAD:", "HEAD~1:reports/a.txt", "HEAD:reports/a.txt"),
    ],
)
def test_revisions_are_compared_and_their_paths_are_git_s(repository: Path, before: str, after: str, old: str, new: str) -> None:
    ran = kg("diff", before, after, "--exit-code", cwd=repository)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert f" --> {old}:1:48  (chars 47..56)\n" in ran.stdout
    assert f" ::: {new}:1:48  (chars 47..56)\n" in ran.stdout


def test_only_what_the_revision_holds_is_unpacked(inside: Path, tmp_path: Path) -> None:
    folder = unpack("HEAD:reports", tmp_path)
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert found == ["a.txt", "deep", "deep/b.txt", "link.txt"]
    assert os.readlink(folder / "link.txt") == "deep/b.txt"
    assert sorted(os.listdir(tmp_path)) == ["reports"]


def test_git_is_not_changed(inside: Path, tmp_path: Path) -> None:
    before = git(inside, "status", "--porcelain"), git(inside, "rev-parse", "HEAD")
    unpack("v1:reports", tmp_path)
    assert (git(inside, "status", "--porcelain"), git(inside, "rev-parse", "HEAD")) == before


@pytest.mark.parametrize(
    ("named", "hint"),
    [("mian:reports", "did you mean main"), ("V1:reports", "v1"), ("0000000:reports", "choose one of"), ("--all:reports", "HEAD")],
)
def test_an_unknown_revision_names_the_near_ones(inside: Path, tmp_path: Path, named: str, hint: str) -> None:
    with pytest.raises(UnknownName, match=rf"(?s)no revision is named '{named.partition(':')[0]}'.*hint: .*{hint}"):
        unpack(named, tmp_path)


@pytest.mark.parametrize(
    "named", ["v1:nowhere", "v1:reports/nowhere.txt", "v1:reports/link.txt", "HEAD:../reports", "v1:reports/a.txt/x"]
)
def test_a_path_that_is_not_in_the_revision(inside: Path, tmp_path: Path, named: str) -> None:
    revision, _, path = named.partition(":")
    with pytest.raises(UsageError, match=rf"(?s){named}: there is no '{path}' in {revision}\n.*git ls-tree {revision}"):
        unpack(named, tmp_path)


def test_a_repository_that_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_reports(tmp_path / "repository", {"reports/a.txt": KESTREL})
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    id = git(folder, "rev-parse", "HEAD:reports/a.txt").strip()
    path = folder / ".git" / "objects" / id[:2] / id[2:]
    path.chmod(0o644)
    path.write_bytes(b"nonsense")
    monkeypatch.chdir(folder)
    (tmp_path / "files").mkdir()
    with pytest.raises(InputError, match=r"main:reports: git cannot give it out: .*(?s:.)*git fsck"):
        unpack("main:reports", tmp_path / "files")


def test_a_bare_repository_will_do(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    monkeypatch.chdir(tmp_path / "bare.git")
    (tmp_path / "files").mkdir()
    assert (unpack("main:reports", tmp_path / "files") / "a.txt").read_text() == KESTREL.replace("7 billion", "8 billion")


@pytest.mark.parametrize(("text", "expected"), [("main:reports", True), ("main:", True), (":reports", False), ("reports", False)])
def test_what_can_name_a_revision(text: str, expected: bool) -> None:
    assert is_revision(text) is expected


def test_a_file_with_a_colon_in_its_name_is_a_file(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "v1:reports").mkdir()
    write_reports(tmp_path / "v1:reports", {"a.txt": MERLIN})
    write_reports(tmp_path / "same", {"a.txt": MERLIN})
    ran = kg("diff", "v1:reports", "same", "--exit-code", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
