"""Inline tags, HTML and Markdown marks: found, then blanked, so that text and source keep one length.

Known tags (`<params>13 billion</params>`, in any case, with attributes) become `Tag`s. Comments vanish, HTML elements give way to
plain marks, other tags vanish with a remark; what only has angle brackets (`a < b`, `<3`, `<https://…>`) is text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.entities import html5

from kg.ingest._characters import JOIN, close_up, plain_characters
from kg.ingest._html import ELEMENTS, Edit, blank, edit
from kg.ingest._inline import blank_inline
from kg.ingest._remarks import Remarks
from kg.ingest._tags import KNOWN, Mark, pair_marks, trim
from kg.model import Finding, Span, Tag

_TOKEN = re.compile(
    r"<!--"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]*)(?P<rest>\s[^<>]{0,2000}|/)?>"
    r"|&(?P<bare>nbsp(?![\w;]))"
    r"|&(?P<entity>\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_FENCE = re.compile(r"^[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_LATEX = re.compile(r"\\(?:documentclass|begin|section|subsection|paragraph|textbf|caption)\*?\{")
_LATEX_COMMENT = re.compile(r"^[ \t]*%[^\n]*|(?<=[^\d\s\\])[ \t]+%[^\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block: `start`/`end` bound its lines, `before`/`after` include the fences, `mark` is the opening line."""

    before: int
    start: int
    end: int
    after: int
    mark: str


@dataclass(frozen=True, slots=True)
class Clean:
    """A source whose markup is blanked."""

    text: str
    tags: tuple[Tag, ...]
    fences: tuple[Fence, ...]
    findings: tuple[Finding, ...]
    moved: tuple[Span, ...]


@dataclass(slots=True)
class _Scan:
    """What one pass over the source collects."""

    remarks: Remarks
    edits: list[Edit] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Return the end of what is edited already."""
        return self.edits[-1][1] if self.edits else 0


def clean(source: str) -> Clean:
    """Blank the markup of a source: tags, comments, entities, Markdown emphasis, links, code marks, invisible characters."""
    text = plain_characters(source)
    fences = _fences(text)
    scan = _Scan(Remarks())
    _scan_tokens(text, fences, scan)
    opened = pair_marks(text, scan.marks, scan.remarks)
    text = _apply(text, scan.edits)
    if "%" in text and "\\" in text and _LATEX.search(text):
        text = _LATEX_COMMENT.sub(lambda match: " " * len(match[0]), text)
    fences = tuple(fence for fence in fences if text[fence.start : fence.end].strip())
    text, moved = close_up(blank_inline(text, [(fence.before, fence.after) for fence in fences]))
    tags = tuple(trimmed for each in opened if (trimmed := trim(text, each, moved, scan.remarks)))
    return Clean(text, tags, fences, tuple(sorted(scan.remarks.findings, key=Finding.sort_key)), moved)


def _apply(text: str, edits: Sequence[Edit]) -> str:
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
            found.append(Fence(opening.start(), opening.end(), match.start(), match.end(), opening[0].strip(" \t>")))
            opening = None
    return tuple(found)


def _scan_tokens(text: str, fences: Sequence[Fence], scan: _Scan) -> None:
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
        if match["bare"]:
            scan.edits.append((start, position, " " * (position - start)))
        elif match["entity"]:
            _entity(match, scan)
        elif _tag(text, match, scan):
            position = max(position, scan.done)
        else:
            position = start + 1


def _comment(text: str, start: int, last: int, scan: _Scan) -> int:
    if start + 4 <= last:
        end = text.find("-->", start + 4) + 3
    else:
        paragraph = _BLANK_LINE.search(text, start)
        end = paragraph.start() if paragraph else len(text)
        note = "it is taken to end with its paragraph"
        scan.remarks.add("KG401", "warning", "the comment is never closed", start, start + 4, note)
    scan.edits.append((start, end, blank(text[start:end])))
    return end


def _entity(match: re.Match[str], scan: _Scan) -> None:
    start, end = match.span()
    char = _decoded(match["entity"])
    if char is None:
        message = f"'{match[0]}' is not a character of HTML"
        scan.remarks.add_once(match["entity"], "KG405", "info", message, start, end, "it is read as it stands")
        return
    char = plain_characters(char)
    new = " " * (end - start) if char in "\n\r\t\f\v" else char + JOIN * (end - start - len(char))
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
    if name in ELEMENTS:
        scan.edits.append(edit(text, name, bool(match["close"]), start, end, scan.done))
        return True
    if name in KNOWN:
        scan.marks.append(Mark(name, bool(match["close"]), rest.endswith("/"), start, end))
    else:
        message = f"kg does not know the tag <{match['name']}>"
        scan.remarks.add_once(name, "KG402", "info", message, start, end, "it is left out; its content is read")
    scan.edits.append((start, end, blank(text[start:end])))
    return True


def _is_markup(name: str, rest: str, whole: str) -> bool:
    known = name in KNOWN or name in ELEMENTS
    if "\n" in whole and not known:
        return False
    attributes = rest.rstrip("/").strip()
    return not attributes or "=" in attributes or (known and attributes.isalpha())
