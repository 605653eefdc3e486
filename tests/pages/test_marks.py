"""A text with marks is that text, character by character, and each mark holds exactly the words of its span."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.pages._marks import Mark, Part, marked

HOSTILE = "<script>alert('x')</script> & \"q\" \u202eשלום\u202c 🦜\u0301 \x00\x01\x1b\x7f\x85\ufeff\r\n\r x\f"


class Shown(HTMLParser):
    """What a browser makes of HTML: its text, the text of each element with an id, and the pieces that name it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.words: dict[str, str] = {}
        self.links: list[str] = []
        self.starts: dict[str, int] = {}
        self.deepest = 0
        self._open: list[tuple[str, str | None]] = []
        self.feed(str.__str__(html))  # of Markup, whose parts escape what is added
        self.close()
        assert not self._open, "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag in {"mark", "a", "span"}, "the text makes an element"
        assert not (tag == "a" and ("a", None) in self._open), "a link lies in a link"
        name = given.get("id") or given.get("data-of") if tag == "mark" else None
        if given.get("id"):
            assert given["id"] not in self.starts, "an id stands twice"
            self.starts[str(given["id"])] = len(self.text)
        if name:
            self.words.setdefault(name, "")
        if tag == "a":
            self.links.append(str(given["href"]))
        self._open.append((tag, name))
        self.deepest = max(self.deepest, len(self._open))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for name in {name for _, name in self._open if name}:
            self.words[name] += data

    def handle_entityref(self, name: str) -> None:
        self.handle_data({"lt": "<", "gt": ">", "amp": "&"}[name])

    def handle_charref(self, name: str) -> None:
        self.handle_data(chr(int(name)))


def kept(text: str) -> str:
    """Return a text as far as HTML can hold it."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def mark(start: int, end: int) -> Mark:
    return Mark(start, end, ("reported",), (f"claim-{start}-{end}",))


@pytest.mark.parametrize(
    "spans",
    [
        [],
        [(0, 3)],
        [(0, 10), (2, 5), (2, 3)],
        [(0, 5), (3, 8)],
        [(0, 5), (5, 9), (5, 5)],
        [(0, 6), (2, 8), (4, 10), (1, 9)],
        [(0, 0), (20, 20)],
    ],
)
@pytest.mark.parametrize("text", ["The model was trained", HOSTILE, "🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜🦜"])
def test_a_mark_holds_exactly_its_words(text: str, spans: list[tuple[int, int]]) -> None:
    shown = Shown(marked(text, [mark(*span) for span in spans]))
    assert shown.text == kept(text)
    assert shown.words == {f"at-{start}-{end}": kept(text[start:end]) for start, end in spans}


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]], tuple[int, int]]:
    text = draw(st.text(st.one_of(st.characters(), st.sampled_from('<>&"\r\n\f\x00\u202e\ud800🦜 a')), max_size=60))
    offsets = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(offsets, offsets).map(lambda pair: (min(pair), max(pair))), max_size=12, unique=True))
    first, second = draw(st.tuples(offsets, offsets))
    return text, spans, (min(first, second), max(first, second))


@given(texts_with_spans())
def test_any_text_with_any_spans_is_shown_as_it_is(drawn: tuple[str, list[tuple[int, int]], tuple[int, int]]) -> None:
    text, spans, _ = drawn
    shown = Shown(marked(text, [mark(*span) for span in spans]))
    assert shown.text == kept(text)
    assert shown.words == {f"at-{start}-{end}": kept(text[start:end]) for start, end in spans}
    assert {f"#claim-{start}-{end}" for start, end in spans} >= set(shown.links)
    assert all(shown.starts[f"at-{start}-{end}"] == start for start, end in spans)


@given(texts_with_spans())
def test_the_parts_of_a_text_are_the_text(drawn: tuple[str, list[tuple[int, int]], tuple[int, int]]) -> None:
    text, spans, (first, second) = drawn
    marks = [mark(*span) for span in spans if span[0] < span[1]]
    parts = [Shown(marked(text, marks, Part(start, end))) for start, end in [(0, first), (first, second), (second, len(text))]]
    assert "".join(part.text for part in parts) == kept(text)
    for start, end in (span for span in spans if span[0] < span[1]):
        id = f"at-{start}-{end}"
        assert "".join(part.words.get(id, "") for part in parts) == kept(text[start:end])
        assert sum(id in part.starts for part in parts) == 1, "the id stands where the words begin, and nowhere else"


def test_a_mark_leads_to_what_is_listed_of_it() -> None:
    html = marked("ab", [Mark(0, 2, ("reported", "gap"), ("claim-1", "finding-2"), "KG201", 'a "b"')])
    assert html == (
        '<mark id="at-0-2" class="reported gap" data-entries="claim-1 finding-2" data-code="KG201" title="a &#34;b&#34;">'
        '<a href="#claim-1">ab</a></mark>'
    )


def test_crossing_marks_are_pieces_of_which_the_first_has_the_id() -> None:
    html = marked("abcdef", [Mark(0, 4), Mark(2, 6)])
    assert html == '<mark id="at-0-4">ab<mark id="at-2-6">cd</mark></mark><mark data-of="at-2-6">ef</mark>'


def test_pages_of_a_report_are_numbered_and_other_controls_are_named() -> None:
    html = marked("a\fb\fc\u202e", [], Part(0, 6, {1: 2, 3: 3}))
    assert 'a<span class="page-break" id="page-2" data-page="2">\f</span>b' in html
    assert '<span class="control" data-code="U+202E">\u202e</span>' in html
    assert 'data-code="U+000C"' in marked("a\fb", [])


def test_elements_do_not_lie_deeper_in_each_other_than_browsers_follow() -> None:
    text = "x" * 2_000
    shown = Shown(marked(text, [Mark(place, 2_000 - place) for place in range(900)]))
    assert shown.text == text
    assert shown.deepest < 256
    assert len(shown.starts) == 900
