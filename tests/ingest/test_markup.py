"""Markup is blanked at the same length: tags become spans, comments are never read, words that had to move are listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ingest import read_text
from kg.model import Document, Span

FOLDER = Path(__file__).parent
CASES = (FOLDER / "tags.txt").read_text(encoding="utf-8").splitlines()


def words(document: Document) -> list[str]:
    return document.text.split()


@pytest.mark.parametrize("case", CASES)
def test_tags_and_findings(case: str) -> None:
    source, wanted = case.split(" => ")
    document = read_text(source, "a.txt")
    tags = [f"{tag.name}{'' if tag.closed else '?'}[{source[tag.start : tag.end]}]" for tag in document.tags]
    found = " ".join([*tags, *(finding.code for finding in document.findings)])
    assert found == ("" if wanted == "-" else wanted)
    assert len(document.text) == len(source)
    assert all(finding.labels[0].report == finding.report == "a.txt" for finding in document.findings)


def test_what_only_looks_like_a_tag_stays() -> None:
    source = "If a < b > c, <3 and x <y and z> w, mail <me@example.org>, see <https://example.org>"
    assert read_text(source, "a.txt").text == source


def test_an_unknown_tag_vanishes_and_is_told_once_where_it_stands() -> None:
    document = read_text("One <Foo>thing</Foo>, one <foo a='1'>more</foo>.", "a.txt")
    assert words(document) == ["One", "thing", ",", "one", "more", "."]
    (finding,) = document.findings
    assert (finding.code, finding.severity, finding.labels[0].start, finding.labels[0].end) == ("KG402", "info", 4, 9)
    assert "<Foo>" in finding.message


@pytest.mark.parametrize("source", ["a <foo\nbar='1'> b", "a <x y> b", "List < int > b", "1 <2> 3"])
def test_angle_brackets_of_text_are_kept(source: str) -> None:
    assert read_text(source, "a.txt").text == source


def test_an_element_may_run_over_lines() -> None:
    assert words(read_text('a <img\n src="x.png"\n width="80%"> b', "a.md")) == ["a", "b"]


def test_an_unclosed_tag_ends_with_its_line_and_within_200_characters() -> None:
    first = read_text("It took <training>three weeks\nand <year>2023 " + "came " * 100, "a.txt")
    assert next((tag.name, first.source[tag.start : tag.end]) for tag in first.tags) == ("training", "three weeks")
    assert first.tags[1].end - first.tags[1].start <= 200


def test_a_pair_does_not_reach_over_a_blank_line_or_very_far() -> None:
    apart = read_text("<model>Ibis\n\nMore. </model>", "a.txt")
    assert [finding.code for finding in apart.findings] == ["KG401", "KG404"]
    far = read_text("<model>" + "word " * 500 + "</model>", "a.txt")
    assert [finding.code for finding in far.findings] == ["KG401", "KG404"]


def test_overlapping_tags_both_keep_their_content() -> None:
    source = "<model>Ibis <params>7B</model> big</params>"
    tags = read_text(source, "a.txt").tags
    assert [(tag.name, source[tag.start : tag.end]) for tag in tags] == [("model", "Ibis <params>7B"), ("params", "7B</model> big")]


def test_comments_are_blanked_over_lines_and_never_read() -> None:
    source = "A <!-- lr 1e-4\n\n<model>Ibis</model> `x` --> B\n\n<!-- open: <year>1999</year>\n\nC"
    document = read_text(source, "a.md")
    assert words(document) == ["A", "B", "C"]
    assert document.tags == ()
    assert [(finding.code, finding.labels[0].start) for finding in document.findings] == [("KG401", source.index("<!-- open"))]
    assert [at for at, char in enumerate(source) if char == "\n"] == [at for at, char in enumerate(document.text) if char == "\n"]


def test_comments_in_code_are_blanked_tags_there_are_not() -> None:
    document = read_text("```\nrun <path> <!-- --lr 1 -->\n```\n", "a.md")
    assert "<path>" in document.text
    assert "--lr" not in document.text
    assert document.findings == ()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("40&nbsp;GB", "40 GB     "),
        ("40&nbsp GB", "40      GB"),
        ("8 &times; A100", "8 ×       A100"),
        ("R&amp;D lab", "R&D     lab"),
        ("&lt;tag&gt; x", "<tag>       x"),
        ("1&#8211;2 h", "1–2       h"),
        ("&#x31;0 h", "10      h"),
        ("&#10;a", "     a"),
        ("AT&T; x", "AT&T; x"),
        ("&#0; x", "&#0; x"),
        ("&#xD800; x", "&#xD800; x"),
        ("A\u200b100 x", "A100  x"),
        ("A100\u200b x", "A100  x"),
        ("40\u00a0GB\u2009x", "40 GB x"),
        ("pre\u00adtrained x", "pretrained  x"),
        ("\ufeffText", " Text"),
        ("a\r\nb\rc\x0cd\u2028e", "a \nb\nc\nd\ne"),
        ("a\x07b", "a b"),
        ("10<sup>22</sup> x", "10^22           x"),
        ("GPU<b>s</b> x", "GPUs        x"),
        ("**A100**s x", "  A100s   x"),
        ("`A100`s x", " A100s  x"),
    ],
)
def test_characters(source: str, text: str) -> None:
    document = read_text(source, "a.txt")
    assert document.text == text


def test_moved_words_are_listed_whole() -> None:
    source = "The A\u200b100 of R&amp;D is 10<sup>22</sup> here&amp; \u200bthere."
    document = read_text(source, "a.txt")
    assert [source[span.start : span.end] for span in document.moved] == ["A\u200b100", "R&amp;D", "10<sup>22", "\u200bthere."]


def test_a_tag_around_a_moved_word_covers_it() -> None:
    source = "<hardware>NVIDIA A\u200b100</hardware>"
    (tag,) = read_text(source, "a.txt").tags
    assert source[tag.start : tag.end] == "NVIDIA A\u200b100"


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("[the paper](https://example.org/a_(b)) says", "the paper says"),
        ("[the paper][1] says [2]", "the paper says [2]"),
        ("see ![a picture](a.png) here", "see here"),
        ("[![badge](a.svg)](https://example.org) x", "x"),
        ("so[^1] it is", "so it is"),
        ("*one* **two** ***three*** _four_ __five__", "one two three four five"),
        ("2*3 and 2 * 3 and 2**20 and a_b_c", "2*3 and 2 * 3 and 2**20 and a_b_c"),
        ("~~Lion~~ AdamW", "AdamW"),
        ("<s>Lion</s> <del>SGD</del> AdamW", "AdamW"),
        ("<s>never closed AdamW", "never closed AdamW"),
        (r"gpt\_4 and \* and C:\dir", r"gpt_4 and * and C:\dir"),
        ("use `--lr` and ``x``", "use --lr and x"),
        ("[ref]: https://example.org/x\n\ntext", "text"),
        ("> quoted\n> twice\n>> thrice", "quoted twice thrice"),
        ("> [!NOTE]\n> text", "text"),
        ("see https://example.org/a_b_c/d*e", "see https://example.org/a_b_c/d*e"),
    ],
)
def test_markdown_marks(source: str, left: str) -> None:
    assert " ".join(words(read_text(source, "a.md"))) == left


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a<br>b", "a\n   b"),
        ("# a<br>b", "# a    b"),
        ("| a<br>b | c |", "| a    b | c |"),
        ("<p>a</p>", "\n \na\n  \n"),
        ("x<li>a</li>", "x\n - a\n    "),
        ("x<h1>a</h1>", "x\n#  a\n    "),
        ("<h2>a</h2>", " ## a\n    "),
        ("<h3>a</h3>", "### a\n    "),
        ('<h3 align="center">a</h3>', "###                a\n    "),
        ("<summary>a</summary>", "\n####### a\n         "),
    ],
)
def test_elements_become_the_mark_that_says_the_same(source: str, text: str) -> None:
    assert read_text(source, "a.md").text == text


def test_comments_of_latex_only_in_latex() -> None:
    latex = "\\section{Data}\n% lr 1e-3\nWe use 10\\% of it % or all of it\nand 5 % more."
    assert " ".join(words(read_text(latex, "a.txt"))) == "\\section{Data} We use 10\\% of it and 5 % more."
    assert read_text("% of the data\nand 5 % more", "a.txt").text == "% of the data\nand 5 % more"


def test_a_fence_that_is_never_closed_is_text() -> None:
    document = read_text("Text.\n\n```\nWe used AdamW.\n", "a.md")
    assert [document.text[segment.start : segment.end] for segment in document.segments] == ["Text.", "We used AdamW."]


MARKUP = ["<model>", "</model>", "<params", ">", "<training>", "<foo>", "<br>", "<td>", "</td>", "<tr>", "<s>", "</s>", "<sup>"]
MARKS = [
    "<!--",
    "-->",
    "&amp;",
    "&nbsp;",
    "&bogus;",
    "\u200b",
    "\u00a0",
    "\ufeff",
    "\r\n",
    "\r",
    "\n",
    "\n\n",
    "```",
    "**",
    "_",
    "`",
]
PIECES = [
    *MARKUP,
    *MARKS,
    "[",
    "](",
    ")",
    "!",
    "~~",
    "\\",
    "> ",
    "a",
    "A100",
    "3.5",
    ". ",
    " ",
    "%",
    "\\section{",
    "\x00",
    "\ud800",
]
SOUP = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=30).map("".join)


@given(SOUP)
def test_the_text_has_the_length_and_the_newlines_of_the_source(source: str) -> None:
    document = read_text(source, "a.md")
    assert len(document.text) == len(source)
    assert all(0 <= span.start < span.end <= len(source) for span in document.moved)
    labels = [label for finding in document.findings for label in finding.labels]
    assert all(0 <= label.start < label.end <= len(source) for label in labels)
    for tag in document.tags:
        assert document.text[tag.start : tag.end].strip()
        assert not source[tag.start].isspace() or document.moved


@given(
    st.text(alphabet=st.characters(exclude_characters="<>&*_`~[]!\\#|\r", exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]))
)
def test_text_without_marks_stays_as_it_is(source: str) -> None:
    assert read_text(source, "a.txt").text == source


def test_spans_are_spans() -> None:
    assert read_text("A\u200b1", "a.txt").moved == (Span(0, 3),)


@pytest.mark.parametrize(
    "source",
    [
        "<" * 1_000_000,
        "<model>" * 30_000 + "</model>" * 30_000,
        "<!-- x\n\n" * 50_000,
        "&" * 1_000_000,
        "[" * 500_000,
        "![](" * 200_000,
        "*x" * 300_000,
        "`" * 1_000_000,
        "\u200b" * 500_000,
        "." * 500_000,
        "word " * 1_000_000,
        "<br>" * 100_000,
        "<td>" * 50_000,
        "a | b c\n" * 50_000,
        "- a | b\n" * 30_000,
        "  \n" * 200_000 + "a",
    ],
    ids=lambda source: re.sub(r"\s", "_", source[:8]),
)
def test_long_runs_of_marks_take_linear_time(source: str) -> None:
    assert len(read_text(source, "a.md").text) == len(source)
