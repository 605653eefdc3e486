"""PDF: what is read in which order, what printing added is taken away, and that no file breaks the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import registerFont  # type: ignore[import-untyped]  # it ships no types
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

from kg.errors import InputError
from kg.ingest import read
from kg.ingest._file import Input
from kg.ingest.pdf import text_of
from tests.ingest.printed import Draw, justified, lines, printed, raised, row, together
from tests.ingest.sound import read_soundly, seen

LEFT = [
    "We trained Ibis on a large set of pictures and",
    "captions that were taken from the open web and",
    "then cleaned. The optimizer was AdamW with a",
    "peak learning rate that had been found before,",
    "and the weight decay was set to one tenth. The",
    "batch size was two thousand and some, as is the",
    "custom. Training took three weeks on the nodes",
]
RIGHT = [
    "that we had at hand, each with eight cards in it.",
    "Results were good. The second stage of training",
    "was shorter than the first one, and it used only",
    "one of the sets that are named above, and it ran",
    "with a rate that was ten times smaller than what",
    "had been used in the first stage. No warm-up was",
    "used there, and the decay was left out as well.",
]


def text(*pages: Draw) -> str:
    return text_of(printed(*pages), "x.pdf")


def two_columns(*, row_by_row: bool = False) -> Draw:
    if not row_by_row:
        return together(justified(LEFT, 54, 650, 240), justified(RIGHT, 318, 650, 240))
    pairs = [
        (justified([left], 54, 650 - 12 * at, 240), justified([right], 318, 650 - 12 * at, 240))
        for at, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True))
    ]
    return together(*(each for pair in pairs for each in pair))


def test_pages_are_parted_by_form_feeds() -> None:
    source = text(lines(["One page has", "two lines."]), lines(["Another page goes on and"]), lines(["ends here."]))
    assert source == "One page has\ntwo lines.\n\n\fAnother page goes on and\fends here."
    assert seen(source, "pdf") == [
        "sentence: One page has two lines.",
        "sentence: Another page goes on and ends here.",
    ]


def test_a_page_without_text_counts() -> None:
    assert text(lines(["One."]), lambda canvas: canvas.rect(10, 10, 50, 50), lines(["Three."])) == "One.\n\n\f\fThree."


@pytest.mark.parametrize("row_by_row", [False, True])
def test_two_columns_are_read_one_after_the_other(row_by_row: bool) -> None:
    assert text(two_columns(row_by_row=row_by_row)) == "\n".join([*LEFT, *RIGHT])


def test_what_runs_over_both_columns_parts_them() -> None:
    title = lines(["Ibis: A Model with a Title that Runs over Both of the Columns"], 100, 720, 16)
    wide = [
        row(cells, (60, 200, 340, 480), 540 - 12 * at) for at, cells in enumerate((["M", "lr", "bs", "n"], ["I", "1e-4", "8", "2"]))
    ]
    below = together(justified(LEFT, 54, 500, 240), justified(RIGHT, 318, 500, 240))
    found = text(together(two_columns(), title, *wide, below))
    assert found.split("\n\n")[0] == "Ibis: A Model with a Title that Runs over Both of the Columns"
    table = found.index("M  ")
    assert found.index(LEFT[0]) < found.index(RIGHT[-1]) < table < found.rindex(LEFT[0]) < found.rindex(RIGHT[-1])
    assert "1e-4" in found[table:].splitlines()[1]


def test_a_page_with_short_columns_has_those_of_the_others() -> None:
    last = together(justified(LEFT[:3], 54, 650, 240), justified(RIGHT[:3], 318, 650, 240))
    assert text(two_columns(), two_columns(), last).endswith("\f" + "\n".join([*LEFT[:3], *RIGHT[:3]]))


def test_keys_and_values_are_no_columns() -> None:
    keys = ["Optimizer", "Peak learning rate", "Batch size", "Precision", "Warmup", "Epochs", "Steps", "Seed"]
    found = text(together(*(row([key, str(at)], (72, 400), 700 - 12 * at) for at, key in enumerate(keys))))
    assert [line.split("  ")[0] for line in found.splitlines()] == keys
    assert seen(found, "pdf")[1] == "pair [Optimizer | ]: 0"


def test_tables_keep_their_columns() -> None:
    cells = [["Setting", "Ibis 7B", "Ibis 13B"], ["Learning rate", "1e-4", "2e-4"], ["Optimizer", "AdamW", ""], ["GPUs", "", "16"]]
    table = together(*(row(each, (90, 190, 290), 640 - 15 * at) for at, each in enumerate(cells)))
    found = seen(text(together(lines(["Table 1 shows what we used in the two runs that are reported here."]), table)), "pdf")
    assert [line.partition(" <")[0] for line in found[4:]] == [
        "cell: Learning rate",
        "cell [Learning rate | Ibis 7B]: 1e-4",
        "cell [Learning rate | Ibis 13B]: 2e-4",
        "cell: Optimizer",
        "cell [Optimizer | Ibis 7B]: AdamW",
        "cell: GPUs",
        "cell [GPUs | Ibis 13B]: 16",
    ]


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("We used the opti-", "mizer AdamW.", "We used the optimizer\nAdamW."),
        ("We did pre-", "training on it.", "We did pre-training\non it."),
        ("We used LLaMA-", "Adapter, too.", "We used LLaMA-Adapter,\ntoo."),
        ("We used GPT-", "4 on it.", "We used GPT-4\non it."),
        ("We used ViT-L/", "14 on it.", "We used ViT-L/\n14 on it."),
        ("It is a -", "value of it.", "It is a -\nvalue of it."),
        ("It is opti-", "mizer-", "It is optimizer-"),
        ("co-trained nets are co-", "trained.", "co-trained nets are co-trained."),
        ("timestep and the time-", "step.", "timestep and the timestep."),
    ],
)
def test_divided_words_are_put_together(first: str, second: str, whole: str) -> None:
    assert text(lines([first, second])).strip() == whole


def test_words_are_put_together_over_columns_and_pages() -> None:
    left, right = (
        [*LEFT[:-1], "custom. Training took many weeks on the accel-"],
        ["erators that we had at hand, each with eight of it.", *RIGHT[1:]],
    )
    page = together(justified(left, 54, 650, 240), justified(right, 318, 650, 240))
    assert "on the accelerators\nthat we had" in text(page)
    assert text(lines(["It took many acceler-"]), lines(["ators of it."])) == "It took many accelerators\fof it."


def test_ligatures_are_letters() -> None:
    registerFont(TTFont("Vera", "Vera.ttf"))
    assert text(lines(["a \ufb01ne-tuning \ufb02ow"], font="Vera")) == "a fine-tuning flow"


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (
            [("a rate of 1×10", 0), ("-4", 4), (", then 2 × 10", 0), ("22", 4), (" FLOPs", 0)],
            "a rate of 1×10^-4, then 2 × 10^22 FLOPs",
        ),
        ([("10", 0), ("22", 4), ("FLOPs", 0)], "10^22FLOPs"),
        (
            [("on A100", 0), ("1", 4), (" GPUs by Ann", 0), ("1,2", 4), (", Bob", 0), ("†", 4), (" and", 0)],
            "on A100 GPUs by Ann, Bob and",
        ),
        ([("1", 4), ("Google and H", 0), ("2", -3), ("O", 0)], "Google and H2O"),
        ([("the 5", 0), ("th", 4), (" step", 0)], "the 5th step"),
    ],
)
def test_superscripts(parts: list[tuple[str, float]], line: str) -> None:
    assert text(raised(parts)) == line


def test_paragraphs() -> None:
    first = [
        "This is a paragraph with lines that are about as long",
        "as the others, and it ends with a line that is short",
        "here.",
    ]
    second = ["   It is indented, so that a paragraph begins with it,", "although no line is left out before it, and it goes on."]
    third = lines(["3    Training", ""], y=600, size=14)
    last = lines(["We used it for all runs of this model, and it was good", "enough for us."], y=580)
    found = text(together(lines([*first, *second]), third, last))
    assert [" ".join(part.split())[:20] for part in found.split("\n\n")] == [
        "This is a paragraph ",
        "It is indented, so t",
        "3 Training",
        "We used it for all r",
    ]
    assert "heading: 3 Training" in seen(found, "pdf")


def test_headers_footers_and_page_numbers_are_left_out() -> None:
    def page(number: int) -> Draw:
        header = lines(["Ibis: A Model", "", ""] if number % 2 else ["A. Bird et al."], 250, 760, 8)
        return together(
            header,
            lines([f"Words of page {number} stand here."], y=680),
            lines([f"Draft of May {number}"], y=40),
            lines([str(number)], 300, 28),
        )

    assert text(*(page(number) for number in range(1, 7))) == "\n\n\f".join(f"Words of page {n} stand here." for n in range(1, 7))


def test_a_number_of_the_page_beside_changing_words_is_a_header_too() -> None:
    pages = [
        together(row([f"Chapter of {name}", str(at)], (72, 520), 760), lines([f"About {name}."], y=680))
        for at, name in enumerate("abc", 12)
    ]
    assert text(*pages) == "About a.\n\n\fAbout b.\n\n\fAbout c."


def test_text_at_the_edge_of_one_page_stays() -> None:
    assert text(lines(["A Title on Top"], y=760), lines(["Words below."], y=700)).startswith("A Title on Top")


def test_turned_text_is_left_out() -> None:
    def mark(canvas: object) -> None:
        canvas.rotate(90)  # type: ignore[attr-defined]
        canvas.drawString(300, -30, "arXiv:2304.10592v1 [cs.CV] 20 Apr 2023")  # type: ignore[attr-defined]

    found = text(together(lines(["Words of the page."]), mark))
    assert "2304" not in found
    assert found.startswith("Words of the page.")


def test_nothing_is_taken_for_markup() -> None:
    source = text(lines(["We add <image> and <s> tokens where p < 0.05 and a_b_c *x* % y </s>."]))
    document = read_soundly(source, "pdf")
    assert document.text == source
    assert (document.tags, document.findings) == ((), ())


def test_the_title_is_the_first_heading() -> None:
    source = text(together(lines(["Ibis: A Small Model"], size=18), lines(["We train Ibis. It is small."], y=660)))
    assert [(field.name, field.value) for field in read_soundly(source, "pdf").fields] == [("title", "Ibis: A Small Model")]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "damaged: it cannot be opened"),
        (b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>", "damaged"),
        (b"", "damaged"),
        (b"text", "damaged"),
        (printed(lambda canvas: canvas.rect(10, 10, 50, 50)), "holds no text: its pages are pictures"),
        (printed(lines(["x"]), locked=True), "encrypted"),
        (printed(lines(["x"]))[:300], "damaged"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        text_of(data, "x.pdf")
    assert caught.value.where == "x.pdf"
    assert caught.value.hint


def test_a_page_that_is_shown_too_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.ingest.pdf.LARGEST", 100)
    with pytest.raises(InputError, match="more than 100 characters of text"):
        text(lines(["word " * 15]), lines(["word " * 15]))


WHOLE = printed(together(two_columns(), lines(["Title"], y=720)), lines(["More of it."]))


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 97))
def test_a_file_may_break_off_anywhere(cut: int) -> None:
    try:
        assert isinstance(text_of(WHOLE[:cut], "x.pdf"), str)
    except InputError as error:
        assert "damaged" in error.what or "no text" in error.what


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=40))
def test_any_damage_gives_text_or_an_error(at: int, damage: bytes) -> None:
    try:
        read_soundly(text_of(WHOLE[:at] + damage + WHOLE[at + len(damage) :], "x.pdf"), "pdf")
    except InputError as error:
        assert error.where == "x.pdf"


@given(
    st.lists(
        st.sampled_from(
            ["Word", "1e-4", "A100.", "  ", "\n", "\n\n", "\f", "-", "\u2010", "3.1", "•", "😀", "|", "**", "<b>", "\ufeff"]
        )
    ).map("".join)
)
def test_any_text_is_read_soundly(source: str) -> None:
    read_soundly(source, "pdf")


def test_a_file_is_read_by_its_mark_or_its_suffix(tmp_path: Path) -> None:
    for name, before in (("a.pdf", b""), ("b.txt", b""), ("c.PDF", b"\n")):
        path = tmp_path / name
        path.write_bytes(before + printed(lines(["We train Ibis."])))
        document = read(Input(name, path, name))
        assert (document.format, document.source) == ("pdf", "We train Ibis.")
    path = tmp_path / "d.pdf"
    path.write_bytes(b"We train Ibis.")
    with pytest.raises(InputError, match="damaged"):
        read(Input("d.pdf", path, "d.pdf"))
