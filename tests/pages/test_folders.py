"""Where the file of a page stands: a name that every server finds, and no other page's."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.pages.folders import file_of, folder_of
from kg.terms import path as path_of


@pytest.mark.parametrize(
    "path",
    ["", "models/2", "model/kestrel-7b", "report/a%20b%25.txt", "report/café.txt", "report/sub/card.md", "claim/a.txt/0-5-name-0a"],
)
def test_what_any_server_finds_stays(path: str) -> None:
    assert folder_of(path) == path


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("report/index.html", "report/index.html_"),
        ("report/INDEX.HTM", "report/INDEX.HTM_"),
        ("report/x/data.ttl", "report/x/data.ttl_"),
        ("report/x/links.json", "report/x/links.json_"),
        ("report/index.html_", "report/index.html__"),
        ("report/../../etc", "report/_../_../etc"),
        ("report/./a", "report/_./a"),
        ("report/.git/config", "report/_.git/config"),
        ("report/_.git", "report/__.git"),
        ("report//a", "report/_/a"),
        ("report/a/", "report/a/_"),
        ("report/_", "report/__"),
        ("report/%2E%2E/a", "report/_%2E%2E/a"),
    ],
)
def test_what_would_be_lost_or_meet_another(path: str, folder: str) -> None:
    assert folder_of(path) == folder


@pytest.mark.parametrize("path", ["report/" + "a" * 300, "report/" + "é" * 150, "report/a%2Fb", "report/a%00b", "report/%FF"])
def test_what_no_file_is_called_by(path: str) -> None:
    found = folder_of(path)
    assert found.startswith("report/") and "~" in found and found.count("/") == 1
    assert len(file_of(found).encode()) < 220 and found.isascii()


def test_a_path_of_many_parts_is_not_too_long() -> None:
    assert len(folder_of("report/" + "/".join(["part"] * 1000))) < 100


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=6, unique=True))
def test_different_reports_stand_in_different_folders(ids: list[str]) -> None:
    paths = {f"report/{path_of(id)}" for id in ids if not any("\ud800" <= char <= "\udfff" for char in id)}
    folders = {file_of(folder_of(path)) for path in paths}
    assert len(folders) == len(paths)
    for folder in folders:
        parts = folder.split("/")
        assert not {"", ".", ".."}.intersection(parts) and not any(part.startswith(".") for part in parts)


def test_a_server_that_decodes_finds_the_file(tmp_path: Path) -> None:
    for id in ("a b%.txt", "100%25", "q?x#y", "日本/ü.md", "a+b&c;d='e'", "back\\slash", "tab\there"):
        folder = folder_of(f"report/{path_of(id)}")
        place = tmp_path / file_of(folder)
        place.mkdir(parents=True)
        assert os.path.samefile(place, tmp_path / unquote(folder))
