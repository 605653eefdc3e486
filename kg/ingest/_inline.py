"""Markdown marks inside a line, blanked: emphasis, code marks, links, images, struck text, escapes, quotation marks of a block."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.ingest._characters import JOIN

# Each pattern begins with a class of characters, which is what the engine can skip to.
_LINK = re.compile(
    r"[!\[](?:(?<=!)(?P<image>\[[^\[\]\n]{0,500}\]\([^()\n]{0,2000}\))"
    r"|(?<=\[)(?P<text>[^\[\]\n]{0,500})\](?P<target>\((?:[^()\n]|\([^()\n]{0,200}\)){0,1000}\)|\[[^\[\]\n]{0,200}\])"
    r"|(?<=\[)(?P<note>[\^!][^\[\]\n]{1,40}\]))"
)
_MARK = re.compile(
    r"[~`*_\\](?:(?<=~)~(?P<struck>[^~\n]{1,300})~~"
    r"|(?<=`)`*|(?<=\*)\**|(?<=_)_*"
    r"|(?<=\\)[*_#\[\]()`~<>!+-])"
)
_QUOTE = re.compile(r"^[ \t]{0,3}>[> \t]*", re.MULTILINE)
_REFERENCE = re.compile(r"^[ \t]{0,3}\[[^\]\n]{1,100}\]:[ \t]*(?:https?:|\.{0,2}/|#)[^\n]*$", re.MULTILINE)


def blank_inline(text: str, code: Iterable[tuple[int, int]]) -> str:
    """Blank the marks outside the given code blocks; marks inside a word become JOIN."""
    parts: list[str] = []
    done = 0
    for start, end in code:
        parts += (_blank_stretch(text[done:start]), text[start:end])
        done = end
    return "".join(parts) + _blank_stretch(text[done:])


def _blank_stretch(text: str) -> str:
    if ">" in text:
        text = _QUOTE.sub(lambda match: " " * len(match[0]), text)
    if "]:" in text:
        text = _REFERENCE.sub(lambda match: " " * len(match[0]), text)
    if "[" in text:
        # The second pass sees links whose text was an image or another link.
        text = _LINK.sub(_blanked_link, _LINK.sub(_blanked_link, text))
    return _MARK.sub(_blanked_mark, text)


def _blanked_link(match: re.Match[str]) -> str:
    if match["target"] is None:
        return " " * len(match[0])
    return " " + match["text"] + " " * (len(match["target"]) + 1)


def _blanked_mark(found: re.Match[str]) -> str:
    """Blank emphasis, code marks and escapes by what stands on either side; struck text goes too."""
    mark, text = found[0], found.string
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    inside = before.isalnum() and after.isalnum()
    alone = not before.strip() and not after.strip()
    match mark[0]:
        case "\\":
            return (JOIN if before.strip() else " ") + mark[1]
        case "~":
            return " " * len(mark)
        case "`":
            return (JOIN if inside else " ") * len(mark)
        case "_":
            return mark if inside or alone else " " * len(mark)
    if inside:
        return mark if len(mark) == 1 or (before.isdigit() and after.isdigit()) else JOIN * len(mark)
    return mark if alone else " " * len(mark)
