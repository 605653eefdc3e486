"""Which files are read, under which ids, and what is said of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.errors import InputError, UsageError
from kg.ingest import walk
from kg.ingest._formats import kinds
from kg.model import Skipped


def tree(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Text.")
    return root


def ids(*paths: Path | str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [input.id for input in walk(paths, exclude)[0]]


def skipped(*paths: Path | str, exclude: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(Path(each.path).name, each.reason) for each in walk(paths, exclude)[1]]


def test_folders_are_searched_and_ids_sorted(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "a/z.md", "a/b/c.TXT", "Z.text", "a.markdown")
    inputs, left = walk([tmp_path])
    assert [input.id for input in inputs] == ["Z.text", "a.markdown", "a/b/c.TXT", "a/z.md", "b.txt"]
    assert inputs[2].path == tmp_path / "a" / "b" / "c.TXT"
    assert inputs[2].display == str(tmp_path / "a" / "b" / "c.TXT")
    assert left == []


def test_a_file_is_known_by_its_name(tmp_path: Path) -> None:
    tree(tmp_path, "a/b.txt")
    assert ids(tmp_path / "a" / "b.txt") == ["b.txt"]
    assert ids(str(tmp_path / "a" / "b.txt")) == ["b.txt"]


def test_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.txt", "b/c.txt")
    monkeypatch.chdir(tmp_path)
    assert [(input.id, input.display) for input in walk(["."])[0]] == [("a.txt", "a.txt"), ("b/c.txt", "b/c.txt")]


def test_other_kinds_are_told(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "a.json", "Makefile", "b.DOCX")
    assert skipped(tmp_path) == [
        ("Makefile", "files without a suffix are not read"),
        ("a.json", ".json files are not read"),
        ("b.DOCX", ".docx files are not read"),
    ]
    assert walk([tmp_path / "a.json"]) == (
        [],
        [Skipped(str(tmp_path / "a.json"), ".json files are not read", hint=f"kg reads {kinds()}")],
    )


def test_hidden_files_are_passed_over_unless_named(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", ".b.txt", ".git/c.txt")
    (tmp_path / ".kgignore").touch()
    assert (ids(tmp_path), skipped(tmp_path)) == (["a.txt"], [(".b.txt", "hidden"), (".git", "hidden")])
    assert ids(tmp_path / ".b.txt", tmp_path / ".git") == [".b.txt", "c.txt"]


def test_excludes(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "drafts/b.txt", "c/drafts/d.txt", "c/e.bak.txt", "c/keep.bak.txt")
    assert ids(tmp_path, exclude=("drafts/", "*.bak.txt", "!keep.bak.txt")) == ["a.txt", "c/keep.bak.txt"]
    assert skipped(tmp_path, exclude=("drafts/", "*.bak.txt")) == [
        ("drafts", "excluded"),
        ("e.bak.txt", "excluded"),
        ("keep.bak.txt", "excluded"),
        ("drafts", "excluded"),
    ]
    assert ids(tmp_path, exclude=("/drafts",)) == ["a.txt", "c/drafts/d.txt", "c/e.bak.txt", "c/keep.bak.txt"]


def test_ignore_files_count_from_their_folder(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "b/a.txt", "b/c.txt", "b/d/c.txt", "e/c.txt")
    (tmp_path / ".kgignore").write_text("# remark\nc.txt\n")
    (tmp_path / "b" / ".kgignore").write_text("/a.txt\n!c.txt\n")
    assert ids(tmp_path) == ["a.txt", "b/c.txt", "b/d/c.txt"]
    assert ids(tmp_path, exclude=("c.txt",)) == ["a.txt"]


def test_a_bad_pattern(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt")
    with pytest.raises(UsageError, match="--exclude: "):
        walk([tmp_path], ["!"])
    (tmp_path / ".kgignore").write_text("!\n")
    with pytest.raises(UsageError, match=r"\.kgignore: "):
        walk([tmp_path])


def test_an_ignore_file_that_is_a_folder(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", ".kgignore/b")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        walk([tmp_path])


def test_a_build_is_no_input(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "kg-out/b.txt", "other/.builds/1/c.txt", "other/.current/c.txt", "other/d.txt")
    assert ids(tmp_path) == ["a.txt"]
    assert skipped(tmp_path) == [("kg-out", "a build of kg, not an input"), ("other", "a build of kg, not an input")]
    assert ids(tmp_path / "kg-out") == ["b.txt"]


def test_parts_of_a_build_are_no_input(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "parts/kg-parts.txt", "parts/derived/part-0.txt")
    assert ids(tmp_path) == ["a.txt"]
    assert skipped(tmp_path) == [("parts", "parts of a build, not an input")]
    found, (told,) = walk([tmp_path / "parts"])
    assert (found, told.failed, told.hint) == ([], True, "kg load makes a build of them")


@pytest.mark.parametrize(
    ("name", "hint"), [("report.txt", "did you mean .*reports.txt"), ("zzz", "look into"), ("nowhere/a/b.txt", "look into")]
)
def test_a_path_that_is_not_there(tmp_path: Path, name: str, hint: str) -> None:
    tree(tmp_path, "reports.txt")
    with pytest.raises(UsageError, match=f"there is no '.*{name}'") as caught:
        walk([tmp_path / name])
    assert caught.value.hint
    assert hint.partition(" .*")[0] in caught.value.hint


def test_a_folder_without_reports(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder holds no report") as caught:
        walk([tmp_path])
    assert caught.value.hint == f"kg reads {kinds()}; - reads standard input"
    assert kinds().startswith(".")
    assert {".txt", ".md", ".jsonl"} <= set(kinds().replace(",", "").split())
    tree(tmp_path, "a.json")
    with pytest.raises(InputError, match="the folder holds no report"):
        walk([tmp_path])


def test_a_folder_whose_reports_were_named_before_is_not_empty(tmp_path: Path) -> None:
    tree(tmp_path, "a/b.txt")
    assert ids(tmp_path / "a" / "b.txt", tmp_path / "a") == ["b.txt"]
    assert ids(tmp_path, tmp_path / "a") == ["a/b.txt"]


def test_the_same_file_is_read_once(tmp_path: Path) -> None:
    tree(tmp_path, "a/b.txt")
    (tmp_path / "a" / "link.txt").symlink_to("b.txt")
    assert ids(tmp_path / "a", tmp_path / "a", tmp_path / "a" / "b.txt", tmp_path / "a" / ".." / "a") == ["b.txt"]
    assert skipped(tmp_path / "a", tmp_path / "a" / "b.txt") == [("link.txt", "the same file as b.txt")]
    assert ids(tmp_path / "a" / "link.txt") == ["link.txt"]


def test_equal_ids_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    tree(tmp_path, "x/one/a.txt", "x/two/a.txt", "y/two/a.txt", "x/one/b.txt")
    assert ids(tmp_path / "x" / "one", tmp_path / "x" / "two") == ["b.txt", "one/a.txt", "two/a.txt"]
    assert ids(tmp_path / "x" / "two" / "a.txt", tmp_path / "y" / "two") == ["x/two/a.txt", "y/two/a.txt"]
    tree(tmp_path, "z/two/a.txt", "z/a.txt")
    found = ids(tmp_path / "z", tmp_path / "x" / "one", tmp_path / "x" / "two" / "a.txt")
    assert found == ["b.txt", "one/a.txt", "x/two/a.txt", "z/a.txt", "z/two/a.txt"]


def test_standard_input() -> None:
    assert [(input.id, input.display) for input in walk(["-", "-"])[0]] == [("stdin.txt", "standard input")]


def test_links_that_lead_back_do_not_hang(tmp_path: Path) -> None:
    tree(tmp_path, "a/b.txt")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to(".")
    assert ids(tmp_path) == ["a/b.txt"]
    again = "a folder that is searched already"
    assert skipped(tmp_path) == [("self", again), ("up", again)]


def test_a_linked_folder_is_searched_once(tmp_path: Path) -> None:
    tree(tmp_path / "in", "b.txt")
    tree(tmp_path / "out", "c.txt")
    (tmp_path / "in" / "more").symlink_to(tmp_path / "out")
    assert ids(tmp_path / "in") == ["b.txt", "more/c.txt"]


def test_links_to_nothing_and_what_is_no_file(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt")
    (tmp_path / "dead.txt").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe.txt")
    _, left = walk([tmp_path])
    assert [(Path(each.path).name, each.reason, each.failed) for each in left] == [
        ("dead.txt", "a link to nothing", True),
        ("pipe.txt", "not a regular file", False),
    ]
    assert walk([tmp_path / "dead.txt"])[1][0].failed


def test_a_folder_that_cannot_be_opened(forbidden: Path) -> None:
    tree(forbidden, "a.txt", "locked/b.txt")
    locked = forbidden / "locked"
    locked.chmod(0)
    inputs, left = walk([forbidden])
    assert [input.id for input in inputs] == ["a.txt"]
    reason = "the folder cannot be opened: Permission denied"
    assert left == [Skipped(str(locked), reason, failed=True, hint=f"chmod u+rx '{locked}'")]
    assert walk([locked]) == ([], left)


def test_near_names_of_a_folder_that_cannot_be_listed(forbidden: Path) -> None:
    tree(forbidden, "locked/b.txt")
    (forbidden / "locked").chmod(0o300)
    with pytest.raises(UsageError, match="cannot be listed"):
        walk([forbidden / "locked" / "c.txt"])


def test_a_name_that_is_not_utf8_still_makes_an_id(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb") as file:
        file.write(b"Text.")
    (found,) = ids(tmp_path)
    assert found == "caf\\xe9.txt"
    assert found.encode("utf-8")


def test_the_order_of_arguments_does_not_matter_for_the_order_of_inputs(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "a.txt")
    assert ids(tmp_path / "b.txt", tmp_path / "a.txt") == ids(tmp_path / "a.txt", tmp_path / "b.txt") == ["a.txt", "b.txt"]
