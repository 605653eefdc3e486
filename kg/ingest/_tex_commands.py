"""What the commands and environments of LaTeX are to a reader."""

from __future__ import annotations

HEADINGS = {
    "title": 1, "icmltitle": 1, "part": 2, "chapter": 3, "section": 4, "subsection": 5, "subsubsection": 6, "paragraph": 7,
    "subparagraph": 8,
}  # fmt: skip

DROPPED = {
    **dict.fromkeys(
        "label ref eqref autoref nameref pageref cref Cref crefname cite citep citet citealp citealt citeauthor"
        " citeyear citeyearpar parencite textcite footcite autocite citenum Citet Citep nocite bibitem bibliographystyle"
        " bibliography addbibresource printbibliography vspace hspace vskip includegraphics graphicspath usepackage"
        " RequirePackage PassOptionsToPackage documentclass hypersetup geometry captionsetup lstset tikzset pgfplotsset"
        " pagestyle thispagestyle pagenumbering hyphenation color textcolor colorbox rowcolor cellcolor columncolor"
        " arrayrulecolor phantom hphantom vphantom scalebox raisebox parbox cline cmidrule morecmidrules index todo date"
        " titlerunning icmltitlerunning authorrunning newtheorem theoremstyle newif input include subfile"
        " lstinputlisting verbatiminput orcid fontfamily".split(),
        1,
    ),
    **dict.fromkeys("setlength addtolength setcounter addtocounter rule resizebox fontsize multirow".split(), 2),
    **dict.fromkeys("definecolor newenvironment renewenvironment".split(), 3),
}
"""How many arguments of a command are not read: those behind them are."""

DEFINITIONS = frozenset(
    "newcommand renewcommand providecommand DeclareRobustCommand DeclareMathOperator def gdef edef xdef".split()
)
UNFOLLOWED = frozenset({"input", "include", "subfile"})
NOTES = frozenset({"footnote", "footnotetext", "thanks"})
BOLD = frozenset({"textbf", "mathbf", "strong"})
RULES = frozenset({"hline", "midrule", "toprule", "bottomrule", "Xhline", "specialrule"})
ROW_ENDS = frozenset({"tabularnewline", "cr"})
LINES = frozenset({"newline", "linebreak", "And", "AND", "and"})
STRETCHES = frozenset({"par", "newpage", "clearpage", "maketitle", "medskip", "bigskip", "smallskip", "appendix"})
SPACES = frozenset({"quad", "qquad", "enspace", "thinspace", "space", "hfill", "hskip"})

LISTS = frozenset(
    "itemize enumerate compactitem compactenum inparaenum inparaitem itemize* enumerate* description compactdesc".split()
)
DESCRIPTIONS = frozenset({"description", "compactdesc"})
TABLES = {"tabular": 1, "longtable": 1, "tabular*": 2, "tabularx": 2, "tabulary": 2, "supertabular": 1, "tblr": 1, "NiceTabular": 1}
"""Environments of tables, and how many arguments they begin with."""

FLOATS = frozenset("table table* figure figure* wraptable wrapfigure sidewaystable longtable subtable subfigure".split())
ARGUMENTS = {
    "minipage": 1, "multicols": 1, "wrapfigure": 2, "wraptable": 2, "adjustbox": 1, "list": 2, "subtable": 1, "subfigure": 1,
    "spacing": 1, "tcolorbox": 0, "mdframed": 0, "threeparttable": 0,
}  # fmt: skip
FORMULAS = frozenset("equation align gather eqnarray multline displaymath math flalign alignat split dmath".split())
"""Environments of formulas, without the star."""

_LETTERS = (
    r"ss ß o ø O Ø ae æ AE Æ oe œ OE Œ aa å AA Å l ł L Ł i i j j LaTeX LaTeX TeX TeX textasciitilde ~"
    r" textunderscore _ textdollar $ textless < textgreater > textbar | textendash – textemdash — textquotesingle '"
    r" texttimes × textdegree ° textmu μ textpm ± S § P ¶ copyright © textregistered ® texttrademark ™ dag † ddag ‡ lq"
    r" ‘ rq ’ slash / textasciicircum ^ textbullet •"
).split()
LETTERS = dict(zip(_LETTERS[::2], _LETTERS[1::2], strict=True))
"""Commands that stand for characters in text."""

ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307", "c": "\u0327",
    "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a",
}  # fmt: skip
