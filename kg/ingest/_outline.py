"""Documents whose markup says what is a heading, a list, a table: the text, at the source's length, and where its stretches begin.

A format tells an `Outline` what it meets, in the order of the source: text, markup, the beginning of a stretch of another kind.
White space is laid out anew: a newline stands only where a stretch or a line of it ends, so that wrapped lines are read as one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kg.ingest._characters import JOIN, close_up
from kg.ingest._parsed import Parsed
from kg.ingest._remarks import Remarks
from kg.ingest._stretches import Place, Slot, Stretch, Stretches
from kg.ingest._tags import Mark, pair_marks, trim
from kg.model import Field, Finding

SUPERSCRIPT, SPACE, LINE = "^", " ", "\n"
"""What stands for markup between two words, besides JOIN, which stands for nothing; the strongest of several counts."""

_STRENGTH = {JOIN: 0, SUPERSCRIPT: 1, SPACE: 2, LINE: 3}
_REACH = 200
_CLOSING = ".,;:!?)"
_HYPHENS = "-−–‑"
_NUMBER = re.compile(r"(?:.*[^\w.,])?\d+", re.DOTALL)
_REFERENCE = re.compile(r"\s*[\d,*†‡§¶ ]+\s*")


@dataclass(slots=True)
class Outline:
    """A source that is read up to `at`: everything before is either text or blank."""

    source: str
    remarks: Remarks = field(default_factory=Remarks)
    fields: list[Field] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    layouts: set[int] = field(default_factory=set)
    at: int = 0
    _parts: list[str] = field(default_factory=list)
    _stretches: list[Stretch] = field(default_factory=lambda: [(0, Place())])
    _slots: list[Slot] = field(default_factory=list)
    _notes: list[tuple[int, int]] = field(default_factory=list)
    _bold: list[tuple[int, int]] = field(default_factory=list)
    _gap: int = 0
    _glue: str = JOIN
    _before: str = ""
    _lined: bool = False

    def mark(self, end: int, glue: str = JOIN) -> None:
        """Take what stands up to `end` for markup, with what stands for it inside a word."""
        if end > self.at:
            self._glue = glue if not self._gap or _STRENGTH[glue] > _STRENGTH[self._glue] else self._glue
            self._gap += end - self.at
            self.at = end

    def drop(self, end: int) -> None:
        """Leave out what stands up to `end`; it parts words."""
        self.mark(end, SPACE)

    def text(self, end: int, text: str | None = None) -> None:
        """Take what stands up to `end` as text, or what is given in its place, which must not be longer."""
        length = end - self.at
        if length <= 0:
            return
        if text is None:
            text = self.source[self.at : end]
            text = text if self._lined else text.replace("\n", " ")
        if self._gap and self._glue == SUPERSCRIPT and _REFERENCE.fullmatch(text) and not _NUMBER.fullmatch(self._before[-24:]):
            self.drop(end)
            return
        if self._gap:
            self._parts.append(self._filled(text + self.source[end : end + 1]))
        self._parts.append(text if len(text) == length else text + JOIN * (length - len(text)))
        self._before = text or self._before
        self.at = end

    def begin(self, place: Place) -> None:
        """Begin a stretch of another kind or place behind the markup."""
        if self._gap:
            self._parts.append("\n" + " " * (self._gap - 1))
            self._gap, self._before = 0, "\n"
        self._stretches.append((self.at, place))
        self._lined = place.kind == "code"

    def slot(self, slot: Slot) -> Place:
        """Return the place of a cell."""
        self._slots.append(slot)
        return Place("cell", owner=len(self._slots) - 1)

    def change_slot(self, place: Place, *, head: bool | None = None, columns: int | None = None) -> None:
        """Make a cell a head, or as wide as so many columns."""
        slot = self._slots[place.owner]
        head, columns = slot.head if head is None else head, slot.columns if columns is None else columns
        self._slots[place.owner] = replace(slot, head=head, columns=columns)

    def row_of(self, place: Place) -> int:
        """Return the row of a cell."""
        return self._slots[place.owner].row

    def note(self, start: int, end: int) -> None:
        """Take what stands between as a footnote; its markup is outside."""
        self._notes.append((start, end))

    def bold(self, start: int, end: int) -> None:
        """Take what stands between as set in bold."""
        self._bold.append((start, end))

    def _filled(self, following: str) -> str:
        """Return what stands in place of the markup between the text before and the text that follows."""
        gap, glue, self._gap = self._gap, self._glue, 0
        if glue == LINE:
            return LINE + SPACE * (gap - 1)
        before, after = self._before[-1:], following[1:2] if following[:1] in _HYPHENS else following[:1]
        if glue == SPACE or not after.isalnum() or not (before.isalnum() or before == ")"):
            return SPACE * gap
        power = glue == SUPERSCRIPT and after.isdigit() and _NUMBER.fullmatch(self._before[-24:])
        return (SUPERSCRIPT if power else JOIN) + JOIN * (gap - 1)

    def parsed(self) -> Parsed:
        """Return what was read; the first heading is the report's title unless a field says so."""
        self.drop(len(self.source))
        text = "".join([*self._parts, SPACE * self._gap])
        opened = pair_marks(text, self.marks, self.remarks)
        text, moved = close_up(self._with_notes(text))
        tags = tuple(trimmed for each in opened if (trimmed := trim(text, each, moved, self.remarks)))
        bold = sorted(self._bold)
        segments = Stretches(text, self._marked(text), self._stretches, self._slots, self.layouts, bold).segments(tags)
        if not any(each.name == "title" for each in self.fields):
            first = next((segment for segment in segments if segment.kind == "heading"), None)
            if first:
                words = " ".join(text[first.start : first.end].split())
                words = words.rstrip(" :") or words
                self.fields.insert(0, Field("title", words, first.start, first.end))
        findings = tuple(sorted(self.remarks.findings, key=Finding.sort_key))
        return Parsed(text, segments, tags, tuple(self.fields), findings, moved)

    def _with_notes(self, text: str) -> str:
        """Set footnotes apart: as sentences of their own behind a sentence, in brackets within one."""
        starts = [start for start, _ in self._stretches]
        added: list[Stretch] = []
        brackets: list[tuple[int, str]] = []
        for start, end in self._notes:
            index = bisect_left(starts, start + 1) - 1
            low, place = self._stretches[index]
            stop = starts[index + 1] if index + 1 < len(starts) else len(text)
            before = text[max(low, start - _REACH) : start].rstrip(" \n" + JOIN)[-1:]
            after = text[end : min(stop, end + _REACH)].lstrip(" \n" + JOIN)[:1]
            if stop < end:
                continue
            if place.kind != "cell" and (before in _CLOSING or after in _CLOSING):
                apart = place if place.owner else Place("line")
                added += [(start, replace(apart, level=1)), (end, replace(place, level=place.level or 2))]
            elif text[start - 1 : start] == " " == text[end : end + 1]:
                brackets += [(start - 1, "("), (end, ")")]
        self._stretches = sorted([*self._stretches, *added], key=lambda stretch: stretch[0])
        return _replaced(text, brackets)

    def _marked(self, text: str) -> str:
        """Return the text with a star before what is bold, as the reader of blocks knows emphasis."""
        stars = {end - len(text[start:end].lstrip()) - 1 for start, end in self._bold}
        return _replaced(text, [(at, "*") for at in sorted(stars) if at >= 0 and text[at] == " "])


def _replaced(text: str, characters: Sequence[tuple[int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for at, character in sorted(characters):
        parts += (text[done:at], character)
        done = at + 1
    return "".join(parts) + text[done:]
