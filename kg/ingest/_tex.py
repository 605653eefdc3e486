r"""Formulas in TeX -> plain characters: `1\times10^{-4}` is read as `1×10^-4`."""

from __future__ import annotations

import re

from kg.ingest._outline import Outline

_WORDS = (
    "times × cdot · approx ≈ sim ~ simeq ≈ pm ± mp ∓ leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥ neq ≠ ne ≠ ll ≪ gg ≫ lt <"
    " gt > equiv ≡ propto ∝ to → rightarrow → leftarrow ← Rightarrow ⇒ uparrow ↑ downarrow ↓ infty ∞ in ∈ ldots ... dots ..."
    " cdots ... div ÷ ast * star * circ ° degree ° dagger † prime ' ell l langle < rangle > mid | vert | checkmark ✓"
    " percent % colon : alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ"
    " nu ν xi ξ pi π rho ρ sigma σ tau τ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Sigma Σ Phi Φ"
    " Psi Ψ Omega Ω"
).split()
SYMBOLS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""Commands that stand for characters, not longer than themselves with the backslash."""

STYLES = frozenset(
    "mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak text textrm textbf textit texttt textsf textsc textnormal mbox hbox"
    " operatorname boldsymbol bm left right big Big bigl bigr displaystyle textstyle scriptstyle rm bf it tt limits nolimits"
    " ensuremath overline underline hat tilde bar vec mathop mathord num".split()
)
"""Commands that change only how a formula looks."""

_FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "nicefrac"})
_SPACES = frozenset(", ; : ! > quad qquad enspace thinspace hspace".split())
_TOKEN = re.compile(
    r"(?P<reference>\\(?:label|tag|eqref|ref|cite[a-z]*)\*?\s*\{[^{}]{0,500}\})|\s*+\\(?P<tight>times|cdot|sim|approx)(?![A-Za-z])\s*+"
    r"|\\(?P<command>[A-Za-z]++)[ ]?|\\(?P<sign>[^A-Za-z])|(?P<power>\s*+\^\s*+)|(?P<entity>&(?:amp|lt|gt|quot);)"
    r"|(?P<nothing>[{}_$&]|(?<=\d),\s*(?=\\)|\s++)"
)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}


def read_formula(outline: Outline, end: int) -> None:
    """Take what stands up to `end` as a formula; its parts stand together as its characters do."""
    over: list[int] = []  # depths of groups that are the upper part of a fraction
    depth = 0
    for match in _TOKEN.finditer(outline.source, outline.at, end):
        if match.start() > outline.at:
            outline.text(match.start())
        sign = match[0]
        depth += (sign == "{") - (sign == "}")
        if match["command"] in _FRACTIONS:
            over.append(depth)
        shown = _shown(match)
        if sign == "}" and over and over[-1] == depth:
            over.pop()
            shown = "/"
        # What stands for a command is put at its end, so that the word counts as moved and is shown whole.
        outline.text(match.end() - len(shown), "")
        outline.text(match.end(), shown)
    outline.text(end)


def _shown(match: re.Match[str]) -> str:
    """Return the characters that a token of a formula stands for."""
    command, sign = match["command"], match["sign"]
    if match["tight"]:
        return SYMBOLS[match["tight"]]
    if command:
        if command in SYMBOLS:
            return SYMBOLS[command]
        if command in _SPACES:
            return " "
        return "" if command in STYLES or command in _FRACTIONS else match[0][1:]
    if sign:
        return " " if sign in _SPACES or sign.isspace() else sign if sign in "%&$#_{}|" else " "
    if match["power"]:
        return "^"
    if match["entity"]:
        return _ENTITIES[match["entity"]]
    return " " if match[0].isspace() else ""
