"""The path of a page -> the folder below the root of a published site that its file stands in, as links write it.

A path that any server finds as it is stays as it is. The rest is written so that no two pages meet in one file: a part that a
browser drops (`.`, `..`, nothing), that hosts hide (`.name`) or that is called as the files of a page are (`index.html`,
`data.ttl`) gets an underscore; one that no file can be called by, or that is too long, a digest instead.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from urllib.parse import unquote, unquote_to_bytes

_LONGEST_PART, _LONGEST = 200, 900  # bytes: file systems take 255 for a name, and a path stands below the user's folder
_SHOWN = 60  # characters of what is too long that can still be read
_HIDDEN = re.compile(r"_*\.")
_OF_PAGES = re.compile(r"(|index\.html?|[a-z]+\.json|data\.[a-z]+)_*", re.IGNORECASE)
_NO_NAME = re.compile("[\x00/]")


@lru_cache(maxsize=4096)
def folder_of(path: str) -> str:
    """Return where the page at a path stands; different paths stand in different folders.

    >>> folder_of("model/kestrel-7b"), folder_of("report/x/index.html"), folder_of("report/../.a")
    ('model/kestrel-7b', 'report/x/index.html_', 'report/_../_.a')
    """
    if not path:
        return ""
    found = "/".join(map(_part, path.split("/")))
    if len(unquote_to_bytes(found)) <= _LONGEST:
        return found
    return f"{found.partition('/')[0]}/~{_digest(path)}"


def file_of(folder: str) -> str:
    """Return the name in the file system of a folder as links write it.

    >>> file_of("report/a%20b%25")
    'report/a b%'
    """
    return unquote(folder)


def _part(part: str) -> str:
    name = unquote_to_bytes(part)
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return f"~{_digest(part)}"
    if len(name) > _LONGEST_PART or _NO_NAME.search(text):
        shown = re.sub(r"[^A-Za-z0-9-]+", "-", text)[:_SHOWN].strip("-")
        return f"{shown}~{_digest(part)}"
    if _HIDDEN.match(text):
        return f"_{part}"
    return f"{part}_" if _OF_PAGES.fullmatch(text) else part


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
