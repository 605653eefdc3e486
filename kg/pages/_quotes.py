"""Words of a report -> the sentence that they stand in, trimmed around them, and where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from kg.chain import Said, Sources, words
from kg.pages._amounts import Amount, amount
from kg.pages._cuts import page_of
from kg.places import ReportSource

AROUND = 260
"""Characters of a sentence that are shown on each side of the words."""

_LONGEST = 1500  # characters of the words themselves
_END = re.compile(
    r"""[.!?…]["'”’)\]]*[ \t]*(?:\r?\n|(?<=\s)(?![a-z]))|[。！？]|\n[ \t]*\r?\n|\n(?=[ \t]*(?:[-*•#|]|\d+[.)])\s)|\f""",
)
_ABBREVIATED = re.compile(
    r"""(?:\b(?:al|approx|cf|dr|e\.g|eq|etc|fig|i\.e|mr|ms|no|nos|prof|sec|vs)|\b[A-Z])\.["'”’)\]]*\s*$""", re.IGNORECASE
)
_TAIL = 12  # characters in which an abbreviation is looked for
_TAG = re.compile(r"(</?[A-Za-z][^<>\n]{0,80}>)")
_SPACE = re.compile(r"\s")


@lru_cache(maxsize=4)
def _same(text: str) -> str:
    """Return the text that was read first of those that are equal: what is known of it is then found without comparing them."""
    return text


class Reports(Mapping[str, ReportSource]):
    """The reports of a build by id, each read when its words are wanted."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._read: dict[str, ReportSource | None] = {}

    def __getitem__(self, id: str) -> ReportSource:
        if id not in self._read:
            found = self._sources([id]).get(id)
            self._read[id] = replace(found, text=_same(found.text)) if found else None
        found = self._read[id]
        if found is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a claim within their sentence; `cut` tells on which sides the sentence goes on, `longer` that the words do.

    `spot` is the place as messages write it, `part` the page of the report's page here that it
    stands on. Of a report whose text is not known, only the place is told: `mark` is None.
    """

    report: str
    start: int
    end: int
    spot: str
    page: int | None = None
    part: int = 1
    before: str = ""
    mark: str | None = None
    after: str = ""
    cut: tuple[bool, bool] = (False, False)
    longer: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What one report says: the relation's label, the value as it gives it, its hedge, what read it, the words."""

    claim: str | None
    label: str
    amount: Amount
    hedge: str
    method: str
    quote: Quote


def words_of(claim: Said, label: str, sources: Mapping[str, ReportSource], around: int = AROUND) -> Words:
    """Return a claim with its words in their sentence."""
    place, hedge = claim.words, "about" if claim.approximate else ""
    shown = amount(claim.relation, claim.name or claim.value, claim.unit)
    if claim.value_max is not None:
        first, last = (amount(claim.relation, value, claim.unit) for value in (claim.value, claim.value_max))
        shown = Amount(f"{first.text} to {last.text}", f"{first.exact or first.text} to {last.exact or last.text}")
    return Words(claim.claim, label, shown, hedge, claim.method, quote(place.report, place.start, place.end, sources, around))


def pieces(text: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is a tag of markup.

    >>> pieces("has <params>13 billion</params>")
    [('has ', False), ('<params>', True), ('13 billion', False), ('</params>', True)]
    """
    return [(piece, at % 2 == 1) for at, piece in enumerate(_TAG.split(text)) if piece]


def quote(report: str, start: int, end: int, sources: Mapping[str, ReportSource], around: int = AROUND) -> Quote:
    """Return the words at some offsets of a report in their sentence; a span outside the text is drawn to its nearest edge.

    At most `around` characters of the sentence stand on each side of the words.
    """
    found = words(report, start, end, sources)
    if found.mention is None:
        return Quote(report, start, end, found.spot)
    text = sources[report].text
    at = min(max(start, 0), len(text))
    before, cut_before = _before(text, at, around)
    after, cut_after = _after(text, at + len(found.mention), found.mention, around)
    return Quote(
        report=report,
        start=start,
        end=end,
        spot=found.spot,
        page=found.page,
        part=page_of(text, at),
        before=before,
        mark=found.mention[:_LONGEST],
        after=after,
        cut=(cut_before, cut_after),
        longer=len(found.mention) > _LONGEST,
    )


def _before(text: str, start: int, around: int) -> tuple[str, bool]:
    """Return what stands before some words in their sentence, and whether that is not all of it."""
    window = text[max(0, start - around) : start]
    ends = [match.end() for match in _END.finditer(window) if not _abbreviated(window, match.end())]
    if ends:
        return window[ends[-1] :].lstrip(), False
    if start <= around:
        return window.lstrip(), False
    space = _SPACE.search(window)
    return window[space.end() if space and space.end() < around // 2 else 0 :], True


def _after(text: str, end: int, mention: str, around: int) -> tuple[str, bool]:
    """Return what stands behind some words in their sentence, and whether that is not all of it."""
    window = text[end : end + around]
    head = mention[-_TAIL:]  # an abbreviation may begin in the words
    whole = head + window
    for match in _END.finditer(whole, len(head)):
        if not _abbreviated(whole, match.end()):
            return window[: match.end() - len(head)].rstrip(), False
    if end + around >= len(text):
        return window.rstrip(), False
    last = window.rfind(" ")
    return window[: last if last > around // 2 else len(window)], True


def _abbreviated(text: str, end: int) -> bool:
    return _ABBREVIATED.search(text, max(0, end - _TAIL), end) is not None
