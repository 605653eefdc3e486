"""A page of HTML as a tree, with what tests ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"br", "circle", "hr", "img", "input", "line", "link", "meta", "path", "rect"})


@dataclass
class Element:
    """An element: its tag, attributes, and what stands in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        """Return the text as it stands."""
        return "".join(item if isinstance(item, str) else item.text for item in self.inside)

    @property
    def words(self) -> str:
        """Return the text with its white space folded."""
        return " ".join(self.text.split())

    def every(self, tag: str = "", of_class: str = "") -> Iterator[Element]:
        """Yield the elements below with a tag and a class, in order of the page."""
        for item in self.inside:
            if isinstance(item, Element):
                if tag in {"", item.tag} and (not of_class or of_class in item.classes):
                    yield item
                yield from item.every(tag, of_class)

    def one(self, tag: str = "", of_class: str = "") -> Element:
        """Return the only element with a tag and a class."""
        (found,) = self.every(tag, of_class)
        return found

    def at(self, id: str) -> Element:
        """Return the element with an id."""
        (found,) = (item for item in self.every() if item.attributes.get("id") == id)
        return found

    def links(self) -> list[str]:
        return [item.attributes["href"] for item in self.every("a")]


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parsed(html: str) -> Element:
    """Return a page as a tree; every element is closed, and no id stands twice."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    assert [item.tag for item in reading.open] == [""], "an element is not closed"
    ids = [item.attributes["id"] for item in reading.root.every() if "id" in item.attributes]
    assert len(ids) == len(set(ids)), "an id stands twice"
    return reading.root
