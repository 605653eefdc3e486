"""Markdown: read as plain text is, because reports in plain text use its marks too."""

from __future__ import annotations

from kg.ingest._segments import parse

SUFFIXES = (".md", ".markdown")

__all__ = ["SUFFIXES", "parse", "recognises"]


def recognises(source: str) -> bool:
    """Claim nothing by content: Markdown is what has the suffix."""
    return False
