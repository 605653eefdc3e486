"""The links of a folder of files, as a browser reads them from a web host: which files they lead to, and what leads elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s=>\"']+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"([^\s=>\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
_SCRIPT = re.compile(r"(<script\b[^>]*>).*?</script>", re.DOTALL)
_OF_STYLES = re.compile(r"url\(\s*[\"']?([^\"')]*)|@import\s+[\"']([^\"']*)")
_OF_SCRIPTS = re.compile(r"(?:\bfrom\s*|\bimport\s*\(?\s*|\b(?:fetch|Worker|importScripts|URL)\(\s*)[\"'`]([^\"'`$\n]+)[\"'`]")
_LINKS = ("href", "src", "action", "data", "poster", "srcset", "formaction", "ping")


@dataclass(frozen=True, slots=True)
class Tag:
    """The beginning of an element."""

    name: str
    attributes: dict[str, str]


def tags(page: str) -> Iterator[Tag]:
    """Yield the elements of a page."""
    for match in _TAG.finditer(_SCRIPT.sub(r"\1</script>", page)):
        found = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(match[2])}
        yield Tag(match[1].lower(), found)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is served below a path: `http://host/sub/`."""

    root: Path
    address: str = "http://host/sub/"

    def pages(self) -> list[Path]:
        return sorted(self.root.rglob("*.html"))

    def address_of(self, file: Path) -> str:
        """Return the address at which a page is read: that of its folder."""
        place = file.relative_to(self.root).as_posix()
        return self.address + quote(place.removesuffix("index.html"))

    def file_at(self, address: str) -> Path:
        """Return the file that a server of static files gives: the path decoded, an index for a folder."""
        path = urlsplit(address).path.removeprefix(urlsplit(self.address).path)
        place = self.root / unquote(path)
        return place / "index.html" if not path or path.endswith("/") else place

    def wrong(self) -> list[str]:
        """Return what of all pages, styles and scripts leads out of the folder, or nowhere."""
        found = [f"{file.relative_to(self.root)}: {what}" for file in self.pages() for what in self._of_page(file)]
        for pattern, links in (("*.css", _OF_STYLES), ("*.js", _OF_SCRIPTS)):
            for file in sorted(self.root.rglob(pattern)):
                text = file.read_text(encoding="utf-8")
                address = self.address_of(file)
                for match in links.finditer(text):
                    found += [f"{file.relative_to(self.root)}: {what}" for what in self._of_asset(address, match)]
        return found

    def _of_asset(self, address: str, match: re.Match[str]) -> Iterator[str]:
        link = next((group for group in match.groups() if group), "")
        is_file = link.startswith((".", "/", "http:", "https:")) or match.re is _OF_STYLES
        if is_file and not link.startswith(("data:", "#")):
            yield from self._of_link(urljoin(address, link))

    def _of_page(self, file: Path) -> Iterator[str]:
        address = self.address_of(file)
        for tag in tags(file.read_text(encoding="utf-8")):
            if tag.name == "base" or "style" in tag.attributes or any(name.startswith("on") for name in tag.attributes):
                yield f"<{tag.name} {tag.attributes}>"
            for name in _LINKS:
                link = tag.attributes.get(name)
                if link is None or link.startswith("data:"):
                    continue
                target = urljoin(address, link)
                if not self._leaves(tag, name, target):
                    yield from self._of_link(target)

    def _leaves(self, tag: Tag, name: str, target: str) -> bool:
        """Decide whether a link is one that a reader follows out of the site, or that no browser follows."""
        outside = urlsplit(target).netloc != urlsplit(self.address).netloc and target.startswith(("https:", "http:"))
        return outside and ((tag.name, name) == ("a", "href") or tag.attributes.get("rel") == "canonical")

    def _of_link(self, target: str) -> Iterator[str]:
        if not target.startswith(self.address):
            yield f"{target} leads out of the site"
            return
        file = self.file_at(target)
        if not file.is_file():
            yield f"{target} leads nowhere"
        elif (fragment := urlsplit(target).fragment) and file.suffix == ".html" and unquote(fragment) not in _ids(file):
            yield f"{target} leads to no place on its page"


@cache
def _ids(file: Path) -> frozenset[str]:
    return frozenset(tag.attributes["id"] for tag in tags(file.read_text(encoding="utf-8")) if "id" in tag.attributes)
