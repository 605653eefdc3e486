"""Elements of HTML -> an outline: what each element means for the text in it.

The open elements are kept as the HTML standard's tree would have them, as far as that decides what text is part of: end tags that
authors leave out, end tags that match nothing, and 512 levels, as in browsers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.ingest import _roles as roles
from kg.ingest._characters import JOIN
from kg.ingest._elements import Token, read_characters, tokens
from kg.ingest._mathml import Formulas
from kg.ingest._metadata import meta_field, title_field
from kg.ingest._outline import LINE, SPACE, SUPERSCRIPT, Outline
from kg.ingest._parsed import Parsed
from kg.ingest._stretches import Place, Slot
from kg.ingest._tags import KNOWN, Mark
from kg.model import Field

_DEEPEST = 512
_SPAN = re.compile(r"(?:^|\s)(col|row)span\s*=\s*[\"']?\s*(\d{1,5})", re.IGNORECASE)
_H1 = re.compile(r"<h1[\s>]", re.IGNORECASE)
_SOFT = frozenset({"cell", "heading", "term"})


class _Open(NamedTuple):
    """An open element: the place of text in it, and what it says of its descendants.

    `tracked` elements have their inline descendants on the stack too, because the end of one of those is not theirs.
    """

    name: str
    start: int
    place: Place
    table: int = 0
    indent: int = 0
    head: bool = False
    dropped: bool = False
    tracked: bool = False
    note: bool = False


@dataclass(slots=True)
class Page:
    """A page being read, element by element."""

    source: str
    outline: Outline = field(init=False)
    formulas: Formulas = field(init=False)
    stack: list[_Open] = field(default_factory=lambda: [_Open("", 0, Place())])
    opened: Counter[str] = field(default_factory=Counter)
    rows: Counter[int] = field(default_factory=Counter)
    bold: list[int] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    deeper: int = 0
    items: int = 0
    tables: int = 0
    behind: int = 0  # the table that a caption follows

    def __post_init__(self) -> None:
        self.outline = Outline(self.source)
        self.formulas = Formulas(self.outline)

    def parsed(self) -> Parsed:
        """Read the page."""
        for token in tokens(self.source):
            if token.start < self.outline.at:
                continue  # inside a formula
            match token.kind:
                case "text" if not self.stack[-1].dropped:
                    read_characters(self.outline, token.end)
                case "open":
                    self._opened(token)
                case "close":
                    self._closed(token)
                case "raw" if token.name == "title" and not self.stack[-1].dropped:
                    self._titled(token)
                case "comment":
                    self.outline.mark(token.end)
                case "unclosed":
                    note = "all that follows is taken for a part of it, as browsers do"
                    remarks = self.outline.remarks
                    remarks.add("KG401", "warning", "the comment is never closed", token.start, token.start + 4, note)
                    self.outline.drop(token.end)
                case _:
                    self.outline.drop(token.end)
        self.outline.fields += [self.fields[name] for name in sorted(self.fields)]
        return self.outline.parsed()

    def _opened(self, token: Token) -> None:
        name = token.name
        if name in roles.VOID:
            self._void(token)
            return
        block = name in roles.BLOCKS
        if block:
            self._end_before(name)
        top = self.stack[-1]
        dropped = top.dropped or name in roles.DROPPED or roles.is_furniture(token.attributes)
        note = not dropped and roles.is_note(token.attributes)
        if name == "math" and not dropped and self.formulas.read(token):
            return
        tracked = dropped or note or top.tracked
        if block or tracked:
            opened = _Open(name, token.end, top.place, top.table, top.indent, top.head, dropped, tracked, note)
            self._push(token, opened)
        else:
            self._inline(token)

    def _push(self, token: Token, opened: _Open) -> None:
        """Put an element on the stack, and begin the stretch that it makes."""
        if not opened.dropped and opened.name in roles.BLOCKS:
            opened = self._placed(token, opened)
            self._enter(opened.place, token.end)
        else:
            self.outline.mark(token.end, SPACE if opened.dropped or opened.note else JOIN)
        if len(self.stack) < _DEEPEST:
            self.stack.append(opened)
            self.opened[opened.name] += 1
        else:
            self.deeper += 1

    def _placed(self, token: Token, opened: _Open) -> _Open:
        """Return the element with the place of its text."""
        name, inside = opened.name, opened.place.kind == "cell"
        if name in roles.HEADINGS:
            if inside:
                self.outline.layouts.add(opened.table)
            return opened._replace(place=Place("heading", level=roles.HEADINGS[name]))
        if name in roles.LISTS:
            return opened._replace(indent=opened.indent + 1)
        if name in {"td", "th"}:
            return opened._replace(place=self._cell(token, opened)) if opened.table else opened
        if name == "table":
            return self._table(token, opened)
        if name == "tr":
            self.rows[opened.table] += 1
        if name == "thead":
            return opened._replace(head=True)
        if inside and opened.table not in self.outline.layouts:
            return opened
        if name in {"li", "dd"}:
            self.items += 1
            kind = "item" if name == "li" else "definition"
            return opened._replace(place=Place(kind, indent=max(1, opened.indent), owner=self.items))
        if name == "figure":
            self.behind = 0
        owner = self.behind if name == "figcaption" else 0
        return opened._replace(place=Place(roles.PLACES[name], owner=owner)) if name in roles.PLACES else opened

    def _table(self, token: Token, opened: _Open) -> _Open:
        self.tables += 1
        if opened.place.kind == "cell":
            self.outline.layouts.add(opened.table)
        if roles.is_layout(token.attributes):
            self.outline.layouts.add(self.tables)
        place = Place() if opened.place.kind in _SOFT else opened.place
        return opened._replace(place=place, table=self.tables, head=False)

    def _cell(self, token: Token, opened: _Open) -> Place:
        spans = {kind.lower(): int(number) for kind, number in _SPAN.findall(token.attributes)}
        columns, rows = max(1, min(spans.get("col", 1), 1000)), spans.get("row", 1) or 65534
        head = opened.head or opened.name == "th"
        return self.outline.slot(Slot(opened.table, self.rows[opened.table], head, columns, rows))

    def _enter(self, place: Place, end: int) -> None:
        """Go on in a place: a stretch of its own, but only a new line inside a cell or heading."""
        if place == self.stack[-1].place and place.kind in _SOFT:
            self.outline.mark(end, LINE)
        else:
            self.outline.drop(end)
            self.outline.begin(place)

    def _void(self, token: Token) -> None:
        top = self.stack[-1]
        if token.name == "meta" and not top.dropped:
            found = meta_field(self.source, token)
            # A page's <title> may be more than the report's, and comes first.
            if found and (found.name == "title" or found.name not in self.fields):
                self.fields[found.name] = found
        if top.dropped or token.name not in {"br", "hr"}:
            self.outline.mark(token.end, JOIN if token.name == "wbr" else SPACE)
        elif top.place.kind in _SOFT or top.place.kind == "code":
            self.outline.mark(token.end, LINE)
        else:
            self.outline.drop(token.end)
            self.outline.begin(Place("line") if token.name == "br" and top.place.kind == "prose" else top.place)

    def _inline(self, token: Token) -> None:
        """Take a tag that parts no stretches for markup."""
        name, closing = token.name, token.kind == "close"
        if name in roles.BOLD:
            if not closing:
                self.bold.append(token.end)
            elif self.bold:
                self.outline.bold(self.bold.pop(), token.start)
        elif name in KNOWN:
            self.outline.marks.append(Mark(name, closing, token.empty, token.start, token.end))
        elif not (name in roles.INLINE or name in roles.BLOCKS or name in roles.DROPPED or "-" in name or ":" in name):
            message, note = f"kg does not know the tag <{name}>", "it is left out; its content is read"
            self.outline.remarks.add_once(name, "KG402", "info", message, token.start, token.end, note)
        self.outline.mark(token.end, SUPERSCRIPT if name == "sup" and not closing else JOIN)

    def _closed(self, token: Token) -> None:
        name = token.name
        if self.deeper and name not in roles.VOID:
            self.deeper -= name in roles.BLOCKS or self.stack[-1].tracked
            self.outline.mark(token.end, SPACE)
            return
        at = self._reach(name)
        if at:
            self._close(at, token.start, token.end)
        elif name in {"br", "p"} and not self.stack[-1].dropped:
            self._void(token._replace(name="br" if name == "br" else "hr"))
        elif self.stack[-1].dropped or name in roles.BLOCKS:
            self.outline.drop(token.end)
        else:
            self._inline(token)

    def _reach(self, name: str) -> int:
        """Return where on the stack the element stands that an end tag closes, 0 when there is none."""
        if self.opened[name]:
            for at in range(len(self.stack) - 1, 0, -1):
                found = self.stack[at].name
                if found == name:
                    return at
                if found in roles.BOUNDS and found not in roles.CROSSED.get(name, ()):
                    return 0
        return 0

    def _close(self, at: int, start: int, end: int) -> None:
        """Take the elements from a level on off the stack; markup reaches from start to end."""
        ended, self.stack = self.stack[at:], self.stack[:at]
        for each in reversed(ended):
            self.opened[each.name] -= 1
            if each.note and start > each.start:
                self.outline.note(each.start, start)
            if each.name == "table" and not each.dropped:
                self.behind = each.table
        first, top = ended[0], self.stack[-1]
        if top.dropped or first.dropped or first.name not in roles.BLOCKS:
            self.outline.mark(end, SPACE if first.dropped or first.note else JOIN)
        elif top.place.kind in _SOFT and top.place == first.place:
            self.outline.mark(end, LINE)
        else:
            self.outline.drop(end)
            self.outline.begin(top.place)

    def _end_before(self, name: str) -> None:
        """Close what an opening tag ends that nobody closed: paragraphs, items, cells, headings."""
        if self.opened["p"]:
            self._end({"p"}, roles.BOUNDS)
        top = self.stack[-1]
        if top.place.kind == "heading" and name not in roles.SOFT:
            self._end(roles.HEADINGS.keys(), roles.BOUNDS)
        if name in roles.ENDED:
            self._end(*roles.ENDED[name])

    def _end(self, names: Container[str], bounds: Container[str]) -> None:
        """Close the outermost of some elements inside of the bounds."""
        found = 0
        for at in range(len(self.stack) - 1, 0, -1):
            if self.stack[at].name in names:
                found = at
            elif self.stack[at].name in bounds:
                break
        if found:
            self._close(found, self.outline.at, self.outline.at)

    def _titled(self, token: Token) -> None:
        """Take the title from the head; where the body has no heading of the first level it is read as one."""
        found = title_field(self.source, token.start, token.end)
        if found:
            self.fields.setdefault("title", found)
        if _H1.search(self.source, token.end):
            self.outline.drop(token.end)
        else:
            self.outline.begin(Place("heading", level=1))
            read_characters(self.outline, token.end)
            self.outline.begin(self.stack[-1].place)
