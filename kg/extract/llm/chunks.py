"""Document -> what a model is shown: the text, whole or in overlapping chunks cut where segments begin.

The text is what `ingest` made of the source: tables are lines of cells, comments and struck words are blank. A model is never shown
what no reader of the report sees, so an instruction hidden in a comment does not even reach it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from kg.model import Document

OPENING = 600
"""Characters of the document's beginning that a later chunk is shown beside its own: they mostly name the model."""

_OVERLAP = 16  # one part in so many of a chunk is shown again in the next one


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a document: its bounds, what is shown of it, and the opening words of the document when it is not the first."""

    start: int
    end: int
    text: str
    opening: str = ""


def chunks(document: Document, longest: int) -> tuple[Chunk, ...]:
    """Return the parts of a document, at most `longest` characters each; one for most documents."""
    text = shown(document)
    borders = sorted({segment.start for segment in document.segments})
    parts: list[Chunk] = []
    start = 0
    while True:
        end = _cut(text, borders, start, start + longest)
        parts.append(Chunk(start, end, text[start:end], text[:OPENING] if start else ""))
        if end == len(text):
            return tuple(parts)
        again = _cut(text, borders, start, end - longest // _OVERLAP)
        start = again if start < again < end else end


def _cut(text: str, borders: list[int], start: int, at: int) -> int:
    """Return the last border of a segment after the middle of [start, at], else the last white space, else `at`."""
    if at >= len(text):
        return len(text)
    middle = start + (at - start) // 2
    border = borders[bisect_right(borders, at) - 1] if bisect_right(borders, at) else 0
    if border > middle:
        return border
    space = max(text.rfind(" ", middle, at), text.rfind("\n", middle, at)) + 1
    return space or at


def shown(document: Document) -> str:
    """Return the text with the tags that say what a value is put back, at the length of the source."""
    names = sorted({re.escape(tag.name) for tag in document.tags})
    if not names:
        return document.text
    text, done = document.text, 0
    parts: list[str] = []
    for match in re.finditer(rf"</?(?:{'|'.join(names)})(?:\s[^<>]{{0,200}})?>", document.source, re.IGNORECASE):
        parts += (text[done : match.start()], match[0])
        done = match.end()
    return "".join(parts) + text[done:]
