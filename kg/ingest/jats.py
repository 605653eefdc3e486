"""JATS XML: articles as publishers and archives keep them (ANSI/NISO Z39.96).

References, names of authors, licences of the text and comments are not read. Nothing that a document type declares is fetched or
expanded. XML of another kind is no report.
"""

from __future__ import annotations

import re

from kg.errors import InputError
from kg.ingest._article import Article
from kg.ingest._characters import plain_characters
from kg.ingest._parsed import Parsed

SUFFIXES = (".xml", ".nxml")

_ROOT = re.compile(
    r"\ufeff?(?:\s++|<\?[^>]*+>|<!--(?:[^-]|-(?!->))*+-->|<!(?!--)[^>\[]*+(?:\[(?:[^\]]|\](?!\s*>))*+\]\s*)?>)*+<([A-Za-z][^\s/>]{0,99})"
)
_PARTS = re.compile(r"<(?:front|body|article-meta)[\s>]")
_REACH = 200_000


def recognises(source: str) -> bool:
    """Say whether the root of the source is an article with a front or a body."""
    return _root(source) == "article" and _PARTS.search(source, 0, _REACH) is not None


def reason_to_skip(head: bytes) -> str | None:
    """Return why a file with this beginning is no article, None when it may be one."""
    root = _root(head.decode("utf-8", "replace"))
    return f"XML that is no JATS article: its root is <{root}>" if root and root != "article" else None


def parse(source: str) -> Parsed:
    """Read the segments and fields of an article; raise InputError for XML of another kind."""
    if not recognises(source):
        root = _root(source)
        what = f"its root is <{root}>" if root and root != "article" else "it has no <article> with a front or a body"
        raise InputError(f"the XML is no JATS article: {what}", hint="exclude it, or convert it to text, Markdown or HTML first")
    return Article(plain_characters(source)).parsed()


def _root(source: str) -> str | None:
    match = _ROOT.match(source)
    return match[1] if match else None
