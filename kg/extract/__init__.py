"""Document -> claims. One folder an extractor; `rules` is the default, offline one."""

from __future__ import annotations

from kg.model import Document, Extraction
from kg.schema import Schema


def extract(document: Document, schema: Schema) -> Extraction:
    """Return the claims and suggestions of a document."""
    from kg.extract.rules import extract as by_rules

    return by_rules(document, schema)
