"""White space folded, and the places of words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.decisions import fold, folded, hash_of

ANY = st.text(st.sampled_from("ab1 \n\t.,\u00a0\u3000模型\ud800é"), max_size=40) | st.text(max_size=40)


@given(ANY)
def test_what_is_found_folded_is_the_same_words_in_the_text(text: str) -> None:
    found = fold(text)
    for start in range(len(found.text)):
        for end in range(start + 1, min(len(found.text), start + 6) + 1):
            words = found.text[start:end]
            if words.strip() == words:
                span = found.span(start, end)
                assert folded(text[span.start : span.end]) == words
                assert found.offset(span.start) == start


@given(ANY)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.lists(st.sampled_from(["64", "A100", "GPUs.", "模型", "é"]), min_size=1), st.data())
def test_lines_may_be_wrapped_anew(words: list[str], data: st.DataObject) -> None:
    spaces = st.sampled_from([" ", "\n", "\n\n  ", "\t", " \r\n", "\u00a0"])
    one, other = ("".join(f"{data.draw(spaces)}{word}" for word in words) for _ in range(2))
    assert folded(one) == folded(other)
    assert hash_of(one) == hash_of(other)


@pytest.mark.parametrize(
    ("text", "words", "places"),
    [
        ("164 GPUs, 64 GPUs", "64 GPUs", [10]),
        ("AdamW and Adam", "Adam", [10]),
        ("1,024 and 024 and 1.024", "024", [10]),
        ("1,024 or 1", "1", [9]),
        ("64 of 64.", "64", [0, 6]),
        ("8x A100", "A100", [3]),
        ("模型大小", "型大", [1]),
        ("a", "", []),
        ("a", "b", []),
    ],
)
def test_whole_words_are_found(text: str, words: str, places: list[int]) -> None:
    assert list(fold(text).find(words)) == places
