"""The words of a sentence by place: letters folded, every number `0`, signs as they are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain

from kg.extract.rules.sentences import Sentence

Strengths = dict[str, float]
"""Features that are being collected."""


class Layer(dict[str, float]):
    """Features that several mentions share; `totals` is what weights have made of all of them, by the number of the weights."""

    __slots__ = ("totals",)

    def __init__(self, features: Iterable[tuple[str, float]] | Mapping[str, float] = ()) -> None:
        super().__init__(features)
        self.totals: dict[int, int] = {}


class Features(Mapping[str, float]):
    """What a decider weighs: names of features with their strength, mostly 1; a mention's `own`, and layers that it shares.

    No feature is in two of them.
    """

    __slots__ = ("own", "shared")

    def __init__(self, *shared: Layer) -> None:
        self.own: dict[str, float] = {}
        self.shared = shared

    def __getitem__(self, feature: str) -> float:
        return next(layer[feature] for layer in (self.own, *self.shared) if feature in layer)

    def __setitem__(self, feature: str, strength: float) -> None:
        self.own[feature] = strength

    def __iter__(self) -> Iterator[str]:
        return chain(*self.shared, self.own)

    def __len__(self) -> int:
        return len(self.own) + sum(map(len, self.shared))


_WORD = re.compile(r"[A-Za-z][\w’'+-]*|\d+(?:[.,]\d+)*|[^\w\s]")
_START, _END = "<s>", "</s>"


class Words:
    """The words of a sentence in order: letters folded, every number `0`, signs as they are."""

    @staticmethod
    def of(sentence: Sentence) -> Words:
        """Return the words of a sentence, cut once."""
        if sentence.tokens is None:
            sentence.tokens = Words(sentence)
        return sentence.tokens

    def __init__(self, sentence: Sentence) -> None:
        self._clauses: dict[int, Layer] = {}
        text, place = sentence.text, sentence.start
        self.starts: list[int] = []
        self._written = _WORD.findall(text, place, sentence.end)
        self.words: list[str] = list(map(_word, self._written))
        for word in self._written:  # no word begins in what is skipped before the next
            place = text.find(word, place)
            self.starts.append(place)
            place += len(word)

    def before(self, place: int) -> tuple[str, str]:
        """Return the last two words that end before a place, the nearest first."""
        k = bisect_left(self.starts, place)
        if k and self.starts[k - 1] + len(self._written[k - 1]) > place:
            k -= 1
        return (self.words[k - 1] if k else _START, self.words[k - 2] if k > 1 else _START)

    def after(self, place: int) -> tuple[str, str]:
        """Return the first two words that start at or after a place."""
        k = bisect_left(self.starts, place)
        n = len(self.words)
        return (self.words[k] if k < n else _END, self.words[k + 1] if k + 1 < n else _END)

    def between(self, start: int, end: int) -> list[str]:
        """Return the words that start in [start, end)."""
        return self.words[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def clause(self, start: int, end: int) -> Layer:
        """Return the features of the words that start in [start, end), made once."""
        found = self._clauses.get(start)
        if found is None:
            names = dict.fromkeys(map(_feature, self.between(start, end)), 1.0)
            names.pop("", None)
            found = self._clauses[start] = Layer(names)
        return found


@lru_cache(maxsize=65536)
def _word(text: str) -> str:
    return "0" if text[0].isdigit() else text.casefold()


@lru_cache(maxsize=65536)
def _feature(word: str) -> str:
    """Return the feature of a word of a clause; nothing for signs and letters."""
    return "w=" + word if len(word) > 1 and word.isalpha() else ""


def folded(text: str) -> list[str]:
    """Return the words of a text."""
    return [_word(word) for word in _WORD.findall(text)]
