"""Colours of a terminal: SGR sequences (ECMA-48), only where asked for, never the only bearer of a meaning."""

from __future__ import annotations

_STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "added": "1;32", "frame": "1;34", "secondary": "1;34", "strong": "1"}


def paint(text: str, style: str, color: bool) -> str:
    """Return the text in a style, as it is without colour."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color and text else text
