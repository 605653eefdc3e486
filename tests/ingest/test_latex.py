"""LaTeX: what is read and what is not, where it stands, and that no source breaks or stalls the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ingest import read_text
from kg.ingest.latex import recognises
from tests.ingest.sound import read_soundly, seen


def left(source: str) -> str:
    """Return the words of all segments."""
    document = read_soundly(source, "latex")
    return " / ".join(" ".join(document.text[s.start : s.end].split()) for s in document.segments)


@pytest.mark.parametrize(
    "source",
    [
        "\\documentclass{article}",
        "\ufeff% a paper\n%\n\n  \\documentclass[11pt]{article}",
        "\\documentstyle[x]{y}",
    ],
)
def test_a_document_is_recognised_by_its_beginning(source: str) -> None:
    assert recognises(source)
    assert read_text(source, "paper.txt").format == "latex"


@pytest.mark.parametrize(
    "source", ["", "\\section{A}", "Use \\documentclass{x}.", "% only a remark", "% " * 100_000, " \n" * 100_000]
)
def test_other_text_is_no_document(source: str) -> None:
    assert not recognises(source)


def test_a_part_of_a_document_is_known_by_its_suffix() -> None:
    assert read_text("\\section{A}", "part.tex").format == "latex"


@pytest.mark.parametrize(
    "hidden",
    [
        "% X",
        "%X\n% X\n",
        "a\\\\% X",
        "\\iffalse X \\ifx\\a\\b X \\fi X \\fi",
        "\\iffalse X \\else",
        "\\begin{comment}X\\end{comment}",
        "\\begin{thebibliography}{9}\\bibitem{a} X\\end{thebibliography}",
        "\\begin{tikzpicture}\\node{X};\\end{tikzpicture}",
        "\\label{X}~\\cite[p. 2]{X} \\citep{X,Y}",
        "\\includegraphics[width=X]{X}",
        "\\bibliography{X}",
        "\\vspace{-2X}",
        "\\newcommand{\\x}[1]{X #1}",
        "\\def\\x{X}",
        "\\newcommand\\todo[1]{}\\todo{X \\textbf{X}}",
        "\\setlength{\\X}{X}",
        "$a % X\n$",
        "\\href{http://X}{here}",
        "\\textcolor{X}{red}",
        "\\footnotemark[1]",
        "\\end{document} X",
        "\\begin{minipage}[t]{0.X}a\\end{minipage}",
    ],
)
def test_what_is_not_read(hidden: str) -> None:
    assert "X" not in read_soundly(f"\\section{{Before}}\n{hidden}\n", "latex").text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("10\\% of it, 5\\,\\% \\& \\$3 \\#1 a\\_b \\{x\\}", "10% of it, 5 % & $3 #1 a_b {x}"),
        ("\\% not % yes", "% not"),
        ("\\textbf{a \\emph{b}} {\\bf c} \\texttt{d\\_e}", "a b c d_e"),
        ("256~A100 10\\,000 21\\,days 1{,}024 x\\ y pre\\-train", "256 A100 10 000 21 days 1,024 x y pretrain"),
        ("10--20, 3---4, ``so'' it's", "10–20, 3—4, “so” it's"),
        ("B\\'er\\'{e}nice M\\\"uller \\c{c} na\\\"{\\i}ve \\ss \\o", "Bérénice Müller ç naïve ß ø"),
        ("$1\\times10^{-4}$ and $3 \\times 10 ^ {-5}$", "1×10^-4 and 3×10^-5"),
        ("\\(224\\times224\\) \\[ 10^{22} \\] $$\\beta_2 = 0.95$$", "224×224 10^22 β2 = 0.95"),
        ("$\\sim$7B, 8$\\times$ A100, $\\approx 5\\%$, $1{,}024$", "~7B, 8× A100, ≈5% , 1,024"),
        ("$\\mathrm{lr} \\leq \\frac{1}{2}$", "lr ≤1/2"),
        ("\\begin{equation} x = 10^{3} \\label{eq:x} \\end{equation} done", "10^3 done"),
        ("it costs $5 or so", "it costs 5 or so"),
        ("a \\( b", "a b"),
        ("one\ntwo\n\nthree\\par four", "one two / three / four"),
        ("one\\\\Two\\\\[2pt] three", "one / Two three"),
        (
            "see \\url{https://x.org/a%20b_c} and \\href{https://y.org}{this} or \\path{a}",
            "see https://x.org/a%20b_c and this or a",
        ),
        ("run \\verb|--lr % {| and \\verb+x+ or \\verb|open", "run --lr % { and x or |open"),
        ("\\unknown{kept} \\other[dropped]{kept} \\centering kept", "kept kept kept"),
        ("10\\textsuperscript{22} H\\textsubscript{2}O A100\\textsuperscript{1}", "10^22 H2O A100"),
        ("\\SI{80}{GB} \\num{1e-4}", "80GB 1e-4"),
        ("a } b { c", "a b c"),
        ("\\section", ""),
        ("\\begin a \\end b", "a b"),
        ("\\end{itemize} a \\begin{unknown} b", "a / b"),
        ("\\cite a", "a"),
        ("\\", "\\"),
    ],
)
def test_what_is_read(source: str, words: str) -> None:
    assert left(source) == words


def test_the_preamble_is_not_read_but_for_title_and_authors() -> None:
    source = (
        "\\documentclass{x}\n% \\title{No}\n\\usepackage{y}Preamble\n\\title[Short]{Ibis:\\\\ A \\textbf{Model}}\n\\author{Ann"
        "\\thanks{At KAUST.} \\and Bob \\\\ Meta}\n\\begin{document}\\maketitle Body.\\end{document} After."
    )
    assert left(source) == "Ibis: A Model / Ann / At KAUST. / Bob / Meta / Body."
    (title,) = read_soundly(source, "latex").fields
    assert (title.name, title.value) == ("title", "Ibis: A Model")


def test_sections_make_a_path() -> None:
    source = "\\section*{A}\\subsection[s]{B \\emph{b}}\\label{x} One.\\paragraph{C.} Two.\\section{D} Three.\\section{} Four."
    document = read_soundly(source, "latex")
    paths = {document.text[s.start : s.end]: s.headings for s in document.segments if s.kind == "sentence"}
    assert paths == {"One.": ("A", "B b"), "Two.": ("A", "B b", "C."), "Three.": ("D",), "Four.": ("D",)}


def test_lists() -> None:
    source = (
        "We use:\\begin{itemize}\\item CC3M\\begin{enumerate}\\item[a)] filtered\\end{enumerate}\\item SBU\n\nmore of it"
        "\\end{itemize}"
        "\\begin{description}\\item[Optimizer] AdamW \\item[\\textbf{Precision:}] bf16\\item none\\end{description} End."
    )
    assert seen(source, "latex") == [
        "sentence: We use:",
        "item: CC3M < We use:",
        "item: filtered < CC3M",
        "item: SBU < We use:",
        "item: more of it < SBU",
        "pair [Optimizer | ]: AdamW",
        "pair [Precision | ]: bf16",
        "item: none",
        "sentence: End.",
    ]


TABLE = r"""\begin{table}\caption{Settings}
\begin{tabular}{@{}l|cc@{}} \toprule
 & \multicolumn{2}{c}{Ibis} \\ \cmidrule(lr){2-3}
