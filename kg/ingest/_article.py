"""Elements of JATS -> an outline: what each element means for the text in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.ingest._characters import JOIN
from kg.ingest._elements import Token, read_characters, tokens
from kg.ingest._mathml import Formulas
from kg.ingest._metadata import iso_date, plain_words
from kg.ingest._outline import LINE, SPACE, SUPERSCRIPT, Outline
from kg.ingest._parsed import Parsed
from kg.ingest._stretches import Place, Slot
from kg.ingest._tex import read_formula
from kg.model import Field

_DROPPED = frozenset(
    "journal-meta article-id article-categories contrib permissions history kwd-group funding-group counts"
    " custom-meta-group related-article related-object self-uri volume issue fpage lpage page-range elocation-id"
    " pub-history ref-list sub-article response supplementary-material graphic media object-id processing-meta"
    " author-notes conference issn isbn publisher alt-text long-desc trans-title-group trans-abstract product strike"
    " award-group".split()
)
_BLOCKS = frozenset(
    "abstract ack app body back boxed-text disp-quote fig p sec statement table-wrap table-wrap-foot thead tbody"
    " tfoot tr attrib aff contrib-group glossary list def-list def-item disp-formula front notes address speech"
    " verse-group title-group front-stub".split()
)
_LABELLED = frozenset({"table-wrap", "fig", "boxed-text"})  # elsewhere labels only number
_DATES = frozenset({"pub-date"})
_REFERENCES = re.compile(r"\bref-type\s*=\s*[\"'](?:bibr|fn|aff|corresp|table-fn|author-notes)[\"']")
_SPAN = re.compile(r"(?:^|\s)(col|row)span\s*=\s*[\"']\s*(\d{1,5})")
_ARXIV = re.compile(r"pub-id-type\s*=\s*[\"']arxiv[\"']")
_PART = re.compile(r"<(year|month|day)[^<>]*>\s*(\d{1,4})\s*</")
_TEX_BODY = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_DEEPEST = 512
_LONGEST = 50_000
_SOFT = frozenset({"cell", "heading", "term"})


class _Open(NamedTuple):
    """An open element, the place of the text in it, and what it says of its descendants."""

    name: str
    start: int
    place: Place
    depth: int = 0
    indent: int = 0
    table: int = 0
    head: bool = False
    dropped: bool = False


@dataclass(slots=True)
class Article:
    """An article being read, element by element."""

    source: str
    outline: Outline = field(init=False)
    formulas: Formulas = field(init=False)
    stack: list[_Open] = field(default_factory=lambda: [_Open("", 0, Place())])
    fields: dict[str, Field] = field(default_factory=dict)
    deeper: int = 0
    items: int = 0
    tables: int = 0
    rows: int = 0
    behind: int = 0
    unclosed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.outline = Outline(self.source)
        self.formulas = Formulas(self.outline)

    def parsed(self) -> Parsed:
        """Read the article."""
        outline = self.outline
        for token in tokens(self.source, xml=True):
            if token.start < outline.at:
                continue  # inside a formula
            dropped = self.stack[-1].dropped
            if token.kind == "text" and not dropped and len(self.stack) > 1:
                read_characters(outline, token.end)
            elif token.kind == "raw" and not dropped:
                outline.mark(token.start + 9)  # <![CDATA[
                outline.text(token.end - 3 if self.source.endswith("]]>", token.start + 9, token.end) else token.end)
                outline.mark(token.end)
            elif token.kind == "open":
                self._opened(token)
            elif token.kind == "close":
                self._closed(token)
            elif token.kind == "comment":
                outline.mark(token.end)
            else:
                outline.drop(token.end)
        outline.fields += [self.fields[name] for name in sorted(self.fields)]
        return outline.parsed()

    def _opened(self, token: Token) -> None:
        name = token.name.rpartition(":")[2]
        top = self.stack[-1]
        if not top.dropped:
            if name == "tex-math" and self._formula(token):
                return
            if name == "math" and (self._has_tex(token) or self.formulas.read(token)):
                return
            self._note_field(name, token)
        dropped = (
            top.dropped or name in _DROPPED or name in _DATES or (name == "xref" and bool(_REFERENCES.search(token.attributes)))
        )
        if name == "label" and top.name not in _LABELLED:
            dropped = True
        if token.empty:
            self._empty(name, token, dropped)
            return
        opened = top._replace(name=token.name, start=token.end, dropped=dropped)
        if dropped:
            self.outline.mark(token.end, SPACE)
        else:
            opened = self._placed(name, token, opened)
        if len(self.stack) < _DEEPEST:
            self.stack.append(opened)
        else:
            self.deeper += 1

    def _empty(self, name: str, token: Token, dropped: bool) -> None:
        if name in {"td", "th"} and self.stack[-1].table and not dropped:
            self._enter(self._cell(name, token, self.stack[-1]), token.end)
        elif name == "break":
            self.outline.mark(token.end, LINE)
        else:
            self.outline.mark(token.end, SPACE)

    def _placed(self, name: str, token: Token, opened: _Open) -> _Open:
        """Return the element with the place of its text, and begin the stretch that it makes."""
        match name:
            case "sec" | "abstract" | "ack" | "app" | "glossary":
                opened = opened._replace(depth=opened.depth + 1, place=Place())
            case "article-title":
                opened = opened._replace(place=Place("heading", level=1))
            case "title" if opened.place.kind != "caption":
                opened = opened._replace(place=Place("heading", level=1 + max(1, opened.depth)))
            case "list":
                opened = opened._replace(indent=opened.indent + 1)
            case "list-item" | "def":
                self.items += 1
                kind = "item" if name == "list-item" else "definition"
                opened = opened._replace(place=Place(kind, indent=max(1, opened.indent), owner=self.items))
            case "term" if opened.place.kind != "cell":
                opened = opened._replace(place=Place("term"))
            case "preformat" | "code" if name == "preformat" or opened.place.kind == "prose":
                opened = opened._replace(place=Place("code"))
            case "table-wrap" | "fig":
                self.behind = 0
            case "caption":
                opened = opened._replace(place=Place("caption", owner=self.behind))
            case "table":
                if opened.place.kind == "cell":
                    self.outline.layouts.add(opened.table)
                self.tables += 1
                opened = opened._replace(table=self.tables, place=Place(), head=False)
            case "thead":
                opened = opened._replace(head=True)
            case "tr":
                self.rows += 1
            case "td" | "th" if opened.table:
                opened = opened._replace(place=self._cell(name, token, opened))
            case "fn":
                self.outline.drop(token.end)
                return opened._replace(start=token.end)
            case _ if name not in _BLOCKS:
                self.outline.mark(token.end, SUPERSCRIPT if name == "sup" else SPACE if name == "string-name" else JOIN)
                return opened
        self._enter(opened.place, token.end)
        return opened

    def _cell(self, name: str, token: Token, opened: _Open) -> Place:
        spans = {kind: int(number) for kind, number in _SPAN.findall(token.attributes)}
        columns, rows = max(1, min(spans.get("col", 1), 1000)), max(1, spans.get("row", 1))
        return self.outline.slot(Slot(opened.table, self.rows, opened.head or name == "th", columns, rows))

    def _enter(self, place: Place, end: int) -> None:
        if place == self.stack[-1].place and place.kind in _SOFT:
            self.outline.mark(end, LINE)
        else:
            self.outline.drop(end)
            self.outline.begin(place)

    def _closed(self, token: Token) -> None:
        if self.deeper:
            self.deeper -= 1
            self.outline.mark(token.end, SPACE)
            return
        at = next((at for at in range(len(self.stack) - 1, 0, -1) if self.stack[at].name == token.name), 0)
        if not at:
            self.outline.mark(token.end, SPACE)
            return
        ended, self.stack = self.stack[at], self.stack[:at]
        name, top = token.name.rpartition(":")[2], self.stack[-1]
        if name == "table" and not ended.dropped:
            self.behind = ended.table
        if ended.dropped:
            self.outline.mark(token.end, SPACE)
        elif name == "fn" and token.start > ended.start and top.name != "fn-group":
            self.outline.note(ended.start, token.start)
            self.outline.drop(token.end)
        elif name in _BLOCKS or name == "fn" or ended.place != top.place:
            self._leave(ended, top, token.end)
        else:
            self.outline.mark(token.end)

    def _leave(self, ended: _Open, top: _Open, end: int) -> None:
        if top.place.kind in _SOFT and ended.place == top.place:
            self.outline.mark(end, LINE)
        else:
            self.outline.drop(end)
            self.outline.begin(top.place)

    def _note_field(self, name: str, token: Token) -> None:
        """Keep what an element states of the article itself."""
        if name == "article-title" and self.stack[-1].name == "title-group":
            self._keep("title", token, "article-title", plain_words)
        elif name == "article-id" and _ARXIV.search(token.attributes):
            self._keep("arxivId", token, "article-id", plain_words)
        elif name == "pub-date":
            self._keep("published", token, "pub-date", _date)

    def _keep(self, kind: str, token: Token, name: str, value_of: Callable[[str], str]) -> None:
        closing = f"</{name}>"
        end = -1 if closing in self.unclosed else self.source.find(closing, token.end)
        if end < 0:
            self.unclosed.add(closing)
            return
        content = self.source[token.end : min(end, token.end + 2000)]
        value = value_of(content if kind == "published" else _TAG.sub("", content))
        if value and kind not in self.fields:
            start = token.end + len(content) - len(content.lstrip())
            self.fields[kind] = Field(kind, value, start, start + len(content.strip()))

    def _has_tex(self, token: Token) -> bool:
        """Leave out a formula that the source states in TeX as well."""
        if self.stack[-1].name != "alternatives":
            return False
        end = self.source.find("</alternatives>", token.end, token.end + _LONGEST)
        if end < 0 or "<tex-math" not in self.source[self.stack[-1].start : end]:
            return False
        closing = f"</{token.name}>"
        close = self.source.find(closing, token.end, end)
        if close < 0:
            return False
        self.outline.drop(close + len(closing))
        return True

    def _formula(self, token: Token) -> bool:
        """Read a formula in TeX, which may be wrapped into a document of its own."""
        end = self.source.find("</tex-math>", token.end, token.end + _LONGEST)
        if token.empty or end < 0:
            return False
        body = _TEX_BODY.search(self.source, token.end, end)
        low, high = body.span(1) if body else (token.end, end)
        if self.source.startswith("<![CDATA[", low):
            low, high = low + 9, max(low + 9, high - 3)
        self.outline.mark(low)
        read_formula(self.outline, high)
        self.outline.mark(end + len("</tex-math>"))
        return True


def _date(content: str) -> str:
    parts = dict(_PART.findall(content))
    written = "/".join(parts[name] for name in ("year", "month", "day") if name in parts) if "year" in parts else ""
    return iso_date(written)
