"""Inline tags, HTML and Markdown marks: found, then blanked, so that text and source keep one length.

Known tags (`<params>13 billion</params>`, in any case, with attributes) become `Tag`s. HTML elements and comments vanish, other
tags vanish with a remark; what only has angle brackets (`a < b`, `<3`, `<https://…>`, `<me@example.org>`) is text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5

from kg.ingest._characters import JOIN, close_up, plain_characters
from kg.ingest._inline import blank_inline
from kg.ingest._sentences import sentence_end
from kg.model import Finding, Label, Severity, Span, Tag

KNOWN = frozenset({"model", "params", "hardware", "gpu_count", "training", "country", "year", "organization", "dataset"})
HTML = frozenset(
    "a abbr article aside b big blockquote body br button caption center cite code col colgroup dd del details dfn div dl dt em figcaption"
    " figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label li link main mark meta nav ol option p"
    " picture pre q s samp script section select small source span strike strong style sub summary sup svg table tbody td tfoot th thead time"
    " title tr tt u ul var video wbr".split()
)
_STRUCK = frozenset({"s", "del", "strike"})
_TOKEN = re.compile(
    r"<!--"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]*)(?P<rest>\s[^<>]{0,2000}|/)?>"
    r"|&(?P<entity>\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_FENCE = re.compile(r"^[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$", re.MULTILINE)
_NOT_NEWLINE = re.compile(r"[^\n]+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_UNCLOSED_REACH = 200
_PAIR_REACH = 2000


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block: `start`/`end` bound its lines, `mark` is the opening line."""

    start: int
    end: int
    mark: str


@dataclass(frozen=True, slots=True)
class Clean:
    """A source whose markup is blanked."""

    text: str
    tags: tuple[Tag, ...]
    fences: tuple[Fence, ...]
    findings: tuple[Finding, ...]
    moved: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """An opening or closing known tag: where its markup stands."""

    name: str
    closing: bool
    empty: bool
    start: int
    end: int


@dataclass(slots=True)
class _Scan:
    """What one pass over the source collects."""

    edits: list[tuple[int, int, str]] = field(default_factory=list)
    marks: list[_Mark] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def tell(self, code: str, severity: Severity, message: str, start: int, end: int, note: str = "") -> None:
        """Add a finding with one label."""
        self.findings.append(Finding(code, severity, message, (Label("", start, end),), (note,) if note else ()))


def clean(source: str) -> Clean:
    """Blank the markup of a source: tags, comments, entities, Markdown emphasis, links, code marks, invisible characters."""
    text = plain_characters(source)
    fences = _fences(text)
    scan = _Scan()
    _tokens(text, fences, scan)
    text = _apply(text, scan.edits)
    fences = tuple(fence for fence in fences if text[fence.start : fence.end].strip())
    tags = _tags(text, scan)
    text, moved = close_up(blank_inline(text, [(fence.start, fence.end) for fence in fences]))
    tags = tuple(trimmed for tag in tags if (trimmed := _trim(text, tag, scan)))
    findings = tuple(sorted(scan.findings, key=Finding.sort_key))
    return Clean(text, tags, fences, findings, moved)


def blank(text: str) -> str:
    """Return spaces in place of the text, newlines kept."""
    return _NOT_NEWLINE.sub(lambda match: " " * len(match[0]), text)


def _apply(text: str, edits: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, new in edits:
        parts += (text[done:start], new)
        done = end
    return "".join(parts) + text[done:]


def _fences(text: str) -> tuple[Fence, ...]:
    if "```" not in text and "~~~" not in text:
        return ()
    found: list[Fence] = []
    opening: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opening is None:
            opening = match
        elif match["mark"].startswith(opening["mark"]) and not match["info"].strip():
            found.append(Fence(opening.end(), match.start(), opening[0].strip(" \t>")))
            opening = None
    return tuple(found)


def _tokens(text: str, fences: tuple[Fence, ...], scan: _Scan) -> None:
    starts = [fence.start for fence in fences]
    last_comment = text.rfind("-->")
    position = 0
    while match := _TOKEN.search(text, position):
        start, position = match.span()
        if match[0] == "<!--":
            position = _comment(text, start, last_comment, scan)
            continue
        at = bisect_right(starts, start) - 1
        if at >= 0 and start < fences[at].end:
            continue
        if match["entity"]:
            _entity(match, scan)
        elif not _tag(text, match, scan):
            position = start + 1
        else:
            position = max(position, scan.edits[-1][1])


def _comment(text: str, start: int, last: int, scan: _Scan) -> int:
    if start + 4 <= last:
        end = text.find("-->", start + 2) + 3
    else:
        paragraph = _BLANK_LINE.search(text, start)
        end = paragraph.start() if paragraph else len(text)
        scan.tell("KG401", "warning", "the comment is never closed", start, start + 4, "it is taken to end with its paragraph")
    scan.edits.append((start, end, blank(text[start:end])))
    return end


def _entity(match: re.Match[str], scan: _Scan) -> None:
    start, end = match.span()
    char = _decoded(match["entity"])
    if char is None:
        if match["entity"] not in scan.told:
            scan.told.add(match["entity"])
            scan.tell("KG405", "info", f"'{match[0]}' is not a character of HTML", start, end, "it is read as it stands")
        return
    char = plain_characters(char)
    new = " " * (end - start) if char.isspace() else char + JOIN * (end - start - len(char))
    scan.edits.append((start, end, new))


def _decoded(name: str) -> str | None:
    if not name.startswith("#"):
        return html5.get(name + ";")
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def _tag(text: str, match: re.Match[str], scan: _Scan) -> bool:
    """Blank one tag; say whether it was one."""
    name, rest = match["name"].lower(), (match["rest"] or "").strip()
    start, end = match.span()
    if not _is_markup(name, rest, match[0]):
        return False
    if name in KNOWN:
        scan.marks.append(_Mark(name, bool(match["close"]), rest.endswith("/"), start, end))
    elif name in _STRUCK and not match["close"]:
        closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, end, end + 500)
        end = closing.end() if closing and "\n" not in text[end : closing.start()] else end
    elif name not in HTML and name not in scan.told:
        scan.told.add(name)
        scan.tell("KG402", "info", f"kg does not know the tag <{match['name']}>", start, end, "it is left out; its content is read")
    scan.edits.append((start, end, _tag_blank(text, name, match, end)))
    return True


