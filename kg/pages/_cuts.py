"""The text of a report -> the pages that it is shown on: a page ends where a paragraph, a line or a sentence does.

The cuts depend on the text alone, so that whoever links to words in a report knows the page that they stand on.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

LONGEST = 40_000
"""Characters of a page, at most; the last one may have a quarter more, so that none is left with a line or two."""

_SHORTEST = 3 * LONGEST // 4
_SENTENCE = re.compile(r"[.!?][)\]\"'”’»]*\s+|[。！？]")
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=4)
def cuts(text: str) -> tuple[int, ...]:
    r"""Return where the pages of a text begin, in code points; the first begins at 0.

    >>> cuts("short")
    (0,)
    >>> cuts("x" * 29_999 + ".\n\n" + "y" * 40_000)
    (0, 30002)
    """
    found = [0]
    while len(text) - found[-1] > LONGEST + LONGEST // 4:
        found.append(_cut(text, found[-1] + _SHORTEST, found[-1] + LONGEST))
    return tuple(found)


def page_of(text: str, offset: int) -> int:
    """Return the page, from 1, on which the character at an offset stands; what is outside of the text is on the nearest one."""
    return max(1, bisect_right(cuts(text), offset)) if len(text) > LONGEST else 1


def _cut(text: str, first: int, last: int) -> int:
    """Return where to cut between two offsets: after the last page break, paragraph, line, sentence or word, else anywhere."""
    for mark in ("\f", "\n\n", "\n"):
        place = text.rfind(mark, first, last)
        if place >= 0:
            return place + len(mark)
    for pattern in (_SENTENCE, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, first, last)]
        if ends:
            return ends[-1]
    return next((place for place in range(last, first, -1) if not _joined(text[place])), last)


def _joined(char: str) -> bool:
    """Say whether a character belongs to the one before it: an accent, a joiner, a variant, a skin tone."""
    return unicodedata.category(char) in {"Mn", "Me", "Mc", "Cf", "Sk"}
