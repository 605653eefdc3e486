"""HTML: what is read and what is not, where it stands, and that no source breaks or stalls the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ingest import read_text
from kg.ingest.html import recognises
from tests.ingest.sound import read_soundly, seen


def left(source: str) -> str:
    """Return the words of all segments."""
    document = read_soundly(source, "html")
    return " / ".join(" ".join(document.text[s.start : s.end].split()) for s in document.segments)


@pytest.mark.parametrize(
    "source",
    [
        "<!DOCTYPE html><p>x",
        "\ufeff \n<!doctype HTML public>x",
        "<html lang=en>",
        "<?xml version='1.0'?>\n<html xmlns='x'>",
        "<!-- a - b -- c -->\n<!-- more -->\n<html>",
    ],
)
def test_a_page_is_recognised_by_its_beginning(source: str) -> None:
    assert recognises(source)
    assert read_text(source, "report.txt").format == "html"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<hardware>A100</hardware>",
        "# Title\n\n<html>",
        "<htmlx>",
        "<p>x</p>",
        "text <!doctype html>",
        "<!-- never ended <html>",
    ],
)
def test_text_with_tags_is_no_page(source: str) -> None:
    assert not recognises(source)
    assert read_text(source, "report.txt").format == "text"


@pytest.mark.parametrize("suffix", [".html", ".htm", ".xhtml", ".HTML", ".html.gz"])
def test_a_page_is_known_by_its_suffix(suffix: str) -> None:
    assert read_text("<p>x</p>", "page" + suffix).format == "html"


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- X -->",
        "<!-- a -- b > X --!>",
        "<script>if (a < b) { 'X' }</script>",
        "<script>'<p>X'</script>",
        "<style>p { X }</style>",
        "<template><p>X</p></template>",
        "<nav><ul><li>X<li>X</ul></nav>",
        "<footer><div>X</div></footer>",
        "<p hidden>X</p>",
        "<div hidden><div>X</div>X</div>",
        "<div hidden=''><p>X<p>X</div>",
        "<span aria-hidden='true'>X<span>X</span>X</span>",
        "<div style='color: red; display:none'>X</div>",
        '<div style="visibility: hidden">X</div>',
        "<div role=navigation>X</div>",
        "<div class='x toc y'>X</div>",
        "<section class='ltx_bibliography'><h2>References</h2><ul><li>X</ul></section>",
        "<button>X</button>",
        "<select><option>X<option>X</select>",
        "<textarea><p>X</textarea>",
        "<svg><title>X</title><text>X</text></svg>",
        "<noscript><p>X</noscript>",
        "<s>X</s>",
        "<del>X<b>X</b></del>",
        "<title>X</title>",
        "<p hidden>X<div>shown</div>",
        "<img alt='X'>",
        "<?php X ?>",
        "</ X>",
        "<a href='X' title=\"X > X\">shown</a>",
    ],
)
def test_what_is_not_read(hidden: str) -> None:
    document = read_soundly(f"<html><body><h1>before</h1>{hidden}<h1>after</h1>", "html")
    assert "X" not in document.text
    assert [document.text[s.start : s.end] for s in document.segments if s.kind == "heading"] == ["before", "after"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>a < b and c <3 x <- y", "a < b and c <3 x <- y"),
        ("<div class='todo'>x</div>", "x"),
        ("<div class='footer-note'>x</div>", "x"),
        ("<div data-hidden=1>x</div>", "x"),
        ("<p>A<!-- x -->100 <b>A</b>100 A<wbr>100", "A100 A100 A100"),
        ("<p>10<sup>22</sup> FLOPs, 10<sup>&minus;4</sup>, 5<sup>th</sup>", "10^22 FLOPs, 10^−4 , 5th"),
        ("<p>A100<sup>1</sup> by Ann<sup>1,2</sup>, H<sub>2</sub>O", "A100 by Ann , H2O"),
        ("<p>40&nbsp;GB &lt;b&gt; R&amp;D &#x25B6 x &#8211; y &bogus; AT&T", "40 GB <b> R&D ▶ x – y &bogus; AT&T"),
        ("<p>one<p>two<div>three</div>four", "one / two / three / four"),
        ("<p>one<br>goes on<br>Two<br/>Three", "one goes on / Two / Three"),
        ("<p>a <!----> b <!--> c <!---> d", "a b c d"),
        ("<p>a</b></i></div></td></table>b", "a b"),
        ("<p>a</p>b</p>c", "a / b / c"),
        ('<p>unclosed <a href="x>y</a> z', "unclosed y z"),
        ("<p>a <a title=it's>b</a> c", "a b c"),
        ("<p>a <a x=1 y = '>' z>b</a> c", "a b c"),
        ("<p>a <b", "a"),
        ("x <![CDATA[ y ]]> z", "x z"),
    ],
)
def test_what_is_read(source: str, words: str) -> None:
    assert left(source) == words


def test_headings_make_a_path() -> None:
    source = "<h1>Ibis<br>Model</h1><p>a<h2>Train<b>ing</b><h3><div>Data</div><div>sets</div></h3><p>b<h2>End</h2><p>c"
    document = read_soundly(source, "html")
    paths = {document.text[s.start : s.end]: s.headings for s in document.segments if s.kind == "sentence"}
    assert paths == {"a": ("Ibis Model",), "b": ("Ibis Model", "Training", "Data sets"), "c": ("Ibis Model", "End")}


def test_a_heading_that_is_never_closed_ends_with_the_next_block() -> None:
    assert seen("<h2>Data<p>We used CC3M.<ul><li>x</ul>", "html") == ["heading: Data", "sentence: We used CC3M.", "item: x"]


def test_a_paragraph_in_bold_is_a_heading() -> None:
    source = "<p><b>Training data</b></p><p>x y z.</p><p><b>We used it.</b></p><p><b>Key: value</b></p>"
    assert seen(source, "html") == ["heading: Training data", "sentence: x y z.", "sentence: We used it.", "pair [Key | ]: value"]


def test_pairs() -> None:
    source = (
        "<p><b>Learning rate:</b> 1e-4<br><strong>Batch size</strong>: 2048</p>"
        "<dl><dt>Optimizer<dd>AdamW<dd>with clipping<dt>Precision:</dt><dd><p>bf16</p><p>We scaled the loss.</p></dd>"
        "<dt>What we used was, in short, this</dt><dd>JAX</dd></dl>"
    )
    assert seen(source, "html") == [
        "pair [Learning rate | ]: 1e-4",
        "pair [Batch size | ]: 2048",
        "pair [Optimizer | ]: AdamW",
        "pair [Optimizer | ]: with clipping",
        "pair [Precision | ]: bf16",
        "sentence: We scaled the loss.",
        "sentence: What we used was, in short, this",
        "sentence: JAX",
    ]


def test_lists_have_leads() -> None:
    source = "<p>We used:</p><ul><li>CC3M<ul><li>filtered</ul><li><p>CC12M</p><p>all of it</p><li>SBU<br>too</ul><p>End."
    assert seen(source, "html") == [
        "sentence: We used:",
        "item: CC3M < We used:",
        "item: filtered < CC3M",
        "item: CC12M < We used:",
        "item: all of it < CC12M",
        "item: SBU < We used:",
        "item: too < SBU",
        "sentence: End.",
    ]


def test_tables_with_heads_over_several_rows_and_columns() -> None:
    source = (
        "<table><caption>Settings</caption><thead><tr><th rowspan=2>Setting<th colspan=2>Ibis<tr><th>7B<th>13B</thead>"
        "<tr><td>Peak LR<td>1e-4<td>2e-4<tr><th>Optimizer<td colspan=2>AdamW<tr><td colspan=3>Hardware"
        "<tr><td rowspan='2'>GPUs<td>8 &times; A100<br>80GB<td><tr><td>16<td>32</table>"
    )
    assert [line.removesuffix(" < Settings") for line in seen(source, "html")] == [
        "sentence: Settings",
        "cell: Setting",
        "cell: Ibis",
        "cell: 7B",
        "cell: 13B",
        "cell: Peak LR",
        "cell [Peak LR | Ibis 7B]: 1e-4",
        "cell [Peak LR | Ibis 13B]: 2e-4",
        "cell: Optimizer",
        "cell [Optimizer | ]: AdamW",
        "cell: Hardware",
        "cell: GPUs",
        "cell [GPUs | Ibis 7B]: 8 × A100 80GB",
        "cell [GPUs | Ibis 7B]: 16",
        "cell [GPUs | Ibis 13B]: 32",
    ]


@pytest.mark.parametrize(
    ("source", "cells"),
    [
        (
            "<tr><th>Model<td>Ibis<tr><th>Year<td>2023",
            ["cell: Model", "pair [Model | ]: Ibis", "cell: Year", "pair [Year | ]: 2023"],
        ),
        (
            "<tr><td>Model<td>LR<td>BS<tr><td>Ibis<td>1e-4<td>8",
            ["cell: Model", "cell: LR", "cell: BS", "cell: Ibis", "cell [Ibis | LR]: 1e-4", "cell [Ibis | BS]: 8"],
        ),
        ("<tr><td>a<tr><td>b", ["sentence: a", "sentence: b"]),
        ("<tr><td>a<td>b", ["cell: a", "pair [a | ]: b"]),
        (
            "<tr><th colspan=3>All<tr><th>M<th>x<th>y<tr><td>I<td>1<td>2<tr><th>N<th>z<th>w<tr><td>J<td>3<td>4",
            "cell: All/cell: M/cell: x/cell: y/cell: I/cell [I | x]: 1/cell [I | y]: 2/cell: N/cell: z/cell: w/"
            "cell: J/cell [J | z]: 3/cell [J | w]: 4".split("/"),
        ),
        (
            "<tr><th>M<th>n<th>GPU<tr><td>I<td>1<td rowspan=2>A100<tr><td>J<td>2",
            "cell: M/cell: n/cell: GPU/cell: I/cell [I | n]: 1/cell [ | GPU]: A100/cell: J/cell [J | n]: 2".split("/"),
        ),
        ("", []),
        ("<tr><tr><td><td>", []),
        ("<tr><td>x</td>loose<td>y</tr>", ["cell: x", "sentence: loose", "pair [x | ]: y"]),
    ],
)
def test_tables(source: str, cells: list[str]) -> None:
    assert seen(f"<table>{source}</table>", "html") == cells


def test_a_caption_behind_its_table_leads_it() -> None:
    source = (
        "<figure><table><tr><td>a<td>b<tr><td>c<td>d</table><figcaption>Ours.</figcaption></figure><table><tr><td>e<td>f</table>"
    )
    assert seen(source, "html")[1::2] == ["pair [a | ]: b < Ours.", "pair [c | ]: d < Ours.", "cell: e"]


def test_tables_that_lay_out_a_page_are_prose() -> None:
    inner = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    assert seen(f"<table><tr><td><h2>Left</h2><p>Some text.<td>Right {inner} after</table>", "html") == [
        "heading: Left",
        "sentence: Some text.",
        "sentence: Right",
        "cell: a < Right",
        "pair [a | ]: b < Right",
        "cell: c < Right",
        "pair [c | ]: d < Right",
        "sentence: after",
    ]
    assert seen("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", "html")[0] == "sentence: a"
    assert seen(f"<table><tr><td>{'Words here. ' * 30}<td>b</table>", "html")[0] == "sentence: Words here."


def test_code() -> None:
    source = "<pre><code>--lr 1e-4 \\\n--bs <b>8</b>\nseed = 1</code></pre>"
    assert [line.partition(" <")[0] for line in seen(source, "html")] == [
        "pair [lr | ]: 1e-4",
        "pair [bs | ]: 8",
        "pair [seed | ]: 1",
    ]


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (r'<math alttext="1\times 10^{-4}"><mn>9</mn></math>', "1×10^-4"),
        (
            r"<math><semantics><mn>9</mn><annotation encoding='application/x-tex'>224\times224</annotation></semantics></math>",
            "224×224",
        ),
        ("<math><mn>2</mn><mo>&#xD7;</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>5</mn></mrow></msup></math>", "2×10^−5"),
        (
            "<math> <mfrac><mi>a</mi><mi>b</mi></mfrac>\n<mspace/> <msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>",
            "a/bx1^2",
        ),
        (r'<math alttext="\beta_{1}=0.9\,\text{per step},\ \frac{1}{2}\%"></math>', "β1=0.9 per step, 1/2%"),
        (r'<math alttext="a &lt; 10{,}000 \unknown \$ x"></math>', "a < 10,000 unknown $ x"),
        ("<math><mn>7</mn>", "7"),
        ("<math><mn>7</mn></mi></mi></math>", "7"),
    ],
)
def test_formulas(formula: str, shown: str) -> None:
    assert left(f"<p>It is {formula}") == f"It is {shown}"


def test_a_formula_moves_the_words_it_stands_in() -> None:
    source = r'<p>rate <math alttext="1\times 10^{-4}"></math> it is'
    (span,) = read_soundly(source, "html").moved
    assert source[span.start : span.end] == r"1\times 10^{-4}"


def test_footnotes() -> None:
    note = "<span class='ltx_note'><sup class='ltx_note_mark'>1</sup><span class='ltx_note_outer'>{}</span></span>"
    source = "<p>We trained it" + note.format("With <span>JAX</span>.") + " on CC3M" + note.format("All of it.") + ". Then more."
    assert left(source) == "We trained it (With JAX .) on CC3M / All of it. / Then more."
    assert left("<ul><li>On CC3M." + note.format("All.") + " Next.</ul><h2>A" + note.format("B.") + "</h2><p>c") == (
        "On CC3M. / All. / Next. / A / B. / c"
    )
    assert left("<table><tr><td>a<td>b" + note.format("c") + "</table>") == "a / b c"


def test_tags_of_reports_are_read_in_pages_too() -> None:
    source = "<html><p>On <hardware>A100</hardware> and <b><year>2023</b></year>, <foo>x</foo> <foo-bar>y</foo-bar></html>"
    document = read_soundly(source, "html")
    assert [(tag.name, source[tag.start : tag.end]) for tag in document.tags] == [("hardware", "A100"), ("year", "2023")]
    assert [(finding.code, finding.message) for finding in document.findings] == [("KG402", "kg does not know the tag <foo>")]


def test_findings() -> None:
    source = "<p>a &bogus; b &bogus;<p>c <!-- never closed <p>Trained on CC3M"
    document = read_soundly(source, "html")
    assert [(finding.code, finding.labels[0].start) for finding in document.findings] == [("KG405", 5), ("KG401", 27)]
    assert "CC3M" not in document.text


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("<title>Ibis</title><h1>Other</h1>", {"title": "Ibis"}),
        ("<title> Ibis/Ibis-7B · Hugging Face\n</title>", {"title": "Ibis/Ibis-7B"}),
        ("<title>[2304.10592] Ibis: A &amp; B</title>", {"title": "Ibis: A & B"}),
        ("<title></title><h1>Ibis</h1>", {"title": "Ibis"}),
        ("<h1>Ibis</h1><svg><title>x</title></svg>", {"title": "Ibis"}),
        (
            '<title>x</title><meta name="citation_title" content="Ibis &gt; all"><meta content=\'2023/04/20\' name=citation_date>'
            '<meta name="citation_online_date" content="2024/01/01"><meta name="citation_arxiv_id" content="2304.10592">',
            {"title": "Ibis > all", "published": "2023-04-20", "arxivId": "2304.10592"},
        ),
        ("<meta property='article:published_time' content='2023-04-20T08:00:00Z'>", {"published": "2023-04-20"}),
        ("<meta name=citation_date content='2023/4'><meta name=author content=x>", {"published": "2023-04"}),
        ("<meta name=citation_date content='soon'><meta name=citation_title content=''><meta charset=utf-8>", {}),
        ("<div hidden><meta name=citation_title content='x'></div>", {}),
    ],
)
def test_fields(head: str, fields: dict[str, str]) -> None:
    document = read_soundly(f"<html><head>{head}</head><body>text", "html")
    assert {field.name: field.value for field in document.fields} == fields


def test_a_field_stands_where_the_page_says_it() -> None:
    source = '<html><meta name="citation_title" content="Ibis">'
    (field,) = read_soundly(source, "html").fields
    assert source[field.start : field.end] == "Ibis"


def test_without_a_heading_the_title_is_read_as_one() -> None:
    assert seen("<html><title>Ibis-7B</title><p>It is new.", "html") == ["heading: Ibis-7B", "sentence: It is new."]
    assert seen("<html><title>Ibis-7B</title><h1>Ibis</h1>", "html") == ["heading: Ibis"]


def test_an_abstract_of_arxiv() -> None:
    source = """<!DOCTYPE html><html><head><meta name="citation_title" content="Ibis"></head><body><header><nav>Menu</nav></header>
