"""One case a line: a text in which ¶ stands where a sentence ends."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ingest._sentences import sentence_end, sentences, splittable

CASES = (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", CASES)
def test_sentences_end_where_the_case_says(case: str) -> None:
    text = case.replace(" ¶", "")
    assert [text[start:end] for start, end in sentences(text, 0, len(text))] == [part.strip() for part in case.split(" ¶ ")]


def test_no_sentence_ends_inside_a_stretch_that_is_kept_whole() -> None:
    text = "It uses Yi. The model of old. Then more."
    inner = text.index("Yi"), text.index(" of old")
    assert [text[start:end] for start, end in sentences(text, 0, len(text), [inner])] == [
        "It uses Yi. The model of old.",
        "Then more.",
    ]


def test_what_has_no_end_is_cut_at_white_space() -> None:
    text = "word " * 2000 + "x" * 9000
    pieces = list(sentences(text, 0, len(text)))
    assert max(end - start for start, end in pieces) <= 4000
    assert "".join(text[start:end] for start, end in pieces).replace(" ", "") == text.replace(" ", "")
    assert all(text[end] == " " for _, end in pieces if end < 10_000)


def test_a_long_sentence_with_an_end_is_cut_too() -> None:
    text = "word " * 2000 + "ended. Then more."
    pieces = [text[start:end] for start, end in sentences(text, 0, len(text))]
    assert max(map(len, pieces)) <= 4000
    assert pieces[-1] == "Then more."


@pytest.mark.parametrize(
    ("text", "limit", "end"),
    [("3.5 weeks. Then", 15, 10), ("3 weeks", 7, 7), ("3 weeks. Then", 5, 5), ("approx. 3 weeks", 15, 15), ("3 weeks.", 8, 8)],
)
def test_the_end_of_the_first_sentence(text: str, limit: int, end: int) -> None:
    assert sentence_end(text, 0, limit) == end


def test_splittable_is_where_a_stop_stands_before_a_space() -> None:
    assert splittable("a. b", 0, 4)
    assert not splittable("1.5 B", 0, 5)
    assert not splittable("a. b", 0, 2)


@given(st.text(alphabet="aA1.!? \n\"')(…。e", max_size=80))
def test_sentences_are_trimmed_in_order_and_lose_nothing(text: str) -> None:
    pieces = list(sentences(text, 0, len(text)))
    assert all(low < high for low, high in pieces)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(pieces))
    assert [text[low:high].strip() for low, high in pieces] == [text[low:high] for low, high in pieces]
    assert "".join("".join(text[low:high].split()) for low, high in pieces) == "".join(text.split())
