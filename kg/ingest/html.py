"""HTML: project pages, pages of model hubs, abstracts and full texts of arXiv.

Navigation, footers, scripts, controls of forms, hidden elements and comments are left out. What only has tags in it, as reports in
plain text do, is no HTML unless its name says so.
"""

from __future__ import annotations

import re

from kg.ingest._characters import plain_characters
from kg.ingest._page import Page
from kg.ingest._parsed import Parsed

SUFFIXES = (".html", ".htm", ".xhtml")

_DOCUMENT = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]{0,200}>\s*|<!--(?:[^-]|-(?!->)){0,2000}-->\s*){0,20}<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE
)


def recognises(source: str) -> bool:
    """Say whether the source begins as a document of HTML does."""
    return _DOCUMENT.match(source) is not None


def parse(source: str) -> Parsed:
    """Read the segments, tags and fields of a page."""
    return Page(plain_characters(source)).parsed()
