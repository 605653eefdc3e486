"""Blocks -> segments: what the extractor reads one by one, each with its headings, its labels and what introduces it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from kg.ingest._blocks import Block, blocks
from kg.ingest._code import code_parts, front_pairs
from kg.ingest._headings import LINE
from kg.ingest._markup import Clean, clean
from kg.ingest._pairs import Pair, dashed_pair_at, pair_at, pairs_in
from kg.ingest._parsed import Parsed
from kg.ingest._sentences import sentences, splittable
from kg.ingest._tables import Cell, aligned_cells, fragments, pipe_cells
from kg.model import Field, Segment, SegmentKind, Tag

_LEAD = 200
_NEAR = re.compile("[:=：]")
_KEY_REACH = 64
_LONGEST_TITLE = 100
# One class of characters each: the engine skips to it, an alternation is tried at every character.
_SIGN = re.compile("[:=：|;]")
_ENDINGS = (".", "!", "…", ".)", '."', ".”", "?)")
_ANSWERS = frozenset("yes no none ha both done".split())


def parse(source: str) -> Parsed:
    """Blank the markup of a source and cut it into segments."""
    cleaned = clean(source)
    segments = segments_of(cleaned, source)
    return Parsed(cleaned.text, segments, cleaned.tags, title_of(cleaned.text, segments), cleaned.findings, cleaned.moved)


def title_of(text: str, segments: Sequence[Segment]) -> tuple[Field, ...]:
    """Return the heading that the text begins with, front matter aside, as its title."""
    first = next((segment for segment in segments if segment.kind != "pair" or segment.group), None)
    if first is None or first.kind != "heading":
        return ()
    return (Field("title", " ".join(text[first.start : first.end].split()), first.start, first.end),)


def segments_of(cleaned: Clean, source: str, group: int = 0) -> tuple[Segment, ...]:
    """Return the segments of a cleaned text in order, their groups counted from `group`; the source shows its own marks."""
    reader = Reader(cleaned.text, source, merged(cleaned.text, cleaned.tags), group=group - 1)
    for block in blocks(cleaned.text, source, cleaned.fences):
        reader.read(block)
    return tuple(sorted(reader.segments, key=attrgetter("start")))


def merged(text: str, tags: Sequence[Tag]) -> list[tuple[int, int]]:
    """Return the stretches of closed tags that a sentence must not end in, sorted, overlapping ones as one."""
    found: list[tuple[int, int]] = []
    for tag in tags:
        if not splittable(text, tag.start, tag.end):
            continue
        if tag.closed and found and tag.start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], tag.end))
        elif tag.closed:
            found.append((tag.start, tag.end))
    return found


@dataclass(slots=True)
class Reader:
    """Where the reading stands: headings above, the list around, the sentence before."""

    text: str
    source: str
    whole: list[tuple[int, int]]
    segments: list[Segment] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)
    headings: tuple[str, ...] = ()
    items: list[tuple[int, str]] = field(default_factory=list)
    intro: str = ""
    list_lead: str = ""
    group: int = -1
    family: tuple[str, int] = ("", -1)

    def table(self, cells: Iterable[Cell], chunk: int, lead: str = "") -> None:
        """Add the cells of a table whose rows and columns are known; `lead` is its caption."""
        self._count("table", chunk)
        self.items.clear()
        self.intro = lead or self.intro
        self._cells(cells)

    def keyed(self, key: str, block: Block) -> None:
        """Add a block as the value of a key that stands elsewhere, as in a list of definitions."""
        self._count("keyed", -1)
        self.items.clear()
        self.intro = ""
        self._keyed(Pair(key, block.start, block.end), block, "item", "")

    def read(self, block: Block) -> None:
        """Add the segments of one block."""
        inside_list = block.kind == "item" or (block.kind in {"prose", "code"} and bool(self.items) and block.indent > 1)
        self._count("list" if inside_list else block.kind, -1 if inside_list else block.chunk)
        if not inside_list and self.items:
            self.items.clear()
        if block.kind == "code":
            self.intro = ""
        match block.kind:
            case "heading":
                self._heading(block)
            case "item":
                self._item(block)
            case "table":
                self._cells(pipe_cells(self.text, block.lines))
            case "aligned":
                self._cells(aligned_cells(self.text, self.source, block.lines))
            case "fragments":
                for start, end in fragments(self.text, self.source, block.lines):
                    self._sentence(start, end, "item", "", "")
            case "code":
                for kind, start, end, key in code_parts(self.text, block.start, block.end):
                    self._add("pair" if kind == "pair" else "item", start, end, row=key, lead=block.mark)
            case "front":
                for pair, above in front_pairs(self.text, block.start, block.end):
                    self._add("pair", pair.start, pair.end, row=pair.key, headings=above)
            case _:
                self._prose(block, inside_list)

    def _count(self, family: str, chunk: int) -> None:
        if (family, chunk) != self.family:
            self.family = (family, chunk)
            self.group += 1

    def _add(
        self,
        kind: SegmentKind,
        start: int,
        end: int,
        row: str = "",
        column: str = "",
        lead: str = "",
        headings: tuple[str, ...] | None = None,
    ) -> None:
        above = self.headings if headings is None else headings
        if start < end:
            self.segments.append(Segment(kind, start, end, row, column, above, lead, self.group))

    def _heading(self, block: Block) -> None:
        title = self._plain(block.start, block.end)
        self._push(block.level, title)
        self._add("heading", block.start, block.end, headings=self.headings[:-1])
        self.intro = title if title.endswith((":", "?")) else ""

    def _push(self, level: int, title: str) -> None:
        """Put a title on the path of headings; one without words only ends those below it."""
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        if title:
            self.path.append((level, title))
        self.headings = tuple(title for _, title in self.path)

    def _item(self, block: Block) -> None:
        if not self.items:
            self.list_lead, self.intro = self.intro, ""
        while self.items and self.items[-1][0] >= block.indent:
            self.items.pop()
        lead = self.items[-1][1] if self.items else self.list_lead
        self.items.append((block.indent, self._plain(block.start, min(block.end, block.start + _LEAD))))
        dashed = dashed_pair_at(self.text, block.start, block.end)
        if dashed:
            self._keyed(dashed, block, "item", lead)
        else:
            self._sentences(block, "item", lead)
        self.intro = ""

    def _prose(self, block: Block, inside_list: bool) -> None:
        lead = self.items[-1][1] if inside_list else self._quoted(block.start)
        self._sentences(block, "item" if inside_list else "sentence", lead)
        self.intro = self._introduction(block.end)

    def _introduction(self, end: int) -> str:
        """Return the last sentence when it leads to what follows: it ends in a colon, a question mark, or not at all."""
        last = self.segments[-1] if self.segments else None
        if last is None or self.text[end - 1] in ".!":
            return ""
        words = self._plain(max(last.start, end - _LEAD), end)
        open_ended = words.endswith((":", "?")) or (last.kind != "pair" and not words.endswith(_ENDINGS))
        return words if open_ended else ""

    def _quoted(self, start: int) -> str:
        line = self.source.rfind("\n", 0, start + 1) + 1
        return ">" if self.source[line : line + 8].lstrip().startswith(">") else ""

    def _sentences(self, block: Block, kind: SegmentKind, lead: str) -> None:
        if not _SIGN.search(self.text, block.start, block.end) and self.text.find("...", block.start, block.end) < 0:
            self._plain_sentences(block, kind, lead)
            return
        pair = pair_at(self.text, block.start, block.end)
        if pair and not self._several(block.start, block.end)[1]:
            self._keyed(pair, block, kind, lead)
            return
        pieces = list(sentences(self.text, block.start, block.end, self.whole))
        row = self._run_in(pieces, block)
        if row:
            self._headed(pieces, kind, row, lead)
            return
        text, near, listed = self.text, _NEAR.search, self._separated(block.start, block.end)
        for start, end in pieces:
            if listed or near(text, start, min(end, start + _KEY_REACH)):
                self._sentence(start, end, kind, "", lead)
            else:
                self.segments.append(Segment(kind, start, end, "", "", self.headings, lead, self.group))

    def _plain_sentences(self, block: Block, kind: SegmentKind, lead: str) -> None:
        """Add sentences none of which can be a pair."""
        pieces = list(sentences(self.text, block.start, block.end, self.whole))
        row = self._run_in(pieces, block)
        if row:
            self._headed(pieces, kind, row, lead)
            return
        headings, group = self.headings, self.group
        self.segments += [Segment(kind, start, end, "", "", headings, lead, group) for start, end in pieces]

    def _headed(self, pieces: Sequence[tuple[int, int]], kind: SegmentKind, row: str, lead: str) -> None:
        """Add the sentences below a heading that is set into their paragraph."""
        start, end = pieces[0]
        if self._emphasised(start):
            self._push(LINE, row)
            self.segments.append(Segment("heading", start, end, headings=self.headings[:-1], lead=lead, group=self.group))
        else:
            self._add(kind, start, end, lead=lead)
        for start, end in pieces[1:]:
            self._sentence(start, end, kind, row, lead)

    def _keyed(self, pair: Pair, block: Block, kind: SegmentKind, lead: str) -> None:
        """Add a value and what follows it; sentences after it keep the key unless they have their own."""
        pieces = list(sentences(self.text, pair.start, pair.end, self.whole))
        own = any(pair_at(self.text, start, end) for start, end in pieces[1:]) and not self._emphasised(block.start)
        for index, (start, end) in enumerate(pieces):
            if index:
                self._sentence(start, end, kind, "" if own else pair.key, lead)
            else:
                self._add("pair", start, end, row=pair.key, lead=lead or (self.intro if self.intro.endswith((":", "?")) else ""))

    def _sentence(self, start: int, end: int, kind: SegmentKind, row: str, lead: str) -> None:
        begin, several = self._several(start, end)
        if several:
            introduced = lead
            if begin > start:
                self._add(kind, start, begin, row=row, lead=lead)
                introduced = self._plain(start, begin)[-_LEAD:]
            for each in several:
                self._add("pair", each.start, each.end, row=each.key, lead=introduced)
            return
        pair = pair_at(self.text, start, end)
        if pair:
            self._add("pair", pair.start, pair.end, row=pair.key, lead=lead)
        else:
            self._add(kind, start, end, row=row, lead=lead)

    def _several(self, start: int, end: int) -> tuple[int, list[Pair]]:
        return pairs_in(self.text, start, end) if self._separated(start, end) else (start, [])

    def _separated(self, start: int, end: int) -> bool:
        """Say whether there is what separates several pairs on a line, and a sign for each of two pairs."""
        text = self.text
        if text.find(";", start, end) < 0 and text.find(" | ", start, end) < 0:
            return False
        return text.count(":", start, end) + text.count("=", start, end) > 1

    def _run_in(self, pieces: Sequence[tuple[int, int]], block: Block) -> str:
        """Return the first sentence when it is a heading set into the paragraph: `**Data.** We …`, `Remarks. The …`."""
        if len(pieces) < 2 or pieces[0][1] - pieces[0][0] > _LONGEST_TITLE:
            return ""
        start, end = pieces[0]
        title = self._plain(start, end)
        words = title.split()
        emphasised = self._emphasised(start)
        if len(words) > (8 if emphasised else 4) or not title.endswith((".", ":", "?") if emphasised else "."):
            return ""
        plain = title.rstrip(".:?")
        if not emphasised and (
            "," in plain
            or ":" in plain
            or any(char.isdigit() for char in plain)
            or not plain[:1].isupper()
            or plain.lower() in _ANSWERS
        ):
            return ""
        return plain

    def _emphasised(self, start: int) -> bool:
        return self.source[start - 1 : start] in {"*", "_"} or self.source[start : start + 1] in {"*", "_"}

    def _cells(self, cells: Iterable[Cell]) -> None:
        lead, self.intro = self.intro, ""
        for cell in cells:
            kind: SegmentKind = "pair" if cell.kind == "pair" else "item" if cell.kind == "item" else "cell"
            headings = (*self.headings, cell.section) if cell.section else None
            self._add(kind, cell.start, cell.end, row=cell.row, column=cell.column, lead=lead, headings=headings)

    def _plain(self, start: int, end: int) -> str:
        return " ".join(self.text[start:end].split())
