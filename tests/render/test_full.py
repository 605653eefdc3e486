"""The expected blocks are written by hand; properties hold for any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Finding, Label, Severity
from kg.render import ReportSource, render

BATCH = "Trained on 256 GPUs with a global batch of 2048 for 3 days.\n"


def full(
    *labels: Label,
    text: str | dict[str, str] = BATCH,
    severity: Severity = "violation",
    notes: tuple[str, ...] = (),
    report: str | None = None,
    width: int = 80,
    color: bool = False,
) -> str:
    texts = text if isinstance(text, dict) else {"a.txt": text}
    sources = {name: ReportSource(f"seeds/{name}", content) for name, content in texts.items()}
    finding = Finding("KG302", severity, "the batch arithmetic does not reconcile", labels, notes, report)
    return "\n" + render([finding], sources, "full", width=width, color=color)


def test_labels_on_one_line_share_a_row() -> None:
    assert (
        full(
            Label("a.txt", 11, 14, "256 accelerators"),
            Label("a.txt", 43, 47, "global batch 2048"),
            notes=("2048 ÷ 256 is 8 samples per device", "both values stay in the graph"),
        )
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:12  (chars 11..14)
  |
1 | Trained on 256 GPUs with a global batch of 2048 for 3 days.
  |            ^^^ 256 accelerators            ---- global batch 2048
  = note: 2048 ÷ 256 is 8 samples per device
  = note: both values stay in the graph
"""
    )


def test_labels_that_would_collide_are_stacked() -> None:
    assert (
        full(
            Label("a.txt", 43, 47, "global batch"),
            Label("a.txt", 11, 14, "the number of accelerators, as tagged"),
            Label("a.txt", 11, 19, "with their kind"),
            severity="warning",
        )
        == """
warning[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:44  (chars 43..47)
  |
1 | Trained on 256 GPUs with a global batch of 2048 for 3 days.
  |            --- the number of accelerators, as tagged
  |            -------- with their kind        ^^^^ global batch
"""
    )


def test_lines_and_reports_are_apart_and_numbers_align() -> None:
    first = "\n" * 8 + "We used 64 GPUs\r\nand a batch of 512.\n"
    assert (
        full(
            Label("b.txt", 8, 10, "64 accelerators"),
            Label("a.txt", 8 + 8, 8 + 10, "64 here"),
            Label("a.txt", 8 + 17 + 15, 8 + 17 + 18),
            text={"a.txt": first, "b.txt": "It took 64 GPUs"},
            severity="info",
        )
        == """
note[KG302]: the batch arithmetic does not reconcile
  --> seeds/b.txt:1:9  (chars 8..10)
   |
 1 | It took 64 GPUs
   |         ^^ 64 accelerators
  ::: seeds/a.txt:9:9  (chars 16..18)
   |
 9 | We used 64 GPUs
   |         -- 64 here
10 | and a batch of 512.
   |                ---
"""
    )


def test_a_long_line_is_cut_on_both_sides() -> None:
    assert (
        full(Label("a.txt", 100, 104), text="a" * 100 + "WORD" + "b" * 100, width=50)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:101  (chars 100..104)
  |
1 | …aaaaaaaaaaaaaaaaaaaaWORDbbbbbbbbbbbbbbbbbbbb…
  |                      ^^^^
"""
    )


def test_the_cut_leaves_room_for_the_text_of_a_label() -> None:
    # 46 cells: the sign, 15 of context, 4 of mark, a space and 25 of text
    assert (
        full(Label("a.txt", 100, 104, "a word that is explained "), text="a" * 100 + "WORD" + "b" * 100, width=50)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:101  (chars 100..104)
  |
1 | …aaaaaaaaaaaaaaaWORDbbbbbbbbbbbbbbb…
  |                 ^^^^ a word that is explained\x20
"""
    )


