"""Markdown marks inside a line, blanked: emphasis, code marks, links, images, struck text, escapes, quotation marks of a block."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.ingest._characters import JOIN

_MARK = re.compile(
    # The pattern begins with a class of characters, which is what the engine can skip to.
    r"[!\[~`*_\\](?:(?<=!)(?P<image>\[[^\[\]\n]{0,500}\]\([^()\n]{0,2000}\))"
    r"|(?<=\[)(?P<text>[^\[\]\n]{0,500})\](?P<target>\((?:[^()\n]|\([^()\n]{0,200}\)){0,1000}\)|\[[^\[\]\n]{0,200}\])"
    r"|(?<=\[)(?P<note>[\^!][^\[\]\n]{1,40}\])"
    r"|(?<=~)~(?P<struck>[^~\n]{1,300})~~"
    r"|(?<=`)`*|(?<=\*)\**|(?<=_)_*"
    r"|(?<=\\)(?=[*_#\[\]()`~<>!+-]))"
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
    # The second pass sees links whose text was an image or another link.
    return _MARK.sub(_blanked, _MARK.sub(_blanked, text) if "](" in text else text)


def _blanked(match: re.Match[str]) -> str:
    whole = match[0]
    if match["target"] is not None:
        return " " + match["text"] + " " * (len(match["target"]) + 1)
    if whole[0] in "!~[":
        return " " * len(whole)
    return _blanked_mark(whole, match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1])


def _blanked_mark(mark: str, before: str, after: str) -> str:
    """Blank emphasis, code marks and escapes by what stands on either side."""
    inside = before.isalnum() and after.isalnum()
    if mark == "\\":
        return JOIN if before.strip() else " "
    if mark[0] == "`":
        return (JOIN if inside else " ") * len(mark)
    if mark[0] == "_":
        return mark if inside or not (before.strip() or after.strip()) else " " * len(mark)
    if inside:
        return mark if len(mark) == 1 or (before.isdigit() and after.isdigit()) else JOIN * len(mark)
    return " " * len(mark) if before.strip() or after.strip() else mark
