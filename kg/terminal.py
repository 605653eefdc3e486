"""Text for people: characters that would move the cursor or hide are made visible, and widths are those of a terminal.

Widths are those of rich's tables (UAX #11), whatever Python's own version of Unicode; combining characters take no cell, tabs four.
"""

from __future__ import annotations

from unicodedata import category

_TAB = "    "
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shown(char: str) -> str:
    r"""Return what stands for one character on a terminal.

    >>> shown("a"), shown("\x1b"), shown("\u202e"), shown("\t")
    ('a', '␛', '<U+202E>', '    ')
    """
    code = ord(char)
    if char == "\t":
        return _TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if category(char) in _HIDDEN or code & 0xFFFE == 0xFFFE:
        return f"<U+{code:04X}>"
    return char


def visible(text: str) -> str:
    r"""Return a text on one line in which nothing is hidden and nothing is a command to the terminal.

    >>> visible("a\nb\x07")
    'a␊b␇'
    """
    return text if text.isprintable() else "".join(map(shown, text))


def cells(text: str) -> int:
    """Return how many terminal cells a visible text takes.

    >>> cells("cafe\u0301"), cells("模型"), cells("ok")
    (4, 4, 2)
    """
    if text.isascii():
        return len(text)
    from rich.cells import get_character_cell_size

    return sum(map(get_character_cell_size, text))
