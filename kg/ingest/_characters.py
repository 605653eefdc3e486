"""Characters that only look like nothing: blanked or closed up without changing the length of the text.

A zero-width character cannot be deleted, so the rest of its word moves left and the word is padded: `A\u200b100` becomes
`A100 `. Such a word is listed as moved, because a span inside it does not stand under the same characters of the source.
"""

from __future__ import annotations

import re

from kg.model import Span

JOIN = "\u2060"
"""Stands for 'nothing here' until `close_up` runs."""

_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]")
_NEWLINES = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_INVISIBLE = "\xad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\ufeff"
_PLAIN = {**dict.fromkeys(_NEWLINES, "\n"), **dict.fromkeys(_INVISIBLE, JOIN)}
_RUN = re.compile(JOIN + "+")
_REACH = 80


def plain_characters(source: str) -> str:
    """Return the source with every line end as a newline, odd spaces and controls as a space, invisible characters as JOIN."""
    text = source.replace("\r\n", " \n").replace("\r", "\n") if "\r" in source else source
    text = _ODD.sub(lambda match: _PLAIN.get(match[0], " "), text)
    return " " + text[1:] if source.startswith("\ufeff") else text


def close_up(text: str) -> tuple[str, tuple[Span, ...]]:
    """Return the text with the words that hold a JOIN closed up and padded, and the stretches whose characters moved."""
    parts: list[str] = []
    moved: list[Span] = []
    done = 0
    at = text.find(JOIN)
    while at >= 0:
        start, end = _word(text, at, done)
        word = text[start:end]
        closed = word.replace(JOIN, "")
        parts += (text[done:start], closed, " " * (len(word) - len(closed)))
        if not word.startswith(closed):
            moved.append(Span(start, end))
        done = end
        at = text.find(JOIN, done)
    return "".join(parts) + text[done:], tuple(moved)


def _word(text: str, at: int, floor: int) -> tuple[int, int]:
    floor = max(floor, at - _REACH)
    before = text[floor:at].split()
    start = at - len(before[-1]) if before and not text[at - 1].isspace() else at
    end = at
    while match := _RUN.match(text, end):
        end = match.end()
        after, mark, _ = text[end : end + _REACH].partition(JOIN)
        word = after.split(maxsplit=1)[0] if after and not after[0].isspace() else ""
        end += len(word)
        if not mark or len(word) < len(after):
            break
    return start, end
