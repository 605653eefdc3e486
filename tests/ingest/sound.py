"""What holds for every parsed source, whatever its format: lengths, bounds, order."""

from __future__ import annotations

from itertools import pairwise

from kg.ingest import read_text
from kg.model import Document

INVISIBLE = "\u2060"


def read_soundly(source: str, format: str) -> Document:
    """Return the document of a source after checking that its parts are inside it and apart."""
    document = read_text(source, "a.txt", format=format)
    text, end = document.text, len(source)
    assert len(text) == end
    assert INVISIBLE not in text
    for segment in document.segments:
        assert 0 <= segment.start < segment.end <= end
        assert text[segment.start : segment.end] == text[segment.start : segment.end].strip()
    assert all(first.end <= second.start for first, second in pairwise(document.segments))
    for tag in document.tags:
        assert 0 <= tag.start < tag.end <= end
        assert text[tag.start : tag.end].strip()
    for field in document.fields:
        assert 0 <= field.start < field.end <= end
        assert field.value
    assert all(0 <= span.start < span.end <= end for span in document.moved)
    labels = [label for finding in document.findings for label in finding.labels]
    assert all(0 <= label.start < label.end <= end for label in labels)
    assert read_text(source, "a.txt", format=format) == document
    return document


def words(document: Document, start: int, end: int) -> str:
    """Return what the text says between two offsets, white space made single."""
    return " ".join(document.text[start:end].split())


def seen(source: str, format: str) -> list[str]:
    """Return each segment of a source as `kind: words`, with `[row | column]` where it has labels, and a list's lead behind `<`."""
    document = read_soundly(source, format)
    lines = []
    for segment in document.segments:
        labels = f" [{segment.row} | {segment.column}]" if segment.row or segment.column else ""
        lead = f" < {segment.lead}" if segment.lead else ""
        lines.append(f"{segment.kind}{labels}: {words(document, segment.start, segment.end)}{lead}")
    return lines
