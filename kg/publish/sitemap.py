"""Paths of pages -> sitemap.xml, several and an index of them where one is too small, and robots.txt (sitemaps.org, RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

MOST = 50_000
"""Addresses that one sitemap may hold."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemaps(addresses: Iterable[str], root: str, most: int = MOST) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of the sitemaps of a site at `root`: sitemap.xml last, when it is an index of the others."""
    all = sorted(addresses)
    parts = [all[start : start + most] for start in range(0, len(all), most)]
    if len(parts) <= 1:
        yield "sitemap.xml", _urls(all)
        return
    for number, part in enumerate(parts, 1):
        yield f"sitemap-{number}.xml", _urls(part)
    names = (f"{root}sitemap-{number}.xml" for number in range(1, len(parts) + 1))
    yield "sitemap.xml", _document("sitemapindex", "sitemap", names)


def robots(root: str) -> bytes:
    """Return a robots.txt that lets everybody read everything, and tells where the sitemap is."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {root}sitemap.xml\n".encode()


def _urls(addresses: Iterable[str]) -> bytes:
    return _document("urlset", "url", addresses)


def _document(whole: str, part: str, addresses: Iterable[str]) -> bytes:
    lines = "".join(f"<{part}><loc>{escape(address)}</loc></{part}>\n" for address in addresses)
    return f"{_HEAD}<{whole} {_SPACE}>\n{lines}</{whole}>\n".encode()
