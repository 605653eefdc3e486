"""A text and the spans that are marked in it -> HTML whose text is that text, character by character.

Spans may lie in each other and cross: where they lie in each other, so do their elements; where they cross, one is in several
pieces, of which the first has the id and the others name it. Characters that a browser drops, or that turn text around, are shown
by their code points.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_HELD = 100  # elements that may lie in each other: browsers give up on deep ones
# What has no glyph, and what changes the direction of all that follows: shown, and kept from its neighbours.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is marked between two offsets: its classes, the ids of what is listed about it, the first of which it leads to.

    `code` is shown behind the words, and is no part of the text; `title` says what is marked.
    """

    start: int
    end: int
    classes: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    code: str = ""
    title: str = ""

    @property
    def id(self) -> str:
        """Return the id of its element: that of the first piece."""
        return f"at-{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a text that one page shows; `pages` are numbers of a paged report's pages by the offsets of the breaks before."""

    start: int
    end: int
    pages: Mapping[int, int] | None = None


def marked(text: str, marks: Iterable[Mark], part: Part | None = None) -> Markup:
    """Return a part of a text (all of it by default) as HTML, with the marks that touch it; spans of marks differ.

    >>> marked("a < b", [Mark(0, 1, ("reported",), ("claim-1",))])
    Markup('<mark id="at-0-1" class="reported" data-entries="claim-1"><a href="#claim-1">a</a></mark> &lt; b')
    """
    part = part or Part(0, len(text))
    inside = sorted((mark for mark in marks if _touches(mark, part)), key=lambda mark: (mark.start, -mark.end))
    return Markup("").join(_written(text, inside, part))


def _touches(mark: Mark, part: Part) -> bool:
    """Say whether a part shows something of a mark: an empty one stands where it begins, the end of the text included."""
    if mark.start == mark.end:
        return part.start <= mark.start <= part.end
    return max(mark.start, part.start) < min(mark.end, part.end)


def _written(text: str, marks: Sequence[Mark], part: Part) -> Iterator[Markup]:
    begins: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        begins[max(mark.start, part.start)].append(mark)
    opened: list[Mark] = []
    places = sorted({*begins, *(min(mark.end, part.end) for mark in marks), part.start, part.end})
    for place, following in zip(places, [*places[1:], part.end], strict=True):
        closed = list(_closed(opened, place, part.end))
        del opened[len(opened) - len(closed) :]
        yield _END * len(closed)
        begun = [mark for mark in closed if mark.end > place < part.end] + begins.get(place, [])
        for mark in sorted(begun, key=lambda mark: -mark.end):
            yield _begin(mark, first=mark.start == place)
            if mark.start == mark.end or len(opened) >= _HELD:
                yield _END
            else:
                opened.append(mark)
        if following > place:
            link = opened[-1].entries[:1] if opened else ()
            yield _linked(_plain(text, place, following, part.pages), link)


def _closed(opened: Sequence[Mark], place: int, last: int) -> Iterator[Mark]:
    """Yield the marks to be closed at a place, the innermost first: those that end, and those that lie in them; at the last all."""
    lowest = next((depth for depth, mark in enumerate(opened) if min(mark.end, last) <= place), len(opened))
    yield from reversed(opened[lowest:])


_END = Markup("</mark>")


def _begin(mark: Mark, *, first: bool) -> Markup:
    attributes = {
        "id" if first else "data-of": mark.id,
        "class": " ".join(mark.classes),
        "data-entries": " ".join(mark.entries),
        "data-code": mark.code if first else "",
        "title": mark.title,
    }
    written = Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in attributes.items() if value)
    return Markup("<mark{}>").format(written)


def _linked(content: Markup, entries: Sequence[str]) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(entries[0], content) if entries else content


def _plain(text: str, start: int, end: int, pages: Mapping[int, int] | None) -> Markup:
    """Return text between two offsets, with what has no glyph named by its code point and the breaks of pages by their numbers."""
    found: list[Markup] = []
    last = start
    for match in _CONTROL.finditer(text, start, end):
        at = match.start()
        found += [escape(text[last:at]), _control(match[0], pages.get(at) if pages else None, text[at + 1 : at + 2])]
        last = at + 1
    return Markup("").join([*found, escape(text[last:end])])


def _control(char: str, page: int | None, following: str) -> Markup:
    if char == "\f" and page is not None:
        return Markup('<span class="page-break" id="page-{0}" data-page="{0}">\f</span>').format(page)
    if char == "\r" and following == "\n":  # the usual end of a line elsewhere: written so that a browser keeps it
        return Markup("&#13;")
    shown = Markup("&#13;") if char == "\r" else "\ufffd" if char == "\x00" or "\ud800" <= char <= "\udfff" else char
    return Markup('<span class="control" data-code="U+{}">{}</span>').format(f"{ord(char):04X}", shown)
