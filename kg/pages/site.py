"""Links between pages: relative ones, so that a site works below any address, live or as files.

Live, a page stands at its path, and its data there too (`?format=csv`); published, it is the file `index.html` in a folder of that
name, with its data beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlencode

from kg.pages import assets
from kg.pages.folders import folder_of
from kg.terms import KG, path

DATA = {"ttl": "data.ttl", "jsonld": "data.jsonld", "csv": "data.csv", "json": "data.json", "txt": "data.txt"}
"""Names of files with a page's data; other data is JSON, named after itself."""

LEFT_OUT = "graph/search"
"""The named graph that browsers are not given to ask: an index, larger than all others, that finds things only in `kg serve`."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """The site as it is seen from the page at `path`; `base` is what the IRIs of things begin with.

    A `static` one is a folder of files. `address` is the absolute address of its root, where that is known; `at` leads there from a
    page that is shown at any address. `linked` collects the paths of pages that are linked, `files` paths and formats of data.
    """

    base: str
    path: str = ""
    static: bool = False
    address: str | None = None
    at: str | None = None
    linked: set[str] = field(default_factory=set)
    files: set[tuple[str, str]] = field(default_factory=set)

    @property
    def root(self) -> str:
        """Return what leads from the page to the root of the site.

        >>> Site("x:", "model/a").root, Site("x:", "model/a", static=True).root, Site("x:").root
        ('../', '../../', './')
        """
        return self.at or "../" * self._place(self.path).count("/") or "./"

    @property
    def left_out(self) -> str | None:
        """Return the IRI of the named graph that queries on this site are answered without."""
        return self.base + LEFT_OUT if self.static else None

    @property
    def built(self) -> bool:
        """Return whether the bundle of the editor and the graph view is there."""
        return bool(assets.bundle())

    def thing(self, iri: str) -> str:
        """Return the link to the page of a thing or of a term of the ontology; another address of the web stays as it is.

        What a browser would do with any other IRI nobody knows: it is looked for instead.
        """
        if iri.startswith(KG):
            return self.page("ontology", fragment=iri.removeprefix(KG))
        if iri.startswith(self.base):
            return self.page(iri.removeprefix(self.base))
        return iri if iri.startswith(("https://", "http://")) else self.page("search", q=iri)

    def page(self, path: str, *, fragment: str = "", **query: object) -> str:
        """Return the link to a page by its path below the root, as its IRI has it; a query's value may be a list.

        >>> Site("x:", "model/a").page("compare", model=["a", "b"])
        '../compare?model=a&model=b'
        >>> Site("x:", "model/a", static=True).page("compare", model="a")
        '../../compare/?model=a'
        """
        self.linked.add(path)
        asked = {name: value for name, value in query.items() if value not in (None, "", [])}
        return (
            self.root
            + self._place(path)
            + (f"?{urlencode(asked, doseq=True)}" if asked else "")
            + (f"#{quote(fragment, safe='/?:@!$&()*+,;=-._~')}" if fragment else "")
        )

    def data(self, path: str, format: str) -> str:
        """Return the link to the data of a page: `ttl`, `jsonld`, `csv`, or the name of what is written as JSON."""
        self.files.add((path, format))
        if not self.static:
            return f"{self.root}{path}?format={format}"
        return f"{self.root}{self._place(path)}{data_file(format)}"

    def place(self, report: str, start: int, end: int, page: int = 1) -> str:
        """Return the link to words of a report, by its id; `page` is the part of a long report that they begin in."""
        part = f"/page/{page}" if page > 1 else ""
        return self.page(f"report/{path_of(report)}{part}", fragment=f"at-{start}-{end}")

    def report(self, iri: str) -> str:
        """Return the id of a report by its IRI."""
        return unquote(iri.removeprefix(f"{self.base}report/"))

    def asset(self, name: str) -> str:
        """Return the link to a file that pages load, by its name in `static/` or in the bundle."""
        return f"{self.root}assets/{assets.versioned(name)}"

    def absolute(self, path: str) -> str | None:
        """Return the absolute address of a page in ASCII, None where the site's is not known."""
        return None if self.address is None else self.address + quote(self._place(path), safe="/%!$&'()*+,;=:@-._~")

    def _place(self, path: str) -> str:
        """Return where a page stands below the root: its path, or a folder."""
        return f"{folder_of(path)}/" if self.static and path else path


def data_file(format: str) -> str:
    """Return the name of the file with a page's data in a format."""
    return DATA.get(format, f"{format}.json")


path_of = path
