"""A quote finds its place again whatever is edited elsewhere, and no other place."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kg.decisions import Quote, fold, folded
from kg.model import Span
from kg.review import places_of, quote_at

REPORT = """\
# Kestrel-7B

We introduce Kestrel-7B, a model with 7 billion parameters. It was trained on 64 GPUs for 3 days. The
optimizer was AdamW, approx. as in earlier work.

- Data: The Pile
- Data: CC3M

| | GPUs |
|---|---|
| first | 64 |
| second | 64 |

<table><tr><td>steps</td><td>1,000</td></tr></table>

The tuning stage took 64 GPUs too. It was trained on 64 GPUs for 3 days. That is all.
"""


def span_of(mention: str, nth: int = 1, text: str = REPORT) -> Span:
    at = -1
    for _ in range(nth):
        at = text.index(mention, at + 1)
    return Span(at, at + len(mention))


def quoted(mention: str, nth: int = 1) -> Quote:
    return quote_at(REPORT, fold(REPORT), span_of(mention, nth))


def found(quote: Quote, text: str) -> list[str]:
    spans = places_of(quote, fold(text))
    assert all(folded(text[span.start : span.end]) == quote.mention for span in spans)
    return [text[max(0, span.start - 20) : span.start] for span in spans]


@pytest.mark.parametrize(
    ("mention", "nth", "words"),
    [
        ("7 billion", 1, "We introduce Kestrel-7B, a model with 7 billion parameters."),
        ("AdamW", 1, "The optimizer was AdamW, approx. as in earlier work."),
        ("The Pile", 1, "- Data: The Pile"),
        ("64", 2, "| first | 64 |"),
        ("1,000", 1, "1,000"),
        ("Kestrel-7B", 1, "# Kestrel-7B"),
        ("all.\n", 1, "That is all."),
    ],
)
def test_the_sentence_or_row_around_a_mention(mention: str, nth: int, words: str) -> None:
    quote = quoted(mention, nth)
    assert (quote.words, quote.mention) == (words, mention.strip())


def test_which_of_several_in_a_sentence() -> None:
    text = "We used 64 GPUs, 64 CPUs and 64 more."
    quotes = [quote_at(text, fold(text), span_of("64", nth, text)) for nth in (1, 2, 3)]
    assert [quote.occurrence for quote in quotes] == [1, 2, 3]
    assert [places_of(quote, fold(text)) for quote in quotes] == [(span_of("64", nth, text),) for nth in (1, 2, 3)]


def test_a_quote_ends_with_a_word() -> None:
    text = "a" * 500 + " 64 " + "b" * 500
    quote = quote_at(text, fold(text), span_of("64", 1, text))
    assert quote.words == text


def test_a_blank_mention_has_no_quote() -> None:
    with pytest.raises(ValueError, match="nothing but white space"):
        quote_at(REPORT, fold(REPORT), span_of("\n\n"))


TWICE = "It was trained on 64 GPUs for 3 days."


def test_words_that_stand_twice_are_told_apart_by_what_stands_beside() -> None:
    for nth in (2, 6):
        quote = quoted("64 GPUs", {2: 1, 6: 3}[nth])
        assert (quote.words, quote.times) == (TWICE, 2)
        assert places_of(quote, fold(REPORT)) == (span_of("64 GPUs", {2: 1, 6: 3}[nth]),)


def test_when_only_the_other_one_is_left_it_is_not_taken_for_it() -> None:
    gone = REPORT.replace(f"parameters. {TWICE} The\noptimizer", "parameters. The optimizer")
    assert found(quoted("64 GPUs", 1), gone) == []
    assert len(found(quoted("64 GPUs", 3), gone)) == 1


def test_when_nothing_tells_which_is_meant_all_are_found() -> None:
    alone = f"One.\n\n{TWICE}\n"
    quote = quote_at(alone, fold(alone), span_of("64 GPUs", 1, alone))
    assert len(places_of(quote, fold(f"Two.\n\n{TWICE}\n\nThree.\n\n{TWICE}\n\nFour."))) == 2
    assert len(places_of(quote, fold(f"Two.\n\n{TWICE}\n\nOne.\n\n{TWICE}\n\nFour."))) == 1


@pytest.mark.parametrize(
    "edited",
    [
        "It was trained on 64 GPUs for 4 days.",
        "It was trained on 164 GPUs for 3 days.",
        "It was trained on 64GPUs for 3 days.",
        "it was trained on 64 GPUs for 3 days.",
        "It was trained on 64 GPUs for 3 days",
    ],
)
def test_other_words_are_not_taken_for_the_quote(edited: str) -> None:
    text = f"First. {TWICE} Last."
    quote = quote_at(text, fold(text), span_of("64 GPUs", 1, text))
    assert places_of(quote, fold(f"First. {edited} Last.")) == ()


# Edits elsewhere -----------------------------------------------------------------------------------------------------------------

SENTENCES = [sentence.strip() for sentence in re.split(r"(?<=[.])\s+|\n", REPORT) if sentence.strip() and "|---" not in sentence]
FILLER = st.text(st.sampled_from("abc XYZ 0123.,\n-|#<>*"), max_size=80)
MENTIONS = [(mention, nth) for mention in ("7 billion", "3 days", "AdamW", "CC3M", "64", "1,000") for nth in (1, 2)]
PLACES = [(mention, nth) for mention, nth in MENTIONS if REPORT.count(mention) >= nth]


def bounds(quote: Quote, mention: str, nth: int) -> tuple[int, int]:
    """Return where the words of a quote stand in the report."""
    at = span_of(mention, nth).start
    text = fold(REPORT)
    start = next(start for start in text.find(quote.words) if text.span(start, start + len(quote.words)).end > at)
    span = text.span(start, start + len(quote.words))
    assert span.start <= at < span.end
    return span.start, span.end


@given(st.sampled_from(PLACES), FILLER, FILLER, st.data())
def test_edits_elsewhere_keep_the_place(place: tuple[str, int], before: str, after: str, data: st.DataObject) -> None:
    """Whole stretches before and after are replaced, up to the quote's neighbours on one side."""
    quote = quoted(*place)
    start, end = bounds(quote, *place)
    low, high = data.draw(st.integers(0, max(0, start - 60))), data.draw(st.integers(min(len(REPORT), end + 60), len(REPORT)))
    text = f"{before}\n\n{REPORT[low:high]}\n\n{after}"
    spans = places_of(quote, fold(text))
    offset = len(before) + 2 - low
    at = span_of(*place)
    assert spans == (Span(at.start + offset, at.end + offset),)


