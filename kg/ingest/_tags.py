"""Known inline tags: opening ones paired with closing ones, unclosed ones given an end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.ingest._remarks import Remarks
from kg.ingest._sentences import sentence_end
from kg.model import Span, Tag

KNOWN = frozenset({"model", "params", "hardware", "gpu_count", "training", "country", "year", "organization", "dataset"})
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_UNCLOSED_REACH = 200
_PAIR_REACH = 2000


@dataclass(frozen=True, slots=True)
class Mark:
    """An opening or closing known tag: where its markup stands; `empty` when it closes itself."""

    name: str
    closing: bool
    empty: bool
    start: int
    end: int


Opened = tuple[Tag, int]
"""A tag and where its opening markup begins."""


def pair_marks(text: str, marks: Sequence[Mark], remarks: Remarks) -> list[Opened]:
    """Pair opening with closing tags of one name and paragraph, innermost first; the rest is unclosed or stray."""
    found: list[Opened] = []
    pending: dict[str, list[int]] = {}
    closed: set[int] = set()
    for index, mark in enumerate(marks):
        waiting = pending.setdefault(mark.name, [])
        if mark.empty:
            remarks.add("KG403", "warning", f"the tag <{mark.name}/> is empty", mark.start, mark.end)
        elif not mark.closing:
            waiting.append(index)
        elif waiting and _is_near(text, marks[waiting[-1]], mark):
            opening = waiting.pop()
            closed.add(opening)
            found.append((Tag(mark.name, marks[opening].end, mark.start), marks[opening].start))
        else:
            waiting.clear()
            remarks.add("KG404", "warning", f"</{mark.name}> closes nothing", mark.start, mark.end)
    found.extend(_unclosed(text, marks, closed, remarks))
    return sorted(found, key=lambda opened: (opened[0].start, -opened[0].end, opened[0].name))


def trim(text: str, opened: Opened, moved: Sequence[Span], remarks: Remarks) -> Tag | None:
    """Return the tag around its content without white space, whole words where characters moved; None when nothing is left."""
    tag, opening = opened
    content = text[tag.start : tag.end]
    stripped = content.strip()
    if not moved and stripped == content != "":
        return tag
    if not stripped:
        if tag.closed:
            remarks.add("KG403", "warning", f"the tag <{tag.name}> is empty", opening, tag.start)
        return None
    start = tag.start + len(content) - len(content.lstrip())
    end = start + len(stripped)
    for span in moved[bisect_left(moved, start, key=_end) : bisect_left(moved, end, key=_start)]:
        start, end = max(tag.start, min(start, span.start)), min(tag.end, max(end, span.end))
    return Tag(tag.name, start, end, tag.closed)


def _is_near(text: str, opening: Mark, closing: Mark) -> bool:
    return closing.start - opening.end <= _PAIR_REACH and not _BLANK_LINE.search(text, opening.end, closing.start)


def _unclosed(text: str, marks: Sequence[Mark], closed: set[int], remarks: Remarks) -> Iterator[Opened]:
    for index, mark in enumerate(marks):
        if mark.closing or mark.empty or index in closed:
            continue
        limit = min(len(text), mark.end + _UNCLOSED_REACH)
        if index + 1 < len(marks):
            limit = min(limit, marks[index + 1].start)
        note = "its content is taken to run to the next tag or the end of the sentence"
        remarks.add("KG401", "warning", f"the tag <{mark.name}> is never closed", mark.start, mark.end, note)
        yield Tag(mark.name, mark.end, _content_end(text, mark.end, limit), closed=False), mark.start


def _content_end(text: str, start: int, limit: int) -> int:
    start += len(text[start:limit]) - len(text[start:limit].lstrip())
    line = text.find("\n", start, limit)
    limit = line if line >= 0 else limit
    end = sentence_end(text, start, limit)
    return end - 1 if text[end - 1 : end] in {".", "!", "?"} else end


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end
