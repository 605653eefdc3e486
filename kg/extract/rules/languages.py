"""Keys of cards -> the languages of a model: `language: en` in front matter, `Language(s): English, French`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extract.rules.reading import Reading
from kg.model import Claim

_KEY = re.compile(r"lang(?:uage)?(?:s|\(s\))?(?:\s?\((?:nlp|s)\))?|supported languages", re.I)
_LANGUAGE = re.compile(r"(?!and\b)[a-z]{2,3}(?:-[A-Za-z]{2,4})?(?![\w-])|[A-Z][a-z]{3,}(?:\s[A-Z][a-z]{3,})?")
_BETWEEN = re.compile(r"[\s,;/&\"'\[\]()`*_.]*(?:\band\b[\s\"'`]*)?")


def claims(reading: Reading) -> Iterator[Claim]:
    """Yield the languages that keys name; a value with any other words in it is none."""
    source = reading.document.source
    for sentence in reading.sentences:
        segment = sentence.segment
        if segment.kind not in {"pair", "cell"} or not _KEY.fullmatch(segment.row.strip(" *_`:")):
            continue
        found = list(_LANGUAGE.finditer(sentence.text, segment.start, segment.end))
        if not found or not _covers([match.span() for match in found], sentence.text, segment.start, segment.end):
            continue
        for match in found:
            for model in reading.models.shared or (None,):
                start, end = match.span()
                yield Claim(reading.document.id, model, "language", match[0], start, end, source[start:end], method="rule:language")


def _covers(spans: list[tuple[int, int]], text: str, start: int, end: int) -> bool:
    """Return whether nothing but signs stands between the spans and around them."""
    edges = [start, *(place for span in spans for place in span), end]
    return all(_BETWEEN.fullmatch(text, low, high) for low, high in zip(edges[::2], edges[1::2], strict=True))
