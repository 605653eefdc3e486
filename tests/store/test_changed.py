"""A store that is changed where graph.nq differs holds what one that is loaded from nothing holds."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.store import GRAPH, STORE, _loader, _loading, remedy
from kg.store._changed import Changing
from kg.store._loader import differences

LINES = st.lists(st.integers(0, 400), unique=True, max_size=60).map(sorted)


def line(number: int) -> bytes:
    return f"<x:{number}> <x:p> <x:{'o' * (number % 13)}> .\n".encode()


def written(path: Path, numbers: Sequence[int]) -> Path:
    path.write_bytes(b"".join(map(line, numbers)))
    return path


@given(LINES, LINES, st.sampled_from([7, 30, 64, 500]))
def test_what_differs_is_found_however_little_is_looked_at_at_once(old: list[int], new: list[int], block: int) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(_loader, "_BLOCK", block)
        found = list(differences(written(Path(folder, "old"), old), written(Path(folder, "new"), new)))
    assert [item for gone, _ in found for item in gone] == [line(number) for number in old if number not in new]
    assert [item for _, came in found for item in came] == [line(number) for number in new if number not in old]


def stored(folder: Path) -> set[str]:
    return {str(quad) for quad in ox.Store.read_only(str(folder)).quads_for_pattern(None, None, None)}


def loaded(folder: Path, numbers: Sequence[int]) -> Path:
    """Return the folder of a build of some lines."""
    folder.mkdir()
    graph = written(folder / GRAPH, numbers)
    loading = _loading.Loading(folder / STORE)
    loading.load([(graph, 0, graph.stat().st_size)])
    loading.end()
    loading.stop()
    return folder


def changed(folder: Path, before: Path, numbers: Sequence[int]) -> set[str]:
    folder.mkdir()
    written(folder / GRAPH, numbers)
    changing = Changing(folder / STORE, before, GRAPH, STORE)
    changing.end()
    changing.stop()
    return stored(folder / STORE)


def test_the_store_is_that_of_the_file_and_the_one_before_stays(tmp_path: Path) -> None:
    before = loaded(tmp_path / "before", range(0, 300, 2))
    was = stored(before / STORE)
    numbers = sorted({*range(0, 300, 3), 401})
    assert changed(tmp_path / "after", before, numbers) == stored(loaded(tmp_path / "anew", numbers) / STORE)
    assert stored(before / STORE) == was


@pytest.mark.parametrize("damage", ["store", "graph"])
def test_where_the_build_before_is_damaged_everything_is_loaded(tmp_path: Path, damage: str) -> None:
    before = loaded(tmp_path / "before", range(50))
    if damage == "store":
        for path in (before / STORE).iterdir():
            path.write_bytes(b"")
    else:
        (before / GRAPH).write_bytes(b"no quad\n")
    assert len(changed(tmp_path / "after", before, range(10, 90))) == 80


def test_where_everything_is_loaded_it_is_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = loaded(tmp_path / "before", range(50))
    (before / GRAPH).write_bytes(b"no quad\n")
    parts: list[tuple[int, int]] = []
    load = _loading.Loading.load

    def noted(self: _loading.Loading, pieces: Sequence[_loading.Piece]) -> None:
        parts.extend((start, end) for _, start, end in pieces)
        load(self, pieces)

    monkeypatch.setattr(_loading, "_MOST", 1000)
    monkeypatch.setattr(_loading.Loading, "load", noted)
    assert len(changed(tmp_path / "after", before, range(10, 90))) == 80
    size = (tmp_path / "after" / GRAPH).stat().st_size
    assert [start for start, _ in parts] == [0, *(end for _, end in parts[:-1])] and parts[-1][1] == size
    assert all(1000 <= end - start < 1060 for start, end in parts[:-1]) and len(parts) > 2


def test_a_loader_that_is_killed_is_told(tmp_path: Path) -> None:
    loading = _loading.Loading(tmp_path / STORE)
    os.kill(loading._loader._process.pid, signal.SIGKILL)
    with pytest.raises(OSError, match="the process that loads the store was stopped from outside") as told:
        loading.end()
    loading.stop()
    what = "the process that loads the store was stopped from outside"
    assert remedy(told.value) == (what, "there may be too little memory: free some")
