"""The page to ask from: one HTML file that needs no network, with the queries that come with kg."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from kg.sparql.named import shipped

_FOLDER = Path(__file__).parent / "page"
_FIRST = "models"


def _file(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


FILES = {"page.css": ("text/css", _file("page.css")), "page.js": ("text/javascript", _file("page.js"))}
"""What the page loads from beside it: media type and content by name."""


def page(endpoint: str, name: str | None) -> bytes:
    """Return the page with one of the named queries to begin with."""
    query = shipped().get(name or _FIRST, shipped()[_FIRST])
    items = "".join(
        f'<li><a href="/?name={escape(other.name)}"{_current(other.name == query.name)}>{escape(other.name)}</a> '
        f"{escape(other.title)}</li>\n"
        for other in shipped().values()
    )
    template = Template(_file("index.html").decode())
    return template.substitute(
        endpoint=escape(endpoint), query=escape(query.text), title=escape(query.title), queries=items
    ).encode()


def _current(is_current: bool) -> str:
    return ' aria-current="true"' if is_current else ""
