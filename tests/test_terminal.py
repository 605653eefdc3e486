"""What reaches a terminal: nothing hidden, nothing that commands it, marks where an independent table of widths has the words."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Finding, Label
from kg.render import ReportSource, render
from kg.render._text import counted, tally
from kg.terminal import cells, shown, visible

DANGEROUS = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


def test_no_character_that_hides_or_commands_is_shown_as_it_is() -> None:
    assert len(DANGEROUS) > 2000
    for char in DANGEROUS:
        assert shown(char) != char and shown(char).isprintable(), hex(ord(char))


@pytest.mark.parametrize(
    ("char", "sign"),
    [("\x00", "␀"), ("\x1b", "␛"), ("\n", "␊"), ("\r", "␍"), ("\x7f", "␡"), ("\t", "    "), ("\x9b", "<U+009B>")],
)
def test_controls_have_pictures(char: str, sign: str) -> None:
    assert shown(char) == sign


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\ud800", "\uffff", "\U000e0041"])
def test_what_is_hidden_is_named(char: str) -> None:
    assert shown(char) == f"<U+{ord(char):04X}>"


@pytest.mark.parametrize("char", ["a", " ", "é", "模", "🙂", "\u00a0", "\u0301", "−", "“"])
def test_what_people_write_stays(char: str) -> None:
    assert shown(char) == visible(char) == char


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("ok", 2), ("é", 1), ("e\u0301", 1), ("模型", 4), ("ｋｇ", 4), ("🙂", 2), ("한", 2)]
)
def test_widths(text: str, width: int) -> None:
    assert cells(text) == width


@given(st.text())
def test_a_text_becomes_one_printable_line(text: str) -> None:
    line = visible(text)
    assert len(line.splitlines()) <= 1 or line == ""
    assert visible(line) == line


def test_numbers_have_nouns() -> None:
    findings = [Finding("KG101", "violation", "")] * 1200 + [Finding("KG402", "info", "")]
    assert counted(0, "finding") == "0 findings"
    assert tally(findings) == "1,200 errors, 1 note"
    assert tally([]) == ""


@given(st.text(st.sampled_from("ab 模🙂é\u0301\t"), max_size=80), st.integers(40, 120))
def test_a_mark_stands_under_its_word(before: str, width: int) -> None:
    text = before + "WORD " + before
    out = render(
        [Finding("KG401", "warning", "m", (Label("r", len(before), len(before) + 4),))], {"r": ReportSource("p", text)}, width=width
    )
    source, marks = out.splitlines()[-2:]
    assert cells(source[: source.index("WORD")]) == marks.index("^^^^")
    assert cells(source) <= width
