"""Words that a model quotes -> where they stand in the document; nothing when they do not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from kg.extract.llm.folding import Folded, fold
from kg.model import Document, Span

_EXPONENT = frozenset("-+−0123456789")
FIRST_WITHOUT_SPACES = "\u2e80"
"""From this letter on, scripts write words without spaces between them."""


@dataclass(frozen=True, slots=True)
class Places:
    """A document in which words are looked for: in its source as it is, then folded, then in the text without markup."""

    document: Document
    source: Folded
    text: Folded
    plain: str

    @classmethod
    def of(cls, document: Document) -> Places:
        """Return the places of a document."""
        source = fold(document.source)
        text = source if document.text == document.source else fold(document.text)
        return cls(document, source, text, text.text.casefold())

    def quote(self, words: str, start: int, end: int) -> Span | None:
        """Return where a quote stands, first in [start, end), else anywhere."""
        for low, high in ((start, end), (0, len(self.document.source))):
            for found in self._find(words, low, high):
                return found
        return None

    def mentions(self, words: str, within: Span) -> Iterator[Span]:
        """Yield where a mention stands in a quote: whole words that a reader of the document sees."""
        seen: set[Span] = set()
        for found in self._find(words, within.start, within.end):
            if found not in seen and self._is_whole(found) and self.document.text[found.start : found.end].strip():
                seen.add(found)
                yield self._with_moved(found)

    def says(self, words: str) -> bool:
        """Return whether the words stand in the text, in any case."""
        wanted = fold(words).text.casefold()
        return bool(wanted) and wanted in self.plain

    def _find(self, words: str, start: int, end: int) -> Iterator[Span]:
        source, words = self.document.source, words.strip()
        at = source.find(words, start, end) if words else -1
        while at >= 0:
            yield Span(at, at + len(words))
            at = source.find(words, at + 1, end)
        for view in (self.source, self.text):
            for low, high in view.find(words, start, end):
                yield Span(low, high)

    def _is_whole(self, span: Span) -> bool:
        """Return whether a stretch begins and ends in the middle of no word and no number."""
        text = self.document.text
        before, first = text[max(0, span.start - 2) : span.start], text[span.start : span.start + 1]
        last, after = text[span.end - 1 : span.end], text[span.end : span.end + 2]
        return not _glued(before[::-1], first) and (not _glued(after, last) or _is_plural(last, after))

    def _with_moved(self, span: Span) -> Span:
        """Let a stretch that touches words whose characters moved cover the whole of them."""
        moved = self.document.moved
        touched = moved[bisect_right(moved, span.start, key=_end) : bisect_left(moved, span.end, key=_start)]
        return Span(min(span.start, touched[0].start), max(span.end, touched[-1].end)) if touched else span


def _glued(outside: str, inside: str) -> bool:
    """Return whether a character goes on in what stands outside of it, the nearest character first."""
    if not outside or not inside:
        return False
    near, next_one = outside[0], outside[1:]
    if inside.isdigit():
        return near.isdigit() or (near in ".," and next_one.isdigit()) or (near in "eE" and next_one in _EXPONENT)
    return _is_letter(near) and _is_letter(inside) and not (near in "x×" and next_one.isdigit())  # 8xA100


def _is_letter(char: str) -> bool:
    return char.isalpha() and char < FIRST_WITHOUT_SPACES


def _is_plural(last: str, after: str) -> bool:
    """Return whether only an `s` follows (`TPU` in `TPUs`)."""
    return last.isalpha() and after[:1] == "s" and not after[1:].isalnum()


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end