def _is_markup(name: str, rest: str, whole: str) -> bool:
    known = name in KNOWN or name in HTML
    if "\n" in whole and not known:
        return False
    attributes = rest.rstrip("/").strip()
    return not attributes or "=" in attributes or (known and attributes.isalpha())


def _tag_blank(text: str, name: str, match: re.Match[str], end: int) -> str:
    start = match.start()
    length = end - start
    inside = 0 < start and end < len(text) and text[end].isalnum() and (text[start - 1].isalnum() or text[start - 1] == ")")
    if name == "sup" and not match["close"] and inside:
        return "^" + JOIN * (length - 1)
    if inside and name in HTML and name not in {"br", "td", "th", "li", "p", "div", "tr", "summary"}:
        return JOIN * length
    return blank(text[start:end])


def _tags(text: str, scan: _Scan) -> tuple[Tag, ...]:
    """Pair opening with closing tags of one name and paragraph, innermost first; the rest is unclosed or stray."""
    found: list[Tag] = []
    pending: dict[str, list[int]] = {}
    closed: set[int] = set()
    for index, mark in enumerate(scan.marks):
        waiting = pending.setdefault(mark.name, [])
        if not mark.closing:
            if not mark.empty:
                waiting.append(index)
            else:
                scan.tell("KG403", "warning", f"the tag <{mark.name}/> is empty", mark.start, mark.end)
            continue
        opening = scan.marks[waiting[-1]] if waiting else None
        near = opening is not None and mark.start - opening.end <= _PAIR_REACH
        if opening and near and not _BLANK_LINE.search(text, opening.end, mark.start):
            closed.add(waiting.pop())
            found.append(Tag(mark.name, opening.end, mark.start))
        else:
            waiting.clear()
            scan.tell("KG404", "warning", f"</{mark.name}> closes nothing", mark.start, mark.end)
    found.extend(_unclosed(text, scan, closed))
    return tuple(sorted(found, key=lambda tag: (tag.start, -tag.end, tag.name)))


def _unclosed(text: str, scan: _Scan, closed: set[int]) -> Iterator[Tag]:
    for index, mark in enumerate(scan.marks):
        if mark.closing or mark.empty or index in closed:
            continue
        limit = min(len(text), mark.end + _UNCLOSED_REACH)
        if index + 1 < len(scan.marks):
            limit = min(limit, scan.marks[index + 1].start)
        note = "its content is taken to run to the next tag or the end of the sentence"
        scan.tell("KG401", "warning", f"the tag <{mark.name}> is never closed", mark.start, mark.end, note)
        yield Tag(mark.name, mark.end, _content_end(text, mark.end, limit), closed=False)


def _content_end(text: str, start: int, limit: int) -> int:
    start += len(text[start:limit]) - len(text[start:limit].lstrip())
    line = text.find("\n", start, limit)
    limit = line if line >= 0 else limit
    end = sentence_end(text, start, limit)
    return end - 1 if text[end - 1 : end] in {".", "!", "?"} else end


def _trim(text: str, tag: Tag, scan: _Scan) -> Tag | None:
    content = text[tag.start : tag.end]
    stripped = content.strip()
    if not stripped:
        scan.tell("KG403", "warning", f"the tag <{tag.name}> is empty", tag.start, tag.end)
        return None
    start = tag.start + len(content) - len(content.lstrip())
    return Tag(tag.name, start, start + len(stripped), tag.closed)