@given(st.sampled_from(PLACES), st.data())
def test_lines_are_wrapped_anew(place: tuple[str, int], data: st.DataObject) -> None:
    quote = quoted(*place)
    words = re.split(r"(\s+)", REPORT)
    spaces = st.sampled_from([" ", "\n", "\n  ", "  ", "\r\n", "\t"])
    text = "".join(data.draw(spaces) if part.isspace() else part for part in words)
    assert [folded(text[span.start : span.end]) for span in places_of(quote, fold(text))] == [quote.mention]


@given(st.permutations(REPORT.strip().split("\n\n")), st.sampled_from(PLACES))
def test_paragraphs_are_moved(order: list[str], place: tuple[str, int]) -> None:
    quote = quoted(*place)
    assume(quote.times == 1)
    assert len(places_of(quote, fold("\n\n".join(order)))) == 1


@given(st.sampled_from(PLACES), st.text(st.sampled_from("ab 0.,\n"), min_size=1, max_size=6), st.data())
def test_an_edit_within_the_quote_ends_it(place: tuple[str, int], new: str, data: st.DataObject) -> None:
    quote = quoted(*place)
    assume(quote.times == 1)
    start, end = bounds(quote, *place)
    at = data.draw(st.integers(start, end))
    text = REPORT[:at] + new + REPORT[at:]
    spans = places_of(quote, fold(text))
    stands = quote.words in folded(text)
    assert bool(spans) <= stands
    assert all(folded(text[span.start : span.end]) == quote.mention for span in spans)


@given(st.permutations(SENTENCES), st.integers(0, 6), st.sampled_from(PLACES))
def test_a_place_is_never_one_with_other_words(order: list[str], dropped: int, place: tuple[str, int]) -> None:
    quote = quoted(*place)
    text = "\n".join(order[dropped:])
    for span in places_of(quote, fold(text)):
        assert folded(text[span.start : span.end]) == quote.mention
        assert quote.words in folded(text[max(0, span.start - 300) : span.end + 300])
