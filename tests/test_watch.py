"""Watching: what counts as a change, and that none is lost."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.watch import Watched, state, watch

Change = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of reports, with a build in it."""
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/out").mkdir()
    (tmp_path / "in/a.txt").write_text("one")
    (tmp_path / "in/deep/b.txt").write_text("two")
    return tmp_path / "in"


def again(path: Path) -> None:
    """Write a file as it is, a little later."""
    about = path.stat()
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 1000))


CHANGES: dict[str, Change] = {
    "a file is new": lambda folder: (folder / "c.txt").write_text(""),
    "a file is written": lambda folder: (folder / "deep/b.txt").write_text("three"),
    "a file is written as it was": lambda folder: again(folder / "a.txt"),
    "a file is gone": lambda folder: (folder / "a.txt").unlink(),
    "a file has another name": lambda folder: (folder / "a.txt").rename(folder / "z.txt"),
    "a folder is new": lambda folder: (folder / "new").mkdir(),
    "a folder is gone": lambda folder: shutil.rmtree(folder / "deep"),
    "all is gone": lambda folder: folder.rename(folder.with_name("elsewhere")),
    "patterns are new": lambda folder: (folder / ".kgignore").write_text("a.txt"),
    "a link is new": lambda folder: (folder / "link").symlink_to("nowhere"),
}
OTHERS: dict[str, Change] = {
    "nothing": lambda folder: None,
    "the build": lambda folder: (folder / "out/graph.nq").write_text(""),
    "a hidden file": lambda folder: (folder / ".a.txt.swp").write_text(""),
    "a hidden folder": lambda folder: (folder / "deep/.git").mkdir(),
    "a file beside": lambda folder: (folder.parent / "x.txt").write_text(""),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_a_change(folder: Path, name: str) -> None:
    before = state(Watched([folder]), folder / "out")
    CHANGES[name](folder)
    assert state(Watched([folder]), folder / "out") != before


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_none(folder: Path, name: str) -> None:
    before = state(Watched([folder]), folder / "out")
    OTHERS[name](folder)
    assert state(Watched([folder]), folder / "out") == before


@pytest.mark.parametrize(
    ("exclude", "ignored"),
    [
        (["log.txt", "drafts/", "/deep/c.txt"], ""),
        ([], "log.txt\n/deep/c.txt\ndrafts/\n"),
        (["log.txt"], "deep/\ndrafts/\n"),
        (["deep/", "drafts"], "*.txt\n!a.txt\n"),
    ],
)
@pytest.mark.parametrize("here", [False, True])
def test_what_is_left_out_is_no_change(
    folder: Path, exclude: list[str], ignored: str, here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    watched = Watched([Path() if here else folder], exclude=exclude)
    (folder / ".kgignore").write_text(ignored)
    before = state(watched, folder / "out")
    (folder / "drafts").mkdir()
    for path in ("log.txt", "deep/c.txt", "drafts/d.txt"):
        (folder / path).write_text("")
    os.utime(folder, (1, 1))
    assert state(watched, folder / "out") == before
    (folder / "e.md").write_text("")
    assert state(watched, folder / "out") != before


def test_what_the_user_names_is_not_left_out(folder: Path) -> None:
    (folder / ".kgignore").write_text("*\n")
    watched = Watched([folder / "a.txt"], [folder / "deep/b.txt"], ["*"])
    for path in (folder / "a.txt", folder / "deep/b.txt"):
        before = state(watched, folder / "out")
        path.write_text("another")
        assert state(watched, folder / "out") != before


def test_patterns_that_are_none_leave_nothing_out(folder: Path) -> None:
    (folder / ".kgignore").write_text("!\n")
    before = state(Watched([folder], exclude=["!"]), folder / "out")
    (folder / "a.txt").write_text("another")
    assert state(Watched([folder], exclude=["!"]), folder / "out") != before


def test_a_file_that_is_not_there_yet(folder: Path) -> None:
    file = folder.parent / "kg.toml"
    before = state(Watched([folder], [file]), folder / "out")
    file.write_text("")
    assert state(Watched([folder], [file]), folder / "out") != before


def test_a_folder_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(Watched([folder]), folder / "out")
    refused = PermissionError(13, "Permission denied")

    def listdir(path: str) -> object:
        raise refused

    monkeypatch.setattr(os, "listdir", listdir)
    assert state(Watched([folder]), folder / "out") != before


def test_what_a_link_leads_to_counts_and_a_circle_ends(folder: Path) -> None:
    (folder.parent / "linked").mkdir()
    (folder / "link").symlink_to("../linked")
    (folder / "deep/back").symlink_to("..")
    before = state(Watched([folder]), folder / "out")
    (folder.parent / "linked/c.txt").write_text("")
    assert state(Watched([folder]), folder / "out") != before


@pytest.fixture(params=["watchfiles", "polling"])
def told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Say whether the system tells of changes, or somebody has to look."""
    name: str = request.param
    if name == "polling":
        monkeypatch.setitem(sys.modules, "watchfiles", None)
    return name


def acts(folder: Path, *changes: Change) -> Callable[[], None]:
    """Return what makes a change each time that it is called, and then ends as Ctrl-C does."""
    waiting = list(changes)

    def act() -> None:
        if not waiting:
            raise KeyboardInterrupt
        waiting.pop(0)(folder)

    return act


def test_changes_while_it_acts_are_not_lost(folder: Path, told: str) -> None:
    names = ["a file is new", "a file is written", "a file has another name", "a folder is gone", "all is gone"]
    with pytest.raises(KeyboardInterrupt):
        watch(acts(folder, *(CHANGES[name] for name in names)), lambda: Watched([folder]), folder / "out", 0.01)
    assert (folder.parent / "elsewhere/z.txt").read_text() == "one"


def test_a_file_that_is_written_all_the_time_does_not_keep_it_waiting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.watch.LONGEST", 0.6)
    log, ended, acted = folder / "log.txt", threading.Event(), 0

    def write() -> None:
        for number in range(2000):  # 20 seconds at least, in case nothing else ends it
            log.write_text(str(number))
            if ended.wait(0.01):
                return

    def act() -> None:
        nonlocal acted
        acted += 1
        if acted == 3 or not writing.is_alive():
            raise KeyboardInterrupt

    writing = threading.Thread(target=write)
    writing.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            watch(act, lambda: Watched([folder]), folder / "out", 0.01)
        assert writing.is_alive()
        assert acted == 3
    finally:
        ended.set()
        writing.join()


def test_a_file_that_watchfiles_cannot_see_is_found_by_looking(folder: Path, told: str) -> None:
    file = folder.parent / "kg.toml"
    with pytest.raises(KeyboardInterrupt):
        watch(acts(folder, lambda _: file.write_text("")), lambda: Watched([folder], [file]), folder / "out", 0.01)


def test_where_the_system_has_no_watches_left_somebody_looks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*paths: Path, **options: object) -> None:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", none_left)
    with pytest.raises(KeyboardInterrupt):
        watch(acts(folder, CHANGES["a file is new"]), lambda: Watched([folder]), folder / "out", 0.01)


def test_a_watchfiles_that_lacks_something_itself_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "watchfiles").mkdir()
    (tmp_path / "watchfiles/__init__.py").write_text("import a_part_that_is_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "watchfiles"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError, match="a_part_that_is_missing"):
        watch(lambda: None, lambda: Watched([folder]), folder / "out", 0.01)