def test_what_stands_between_two_labels_is_kept_when_it_fits() -> None:
    # 46 cells: two signs, 2 + 10 + 2 and 15 of context on both sides
    assert (
        full(Label("a.txt", 100, 102), Label("a.txt", 112, 114), text="a" * 100 + "X1" + "b" * 10 + "Y2" + "c" * 98, width=50)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:101  (chars 100..102)
  |
1 | …aaaaaaaaaaaaaaaX1bbbbbbbbbbY2ccccccccccccccc…
  |                 ^^          --
"""
    )


def test_the_middle_between_two_labels_is_cut() -> None:
    # two signs at the ends, one between, 4 × context + 4 <= 46
    assert (
        full(Label("a.txt", 100, 102), Label("a.txt", 200, 202), text="a" * 100 + "X1" + "b" * 98 + "Y2" + "c" * 98, width=50)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:101  (chars 100..102)
  |
1 | …aaaaaaaaaX1bbbbbbbbb…bbbbbbbbbY2ccccccccc…
  |           ^^                   --
"""
    )


def test_a_label_longer_than_the_line_keeps_its_ends() -> None:
    # 46 cells: 11 of each end of the mark with 5 of context on both of its sides, and the three signs
    assert (
        full(Label("a.txt", 50, 150), text="a" * 50 + "b" * 50 + "c" * 50 + "d" * 50, width=50)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:51  (chars 50..150)
  |
1 | …aaaaabbbbbbbbbbbbbbbb…ccccccccccccccccddddd…
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
    )


def test_a_long_label_leaves_a_short_one_whole() -> None:
    # two ends of 11, the short mark, three signs, and 4 of context on both sides of each
    assert (
        full(Label("a.txt", 50, 150), Label("a.txt", 180, 182), text="a" * 50 + "b" * 50 + "c" * 50 + "d" * 50, width=60)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:51  (chars 50..150)
  |
1 | …aaabbbbbbbbbbbbbbbbb…cccccccccccccccccddd…dddddddd…
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^       --
"""
    )


def test_marks_follow_display_width() -> None:
    text = "模型\te\u0301tait 7B\u202e"
    assert (
        full(Label("a.txt", 10, 12, "parameters"), Label("a.txt", 0, 2), text=text)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:11  (chars 10..12)
  |
1 | 模型    e\u0301tait 7B<U+202E>
  | ----          ^^ parameters
"""
    )


def test_nothing_of_a_report_reaches_the_terminal_raw() -> None:
    evil = "\x1b]0;owned\x07 \x9b2J \x00 \r \x7f \u2028 \ud800"
    sources = {"a\x1b.txt": ReportSource("a\x1b.txt", evil)}
    finding = Finding("KG401", "warning", evil, (Label("a\x1b.txt", 0, 3, evil),), (evil,), "a\x1b.txt")
    out = render([finding], sources, "full", width=200)
    assert all(char == "\n" or not unicodedata.category(char).startswith(("Cc", "Cs", "Zl")) for char in out)
    assert "␛]0;owned␇ <U+009B>2J ␀ ␍ ␡ <U+2028> <U+D800>" in out


def test_a_label_over_several_lines_is_marked_on_each() -> None:
    text = "one <model>Alpha\n\nBeta\nGamma\nDelta\nEpsilon</model> end\n"
    assert (
        full(Label("a.txt", 11, text.index("</model>"), "never closed"), text=text)
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:1:12  (chars 11..42)
  |
1 | one <model>Alpha
  |            ^^^^^
3 | Beta
  | ^^^^
6 | Epsilon</model> end
  | ^^^^^^^ never closed
"""
    )


@pytest.mark.parametrize(
    ("start", "end", "column", "line"),
    [
        (3, 3, 4, "   ^ here"),  # an empty span is a point
        (59, 59, 60, " " * 59 + "^ here"),  # the end of the line
        (55, 999, 56, " " * 55 + "^^^^ here"),  # beyond the text
        (-4, 2, 1, "^^ here"),
        (5, 2, 6, "     ^ here"),
    ],
)
def test_spans_at_the_edges(start: int, end: int, column: int, line: str) -> None:
    shown = full(Label("a.txt", start, end, "here"), width=120).splitlines()
    assert f" --> seeds/a.txt:1:{column}  (chars" in shown[2]
    assert shown[5] == f"  | {line}"


def test_a_point_behind_the_last_line_feed() -> None:
    assert (
        full(Label("a.txt", 60, 60, "the end"))
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt:2:1  (chars 60..60)
  |
2 |
  | ^ the end
"""
    )


