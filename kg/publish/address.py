"""The address that a site will have, as the user gives it -> as pages write it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from kg.errors import UsageError

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:\[\]-]+(/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*)?")
_EXAMPLE = "write it as https://example.org/ or https://example.github.io/graph/"


def read_address(text: str) -> str:
    """Return an absolute address that ends in a slash; raise UsageError for what is none.

    >>> read_address("https://example.github.io/graph")
    'https://example.github.io/graph/'
    """
    if not _ADDRESS.fullmatch(text):
        raise UsageError(_what(text), where="--base-url", hint=_EXAMPLE)
    try:
        host, _ = urlsplit(text).hostname, urlsplit(text).port
    except ValueError as error:
        raise UsageError(f"'{text}' is no address: {error}", where="--base-url", hint=_EXAMPLE) from error
    if not host or re.search(r"/\.{0,2}/|/\.{1,2}$|%(?![0-9A-Fa-f]{2})", text.partition("://")[2]):
        raise UsageError(f"'{text}' is no address of a site", where="--base-url", hint=_EXAMPLE)
    return text if text.endswith("/") else f"{text}/"


def _what(text: str) -> str:
    if "?" in text or "#" in text:
        return f"'{text}' has a query or a fragment: pages cannot stand below it"
    return f"'{text}' is no absolute address of a site"
