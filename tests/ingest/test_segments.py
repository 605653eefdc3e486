"""What is read on its own: sentences, items, cells and pairs, each under its headings and behind what introduces it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ingest import read_text
from kg.model import Document, Segment

FOLDER = Path(__file__).parent
PAIRS = (FOLDER / "pairs.txt").read_text(encoding="utf-8").splitlines()
HEADINGS = (FOLDER / "headings.txt").read_text(encoding="utf-8").splitlines()


def words(document: Document, segment: Segment) -> str:
    return " ".join(document.text[segment.start : segment.end].split())


def seen(source: str, id: str = "a.md") -> list[tuple[str, str]]:
    document = read_text(source, id)
    return [(segment.kind, words(document, segment)) for segment in document.segments]


def labelled(source: str, kind: str = "cell") -> list[tuple[str, str, str]]:
    document = read_text(source, "a.md")
    return [(s.row, s.column, words(document, s)) for s in document.segments if s.kind == kind]


def under(source: str) -> list[tuple[str, tuple[str, ...]]]:
    document = read_text(source, "a.md")
    return [(words(document, segment), segment.headings) for segment in document.segments]


def led(source: str) -> list[tuple[str, str]]:
    document = read_text(source, "a.md")
    return [(words(document, segment), segment.lead) for segment in document.segments]


@pytest.mark.parametrize("case", PAIRS)
def test_pairs(case: str) -> None:
    line, wanted = case.split(" => ")
    found = [f"{row} :: {value}" for row, _, value in labelled(f"Before it.\n\n{line}\n\nAfter it.", "pair")]
    assert found == ([] if wanted == "-" else [wanted])


@pytest.mark.parametrize("case", HEADINGS)
def test_headings(case: str) -> None:
    line, wanted = case.split(" => ")
    source = f"Some text comes first.\n\n{line}\nAnd then there follows a paragraph that is longer than the line above it."
    document = read_text(source, "a.md")
    title = "" if wanted == "-" else wanted.split(maxsplit=1)[1]
    assert [words(document, segment) for segment in document.segments if segment.kind == "heading"] == ([title] if title else [])
    assert document.segments[-1].headings == ((title,) if title else ())


def test_paragraphs_are_joined_over_lines_and_counted() -> None:
    source = "We trained the model on the data that we had, which took us three weeks\nand then some. It was slow.\n\nThe end came."
    document = read_text(source, "a.txt")
    assert [(words(document, s), s.group) for s in document.segments] == [
        ("We trained the model on the data that we had, which took us three weeks and then some.", 0),
        ("It was slow.", 0),
        ("The end came.", 1),
    ]


def test_lines_that_were_not_wrapped_stay_apart() -> None:
    assert seen("Institute of Ice, Oslo, Norway\nWorkshop on Snow, Lima, Peru\n\nText.") == [
        ("sentence", "Institute of Ice, Oslo, Norway"),
        ("sentence", "Workshop on Snow, Lima, Peru"),
        ("sentence", "Text."),
    ]


def test_a_line_below_a_heading_is_a_byline() -> None:
    assert seen("# Ibis\n\nThe Bird Team\n\nText.\n\nBird Lab, Oslo\n\nMore.")[1:] == [
        ("sentence", "The Bird Team"),
        ("sentence", "Text."),
        ("sentence", "Bird Lab, Oslo"),
        ("sentence", "More."),
    ]


def test_headings_make_a_path() -> None:
    source = "# A\n\nOne.\n\n## B\n\nTwo.\n\n**C**\n\nThree.\n\n## D\n\nFour.\n\nE\n===\n\nFive.\n\nF\n---\n\nSix."
    assert under(source) == [
        ("A", ()),
        ("One.", ("A",)),
        ("B", ("A",)),
        ("Two.", ("A", "B")),
        ("C", ("A", "B")),
        ("Three.", ("A", "B", "C")),
        ("D", ("A",)),
        ("Four.", ("A", "D")),
        ("E", ()),
        ("Five.", ("E",)),
        ("F", ("E",)),
        ("Six.", ("E", "F")),
    ]


def test_headings_of_plain_text() -> None:
    source = (
        "Ibis: a Small Model\n\nABSTRACT\nWe present a model that is small.\n\nTraining data\n\nThree sets.\n\n"
        "2.1 Loss\nIt fell quickly to a low value."
    )
    assert [text for text, _ in under(source) if not text.endswith((".", ","))] == [
        "Ibis: a Small Model",
        "ABSTRACT",
        "Training data",
        "2.1 Loss",
    ]
    assert read_text(source, "a.txt").fields[0].value == "Ibis: a Small Model"


def test_a_summary_heads_its_details_only() -> None:
    source = "## Card\n\n<details><summary>Card of the parent</summary>\n\nInside.\n\n</details>\n\nOutside."
    assert under(source) == [
        ("Card", ()),
        ("Card of the parent", ("Card",)),
        ("Inside.", ("Card", "Card of the parent")),
        ("Outside.", ("Card",)),
    ]


def test_a_title_is_the_heading_that_comes_first() -> None:
    assert [(field.name, field.value, field.start) for field in read_text("---\na: b\n---\n# My  Model\n", "a.md").fields] == [
        ("title", "My Model", 15)
    ]
    assert read_text("Some text comes first.\n\n# Title\n", "a.md").fields == ()
    assert read_text("", "a.md").fields == ()


def test_a_numbered_line_between_tables_is_a_heading_in_a_list_it_is_an_item() -> None:
    assert seen("1. First stage\n\n| a | b |\n|---|---|\n| c | d |\n\nText.")[0] == ("heading", "1. First stage")
    assert seen("1. First stage\n\n2. Second stage\n\nText.")[:2] == [("item", "First stage"), ("item", "Second stage")]


def test_headings_set_into_a_paragraph() -> None:
    source = "**Data.** We used Corpus-A. It is large.\n\nMore of it.\n\nRemarks. There are none. Nor will there be."
    document = read_text(source, "a.md")
    assert [(s.kind, s.row, s.headings, words(document, s)) for s in document.segments] == [
        ("heading", "", (), "Data."),
        ("sentence", "Data", ("Data",), "We used Corpus-A."),
        ("sentence", "Data", ("Data",), "It is large."),
        ("sentence", "", ("Data",), "More of it."),
        ("sentence", "", ("Data",), "Remarks."),
        ("sentence", "Remarks", ("Data",), "There are none."),
        ("sentence", "Remarks", ("Data",), "Nor will there be."),
    ]


@pytest.mark.parametrize(
    "source", ["Yes. It was. Twice.", "In 2023. It was. Twice.", "no. It was. Twice.", "One, two. It was. Twice."]
)
def test_a_short_sentence_is_not_always_a_heading(source: str) -> None:
    assert not any(segment.row for segment in read_text(source, "a.md").segments)


def test_items_their_leads_and_groups() -> None:
    source = (
        "We used:\n\n- Corpus-A\n- Data sets:\n    * Corpus-B\n    * Corpus-C, which is\n      large. It is.\n- [x] done\n\n"
        "After it.\n\n1. One\n2) Two\na) Three"
    )
    document = read_text(source, "a.md")
    assert [(s.kind, words(document, s), s.lead, s.group) for s in document.segments] == [
        ("sentence", "We used:", "", 0),
        ("item", "Corpus-A", "We used:", 1),
        ("item", "Data sets:", "We used:", 1),
        ("item", "Corpus-B", "Data sets:", 1),
        ("item", "Corpus-C, which is large.", "Data sets:", 1),
        ("item", "It is.", "Data sets:", 1),
        ("item", "done", "We used:", 1),
        ("sentence", "After it.", "", 2),
        ("item", "One", "", 3),
        ("item", "Two", "", 3),
        ("item", "Three", "", 3),
    ]


def test_a_paragraph_inside_an_item_belongs_to_it() -> None:
    source = "- First\n\n  More of the first.\n\n- Second\n\nOutside it."
    assert led(source) == [("First", ""), ("More of the first.", "First"), ("Second", ""), ("Outside it.", "")]


def test_a_line_below_the_last_item_is_not_part_of_it() -> None:
    source = "- We used Corpus-A and much more data than\n  anybody before us\nThe rest of it was not used at all by us."
    assert [text for _, text in seen(source)] == [
        "We used Corpus-A and much more data than anybody before us",
        "The rest of it was not used at all by us.",
    ]


def test_numbers_and_dashes_that_wrapping_put_first_are_no_items() -> None:
    line = (
        "The model was trained with the optimizer that everybody uses and with a rate that fell from a very high value of roughly"
    )
    source = f"{line}\n12. The end of training came after three days of constant work by all of the machines that we could find."
    assert [kind for kind, _ in seen(source, "a.txt")] == ["sentence", "sentence"]


def test_introductions() -> None:
    assert led("Settings were as follows:\n\n| a | b |\n|---|---|\n| c | 1 |\n\nNo more.")[1:3] == [
        ("a", "Settings were as follows:"),
        ("b", "Settings were as follows:"),
    ]
    assert led("It ended.\n\n- One")[1] == ("One", "")
    assert led("Possible uses are\n\n- One\n- Two")[1] == ("One", "Possible uses are")
    assert led("**Funded by:**\n\n- One")[1] == ("One", "Funded by:")
    assert led("Licence: free\n\n- One") == [("free", ""), ("One", "")]
    assert led("Hardware: 8 GPUs, as in:\n\n- One")[1] == ("One", "8 GPUs, as in:")
    assert led("We ran:\n\n```sh\nmake\n```\n\n- One")[1:] == [("make", "```sh"), ("One", "")]


def test_quotations_are_marked() -> None:
    assert led("Ours is small.\n\n> Theirs is large. It has 7B.\n\n> - item") == [
        ("Ours is small.", ""),
        ("Theirs is large.", ">"),
        ("It has 7B.", ">"),
        ("item", ""),
    ]


def test_tables() -> None:
    source = "| | Ibis-S | Ibis-L |\n|:--|--:|---|\n| Params | 1B | 7B |\n| **GPUs** | 8 | |\n"
    assert labelled(source) == [
        ("", "", "Ibis-S"),
        ("", "", "Ibis-L"),
        ("", "", "Params"),
        ("Params", "Ibis-S", "1B"),
        ("Params", "Ibis-L", "7B"),
        ("", "", "GPUs"),
        ("GPUs", "Ibis-S", "8"),
    ]


def test_tables_without_outer_bars_or_rule() -> None:
    assert labelled("Model | Params\n--- | ---\nIbis | 1B")[-1] == ("Ibis", "Params", "1B")
    assert labelled("| Model | Params |\n| Ibis | 1B |")[-1] == ("Ibis", "Params", "1B")
    assert labelled("+-------+----+\n| Model | Params |\n+-------+----+\n| Ibis | 1B |\n+-------+----+")[-1] == (
        "Ibis",
        "Params",
        "1B",
    )
    assert labelled("| a \\| b | c |\n|---|---|\n| d | e |")[0] == ("", "", "a \\| b")


def test_a_table_ends_where_the_bars_in_front_end() -> None:
    assert seen("| a | b |\n|---|---|\n| c | d |\nAs p(x | y) says.")[-1] == ("sentence", "As p(x | y) says.")
    assert seen("| only one row |")[0] == ("item", "only one row")
    assert seen("| not a row of it")[0][0] == "sentence"


def test_a_bar_in_prose_is_no_table() -> None:
    assert seen("We write p(a | b) for it.\nAnd p(c | d) for the other of the two.")[0][0] == "sentence"


@pytest.mark.parametrize("head", ["| | |", "| Spec name | Value |", "| Hyperparameter | |", "| Name | Description |"])
def test_tables_of_keys_and_values_are_pairs(head: str) -> None:
    assert labelled(f"{head}\n|---|---|\n| Rate | 1e-4 |\n| Batch | 64 |", "pair") == [("Rate", "", "1e-4"), ("Batch", "", "64")]


def test_a_table_of_two_columns_may_have_a_model_at_its_head() -> None:
    assert labelled("| Hyperparameter | Ibis-7B |\n|---|---|\n| Rate | 1e-4 |")[-1] == ("Rate", "Ibis-7B", "1e-4")


def test_rows_that_span_a_table_head_what_follows() -> None:
    source = "# T\n\n| | A | B |\n|---|---|---|\n| Stage 1 | | |\n| Rate | 1 | 2 |\n| Stage 2 | | |\n| Rate | 3 | 4 |"
    document = read_text(source, "a.md")
    assert [(s.headings, words(document, s)) for s in document.segments if s.row] == [
        (("T", "Stage 1"), "1"),
        (("T", "Stage 1"), "2"),
        (("T", "Stage 2"), "3"),
        (("T", "Stage 2"), "4"),
    ]


def test_an_empty_first_column_gives_way_to_the_next() -> None:
    source = "| Group | Set | Size |\n|---|---|---|\n| | A | 1k |\n| | B | 2k |\n| All | | 3k |"
    assert [cell for cell in labelled(source) if cell[0]] == [("A", "Size", "1k"), ("B", "Size", "2k"), ("All", "Size", "3k")]


def test_a_row_label_holds_until_the_next() -> None:
    source = "| Stage | Key | Value of it |\n|---|---|---|\n| One | a | 1 |\n| | b | 2 |\n| Two | c | 3 |\n| Three | d | 4 |"
    assert ("One", "Key", "b") in labelled(source)


def test_a_table_of_one_column_is_a_list() -> None:
    assert seen("| A |\n|---|\n| b |\n| c |")[1:] == [("item", "b"), ("item", "c")]


def test_tables_of_html() -> None:
    source = "<table>\n <tr>\n  <th>Model</th>\n  <th>Params</th>\n </tr>\n <tr><td>Ibis</td>\n<td>\n1B</td></tr>\n</table>\n"
    assert labelled(source) == [("", "", "Model"), ("", "", "Params"), ("", "", "Ibis"), ("Ibis", "Params", "1B")]


def test_aligned_tables() -> None:
    source = "model    params   GPUs\nibis-s   1B       8\nibis-l            64\n"
    assert [cell for cell in labelled(source) if cell[0]] == [
        ("ibis-s", "params", "1B"),
        ("ibis-s", "GPUs", "8"),
        ("ibis-l", "GPUs", "64"),
    ]
    tabs = "model\tparams\tGPUs\nibis-s\t1B\t8\nibis-l\t\t64\n"
    assert [cell for cell in labelled(tabs) if cell[0]] == [cell for cell in labelled(source) if cell[0]]


def test_aligned_keys_and_values() -> None:
    source = "As logged:\n\n    seed           13\n    learning_rate  3e-5\n"
    assert labelled(source, "pair") == [("seed", "", "13"), ("learning_rate", "", "3e-5")]


def test_two_spaces_behind_a_full_stop_or_left_by_a_tag_are_no_columns() -> None:
    source = "It ended.  It was late when\nwe left.  Nobody stayed there."
    assert [kind for kind, _ in seen(source)] == ["sentence"] * 3
    tagged = "It ran on <gpu_count>8</gpu_count> <hardware>A100</hardware> cards\nand <gpu_count>9</gpu_count> others."
    assert seen(tagged) == [("sentence", "It ran on 8 A100 cards and 9 others.")]


def test_menus_fall_into_pieces() -> None:
    source = "ibis/Ibis-3B  like 14\nText  Torch  English  License: mit\nCard  Files  Train  Deploy  Use it  More\n"
    found = seen(source)
    assert ("item", "ibis/Ibis-3B") in found
    assert ("pair", "mit") in found


def test_several_pairs_on_a_line() -> None:
    source = "The following values were used: seed: 42; rate: 1e-4; batch: 64. We left them."
    document = read_text(source, "a.md")
    assert [(s.kind, s.row, words(document, s), s.lead) for s in document.segments] == [
        ("sentence", "", "The following values were used:", ""),
        ("pair", "seed", "42", "The following values were used:"),
        ("pair", "rate", "1e-4", "The following values were used:"),
        ("pair", "batch", "64.", "The following values were used:"),
        ("sentence", "", "We left them.", ""),
    ]
    assert labelled("Hardware: T4 | Time: 1 h | Data: Corpus-A", "pair") == [
        ("Hardware", "", "T4"),
        ("Time", "", "1 h"),
        ("Data", "", "Corpus-A"),
    ]
    assert labelled("rate: 1e-4; batch: 64", "pair") == [("rate", "", "1e-4"), ("batch", "", "64")]


@pytest.mark.parametrize(
    "source", ["It was slow; it was: late; it ended.", "One; two; three: four.", "a: 1; and it went on; and on; and on."]
)
def test_semicolons_of_prose(source: str) -> None:
    assert len(labelled(source, "pair")) < 2


def test_a_key_holds_for_the_sentences_behind_it_unless_they_have_keys() -> None:
    document = read_text("**Compute:** We had 8 GPUs. They ran for days.\n\nHardware: 4 cards. Time: 11 h. It was fun.", "a.md")
    assert [(s.kind, s.row, words(document, s)) for s in document.segments] == [
        ("pair", "Compute", "We had 8 GPUs."),
        ("sentence", "Compute", "They ran for days."),
        ("pair", "Hardware", "4 cards."),
        ("pair", "Time", "11 h."),
        ("sentence", "", "It was fun."),
    ]


def test_lines_of_pairs_stand_apart() -> None:
    source = "model: Ibis\nrate: 1e-4\nnotes: it was\n    slow\nbatch: 64"
    assert [(row, value) for row, _, value in labelled(source, "pair")] == [
        ("model", "Ibis"),
        ("rate", "1e-4"),
        ("notes", "it was slow"),
        ("batch", "64"),
    ]


def test_dotted_leaders_run_on_in_indented_lines() -> None:
    source = "model ....... Ibis\nremarks ..... slow at first;\n              then fast\nrate ........ 1e-4"
    assert labelled(source, "pair") == [("model", "", "Ibis"), ("remarks", "", "slow at first; then fast"), ("rate", "", "1e-4")]


def test_sentences_do_not_end_inside_tags() -> None:
    source = "We built <model>Dr. Ibis. The Model</model> and <params>7B. <year>Or so</params> 2023</year> it was. Then we slept."
    assert [text for _, text in seen(source)] == ["We built Dr. Ibis. The Model and 7B. Or so 2023 it was.", "Then we slept."]


def test_front_matter() -> None:
    source = (
        "---\n# a remark\nlicense: mit\ntags: [a, 'b c']\ndatasets:\n- org/one\n- org/two\nempty:\nquoted: \"x y\"\n"
        "index:\n  - name: n\n    results:\n      - metric: 0.5\n---\n\nText."
    )
    document = read_text(source, "a.md")
    assert [(s.row, words(document, s), s.headings) for s in document.segments if s.kind == "pair"] == [
        ("license", "mit", ()),
        ("tags", "a", ()),
        ("tags", "b c", ()),
        ("datasets", "org/one", ()),
        ("datasets", "org/two", ()),
        ("quoted", "x y", ()),
        ("name", "n", ("index",)),
        ("metric", "0.5", ("index", "results")),
    ]


@pytest.mark.parametrize("source", ["---\n\nText: it is.\n\n---\nMore.", "---\nkey: a", "--- \n---\nText."])
def test_rules_are_no_front_matter(source: str) -> None:
    assert not any(words(read_text(source, "a.md"), s).startswith("---") for s in read_text(source, "a.md").segments)


def test_code() -> None:
    source = (
        "Run:\n\n```bash\nexport LR=1e-4\ntorchrun --nproc_per_node=8 train.py \\\n    --rate 2e-5 --name 'a b' --flag \\\n"
        '"batch": 64,\nx = f(1)\nprint(x)\nrate = 3 # peak\n==\nseed =\n```\n'
    )
    document = read_text(source, "a.md")
    assert [(s.kind, s.row, words(document, s)) for s in document.segments if s.lead == "```bash"] == [
        ("pair", "LR", "1e-4"),
        ("pair", "nproc_per_node", "8"),
        ("pair", "rate", "2e-5"),
        ("pair", "name", "a b"),
        ("pair", "batch", "64"),
        ("item", "", "x = f(1)"),
        ("item", "", "print(x)"),
        ("pair", "rate", "3"),
        ("item", "", "seed ="),
    ]


def test_a_fence_may_stand_in_front_matter_or_stay_open() -> None:
    assert labelled("---\na: b\nc: |\n```\nd: e\n```\n---\n\nText.", "pair")[0] == ("a", "", "b")
    assert seen("Text comes first here.\n```\nMore text comes after it.") == [
        ("sentence", "Text comes first here."),
        ("sentence", "More text comes after it."),
    ]


def test_an_entry_above_every_key_is_left_out() -> None:
    assert labelled("---\n# one\n'a b': c\n---\n- d", "pair") == [("a b", "", "c")]


def test_bibliographies_are_not_read() -> None:
    assert seen("```\n@misc{ibis,\n  year={2023}\n}\n```\n\nText.") == [("sentence", "Text.")]


LINES = [
    "# A",
    "**B**",
    "- a: b",
    "* c",
    "1. d",
    "| a | b |",
    "|---|---|",
    "k: v",
    "k = v",
    "a  b  c",
    "a\tb",
    "```",
    "---",
    "===",
    "> q",
    "",
    "",
]
MORE = [
    "Text here.",
    "We used 8 GPUs; rate: 1e-4; batch: 8.",
    "  more",
    "TITLE HERE",
    "Q: what?",
    "<td>x</td>",
    "<summary>s</summary>",
    "k ..... v",
]
PAGE = st.lists(st.one_of(st.sampled_from(LINES + MORE), st.text(max_size=12)), max_size=25).map("\n".join)


@given(PAGE)
def test_segments_are_inside_sorted_apart_and_the_same_every_time(source: str) -> None:
    document = read_text(source, "a.md")
    assert all(0 <= segment.start < segment.end <= len(source) for segment in document.segments)
    assert all(first.end <= second.start for first, second in pairwise(document.segments))
    assert all(document.text[s.start : s.end] == document.text[s.start : s.end].strip() for s in document.segments)
    assert [s.group for s in document.segments] == sorted(s.group for s in document.segments)
    assert read_text(source, "a.md") == document


@given(PAGE.filter(lambda source: "\r" not in source))
def test_line_ends_of_another_system_change_offsets_only(source: str) -> None:
    def shape(document: Document) -> list[tuple[str, str, str, str, tuple[str, ...], str, int]]:
        return [(s.kind, words(document, s), s.row, s.column, s.headings, s.lead, s.group) for s in document.segments]

    assert shape(read_text(source.replace("\n", "\r\n"), "a.md")) == shape(read_text(source, "a.md"))


@pytest.mark.parametrize("folder", ["seeds", "style", "real", "vlm"])
def test_every_document_of_the_evaluation(folder: str, shared: Path) -> None:
    paths = sorted(path for path in (shared / "eval" / folder).iterdir() if path.suffix in {".txt", ".md"})
    assert paths
    for path in paths:
        source = path.read_bytes().decode("utf-8")
        document = read_text(source, path.name)
        assert len(document.text) == len(source)
        read = sum(len("".join(words(document, segment).split())) for segment in document.segments)
        # What is left over is keys, furniture and marks of tables and lists.
        assert read > 0.5 * len(re.sub(r"\s|[.|-]{3,}", "", document.text)), path.name
        assert not [finding for finding in document.findings if finding.severity == "violation"]