<main><div class="subheader"><h1>Computer Science</h1></div><div id="abs"><div class="dateline">[Submitted on 20 Apr 2023]</div>
<h1 class="title mathjax"><span class="descriptor">Title:</span>Ibis</h1>
<blockquote class="abstract mathjax"><span class="descriptor">Abstract:</span>We train Ibis.</blockquote></div>
<div class="extra-services">Access</div></main></body></html>"""
    assert left(source) == "[Submitted on 20 Apr 2023] / Ibis / We train Ibis."


def test_the_same_whatever_the_line_ends() -> None:
    source = "\ufeff<html>\n<p>We used\n  CC3M 😀 and\n<b>SBU</b>.\n<pre>a = 1\nb = 2</pre>"
    assert seen(source.replace("\n", "\r\n"), "html") == seen(source, "html") == seen(source.replace("\n", "\r"), "html")
    assert seen(source, "html")[0] == "sentence: We used CC3M 😀 and SBU ."


PIECES = (
    "<p> </p> <b> </b> <table> </table> <tr> <td/colspan=3> <td> <th/rowspan=2> </td> <ul> <li> </li> </ul> <h1> </h1> <h2> <div>"
    " </div> <div/hidden> <span/class=ltx_note_outer> </span> <!-- --> &amp; &#x41; &bogus; <sup> </sup> <math> </math> <msup> <mn>"
    " <math/alttext='1\\times'> </mn> <pre> </pre> <br> <dl> <dt> <dd> <nav> </nav> <script> </script> <title> </title> <a/x='y>"
    " <hardware> </hardware> 10 A100 text Key: value. , ) < > \" ' = ` & ; - <caption> <figure> <figcaption> <p/hidden> <foo> <s>"
    " </s> <hr> <html> <body>"
).split()
SOUP = st.lists(
    st.one_of(
        st.sampled_from([piece.replace("/", " ", 1) if piece[:2] != "</" else piece for piece in PIECES]),
        st.sampled_from([" ", "\n", "\r\n", "\u200b", "\u2060", "\ufeff", "😀", "\x00", "\ud800"]),
        st.text(max_size=4),
    ),
    max_size=40,
).map("".join)


@given(SOUP)
def test_any_soup_of_tags_is_read_soundly(source: str) -> None:
    read_soundly(source, "html")


@given(SOUP, st.integers(0, 200))
def test_comments_are_never_read(source: str, cut: int) -> None:
    source = source.replace("-->", "")[:cut] + "<!-- SECRET -->" + source
    if "SECRET" in source.partition("<!--")[0]:
        return
    assert "SECRET" not in read_soundly(f"<html>{source}", "html").text or "<" in source[: source.index("<!-- SECRET")]


@pytest.mark.parametrize("cut", range(0, 1200, 7))
def test_a_page_may_break_off_anywhere(cut: int, whole: str) -> None:
    read_soundly(whole[:cut], "html")


@pytest.fixture(scope="module")
def whole(shared: Path) -> str:
    source = (shared / "eval" / "real" / "minigpt-4-page.html").read_text(encoding="utf-8")
    return source[-1200:]


def test_the_page_of_the_evaluation(shared: Path) -> None:
    source = (shared / "eval" / "real" / "minigpt-4-page.html").read_text(encoding="utf-8")
    document = read_soundly(source, "html")
    assert "Microsoft" not in document.text  # only comments name it
    assert document.fields[0].value.startswith("MiniGPT-4")
    assert any("approximately 5 million aligned image-text pairs" in document.text[s.start : s.end] for s in document.segments)


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<div>",
        "<td colspan=1000 rowspan=65534>x",
        "<table><tr><td>",
        "<!-- ",
        '<a b="',
        "<a b='x>",
        "</div>",
        "<ul><li>",
        "<math>",
        "<title>",
        "<span class=ltx_note_outer>x",
        "<dt>x<dd>y",
        "<b>",
        "&",
        "a\u2060",
    ],
)
def test_long_runs_take_linear_time(piece: str) -> None:
    read_text(piece * (300_000 // len(piece)), "a.html")


def test_more_levels_than_browsers_keep_are_flattened() -> None:
    source = "<div>" * 1000 + "deep" + "</div>" * 1000 + "<p>after"
    assert seen(source, "html") == ["sentence: deep", "sentence: after"]
