"""Plain text with inline tags, lists, pairs and tables."""

from __future__ import annotations

from kg.ingest._segments import parse

SUFFIXES = (".txt", ".text")

__all__ = ["SUFFIXES", "parse", "recognises"]


def recognises(source: str) -> bool:
    """Claim nothing by content: plain text is what has the suffix."""
    return False
