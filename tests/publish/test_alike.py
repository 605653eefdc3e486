"""Pages whose files are called alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import OutputError
from kg.publish.alike import refuse_alike

PAGES = ["report/A.txt", "report/a.txt", "report/b.txt"]


def test_two_pages_that_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "report" / "a.txt").mkdir(parents=True)
    (tmp_path / "report" / "A.txt").symlink_to("a.txt")  # as a file system that ignores case has it
    with pytest.raises(OutputError, match=r"the pages report/A\.txt and report/a\.txt would be one file") as error:
        refuse_alike(tmp_path, Path("site"), PAGES, lambda _: None)
    assert error.value.where == "site"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], None),
        (["A.txt", "b.txt"], None),
        (["A.txt", "a.txt"], "report/A.txt and report/a.txt;"),
        (["\u00e9", "e\u0301"], "report/e\u0301 and report/\u00e9;"),
        (["a", "A", "b", "B", "c", "C", "d", "D"], "report/A and report/a; report/B and report/b; report/C and report/c; ...;"),
    ],
)
def test_pages_that_would_be_one_file_elsewhere(names: list[str], told: str | None, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / "report" / name).mkdir(parents=True)
    said: list[str] = []
    refuse_alike(tmp_path, Path("site"), [f"report/{name}" for name in names], said.append)
    assert len(said) == (told is not None) and (told is None or told in said[0])
