"""Where words stand in a text, whatever the typography: white space, quotes, dashes, ligatures, accents, invisible characters.

What is found is a stretch of the text as it is: folding decides where words stand, never what they say.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import category, normalize

_SIGNS = dict.fromkeys("‘’‛′`´", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−﹣－", "-") | {"×": "x"}
_DROPPED = frozenset({"Cf", "Mn", "Cc"})
_WORD_CHARACTERS = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without white space and in plain signs; `offsets` says where each of its characters stands in the text."""

    text: str
    offsets: array[int]

    def find(self, words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the bounds in the text of every place in [start, end) where the words stand, in order."""
        wanted = fold(words).text
        first, last = bisect_left(self.offsets, start), bisect_left(self.offsets, end)
        at = self.text.find(wanted, first, last) if wanted else -1
        while at >= 0:
            yield self.offsets[at], self.offsets[at + len(wanted) - 1] + 1
            at = self.text.find(wanted, at + 1, last)


def fold(text: str) -> Folded:
    """Return the text folded, case kept.

    >>> fold("a “Q–Former”\\u00a0\\ufb01x").text
    'a"Q-Former"fix'
    """
    if text.isascii():
        places = array("q", (match.start() for match in _WORD_CHARACTERS.finditer(text)))
        return Folded("".join(text.split()), places)
    parts: list[str] = []
    offsets = array("q")
    for place, char in enumerate(text):
        plain = _SIGNS.get(char) or (char if char.isascii() else _plain(char))
        if plain and not plain.isspace():
            plain = "".join(plain.split())
            parts.append(plain)
            offsets.extend([place] * len(plain))
    return Folded("".join(parts), offsets)


def _plain(char: str) -> str:
    kept = "".join(part for part in normalize("NFKD", char) if category(part) not in _DROPPED)
    return "".join(_SIGNS.get(part, part) for part in kept)
