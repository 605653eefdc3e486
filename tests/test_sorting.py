"""Rows that fit into memory, and rows that do not, come back alike: sorted, equal keys in the order they came."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.sorting import Sorter

ROWS = st.lists(st.tuples(st.binary(max_size=6), st.binary(max_size=9)), max_size=40)


@given(rows=ROWS, most=st.sampled_from([0, 400, 1_000, 1 << 20]))
def test_rows_are_sorted_by_key_and_keep_their_order(rows: list[tuple[bytes, bytes]], most: int) -> None:
    with Sorter(most=most) as sorter:
        for row in rows:
            sorter.add(*row)
        wanted = sorted(rows, key=itemgetter(0))
        assert list(sorter) == wanted
        assert list(sorter) == wanted, "they are given a second time"
    assert list(sorter) == []


@pytest.mark.parametrize("size", [1, 65_528, 65_536, 65_537, 200_000])
def test_a_row_larger_than_what_is_read_at_once_comes_back(tmp_path: Path, size: int) -> None:
    rows = [(b"b", b"x" * size), (b"a", b""), (b"a" * size, b"y"), (b"", b"z")]
    with Sorter(tmp_path, most=1) as sorter:
        for key, value in rows:
            sorter.add(key, value)
        assert list(sorter) == sorted(rows, key=itemgetter(0))


def test_rows_can_be_added_after_they_were_asked_for(tmp_path: Path) -> None:
    with Sorter(tmp_path, most=300) as sorter:
        for number in (3, 1, 2):
            sorter.add(b"%d" % number)
        assert [key for key, _ in sorter] == [b"1", b"2", b"3"]
        sorter.add(b"0")
        assert [key for key, _ in sorter] == [b"0", b"1", b"2", b"3"]


def test_what_waits_on_the_disk_has_no_name_and_is_where_it_should_be(tmp_path: Path) -> None:
    with Sorter(tmp_path, most=1) as sorter:
        sorter.add(b"a")
        sorter.add(b"b")
        assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_told_of_when_it_is_needed(tmp_path: Path) -> None:
    Sorter(tmp_path / "none").add(b"a")
    with pytest.raises(FileNotFoundError, match="none"):
        Sorter(tmp_path / "none", most=1).add(b"a")
