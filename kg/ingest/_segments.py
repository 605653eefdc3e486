"""Blocks of a text (headings, paragraphs, lists, tables, pairs, code) and the segments they are read in."""

from __future__ import annotations

import re

from kg.ingest._markup import clean
from kg.ingest._parsed import Parsed
from kg.ingest._sentences import sentences
from kg.model import Segment

_PARAGRAPH = re.compile(r"\S(?:[^\n]|\n(?![ \t]*\n))*")


def parse(source: str) -> Parsed:
    """Blank the markup of a source and cut it into segments."""
    cleaned = clean(source)
    text = cleaned.text
    whole = [(tag.start, tag.end) for tag in cleaned.tags if tag.closed]
    segments = tuple(
        Segment("sentence", start, end, group=group)
        for group, match in enumerate(_PARAGRAPH.finditer(text))
        for start, end in sentences(text, match.start(), match.end(), whole)
    )
    return Parsed(text, segments, cleaned.tags, (), cleaned.findings, cleaned.moved)