Setting & 7B & 13B \\ \midrule
Peak LR & $10^{-4}$ & 2e-4 \\ % no
Optimizer & \multicolumn{2}{c}{AdamW} \\[2pt]
\multicolumn{3}{l}{Hardware} \\
\multirow{2}{*}{GPUs} & 8\,\& more & {\bf 16} \\
 & \begin{tabular}{@{}c@{}}a\\b\end{tabular} & x\footnote{Note.} \\ \bottomrule
\end{tabular}\end{table} After."""


def test_tables() -> None:
    assert [line.removesuffix(" < Settings") for line in seen(TABLE, "latex")] == [
        "sentence: Settings",
        "cell: Ibis",
        "cell: Setting",
        "cell: 7B",
        "cell: 13B",
        "cell: Peak LR",
        "cell [Peak LR | Ibis 7B]: 10^-4",
        "cell [Peak LR | Ibis 13B]: 2e-4",
        "cell: Optimizer",
        "cell [Optimizer | ]: AdamW",
        "cell: Hardware",
        "cell: GPUs",
        "cell [GPUs | Ibis 7B]: 8 & more",
        "cell [GPUs | Ibis 13B]: 16",
        "cell [GPUs | Ibis 7B]: a b",
        "cell [GPUs | Ibis 13B]: x (Note.)",
        "sentence: After.",
    ]


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        ("Epochs & 3 \\\\ Steps & 100k", ["cell: Epochs", "pair [Epochs | ]: 3", "cell: Steps", "pair [Steps | ]: 100k"]),
        ("\\hline a & b \\\\ \\hline c & d \\\\ \\hline e & f \\\\ \\hline", ["cell: a", "pair [a | ]: b", "cell: c"]),
        ("Key & Value \\\\ \\midrule a & b \\\\", ["cell: Key", "cell: Value", "cell: a", "pair [a | ]: b"]),
        ("M & x & y \\\\ \\hline a & 1 & 2 \\tabularnewline", ["cell: M", "cell: x", "cell: y", "cell: a", "cell [a | x]: 1"]),
        ("\\multicolumn{x}{c}{a} & b \\\\", ["cell: a", "pair [a | ]: b"]),
        ("a\n\nb & c \\\\", ["cell: a b", "pair [a b | ]: c"]),
    ],
)
def test_rows(rows: str, cells: list[str]) -> None:
    assert seen(f"\\begin{{tabular}}[t]{{lll}}{rows}\\end{{tabular}}", "latex")[: len(cells)] == cells


def test_a_caption_behind_its_table_leads_it() -> None:
    source = "\\begin{table}\\begin{tabular}{ll}a & b\\end{tabular}\\caption[s]{Ours}\\end{table}"
    assert seen(source, "latex") == ["cell: a < Ours", "pair [a | ]: b < Ours", "sentence: Ours"]


def test_footnotes() -> None:
    assert left("It is.\\footnote{A \\textbf{note}.} Then\\footnote{within} more\\footnote[2]{at the end}. And\\footnote.") == (
        "It is. / A note . / Then (within) more / at the end / And ."
    )


def test_code() -> None:
    source = "A.\\begin{lstlisting}[language=x]\n--lr 1e-4 % kept\nseed = 1\n\\end{lstlisting}B.\\begin{verbatim}\n--bs 8"
    assert [line.partition(" <")[0] for line in seen(source, "latex")] == [
        "sentence: A.",
        "pair [lr | ]: 1e-4",
        "pair [seed | ]: 1",
        "sentence: B.",
        "pair [bs | ]: 8",
    ]


def test_commands_that_stand_for_names() -> None:
    source = (
        "\\newcommand{\\ibismodel}{\\textsc{Ibis}\\xspace}\\renewcommand\\bs{Kestrel-VL-7B}\\def\\lr{5}\\newcommand{\\big}[2]{\\textbf{#1}}"
        "\\newcommand{\\twice}{\\lr}\\title{\\bs{}: It}\n\\begin{document}\\ibismodel{} and \\bs, \\lr, \\twice{},"
        " \\big{a}{hidden}. \\big x"
    )
    document = read_soundly(source, "latex")
    assert seen(source, "latex") == [
        "pair [bs | ]: Kestrel-VL-7B",
        "heading: bs : It",
        "sentence: Ibis and bs, 5, 5, a . x",
    ]
    assert document.fields[0].value == "Kestrel-VL-7B : It"
    assert "\\ibismodel{}" in [source[span.start : span.end] for span in document.moved]


def test_names_defined_in_the_body() -> None:
    source = "A.\\newcommand{\\m}{Kestrel-VL-7B}B.\\newcommand{\\n}{x} C.\\newcommand D."
    assert left(source) == "A. / Kestrel-VL-7B / B. C. D."


def test_files_that_are_taken_in_are_told_once() -> None:
    document = read_soundly("\\input{a} \\input{b} \\include{c}", "latex")
    assert [(finding.code, finding.labels[0].start) for finding in document.findings] == [("KG407", 0), ("KG407", 20)]


def test_what_moves_is_told() -> None:
    source = "lr $10^{-4}$, 13\\%, 10--20"
    moved = read_soundly(source, "latex").moved
    assert [source[span.start : span.end] for span in moved] == ["10^{-4}", "13\\%,", "10--20"]


def test_the_same_whatever_the_line_ends() -> None:
    source = "\ufeff\\section{A}\nWe % no\nused 😀\n  CC3M.\n\n\\begin{verbatim}\na = 1\nb = 2\n\\end{verbatim}"
    assert seen(source.replace("\n", "\r\n"), "latex") == seen(source, "latex") == seen(source.replace("\n", "\r"), "latex")


PLAIN = (
    r"\section{ \textbf{ } { $ $$ \( \) \[ \] \begin{itemize} \end{itemize} \item \item[Key] \begin{tabular}{lcr}"
    r" \end{tabular} & \\ \hline \midrule \multicolumn{2}{c}{ \multirow{2}{*}{ \caption{ \begin{table} \end{table} \% ~ \, --"
    r" --- `` '' \footnote{ \cite{a} \ref \newcommand{\model}{Ibis-Large} \model \def\x{y} \x \begin{document} \end{document}"
    r" \input{a} 10^{-4} \times _ ^ \'e \"{o} a A100 text. Key: value \title{ \begin \end \begin{ \par \textcolor{red}{"
    r" \newcommand{\hide}[1]{} \hide{x} \begin{equation} \end{equation} \paragraph{ \frac{1}{2} # \\[2pt] [ ] {,}"
    r" \begin{description} \end{description}"
).split()
RAW = [
    r"\verb|",
    "|",
    r"\begin{verbatim}",
    r"\end{verbatim}",
    r"\url{",
    r"\iffalse",
    r"\fi",
    r"\ifx",
    r"\begin{comment}",
    "%",
    "\\",
]
BLANKS = st.sampled_from([" ", "\n", "\n\n", "\r\n", "\t", "\u200b", "\u2060", "\ufeff", "😀", "\x00", "\ud800"])
SOUP = st.lists(st.one_of(st.sampled_from(PLAIN), BLANKS, st.sampled_from(RAW), st.text(max_size=4)), max_size=40).map("".join)


@given(SOUP)
def test_any_soup_of_commands_is_read_soundly(source: str) -> None:
    read_soundly(source, "latex")


@given(st.lists(st.one_of(st.sampled_from(PLAIN), BLANKS), max_size=30).map("".join), st.integers(0, 300))
def test_comments_are_never_read(source: str, cut: int) -> None:
    assert "SECRET" not in read_soundly(f"{source[:cut]}\n% SECRET\n{source[cut:]}", "latex").text


@pytest.mark.parametrize("cut", range(0, len(TABLE), 3))
def test_a_document_may_break_off_anywhere(cut: int) -> None:
    read_soundly(TABLE[:cut], "latex")


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "$",
        "\\",
        "%\n",
        "\\section{",
        "\\begin{itemize}\\item ",
        "\\begin{tabular}{l}a&b\\\\",
        "\\footnote{x",
        "\\iffalse",
        "\\verb|",
        "\\item[",
    ],
)
def test_long_runs_take_linear_time(piece: str) -> None:
    read_text(piece * (200_000 // len(piece)), "a.tex")
