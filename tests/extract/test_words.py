"""The words of a sentence by place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract.rules.words import Words, folded
from tests.extract.scanning import parsed

TEXT = "Training took 3.5 days, on 64 GPUs."


def words(text: str = TEXT) -> Words:
    (sentence,) = parsed(text)
    return Words.of(sentence)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peak Learning-Rate", ["peak", "learning-rate"]),
        ("16,384 and 0.5", ["0", "and", "0"]),
        ("β1 = 0.9", ["0", "=", "0"]),  # letters of other scripts are no words
        ("the model's (ours)", ["the", "model's", "(", "ours", ")"]),
        ("C++ x3", ["c++", "x3"]),
        ("", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("place", "before", "after"),
    [
        (0, ("<s>", "<s>"), ("training", "took")),
        (TEXT.index("3.5"), ("took", "training"), ("0", "days")),
        (TEXT.index("64"), ("on", ","), ("0", "gpus")),
        (TEXT.index("took"), ("training", "<s>"), ("took", "0")),
        (len(TEXT), (".", "gpus"), ("</s>", "</s>")),
        (len(TEXT) - 1, ("gpus", "0"), (".", "</s>")),
    ],
)
def test_words_beside_a_place(place: int, before: tuple[str, str], after: tuple[str, str]) -> None:
    assert words().before(place) == before
    assert words().after(place) == after


def test_a_place_inside_a_word_has_it_on_neither_side() -> None:
    inside = TEXT.index("days") + 2
    assert words().before(inside)[0] == "0"
    assert words().after(inside)[0] == ","


def test_words_between_two_places() -> None:
    assert words().between(TEXT.index("took"), TEXT.index("on")) == ["took", "0", "days", ","]
    assert words().between(5, 5) == []


def test_words_of_one_sentence_stop_at_its_ends() -> None:
    first, second = parsed("Training took 3 days. It ran on 64 GPUs.")
    assert Words.of(first).after(first.end) == ("</s>", "</s>")
    assert Words.of(second).before(second.start) == ("<s>", "<s>")


def test_a_sentence_is_cut_once() -> None:
    (sentence,) = parsed(TEXT)
    assert Words.of(sentence) is Words.of(sentence)


@given(st.text())
def test_any_text_has_folded_words(text: str) -> None:
    assert all(word and word == word.casefold() for word in folded(text))
