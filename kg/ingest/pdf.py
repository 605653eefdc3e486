"""PDF: papers and reports as they are printed.

The text of a file is the text of its pages, joined by form feeds, and offsets count in it: a place is on the page that as many form
feeds come before. PDFium reads the characters; what is a line, a column, a table is told from where they stand. Pictures are not
read.
"""

from __future__ import annotations

from kg.errors import InputError
from kg.ingest._characters import close_up, plain_characters
from kg.ingest._file import LARGEST, too_large
from kg.ingest._markup import Clean
from kg.ingest._parsed import Parsed
from kg.ingest._pdf_layout import lines
from kg.ingest._pdf_text import texts
from kg.ingest._pdf_words import Page, pages
from kg.ingest._segments import segments_of, title_of

SUFFIXES = (".pdf",)
MAGIC = b"%PDF-"


def text_of(data: bytes, where: str) -> str:
    """Return the text of a PDF, a form feed between pages; raise InputError when it is encrypted or damaged, or only pictures."""
    found: list[Page] = []
    size = 0
    for page in pages(data, where):
        found.append(page)
        # A file may show one page a million times.
        size += sum(len(word.text) for word in page.words)
        if size > LARGEST:
            raise too_large(where, f"has more than {LARGEST:,} characters of text", LARGEST)
    if not any(page.words for page in found):
        hint = "recognise its text first (ocrmypdf IN.pdf OUT.pdf), and read that"
        raise InputError("the PDF holds no text: its pages are pictures", where=where, hint=hint)
    return "\f".join(texts(list(lines(found))))


def parse(source: str) -> Parsed:
    """Read the segments of a PDF's text; nothing in it is markup."""
    text, moved = close_up(plain_characters(source))
    segments = segments_of(Clean(text, (), (), (), moved), text)
    return Parsed(text, segments, fields=title_of(text, segments), moved=moved, paged=True)
