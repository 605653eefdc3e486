"""JATS: what is read and what is not, that nothing declared is expanded, and that no source breaks or stalls the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError
from kg.ingest import read_text, walk
from kg.ingest.jats import parse, reason_to_skip, recognises
from tests.ingest.sound import read_soundly, seen


def article(body: str, front: str = "") -> str:
    return f"<article><front><article-meta>{front}</article-meta></front><body>{body}</body></article>"


def left(source: str) -> str:
    """Return the words of all segments."""
    document = read_soundly(source, "jats")
    return " / ".join(" ".join(document.text[s.start : s.end].split()) for s in document.segments)


@pytest.mark.parametrize(
    "source",
    [
        "<article><front>",
        "\ufeff<?xml version='1.0'?>\n<!-- a - b -->\n<!DOCTYPE article PUBLIC \"-//NLM//DTD\" \"x.dtd\">\n<article x='y'>\n<body>",
        "<!DOCTYPE article [ <!ENTITY a \"<b>\"> <!ENTITY c 'x[1]'> ]>\n<article><article-meta>",
    ],
)
def test_an_article_is_recognised_by_its_root(source: str) -> None:
    assert recognises(source)
    assert read_text(source, "a.txt").format == "jats"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<rss><channel/></rss>", "its root is <rss>"),
        ("<?xml version='1.0'?>\n<project>", "its root is <project>"),
        ("<!DOCTYPE html>\n<html>", "its root is <html>"),
        ("<article><p>Of a blog</p></article>", "it has no <article> with a front or a body"),
        ("", "it has no <article>"),
        ("<!-- never closed <article><front>", "it has no <article>"),
    ],
)
def test_other_xml_is_refused(source: str, reason: str) -> None:
    assert not recognises(source)
    with pytest.raises(InputError, match=reason) as caught:
        parse(source)
    assert caught.value.hint


def test_other_xml_is_skipped_and_told(tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text("<?xml version='1.0'?><project/>")
    (tmp_path / "paper.xml").write_text(article("<p>x</p>"))
    (tmp_path / "paper.nxml").write_text(article("<p>y</p>"))
    found, skipped = walk([tmp_path])
    assert [input.id for input in found] == ["paper.nxml", "paper.xml"]
    assert [item.reason for item in skipped] == ["XML that is no JATS article: its root is <project>"]
    assert reason_to_skip(b"<article>") is None
    assert reason_to_skip(b"") is None


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- X -->",
        "<ref-list><ref><mixed-citation>X</mixed-citation></ref></ref-list>",
        "<p>a<xref ref-type='bibr' rid='b'>X</xref></p>",
        "<sup><xref ref-type='fn' rid='f'>X</xref></sup>",
        "<journal-meta><journal-title>X</journal-title></journal-meta>",
        "<permissions><license><p>X</p></license></permissions>",
        "<contrib-group><contrib><name><surname>X</surname></name></contrib></contrib-group>",
        "<history><date><year>X</year></date></history>",
        "<sec><label>X</label><title>a</title></sec>",
        "<list><list-item><label>X</label><p>a</p></list-item></list>",
        "<supplementary-material><p>X</p></supplementary-material>",
        "<graphic href='X'/>",
        "<?X?>",
        "<sub-article><body><p>X</p></body></sub-article>",
        "<fig><alt-text>X</alt-text></fig>",
    ],
)
def test_what_is_not_read(hidden: str) -> None:
    assert "X" not in read_soundly(article(f"<sec><title>Before</title></sec>{hidden}<p>after</p>"), "jats").text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>a <bold>b</bold><italic>c</italic> d<break/>e &lt; 5&#160;GB &times; &#x3b2;</p>", "a bc d e < 5 GB × β"),
        ("<p>10<sup>22</sup>, H<sub>2</sub>O, A100<sup>1</sup></p>", "10^22 , H2O, A100"),
        ("<p>a <![CDATA[<b> & c]]> d <![CDATA[open</p>", "a <b> & c d open</p></body></article>"),
        ("<p>see <xref ref-type='table' rid='t'>Table 1</xref> and <ext-link>here</ext-link>", "see Table 1 and here"),
        ("<p>one</p><p>two</p>three", "one / two / three"),
        ("<p>It is.<fn><p>A note.</p></fn> Then<fn>within</fn> more.</p>", "It is. / A note. / Then (within) more."),
        ("<fn-group><fn><label>1</label><p>Apart.</p></fn></fn-group>", "Apart."),
        ("</sec></p>a</body></article>b", "a"),
        ("<p/>a<p>", "a"),
        ("<preformat>a = 1\nb = 2</preformat>", "1 / 2"),
        ("<p>use <code>--lr</code> here</p>", "use / --lr / here"),
    ],
)
def test_what_is_read(body: str, words: str) -> None:
    assert left(article(body)) == words


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (
            "<alternatives><tex-math>\\documentclass{minimal}\\begin{document}$$1\\times 10^{-4}$$\\end{document}</tex-math>"
            "<mml:math><mml:mn>9</mml:mn></mml:math></alternatives>",
            "1×10^-4",
        ),
        ("<alternatives><mml:math><mml:mn>9</mml:mn></mml:math><tex-math>10^{3}</tex-math></alternatives>", "10^3"),
        ("<alternatives><mml:math><mml:mn>9</mml:mn></mml:math></alternatives>", "9"),
        ("<alternatives><mml:math><mml:mn>9</mml:mn>", "9"),
        ("<tex-math><![CDATA[\\beta=0.9]]></tex-math>", "β=0.9"),
        ("<mml:math><mml:msup><mml:mn>10</mml:mn><mml:mn>3</mml:mn></mml:msup></mml:math>", "10^3"),
        ("<tex-math>7", "7"),
    ],
)
def test_formulas(formula: str, shown: str) -> None:
    assert left(article(f"<p>It is <inline-formula>{formula}</inline-formula>")) == f"It is {shown}"


def test_sections_make_a_path() -> None:
    source = article(
        "<sec><label>1</label><title>A</title><p>a</p><sec><title>B <italic>b</italic></title><p>b</p></sec></sec>"
        "<sec><title>C</title><p>c</p></sec>",
        "<title-group><article-title>Ibis</article-title></title-group><abstract><title>Abstract</title><p>z</p></abstract>",
    )
    document = read_soundly(source, "jats")
    paths = {document.text[s.start : s.end]: s.headings for s in document.segments if s.kind == "sentence"}
    assert paths == {"z": ("Ibis", "Abstract"), "a": ("Ibis", "A"), "b": ("Ibis", "A", "B b"), "c": ("Ibis", "C")}


def test_lists_and_tables() -> None:
    source = article(
        "<p>We use:<list><list-item><p>CC3M</p><list><list-item><p>part</p></list-item></list></list-item></list></p>"
        "<def-list><def-item><term>Optimizer</term><def><p>AdamW</p></def></def-item></def-list>"
        "<table-wrap><label>Table 1</label><caption><title>Settings</title></caption>"
        "<table><thead>"
        "<tr><th>Set</th><th>7B</th><th>13B</th></tr></thead><tbody>"
        "<tr><td>LR</td><td><p>1e-4</p></td><td/></tr><tr><td>Opt</td><td colspan='2'>AdamW</td></tr></tbody></table>"
        "<table-wrap-foot><fn><p>Foot.</p></fn></table-wrap-foot></table-wrap>"
    )
    assert seen(source, "jats") == [
        "sentence: We use:",
        "item: CC3M < We use:",
        "item: part < CC3M",
        "pair [Optimizer | ]: AdamW",
        "sentence: Table 1",
        "sentence: Settings",
        "cell: Set < Settings",
        "cell: 7B < Settings",
        "cell: 13B < Settings",
        "cell: LR < Settings",
        "cell [LR | 7B]: 1e-4 < Settings",
        "cell: Opt < Settings",
        "cell [Opt | ]: AdamW < Settings",
        "sentence: Foot.",
    ]


def test_a_table_in_a_cell_makes_the_outer_one_a_layout() -> None:
    inner = "<table><tr><td>a</td><td>b</td></tr></table>"
    assert seen(article(f"<table><tr><td>x</td><td>{inner}</td></tr><tr><td>y</td><td>z</td></tr></table>"), "jats") == [
        "sentence: x",
        "cell: a < x",
        "pair [a | ]: b < x",
        "sentence: y",
        "sentence: z",
    ]


@pytest.mark.parametrize(
    ("front", "fields"),
    [
        (
            "<article-id pub-id-type='doi'>10.1/x</article-id><article-id pub-id-type=\"arxiv\">2304.10592</article-id>"
            "<title-group><article-title>Ibis: <italic>A</italic> &amp; B</article-title></title-group>"
            "<pub-date><day>5</day><month>4</month><year>2023</year></pub-date><pub-date><year>2024</year></pub-date>",
            {"title": "Ibis: A & B", "published": "2023-04-05", "arxivId": "2304.10592"},
        ),
        ("<pub-date><month>4</month><year>2023</year></pub-date>", {"published": "2023-04"}),
        ("<pub-date><season>Spring</season></pub-date><title-group><article-title></article-title></title-group>", {}),
        ("<title-group><article-title>never closed", {"title": "never closed"}),
    ],
)
def test_fields(front: str, fields: dict[str, str]) -> None:
    document = read_soundly(article("", front), "jats")
    assert {field.name: field.value for field in document.fields} == fields


def test_nothing_declared_is_fetched_or_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    declared = (
        f'<!DOCTYPE article SYSTEM "file:///etc/passwd" [<!ENTITY l0 \'ha\'>{laughs}<!ENTITY xx SYSTEM "file:///etc/passwd">]>\n'
    )
    source = declared + article("<p>a &l9; b &xx; c</p>")
    document = read_soundly(source, "jats")
    assert left(source) == "a &l9; b &xx; c"
    assert [finding.code for finding in document.findings] == ["KG405", "KG405"]
    assert "passwd" not in document.text


def test_the_same_whatever_the_line_ends() -> None:
    source = "\ufeff<article>\n<body><p>We used\n  CC3M 😀 here.</p>\n<preformat>a = 1\nb = 2</preformat></body></article>"
    assert seen(source.replace("\n", "\r\n"), "jats") == seen(source, "jats") == seen(source.replace("\n", "\r"), "jats")


PIECES = (
    "</article> <front> <body> </body> <back> <article-title> </article-title> <title-group> <sec> </sec> <title>"
    " </title> <p> </p> <list> <list-item> </list-item> </list> <table-wrap> </table-wrap> <label> </label> <caption>"
    " </caption> <table> <tr> <td> <td/> </td> </tr> </table> <def-list> <def-item> <term> <def> <xref> <sup> </sup>"
    " <bold> </bold> <fn> </fn> <ref-list> </ref-list> <pub-date> </pub-date> <year>2023</year> <![CDATA[ ]]> &amp;"
    " &lol; <mml:math> </mml:math> <tex-math> </tex-math> <alternatives> </alternatives> text A100 10 < > \" ' <p/>"
    " <break/> <?x ?> <!DOCTYPE ]> <preformat>"
).split()
TAGS = [piece for piece in PIECES if piece[:2] not in {"<!", "<?"} and piece not in "<\"'"]
BLANKS = st.sampled_from([" ", "\n", "\r\n", "\u200b", "\u2060", "\ufeff", "😀", "\x00", "\ud800"])
SOUP = st.lists(st.one_of(st.sampled_from(PIECES), BLANKS, st.text(max_size=4)), max_size=40).map("".join)


@given(SOUP)
def test_any_soup_of_tags_is_read_soundly(source: str) -> None:
    read_soundly(f"<article><front>{source}", "jats")


@given(st.lists(st.one_of(st.sampled_from(TAGS), BLANKS)).map("".join))
def test_comments_are_never_read(source: str) -> None:
    assert "SECRET" not in read_soundly(f"<article><front>{source}<!-- SECRET -->{source}", "jats").text


@pytest.mark.parametrize(
    "piece", ["<sec>", "<table><tr><td>", "<list><list-item><p>x", "<![CDATA[", "<fn>x", "<tex-math>", "<mml:math>", "<a b='"]
)
def test_long_runs_take_linear_time(piece: str) -> None:
    read_text("<article><front></front><body>" + piece * (200_000 // len(piece)), "a.xml")
