"""The folder of a site: replaced whole, or left as it was."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.errors import OutputError, UsageError
from kg.publish.own import LIST, MARK, begin, foreign, listed
from kg.publish.swap import _exchange, replacing


def site(folder: Path, *names: str) -> None:
    """Write a site as kg does."""
    with replacing(folder) as new:
        for name in names:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_text(f"{name} of {sorted(names)}", encoding="utf-8")
        (new / LIST).write_bytes(listed(new))
        (new / MARK).write_text(json.dumps({"generator": "kg 1"}), encoding="utf-8")


def names(folder: Path) -> list[str]:
    """Return what stands in a folder, without what kg knows a site by."""
    return sorted(path.name for path in folder.iterdir() if path.name not in {MARK, LIST})


def home(folder: Path) -> Path:
    """Make a folder of somebody, with a file in it."""
    folder.mkdir()
    (folder / "thesis.tex").write_text("years of work", encoding="utf-8")
    return folder


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
    assert names(tmp_path / "deep") == ["site"] and names(tmp_path / "deep" / "site") == ["a.html"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir(mode=0o750)
    site(tmp_path / "site", "a.html")
    assert names(tmp_path / "site") == ["a.html"]
    assert stat.S_IMODE((tmp_path / "site").stat().st_mode) == 0o750


def test_what_is_no_longer_there_vanishes(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html", "b.html")
    site(tmp_path / "site", "b.html", "c.html")
    assert names(tmp_path / "site") == ["b.html", "c.html"] and names(tmp_path) == ["site"]
    assert (tmp_path / "site" / "b.html").read_text(encoding="utf-8") == "b.html of ['b.html', 'c.html']"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    site(tmp_path / "link", "a.html")
    assert (tmp_path / "link").is_symlink() and names(tmp_path / "real") == ["a.html"]


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_the_site_before_stays_when_something_fails(tmp_path: Path, error: BaseException) -> None:
    site(tmp_path / "site", "a.html")
    with pytest.raises(type(error)), replacing(tmp_path / "site") as new:
        (new / "half").mkdir()
        (new / "half" / "page.html").touch()
        raise error
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["a.html"]


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    (tmp_path / ".site.kg-new" / "half").mkdir(parents=True)
    (tmp_path / ".site.kg-new" / "page.html").touch()
    begin(tmp_path / ".site.kg-new")
    site(tmp_path / "site", "b.html")
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["b.html"]


def test_a_site_that_was_moved_when_a_process_was_killed_comes_back(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    (tmp_path / "site").rename(tmp_path / ".site.kg-old")
    with pytest.raises(ValueError, match="broken"), replacing(tmp_path / "site"):
        raise ValueError("broken")
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["a.html"]


def test_only_one_process_writes(tmp_path: Path) -> None:
    with replacing(tmp_path / "site"):
        with pytest.raises(OutputError, match="another process is writing"), replacing(tmp_path / "site"):
            pytest.fail("the folder was given twice")
        assert (tmp_path / ".site.kg-new").is_dir()


def test_the_site_before_comes_back_when_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    with pytest.raises(OutputError, match="No such file"), replacing(tmp_path / "site") as new:
        new.rename(tmp_path / "elsewhere")
    assert names(tmp_path / "site") == ["a.html"]


# What is not kg's ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".site.kg-new", ".site.kg-old"])
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_of_somebody_else_beside_a_site_is_not_emptied(tmp_path: Path, name: str, there: bool) -> None:
    if there:
        site(tmp_path / "site", "a.html")
    home(tmp_path / name)
    with pytest.raises(UsageError, match=r"kg did not make|no folder that kg made"), replacing(tmp_path / "site"):
        pytest.fail("the folder was given")
    assert (tmp_path / name / "thesis.tex").read_text(encoding="utf-8") == "years of work"
    assert (tmp_path / "site").exists() == there


@pytest.mark.parametrize("name", [".site.kg-new", ".site.kg-old"])
@pytest.mark.parametrize("target", ["home", "nowhere", "file", "site"])
def test_what_is_no_folder_beside_a_site_is_left_alone(tmp_path: Path, name: str, target: str) -> None:
    home(tmp_path / "home")
    (tmp_path / "file").touch()
    site(tmp_path / "site", "a.html")
    (tmp_path / name).symlink_to(target)
    with pytest.raises(UsageError, match="no folder that kg made"), replacing(tmp_path / "site"):
        pytest.fail("the folder was given")
    assert names(tmp_path / "home") == ["thesis.tex"] and names(tmp_path / "site") == ["a.html"]
    assert (tmp_path / name).is_symlink()


def test_an_empty_folder_beside_a_site_is_taken(tmp_path: Path) -> None:
    for name in (".site.kg-new", ".site.kg-old"):
        (tmp_path / name).mkdir()
    site(tmp_path / "site", "a.html")
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["a.html"]


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (["assets/custom.css"], "assets/custom.css"),
        (["data/notes.txt", "data/deep/er.txt"], "data/deep, data/notes.txt"),
        ([".git/config", ".git/HEAD", "x"], ".git, x"),
        ([f"data/{n}" for n in range(5)], "data/0, data/1, data/2 and 2 more"),
    ],
)
def test_what_somebody_put_into_a_site_is_not_lost(tmp_path: Path, own: list[str], told: str) -> None:
    site(tmp_path / "site", "assets/site.css", "data/graph.ttl", "a.html")
    for name in own:
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="what kg did not make") as error, replacing(tmp_path / "site"):
        pytest.fail("the folder was given")
    assert f"({told})" in str(error.value)
    assert {(tmp_path / "site" / name).read_text(encoding="utf-8") for name in own} == {"mine"}
    assert names(tmp_path) == ["site"]


def test_a_link_in_a_site_to_what_somebody_has_elsewhere_is_not_lost(tmp_path: Path) -> None:
    site(tmp_path / "site", "assets/site.css")
    home(tmp_path / "home")
    (tmp_path / "site" / "assets" / "site.css").unlink()
    (tmp_path / "site" / "assets").rmdir()
    (tmp_path / "site" / "assets").symlink_to(tmp_path / "home")
    with pytest.raises(UsageError, match="what kg did not make"), replacing(tmp_path / "site"):
        pytest.fail("the folder was given")
    assert names(tmp_path / "home") == ["thesis.tex"]


def test_what_somebody_puts_into_a_site_while_the_next_is_written_is_not_lost(tmp_path: Path) -> None:
    site(tmp_path / "site", "a.html")
    with pytest.raises(UsageError, match="what kg did not make"), replacing(tmp_path / "site"):
        (tmp_path / "site" / "CNAME").touch()
    assert names(tmp_path) == ["site"] and names(tmp_path / "site") == ["CNAME", "a.html"]


def test_what_was_edited_is_replaced(tmp_path: Path) -> None:
    site(tmp_path / "site", "robots.txt")
    (tmp_path / "site" / "robots.txt").write_text("mine", encoding="utf-8")
    site(tmp_path / "site", "robots.txt")
    assert "mine" not in (tmp_path / "site" / "robots.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"no gzip", None])
def test_without_its_list_everything_of_a_site_is_somebody_elses(tmp_path: Path, content: bytes | None) -> None:
    site(tmp_path / "site", "a.html")
    if content is None:
        (tmp_path / "site" / LIST).unlink()
    else:
        (tmp_path / "site" / LIST).write_bytes(content)
    assert foreign(tmp_path / "site") == ["a.html"]


def test_the_list_of_equal_folders_is_equal(tmp_path: Path) -> None:
    paths = ["a b/\n", "é/x", "a", "b/c/d"]
    for name, order in (("one", paths), ("two", paths[::-1])):
        for path in order:
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).touch()
    assert listed(tmp_path / "one") == listed(tmp_path / "two")


# When the swap itself goes wrong -----------------------------------------------------------------------------------------------


def test_a_site_before_that_cannot_be_removed(forbidden: Path) -> None:
    site(forbidden / "site", "deep/a.html")
    (forbidden / "site" / "deep").chmod(0o500)
    with pytest.raises(OutputError, match="the site before cannot be removed") as error, replacing(forbidden / "site") as new:
        (new / "b.html").touch()
    assert "as it was" not in str(error.value) and str(forbidden / ".site.kg-old") in str(error.value)
    assert (forbidden / "site" / "b.html").exists() and not (forbidden / ".site.kg-new").exists()
    assert (forbidden / ".site.kg-old" / LIST).exists()  # the next process knows what it is
    (forbidden / ".site.kg-old" / "deep").chmod(0o700)
    (forbidden / "site" / "b.html").unlink()
    site(forbidden / "site", "c.html")
    assert names(forbidden) == ["site"] and names(forbidden / "site") == ["c.html"]


def test_the_site_before_comes_back_when_the_last_step_fails(forbidden: Path) -> None:
    site(forbidden / "site", "a.html")
    (forbidden / "closed" / "new").mkdir(parents=True)
    (forbidden / "closed").chmod(0o500)
    with pytest.raises(PermissionError):
        _exchange(forbidden / "closed" / "new", forbidden / "old", forbidden / "site")
    assert names(forbidden / "site") == ["a.html"] and not (forbidden / "old").exists()


def test_many_processes_write_one_after_the_other(tmp_path: Path) -> None:
    def write(number: int) -> bool:
        try:
            site(tmp_path / "site", f"{number}.html")
        except OutputError as error:
            assert "another process is writing" in str(error)
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(write, range(200)))
    assert any(done) and names(tmp_path) == ["site"] and len(names(tmp_path / "site")) == 1


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    site(tmp_path / "site", "a.html")
    site(tmp_path / "site", "a.html")
    home(tmp_path / ".site.kg-new")
    with pytest.raises(UsageError), replacing(tmp_path / "site"):
        pytest.fail("the folder was given")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
