"""Words in their sentence: the mark is exactly the words, what stands around it is the report's, and bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.pages._quotes import AROUND, Reports, pieces, quote
from kg.places import ReportSource

LONG = "word " * 400


@pytest.mark.parametrize(
    ("before", "mark", "after", "shown"),
    [
        ("First. Then it ran for ", "21 days", " on 64 GPUs. Last.", ("Then it ran for ", " on 64 GPUs.")),
        ("First.\nIt ran, cf. Smith et al. 2020, for ", "21 days", ". Last.", ("It ran, cf. Smith et al. 2020, for ", ".")),
        ("The rate was 0.5, i.e. of ", "1e-4", " at e.g. 3.5 hours. Then", ("The rate was 0.5, i.e. of ", " at e.g. 3.5 hours.")),
        ("Title\n\n", "21 days", "\n\nNext", ("", "")),
        ("- one\n- it ran for ", "21 days", "\n- two", ("- it ran for ", "")),
        ("一つ。", "21日", "かかった。二つ", ("", "かかった。")),
        ("Really? ", "Yes", "! It ran.", ("", "!")),
        ("page\f", "21 days", "\fpage", ("", "")),
        ("We had J. ", "Smith", " here. Next", ("We had J. ", " here.")),
        ("one\r\n\r\nIt was ", "64", " there.\r\nNext", ("It was ", " there.")),
        ("", "all", "", ("", "")),
    ],
)
def test_the_sentence_is_found(before: str, mark: str, after: str, shown: tuple[str, str]) -> None:
    text = before + mark + after
    found = quote("a", len(before), len(before) + len(mark), {"a": ReportSource("a", text)})
    assert (found.before, found.mark, found.after, found.cut) == (shown[0], mark, shown[1], (False, False))


def test_a_long_sentence_is_trimmed_between_words() -> None:
    text = f"{LONG}here {LONG}"
    found = quote("a", len(LONG), len(LONG) + 4, {"a": ReportSource("a", text)})
    assert found.mark == "here" and found.cut == (True, True)
    assert 0 < len(found.before) <= AROUND and 0 < len(found.after) <= AROUND
    assert found.before.startswith("word ") and found.after.endswith("word")
    near = quote("a", len(LONG), len(LONG) + 4, {"a": ReportSource("a", text)}, 20)
    assert len(near.before) <= 20 and len(near.after) <= 20


def test_long_words_are_cut() -> None:
    found = quote("a", 0, 5000, {"a": ReportSource("a", "x" * 6000)})
    assert found.mark is not None and len(found.mark) < 2000 and found.longer


def test_words_of_a_long_report_stand_on_its_page() -> None:
    text = "A sentence of words. " * 10_000
    found = quote("a", 150_000, 150_004, {"a": ReportSource("a", text)})
    assert found.part > 1 and found.mark == text[150_000:150_004]


@given(st.text(max_size=300), st.integers(-5, 310), st.integers(-5, 310))
def test_any_span_of_any_text(text: str, start: int, end: int) -> None:
    found = quote("a", start, end, {"a": ReportSource("a", text)})
    assert found.mark is not None
    assert found.before + found.mark + found.after in text
    assert found.mark == text[max(start, 0) : max(end, start, 0)]


def test_a_report_that_is_not_there_has_a_place_only() -> None:
    asked: list[str] = []

    def sources(ids: object) -> dict[str, ReportSource]:
        asked.extend(ids)  # type: ignore[arg-type]
        return {"a": ReportSource("a", "text")} if "a" in asked[-1:] else {}

    reports = Reports(sources)
    assert quote("b", 1, 2, reports).mark is None and quote("b", 3, 4, reports).spot == "b (chars 3..4)"
    assert quote("a", 0, 4, reports).mark == "text" and quote("a", 0, 1, reports).mark == "t"
    assert asked == ["b", "a"], "each report is read once"
    assert list(reports) == ["b", "a"] and len(reports) == 2


@given(st.text(alphabet="<>/ab \n", max_size=60))
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(piece for piece, _ in pieces(text)) == text
    assert all(piece.startswith("<") and piece.endswith(">") for piece, tag in pieces(text) if tag)
