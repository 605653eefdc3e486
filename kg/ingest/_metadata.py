"""What a page says about itself in its head: title, date, arXiv id."""

from __future__ import annotations

import re
from datetime import date

from kg.ingest._elements import Token
from kg.model import Field

_NAME = re.compile(r"(?:^|\s)(?:name|property|itemprop)\s*=\s*[\"']?([\w:.-]{1,60})", re.IGNORECASE)
_CONTENT = re.compile(r"\scontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_FIELDS = {
    "citation_title": "title",
    "citation_date": "published",
    "citation_publication_date": "published",
    "citation_online_date": "published",
    "dc.date": "published",
    "article:published_time": "published",
    "citation_arxiv_id": "arxivId",
}
_DATE = re.compile(r"(\d{4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?(?!\d)")
_TITLE = re.compile(
    r"\s*(?:\[\d{4}\.\d{4,5}(?:v\d+)?\]\s*)?(?P<title>\S.*?)(?:\s+[·|–-]\s+(?:Hugging\sFace|GitHub|arXiv[^|]*))?\s*", re.DOTALL
)


def meta_field(source: str, token: Token) -> Field | None:
    """Return the field that a `<meta>` element states, None when it states none that is wanted."""
    named = _NAME.search(token.attributes)
    name = _FIELDS.get(named[1].lower()) if named else None
    content = _CONTENT.search(source, token.start, token.end) if name else None
    if name is None or content is None:
        return None
    start, end = content.span(1 if content[1] is not None else 2)
    words = plain_words(source[start:end])
    value = iso_date(words) if name == "published" else words
    return Field(name, value, start, end) if value else None


def title_field(source: str, start: int, end: int) -> Field | None:
    """Return the title of a page from the content of its `<title>`, without the names that sites add."""
    match = _TITLE.fullmatch(source, start, min(end, start + 1000))
    if match is None:
        return None
    return Field("title", plain_words(match["title"]), *match.span("title"))


def plain_words(text: str) -> str:
    """Return a text with its character references decoded and its white space made single."""
    from html import unescape

    return " ".join(unescape(text).split())


def iso_date(text: str) -> str:
    """Return the date at the head of a text as `2023-04-20`, `2023-04` or `2023`; nothing when there is none.

    >>> iso_date("2023/4/20"), iso_date("2023-04-20T10:00"), iso_date("2023"), iso_date("2023/13")
    ('2023-04-20', '2023-04-20', '2023', '')
    """
    match = _DATE.match(text.strip())
    if match is None:
        return ""
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        whole = date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return ""
    return whole if day else whole[:7] if month else whole[:4]
