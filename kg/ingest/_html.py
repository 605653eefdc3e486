"""HTML elements in a text: left out, or replaced by the plain mark that says the same, at the same length.

A line break becomes a newline, a paragraph a blank line, `<li>` a dash, `<h2>` two hashes, `<summary>` seven (a heading below every
other), table rows become lines of cells between bars. Struck text is left out: it is what the author takes back.
"""

from __future__ import annotations

import re

from kg.ingest._characters import JOIN

_BLOCKS = frozenset(
    "address article aside blockquote body caption center details dd div dl dt fieldset figcaption figure footer form head header"
    " hr html main nav ol option p pre section select style script table title ul".split()
)
_CELLS = frozenset({"td", "th", "tr", "thead", "tbody", "tfoot", "colgroup", "col"})
_STRUCK = frozenset({"s", "del", "strike"})
_INLINE = frozenset(
    "a abbr b big bdi bdo br button cite code dfn em font h1 h2 h3 h4 h5 h6 i iframe img input ins kbd label li link mark meta"
    " picture q samp small source span strong sub summary sup svg time tt u var video audio wbr".split()
)
ELEMENTS = _BLOCKS | _CELLS | _STRUCK | _INLINE
_GAP = re.compile(r"\s{0,200}")
_NOT_NEWLINE = re.compile(r"[^\n]+")
_REACH = 300

Edit = tuple[int, int, str]
"""Start and end of a stretch and what stands there instead, at the same length."""


def blank(text: str) -> str:
    """Return spaces in place of the text, newlines kept."""
    if "\n" not in text:
        return " " * len(text)
    return _NOT_NEWLINE.sub(lambda match: " " * len(match[0]), text)


def edit(text: str, name: str, closing: bool, start: int, end: int, floor: int) -> Edit:
    """Return what replaces the tag text[start:end] of an element; nothing before `floor` may change any more."""
    if name in _CELLS:
        return _cell(text, name, closing, start, end, floor)
    if name in _STRUCK and not closing:
        return _struck(text, name, start, end)
    length = end - start
    if name in _BLOCKS or name in {"br", "li", "summary"} or (name[0] == "h" and name[1:].isdigit()):
        lead = _lead(text, start)
        if lead[:1] in {"|", "#"}:
            return start, end, " " * length
        return start, end, _mark(name, closing, length, begins=not lead)
    if _is_inside_word(text, start, end):
        return start, end, ("^" if name == "sup" and not closing else JOIN) + JOIN * (length - 1)
    return start, end, blank(text[start:end])


def _mark(name: str, closing: bool, length: int, *, begins: bool) -> str:
    """Return the plain mark of a block element, padded in front."""
    if name == "br":
        return "\n".ljust(length)
    if name == "details" and closing:
        return "\n####### \n".rjust(length)
    if closing or name in _BLOCKS:
        return "\n" + "\n".rjust(length - 1) if name in _BLOCKS else "\n".ljust(length)
    if name == "li":
        return "\n" + "- ".rjust(length - 1)
    if name == "summary":
        return "\n" + "####### ".rjust(length - 1)
    level = int(name[1:])
    if begins:
        return ("#" * min(level, length - 1) + " ").rjust(length) if length <= 5 else ("#" * level + " ").ljust(length)
    return "\n" + ("#" * min(level, length - 2)).ljust(length - 1)


def _cell(text: str, name: str, closing: bool, start: int, end: int, floor: int) -> Edit:
    before = text[max(floor, start - 200) : start]
    low = start - (len(before) - len(before.rstrip()))
    if text[max(0, low - 3) : low] in {"```", "~~~"}:  # the end of a fence stays a line
        low = start
    gap = _GAP.match(text, end)
    high = gap.end() if gap else end
    mark = (
        "\n" if name == "tr" and not closing else "|" if (name in {"td", "th"}) != closing and name in {"td", "th", "tr"} else " "
    )
    return low, high, mark.ljust(high - low)


def _struck(text: str, name: str, start: int, end: int) -> Edit:
    match = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, end, end + 500)
    stop = match.end() if match and "\n" not in text[end : match.start()] else end
    return start, stop, " " * (stop - start)


def _lead(text: str, start: int) -> str:
    line = text.rfind("\n", max(0, start - _REACH), start)
    return text[line + 1 : start].lstrip() if line >= 0 or start < _REACH else "…"


def _is_inside_word(text: str, start: int, end: int) -> bool:
    after = text[end + 1 : end + 2] if text[end : end + 1] in {"-", "−", "–", "‑"} else text[end : end + 1]
    return 0 < start and after.isalnum() and (text[start - 1].isalnum() or text[start - 1] == ")")
