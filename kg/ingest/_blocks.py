"""Lines -> blocks: headings, paragraphs, list items, tables, code, front matter.

A paragraph may be wrapped over lines. A line end is a break of its own when the next word would have fitted on the line, the next
line begins like a sentence or a key, and the line does not run on (a comma, a hyphen, a small word at its end).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kg.ingest._code import front_matter
from kg.ingest._headings import Heading, first_line_heading, hash_heading, marked_heading, single_line_heading
from kg.ingest._markup import Fence
from kg.ingest._pairs import pair_at
from kg.ingest._tables import column_count, is_rule

Line = tuple[int, int]
"""Start of a line and its end without the white space there."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block: heading, prose, item, table, aligned, fragments, code or front; `indent` of its line, `level` of a heading."""

    kind: str
    start: int
    end: int
    chunk: int
    level: int = 0
    indent: int = 0
    lines: tuple[Line, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Lines without a blank line between them, and what stands around them."""

    text: str
    source: str
    lines: tuple[Line, ...]
    number: int
    width: int
    last: bool
    before_item: bool
    after: str


_BLANK = re.compile(r"\n(?:[ \t]*\n)+")
_MARKER = re.compile(
    r"(?P<indent>[ \t]*)(?:[-*+•‣▪▫◦●○·–—►➢✓✔]|\(?\d{1,3}[.)]|\(?[a-z][.)]|\[[ xX✓✗]\])[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)"
)
_BEGINNING = (
    r"[ \t]*(?:[-*+•‣▪▫◦●○·–—►➢✓✔][ \t]|\(?\d{1,3}(?:\.\d{1,3})*[.)]?[ \t]|\(?[a-zA-Z][.)][ \t]|\[|\#|[=~_*-]{3}"
    r"|(?:[^\s:=|.,;]{1,40}+[ \t]++){0,5}[^\s:=|.,;]{1,40}+[ \t]*+(?:[:：=][ \t]|\.{4}))"
)
_BEGINS = re.compile(_BEGINNING)
# A pattern that begins with a newline is found faster than one that begins with ^.
_BEGINS_BELOW = re.compile(r"\n" + _BEGINNING)
_START = re.compile(r"[ \t]*(?:[^\w\s\"'“‘(]|\(?\w{1,3}[.)]|Q\d*:)")
_FENCE_LINE = re.compile(r"[`~]{3,}\w*")
_RUNS_ON = re.compile(
    r"(?:[,;(–—&/+-]|\b(?:a|an|and|are|as|at|be|but|by|for|from|in|into|is|of|on|or|our|than|that|the|this|to|was|we|were"
    r"|which|with))$",
    re.IGNORECASE,
)
_NARROW = 60
_LONG_LINE = 140


def blocks(text: str, source: str, fences: Sequence[Fence]) -> Iterator[Block]:
    """Yield the blocks of a text in order; `source` shows which spaces were there before markup was blanked."""
    position = 0
    front = front_matter(text)
    if front:
        yield Block("front", front[0], front[1], -1)
        position = front[2]
    chunk = 0
    for fence in fences:
        if fence.before < position:
            continue
        for block in _stretch(text, source, position, fence.before, chunk):
            chunk = block.chunk + 1
            yield block
        yield Block("code", fence.start, fence.end, chunk, mark=fence.mark)
        position = fence.after
        chunk += 1
    yield from _stretch(text, source, position, len(text), chunk)


def _stretch(text: str, source: str, start: int, end: int, number: int) -> Iterator[Block]:
    after = ""
    for low, high, following in _chunks(text, start, end):
        kind = ""
        if _is_structured(text, source, low, high):
            lines = tuple(_lines(text, low, high))
            width = max(stop - begin for begin, stop in lines)
            before_item = following < end and _MARKER.match(text, following, end) is not None
            chunk = _Chunk(text, source, lines, number, width, following >= end, before_item, after)
            for block in _structured(chunk):
                kind = block.kind
                yield block
        else:
            yield Block("prose", low, high, number)
        after = kind
        number += 1


def _chunks(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, start of the next) of the stretches between blank lines."""
    low = start
    for match in _BLANK.finditer(text, start, end):
        high, following = match.span()
        # Only what comes before the first line of words can be blank.
        if low < high and not (text[low].isspace() and text[low:high].isspace()):
            yield low, high, following
        low = following
    if low < end and not text[low:end].isspace():
        yield low, end, end


def _lines(text: str, start: int, end: int) -> Iterator[Line]:
    for line in text[start:end].split("\n"):
        if line and not line.isspace():
            yield start, start + len(line.rstrip())
        start += len(line) + 1


def _is_structured(text: str, source: str, start: int, end: int) -> bool:
    """Say whether a chunk may be anything but one paragraph of prose."""
    if text.find("\n", start, end) < 0:
        return end - start < _LONG_LINE or _START.match(text, start, end) is not None
    if any(source.find(gap, start, end) >= 0 for gap in ("  ", "\t")) or text.find("|", start, end) >= 0:
        return True
    if _BEGINS.match(text, start, end) or _BEGINS_BELOW.search(text, start, end):
        return True
    lengths = [len(line) for line in text[start:end].split("\n")]
    # Lines that end before prose is wrapped, or a first line that is short beside the second.
    return lengths[0] < _NARROW and (lengths[0] < 0.6 * lengths[1] or max(lengths) < _NARROW)


def _structured(chunk: _Chunk) -> Iterator[Block]:
    """Yield the blocks of lines that are not plain prose."""
    index = begin = 0
    while index < len(chunk.lines):
        found = _recognised(chunk, index, fresh=index == begin)
        if found is None:
            if index > begin and _breaks(chunk, index):
                yield _prose(chunk, begin, index)
                begin = index
            index += 1
            continue
        block, following = found
        if block.kind == "underline" and index == begin + 1:
            start, end = chunk.lines[begin]
            start = end - len(chunk.text[start:end].lstrip())
            yield Block("heading", start, end, chunk.number, level=block.level)
        else:
            if begin < index:
                yield _prose(chunk, begin, index)
            if block.kind not in {"underline", "nothing"}:
                yield block
        begin = index = following
    if begin < index:
        yield _prose(chunk, begin, index)


def _prose(chunk: _Chunk, begin: int, end: int) -> Block:
    start = chunk.lines[begin][0]
    return Block("prose", start, chunk.lines[end - 1][1], chunk.number, indent=_indent(chunk, start))


_Found = tuple[Block, int]


def _recognised(chunk: _Chunk, index: int, *, fresh: bool) -> _Found | None:
    for recognise in _RECOGNISERS:
        found = recognise(chunk, index, fresh)
        if found:
            return found
    return None


def _drawn(chunk: _Chunk, index: int, fresh: bool) -> _Found | None:
    """Recognise lines that only draw: rules, underlines of headings, fences left open."""
    start, end = chunk.lines[index]
    if chunk.text[end - 1].isalnum() and chunk.source[end - 1] not in "`~":
        return None
    if _FENCE_LINE.fullmatch(chunk.source, start + _indent(chunk, start), end):
        return Block("nothing", start, end, chunk.number), index + 1
    if "|" in chunk.text[start:end] or not is_rule(chunk.text, start, end) or _is_grid(chunk, index):
        return None
    level = 1 if "=" in chunk.text[start:end] else 2
    return Block("underline", start, end, chunk.number, level=level), index + 1


def _heading(chunk: _Chunk, index: int, fresh: bool) -> _Found | None:
    start, end = chunk.lines[index]
    found: Heading | None = hash_heading(chunk.text, start, end)
    if found is None and fresh:
        found = marked_heading(chunk.text, chunk.source, start, end)
    if found is None and fresh and len(chunk.lines) == 1 and not chunk.last and not (chunk.before_item and chunk.after == "item"):
        listed = chunk.before_item or chunk.after == "item"
        found = single_line_heading(chunk.text, start, end, first=chunk.number == 0, listed=listed, below=chunk.after == "heading")
    if found is None and index == 0 and len(chunk.lines) > 1:
        following = chunk.lines[1]
        listed = _MARKER.match(chunk.text, *following) is not None
        found = first_line_heading(chunk.text, start, end, following, listed=listed, first=chunk.number == 0)
    if found is None:
        return None
    return Block("heading", found.start, found.end, chunk.number, level=found.level), index + 1


def _table(chunk: _Chunk, index: int, fresh: bool) -> _Found | None:
    """Recognise rows between bars; without a bar in front, only when the line below draws the rule."""
    count = len(chunk.lines)
    barred = _is_row(chunk, index, barred=True)
    if not barred and not (index + 1 < count and _is_row(chunk, index) and is_rule(chunk.text, *chunk.lines[index + 1])):
        return None
    following = index + 1
    while following < count and _is_row(chunk, following, barred=barred):
        following += 1
    lines = chunk.lines[index:following]
    if len(lines) < 2 and not chunk.text.endswith("|", *lines[0]):
        return None
    return Block("table", lines[0][0], lines[-1][1], chunk.number, lines=lines), following


def _is_row(chunk: _Chunk, index: int, *, barred: bool = False) -> bool:
    start, end = chunk.lines[index]
    if chunk.text.find("|", start, end) < 0:
        return _is_grid(chunk, index)
    return not barred or chunk.text[start:end].lstrip()[0] == "|"


def _is_grid(chunk: _Chunk, index: int) -> bool:
    """Say whether the line draws between rows: `+-----+-----+`."""
    start, end = chunk.lines[index]
    return chunk.text[end - 1] == "+" and chunk.text[start:end].lstrip().startswith("+-") and is_rule(chunk.text, start, end)


def _aligned(chunk: _Chunk, index: int, fresh: bool) -> _Found | None:
    if index + 1 == len(chunk.lines):
        return None
    following = index
    columns: list[int] = []
    while following < len(chunk.lines) and (count := column_count(chunk.text, chunk.source, *chunk.lines[following])) > 1:
        columns.append(count)
        following += 1
    lines = chunk.lines[index:following]
    if len(lines) < 2 or _MARKER.match(chunk.text, *lines[0]):
        return None
    regular = max(columns[1:]) <= columns[0] + 1 or 3 * columns.count(max(columns)) >= 2 * len(columns)
    return Block("aligned" if regular else "fragments", lines[0][0], lines[-1][1], chunk.number, lines=lines), following


def _item(chunk: _Chunk, index: int, fresh: bool) -> _Found | None:
    start, end = chunk.lines[index]
    match = _MARKER.match(chunk.text, start, end)
    if match is None or (not fresh and index and not _may_start_item(chunk, index, match)):
        return None
    following = index + 1
    while following < len(chunk.lines) and not _MARKER.match(chunk.text, *chunk.lines[following]):
        if _breaks(chunk, following) and _indent(chunk, chunk.lines[following][0]) <= len(match["indent"].expandtabs()):
            break
        if _drawn(chunk, following, False) or _table(chunk, following, False) or hash_heading(chunk.text, *chunk.lines[following]):
            break
        following += 1
    indent = len(match["indent"].expandtabs())
    return Block("item", match.end(), chunk.lines[following - 1][1], chunk.number, indent=indent), following


def _may_start_item(chunk: _Chunk, index: int, match: re.Match[str]) -> bool:
    """Say whether a marker after a line of prose is one: a number or dash may also stand there because the line was wrapped."""
    previous = chunk.text[slice(*chunk.lines[index - 1])]
    marker = match[0].strip()
    if marker[0] in "-–—+" or marker[0].isdigit() or marker[-1] in ".)":
        return previous[-1] in ".:;!?" or _breaks(chunk, index) or marker.strip("().") in {"1", "a"} or chunk.width < 2 * _NARROW
    return True


_RECOGNISERS: tuple[Callable[[_Chunk, int, bool], _Found | None], ...] = (_drawn, _heading, _table, _aligned, _item)


def _breaks(chunk: _Chunk, index: int) -> bool:
    """Say whether the end of the line before `index` is meant, not the wrapping of a paragraph."""
    start, end = chunk.lines[index]
    before, stop = chunk.lines[index - 1]
    line, previous = chunk.text[start:end].lstrip(), chunk.text[before:stop]
    if _RUNS_ON.search(previous[-12:]):
        return False
    if _indent(chunk, start) > _indent(chunk, before) + 1:
        return False
    keyed = pair_at(chunk.text, start, end) is not None
    if keyed and (pair_at(chunk.text, before, stop) is not None or previous[-1] in ".!?:;" or chunk.width < _NARROW):
        return True
    first = line.split(maxsplit=1)[0]
    fits = len(previous) + 1 + len(first) <= 0.75 * chunk.width or chunk.width < _NARROW
    return fits and (line[0].isupper() or line[0].isdigit() or not line[0].isalnum())


def _indent(chunk: _Chunk, start: int) -> int:
    # Marks that were blanked in the text do not indent; the marks of a quotation do stand before what is quoted.
    line = chunk.source[start : start + 200]
    line = chunk.text[start : start + 200] if line.lstrip()[:1] == ">" else line
    return len(line[: len(line) - len(line.lstrip())].expandtabs())
