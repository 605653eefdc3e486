"""The folder of a site: replaced whole, or left as it was."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from kg.errors import OutputError, UsageError
from kg.publish.swap import MARK, replacing


def site(folder: Path, *names: str) -> None:
    """Write a site as kg does."""
    with replacing(folder) as new:
        for name in names:
            (new / name).write_text(f"{name} of {sorted(names)}", encoding="utf-8")
        (new / MARK).write_text(json.dumps({"generator": "kg 1", "entries": [*names, MARK]}), encoding="utf-8")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "thesis.tex").touch()
    with pytest.raises(UsageError, match="what kg did not make") as error, replacing(folder):
        pytest.fail("the folder was given")
    assert "thesis.tex" in str(error.value) and names(tmp_path) == ["home"] and names(folder) == ["thesis.tex"]


@pytest.mark.parametrize("mark", ["", "{}", "[]", '{"generator": "other", "entries": ["a"]}', '{"generator": 1}', '"kg 1"'])
def test_a_mark_of_somebody_else_is_none(tmp_path: Path, mark: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / MARK).write_text(mark, encoding="utf-8")
    with pytest.raises(UsageError, match="what kg did not make"), replacing(tmp_path / "home"):
        pytest.fail("the folder was given")


def test_what_somebody_put_beside_a_site_is_not_lost(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    for name in ("CNAME", ".git", "b.txt", "c.txt"):
        (tmp_path / "site" / name).touch()
    with pytest.raises(UsageError, match="move it away") as error, replacing(tmp_path / "site"):
        pytest.fail("the folder was given")
    assert ".git, CNAME, b.txt and 1 more" in str(error.value)
    assert (tmp_path / "site" / "CNAME").exists()


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").touch()
    with pytest.raises(UsageError, match="a file, not a folder"), replacing(tmp_path / "site"):
        pytest.fail("the folder was given")


@pytest.mark.parametrize("path", [".", "..", "/", "inner/.."])
def test_a_folder_that_one_stands_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="while you stand in it"), replacing(Path(path)):
        pytest.fail("the folder was given")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="not a folder"), replacing(tmp_path / "file" / "site"):
        pytest.fail("the folder was given")


def test_a_new_site(tmp_path: Path) -> None:
    site(tmp_path / "deep" / "site", "a.html")
    assert names(tmp_path / "deep") == ["site"] and names(tmp_path / "deep" / "site") == ["a.html", MARK]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir(mode=0o750)
    site(tmp_path / "site", "a.html")
    assert names(tmp_path / "site") == ["a.html", MARK]
    assert stat.S_IMODE((tmp_path / "site").stat().st_mode) == 0o750


def test_what_is_no_longer_there_vanishes(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html", "b.html")
    site(tmp_path / "site", "b.html", "c.html")
    assert names(tmp_path / "site") == ["b.html", "c.html", MARK] and names(tmp_path) == ["site"]
    assert (tmp_path / "site" / "b.html").read_text(encoding="utf-8") == "b.html of ['b.html', 'c.html']"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    site(tmp_path / "link", "a.html")
    assert (tmp_path / "link").is_symlink() and names(tmp_path / "real") == ["a.html", MARK]


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_the_site_before_stays_when_something_fails(tmp_path: Path, error: BaseException) -> None:
    site(tmp_path / "site", "a.html")
    with pytest.raises(type(error)), replacing(tmp_path / "site") as new:
        (new / "half").mkdir()
        (new / "half" / "page.html").touch()
        raise error
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["a.html", MARK]


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    (tmp_path / ".site.kg-new" / "half").mkdir(parents=True)
    (tmp_path / ".site.kg-new" / "page.html").touch()
    site(tmp_path / "site", "b.html")
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["b.html", MARK]


def test_a_site_that_was_moved_when_a_process_was_killed_comes_back(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    (tmp_path / "site").rename(tmp_path / ".site.kg-old")
    with pytest.raises(ValueError, match="broken"), replacing(tmp_path / "site"):
        raise ValueError("broken")
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["a.html", MARK]


def test_only_one_process_writes(tmp_path: Path) -> None:
    with replacing(tmp_path / "site"):
        with pytest.raises(OutputError, match="another process is writing"), replacing(tmp_path / "site"):
            pytest.fail("the folder was given twice")
        assert (tmp_path / ".site.kg-new").is_dir()


def test_the_site_before_comes_back_when_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    with pytest.raises(OutputError, match="No such file"), replacing(tmp_path / "site") as new:
        new.rename(tmp_path / "elsewhere")
    assert names(tmp_path / "site") == ["a.html", MARK]