def test_without_labels_or_source_the_report_is_named() -> None:
    assert (
        full(report="a.txt")
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> seeds/a.txt
"""
    )
    assert full() == "\nerror[KG302]: the batch arithmetic does not reconcile\n"
    assert (
        full(Label("lost.txt", 3, 7, "a name"), Label("lost.txt", 9, 12), Label("a.txt", 0, 7))
        == """
error[KG302]: the batch arithmetic does not reconcile
 --> lost.txt  (chars 3..7)
  = chars 3..7: a name
 ::: seeds/a.txt:1:1  (chars 0..7)
  |
1 | Trained on 256 GPUs with a global batch of 2048 for 3 days.
  | -------
"""
    )


def test_an_empty_line_stands_between_findings_and_nothing_for_none() -> None:
    findings = [Finding("KG401", "warning", "second", (), (), "b"), Finding("KG402", "warning", "first", (), (), "a")]
    assert render(findings, {}, "full") == "warning[KG402]: first\n --> a\n\nwarning[KG401]: second\n --> b\n"
    assert render([], {}, "full") == ""


def test_colour_adds_only_colour() -> None:
    labels = (Label("a.txt", 11, 14, "256"), Label("a.txt", 43, 47, "2048"))
    coloured = full(*labels, notes=("why",), color=True)
    assert "\x1b[1;31merror[KG302]\x1b[0m\x1b[1m: the batch" in coloured
    assert "\x1b[1;31m^^^\x1b[0m \x1b[1;31m256\x1b[0m" in coloured
    assert "\x1b[1;34m----\x1b[0m" in coloured
    plain = coloured
    for code in ("1;31", "1;34", "1", "0"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == full(*labels, notes=("why",))


texts = st.text(st.characters(exclude_categories=()) | st.sampled_from("\n\t 模\u0301\x1b<"), max_size=300)
offsets = st.integers(-5, 320)


@given(texts, st.lists(st.tuples(offsets, offsets, st.text(max_size=12)), max_size=5), st.integers(0, 120), st.booleans())
def test_any_text_and_any_span(text: str, spans: list[tuple[int, int, str]], width: int, color: bool) -> None:
    labels = tuple(Label("r", *span) for span in spans)
    finding = Finding("KG401", "warning", text, labels, (text,), "r")
    out = render([finding], {"r": ReportSource("p", text)}, "full", color=color, width=width)
    assert out.startswith("\x1b[1;33mwarning" if color else "warning[KG401]: ")
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Cf"} for char in out.replace("\x1b", "").replace("\n", "")) or color


around = st.text("ab模\u0301 \t", max_size=200)


def cells(text: str) -> int:
    return len(text) + text.count("模") - text.count("\u0301")


@given(around, st.text("xyz", min_size=1, max_size=10), around, st.integers(40, 150))
def test_carets_stand_under_the_words(before: str, words: str, after: str, width: int) -> None:
    label = Label("r", len(before), len(before) + len(words))
    out = render([Finding("KG401", "warning", "m", (label,))], {"r": ReportSource("p", before + words + after)}, width=width)
    source, carets = out.splitlines()[-2:]
    column = cells(source[: source.index(words)])
    assert carets == "  |" + " " * (column - 3) + "^" * len(words)
    assert cells(source) <= width
