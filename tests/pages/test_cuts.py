"""A long report is cut into pages where a reader would cut it, and always in the same places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.pages._cuts import LONGEST, cuts, page_of

LINE = "The model was trained on 64 GPUs. "


@pytest.mark.parametrize("text", ["", "one line", "x" * LONGEST, "x" * (LONGEST + LONGEST // 4)])
def test_a_short_text_is_one_page(text: str) -> None:
    assert cuts(text) == (0,)
    assert page_of(text, len(text)) == 1


@pytest.mark.parametrize(
    ("end", "filling"),
    [("\f", "a\nb. "), ("\n\n", "a\nb. "), ("\n", "a b. "), (". ", "a b "), ("。", "ab "), (" ", "ab"), (".” ", "a b c ")],
)
def test_a_page_ends_at_the_strongest_break(end: str, filling: str) -> None:
    before = (filling * LONGEST)[: LONGEST - 5_000] + end
    assert cuts(before + (filling * LONGEST)[: LONGEST * 2])[1] == len(before)


def test_a_text_without_any_break_is_cut_all_the_same() -> None:
    assert cuts("x" * (3 * LONGEST)) == (0, LONGEST, 2 * LONGEST)


@pytest.mark.parametrize("joined", ["e\u0301", "👩‍", "👍🏽", "a\ufe0f"])
def test_a_page_does_not_begin_with_what_belongs_to_the_character_before(joined: str) -> None:
    text = "x" * (LONGEST - 1) + joined + "y" * LONGEST
    start = cuts(text)[1]
    assert start in {LONGEST - 1, LONGEST + len(joined) - 1}


def test_ten_megabytes_are_cut_at_once() -> None:
    text = LINE * 300_000
    starts = cuts(text)
    assert len(text) > 10_000_000
    sizes = [end - start for start, end in zip(starts, (*starts[1:], len(text)), strict=True)]
    assert max(sizes) <= LONGEST + LONGEST // 4
    assert min(sizes[:-1]) >= 3 * LONGEST // 4


@given(st.text("ab.\n\f \u0301"), st.integers(1, 60), st.integers(-5, 500_000))
def test_every_character_is_on_the_page_that_it_is_said_to_be_on(some: str, times: int, offset: int) -> None:
    text = (some + LINE * 200) * times
    starts = (*cuts(text), len(text) + 1)
    assert list(starts) == sorted(set(starts))
    page = page_of(text, offset)
    inside = min(max(offset, 0), len(text))
    assert starts[page - 1] <= inside < starts[page]
