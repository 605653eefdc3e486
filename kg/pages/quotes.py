"""Words of a report -> the sentence that they stand in, trimmed around them, and where it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kg.chain import words
from kg.places import ReportSource

AROUND = 260
"""Characters of a sentence that are shown on each side of the words."""

_LONGEST = 1500  # characters of the words themselves
_END = re.compile(
    r"""[.!?…]["'”’)\]]*[ \t]*(?:\r?\n|(?<=\s)(?![a-z]))|[。！？]|\n[ \t]*\r?\n|\n(?=[ \t]*(?:[-*•#|]|\d+[.)])\s)|\f"""
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:al|approx|cf|dr|e\.g|eq|etc|fig|i\.e|mr|ms|no|nos|prof|sec|vs)|\b[A-Z])\.[\"'”’)\]]*\s*$", re.IGNORECASE
)
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a claim within their sentence; `cut` tells on which sides the sentence goes on.

    `spot` is the place as messages write it. Of a report whose text is not known, only the place is told: `mark` is None.
    """

    report: str
    start: int
    end: int
    spot: str
    page: int | None = None
    before: str = ""
    mark: str | None = None
    after: str = ""
    cut: tuple[bool, bool] = (False, False)
    longer: bool = False


def quote(report: str, start: int, end: int, sources: Mapping[str, ReportSource]) -> Quote:
    """Return the words at some offsets of a report in their sentence; a span outside the text is drawn to its nearest edge."""
    found = words(report, start, end, sources)
    if found.mention is None:
        return Quote(report, start, end, found.spot)
    text = sources[report].text
    at = min(max(start, 0), len(text))
    until = at + len(found.mention)
    mark = found.mention[:_LONGEST]
    before, cut_before = _before(text, at)
    after, cut_after = _after(text, until, found.mention)
    return Quote(
        report, start, end, found.spot, found.page, before, mark, after, (cut_before, cut_after), len(mark) < len(found.mention)
    )


def _before(text: str, start: int) -> tuple[str, bool]:
    """Return what stands before some words in their sentence, and whether that is not all of it."""
    window = text[max(0, start - AROUND) : start]
    ends = [
        match.end() for match in _END.finditer(window) if not _ABBREVIATED.search(window, max(0, match.end() - 12), match.end())
    ]
    if ends:
        return window[ends[-1] :].lstrip(), False
    if start <= AROUND:
        return window.lstrip(), False
    space = _SPACE.search(window)
    return window[space.end() if space and space.end() < AROUND // 2 else 0 :], True


def _after(text: str, end: int, mention: str) -> tuple[str, bool]:
    """Return what stands behind some words in their sentence, and whether that is not all of it."""
    window = text[end : end + AROUND]
    head = mention[-12:]  # an abbreviation may begin in the words
    whole = head + window
    for match in _END.finditer(whole, len(head)):
        if not _ABBREVIATED.search(whole, max(0, match.end() - 12), match.end()):
            return window[: match.end() - len(head)].rstrip(), False
    if end + AROUND >= len(text):
        return window.rstrip(), False
    last = window.rfind(" ")
    return window[: last if last > AROUND // 2 else len(window)], True
