"""JSON that any reader takes: UTF-8 as it is, half surrogates escaped (RFC 8259, section 8.2).

The standard library writes indented JSON in Python, several times slower than text that is set into a form made once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from json.encoder import encode_basestring as quoted
from typing import Any

__all__ = ["SLOT", "dump", "escaped", "form", "listed", "optional", "quoted"]

SLOT = "\x00"
"""A value of a form that is set in later."""


def dump(data: Any) -> str:
    """Return indented JSON that ends with a line feed, keys in the order given."""
    return escaped(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"


def escaped(text: str) -> str:
    """Return JSON with JSON's own escape for each half of a surrogate pair."""
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def form(shape: Any, depth: int) -> str:
    """Return what `dump` writes of a shape that stands `depth` levels inside, with `%s` for each SLOT.

    >>> form({"id": SLOT, "of": {"100%": 1}}, 1) % '"a"'
    '{\\n    "id": "a",\\n    "of": {\\n      "100%": 1\\n    }\\n  }'
    """
    text = json.dumps(shape, indent=2, ensure_ascii=False).replace("%", "%%").replace(json.dumps(SLOT), "%s")
    return text.replace("\n", "\n" + "  " * depth)


def listed(items: Iterable[str], depth: int) -> str:
    """Return an array of items that are JSON already, which itself stands `depth` levels inside."""
    margin = "\n" + "  " * depth
    text = f",{margin}  ".join(items)
    return f"[{margin}  {text}{margin}]" if text else "[]"


def optional(text: str | None) -> str:
    """Return a text as JSON, null for None."""
    return "null" if text is None else quoted(text)
