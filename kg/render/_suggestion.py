"""Suggestions -> text: each with its score, what it would say, and the words in their line with carets below; or as JSON rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

from kg.model import Claim, Label
from kg.places import ReportSource, place
from kg.render._color import paint
from kg.render.full import excerpts
from kg.terminal import visible

_CONTEXT = 100  # characters on both sides of the words, for programs


def suggestions_text(
    claims: Iterable[Claim], sources: Mapping[str, ReportSource], *, color: bool, width: int, heads: Iterable[str] = ()
) -> str:
    """Return a block for each suggestion, in their order, an empty line between them; it begins with a head, else its score."""
    pairs = zip_longest(claims, heads)
    return "\n".join(_block(claim, head or f"{claim.score:.3f}", sources, color, width) for claim, head in pairs)


def suggestions_rows(claims: Iterable[Claim], sources: Mapping[str, ReportSource]) -> list[dict[str, Any]]:
    """Return an object for each suggestion: the claim, its score, its place in the file, what stands around the words."""
    return [{**claim.to_json(), "score": claim.score, **_placed(claim, sources)} for claim in claims]


def _block(claim: Claim, head: str, sources: Mapping[str, ReportSource], color: bool, width: int) -> str:
    lines = excerpts([_label(claim)], sources, "note", color=color, width=width)
    return "".join(f"{line}\n" for line in (_head(claim, head, color), *lines))


def _head(claim: Claim, head: str, color: bool) -> str:
    amount = f"{claim.value} to {claim.value_max}" if claim.value_max else claim.value
    value = f"{'about ' if claim.approximate else ''}{amount}{f' {claim.unit}' if claim.unit else ''}"
    stage = f", {claim.stage}" if claim.stage else ""
    said = visible(f": {claim.relation} {value} ({claim.model or 'no name'}{stage})")
    return paint(head, "note", color) + paint(said, "strong", color)


def _label(claim: Claim) -> Label:
    return Label(claim.report, claim.start, claim.end)


def _placed(claim: Claim, sources: Mapping[str, ReportSource]) -> dict[str, Any]:
    at = place(_label(claim), sources)
    if at is None:
        return dict.fromkeys(("path", "line", "column", "endLine", "endColumn", "before", "after"))
    text = sources[claim.report].text
    around = {"before": text[max(0, at.start - _CONTEXT) : at.start], "after": text[at.end : at.end + _CONTEXT]}
    return {"path": at.path, "line": at.line, "column": at.column, "endLine": at.end_line, "endColumn": at.end_column, **around}
