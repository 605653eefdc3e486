"""A text with its white space folded: what is compared when lines are wrapped anew, and where each part of it stands.

A run of white space is one space; beside a letter of a script that is written without spaces between words it is none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise

from kg.model import Span

_WORD = re.compile(r"\S+")
_HALF = re.compile("[\ud800-\udfff]")  # half of a pair, as JSON input can hold it: no file of ours can
_UNSPACED = "\u2e80"  # from this letter on, scripts write words without spaces


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded: `starts` says where each of its words begins, `places` where that is in the text as it was."""

    text: str
    starts: tuple[int, ...]
    places: tuple[int, ...]

    def find(self, words: str) -> Iterator[int]:
        """Yield where folded words begin in the folded text, whole words only."""
        at = self.text.find(words) if words else -1
        while at >= 0:
            if not cuts(self.text, at) and not cuts(self.text, at + len(words)):
                yield at
            at = self.text.find(words, at + 1)

    def span(self, start: int, end: int) -> Span:
        """Return where a stretch of the folded text stands in the text as it was; it neither begins nor ends with a space."""
        return Span(self._place(start), self._place(end - 1) + 1)

    def offset(self, place: int) -> int:
        """Return where in the folded text a place of the text as it was stands; it is no white space."""
        word = bisect_right(self.places, place) - 1
        return self.starts[word] + place - self.places[word]

    def _place(self, offset: int) -> int:
        word = bisect_right(self.starts, offset) - 1
        return self.places[word] + offset - self.starts[word]


def fold(text: str) -> Folded:
    r"""Return a text folded, with the places of its words.

    >>> fold("64 A100\n  GPUs").text, fold("64 A100\n  GPUs").span(3, 12)
    ('64 A100 GPUs', Span(start=3, end=14))
    """
    text = text if text.isascii() else _HALF.sub("\ufffd", text)
    places = tuple(word.start() for word in _WORD.finditer(text))
    words = _WORD.findall(text)
    spaced = _spaced(words, text.isascii())
    ends = accumulate(map(len, words))
    spaces = accumulate(spaced)
    starts = tuple(end - len(word) + before for end, word, before in zip(ends, words, spaces, strict=True))
    joined = (
        " ".join(words) if text.isascii() else "".join(f"{' ' * space}{word}" for word, space in zip(words, spaced, strict=True))
    )
    return Folded(joined, starts, places)


def folded(text: str) -> str:
    r"""Return a text folded.

    >>> folded(" 64\tA100\n"), folded("使用\n64块")
    ('64 A100', '使用64块')
    """
    return fold(text).text


def hash_of(text: str) -> str:
    """Return twelve hex digits of the SHA-256 of a text folded."""
    return sha256(folded(text).encode()).hexdigest()[:12]


def _spaced(words: list[str], ascii: bool) -> list[int]:
    """Return for each word whether a space stands before it, as 0 or 1."""
    if ascii:
        return [int(number > 0) for number in range(len(words))]
    return [0, *(int(before[-1] < _UNSPACED and after[0] < _UNSPACED) for before, after in pairwise(words))][: len(words)]


def cuts(text: str, at: int) -> bool:
    """Return whether a word or number goes on across a place in a text.

    >>> [at for at in range(9) if cuts("8 x 1,024", at)]
    [5, 6, 7, 8]
    """
    before, after = text[at - 1 : at] if at else "", text[at : at + 1]
    if before.isalnum() and after.isalnum():
        return before < _UNSPACED and after < _UNSPACED
    return (before in {".", ","} and after.isdigit() and text[at - 2 : at - 1].isdigit()) or (
        before.isdigit() and after in {".", ","} and text[at + 1 : at + 2].isdigit()
    )
