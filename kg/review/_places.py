"""A place in a report <-> the quote that keys decisions about it: the sentence or row around the mention, and what stands beside.

Quotes are compared with their white space folded, so wrapping lines anew and moving paragraphs changes nothing. When the words
stand in the report several times, what stands beside them decides; when that does not tell, the place is not known.
"""

from __future__ import annotations

import re

from kg.decisions import Folded, Quote, cuts
from kg.model import Span

REACH = 240
"""Characters that a quote reaches to either side of its mention at most, except to the end of a word."""

BESIDE = 40
"""Characters that are kept of what stands on either side of a quote."""

ENOUGH = 16
"""Characters beside a quote that tell it from others with the same words."""

_BLOCKS = "blockquote|br|caption|dd|div|dt|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
_BREAK = re.compile(
    r"""(?<=[.!?])["”’)\]]*\s+(?=["“‘(\[]?[A-Z0-9<])"""  # a sentence ends
    r"|[。！？]"
    r"|\n[ \t\r]*\n\s*"
    r"|\n(?=[ \t]*(?:[-*+•>|#]|\d+[.)][ \t]|[A-Za-z][\w -]{0,30}:[ \t]))"  # an item, a row, a heading, a key begins
    rf"|</?(?:{_BLOCKS})\b[^<>]*>",
)


def quote_at(source: str, text: Folded, span: Span) -> Quote:
    """Return the quote of a mention in a report's source, and the same folded; raise ValueError when the mention is blank."""
    mention = source[span.start : span.end]
    if not mention.strip():
        raise ValueError("a mention of nothing but white space")
    first = text.offset(span.start + len(mention) - len(mention.lstrip()))
    last = text.offset(span.end - len(mention) + len(mention.rstrip()) - 1)
    low, high = _sentence(source, span)
    start, end = text.offset(low), text.offset(high - 1) + 1
    while cuts(text.text, start):
        start -= 1
    while cuts(text.text, end):
        end += 1
    words, said = text.text[start:end], text.text[first : last + 1]
    occurrence, at = 1, words.find(said)
    while at < first - start:
        occurrence, at = occurrence + 1, words.find(said, at + 1)
    before, after = text.text[max(0, start - BESIDE) : start].strip(), text.text[end : end + BESIDE].strip()
    return Quote(words, said, occurrence, before, after, max(1, len(list(text.find(words)))))


def places_of(quote: Quote, text: Folded) -> tuple[Span, ...]:
    """Return where the mention of a quote stands in a report: once, or nowhere; several times when nothing tells which is meant.

    Words that stood in the report several times when they were quoted are not found where other words are on both sides of them.
    """
    starts = list(text.find(quote.words))
    sides = {start: _sides(quote, text.text, start) for start in starts}
    most = max(sides.values(), default=0)
    if quote.times > 1 and not most:
        return ()
    offset, length = quote.offset, len(quote.mention)
    return tuple(text.span(at + offset, at + offset + length) for at in starts if sides[at] == most)


def _sides(quote: Quote, text: str, start: int) -> int:
    """Return on how many sides of the words at a place what stood beside the quote stands."""
    if not (quote.before or quote.after):  # written by hand
        return 0
    end, reach = start + len(quote.words), BESIDE + 2
    before, after = text[max(0, start - reach) : start].rstrip(), text[end : end + reach].lstrip()
    return _is_beside(quote.before[::-1], before[::-1]) + _is_beside(quote.after, after)


def _is_beside(kept: str, found: str) -> bool:
    return found.startswith(kept[:ENOUGH]) if kept else not found


def _sentence(source: str, span: Span) -> tuple[int, int]:
    """Return the bounds of the sentence, item or row that a mention stands in, without white space at its ends."""
    low, high = max(0, span.start - REACH), min(len(source), span.end + REACH)
    before = [match.end() for match in _BREAK.finditer(source, low, span.start)]
    after = _BREAK.search(source, span.end, high)
    low = before[-1] if before else low
    high = after.start() if after else high
    words = source[low:high]
    return low + len(words) - len(words.lstrip()), high - len(words) + len(words.rstrip())
