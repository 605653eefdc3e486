"""A page and its arguments -> HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kg.pages.addresses import Address, addressed
from kg.pages.assets import version
from kg.pages.errors import Missing
from kg.pages.jsonld import structured
from kg.pages.site import Site
from kg.why import Graph, kind_of

if TYPE_CHECKING:
    from jinja2 import Environment

FORMATS = {"csv": "table", "ttl": "triples", "jsonld": "triples", "txt": "text"}
"""Formats in which a page's data can be had, and the function of its module that gives it."""

_OF_MODELS = {"model": "model", "run": "model", "hardware": "model", "claim": "statement", "derived": "statement"}
_MODULES = {**_OF_MODELS, "report": "report"}

Query = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is there: its module, the arguments of its functions, and its path."""

    name: str
    module: ModuleType
    arguments: Mapping[str, Any]
    path: str

    @property
    def formats(self) -> tuple[str, ...]:
        """Return in which formats its data can be had."""
        return tuple(format for format, function in FORMATS.items() if hasattr(self.module, function))


def page_at(graph: Graph, path: str, query: Query) -> Page:
    """Return the page at a path; its functions get its arguments and the `query` of the address; raise Missing."""
    for address in addressed(path):
        if found := _found(graph, address):
            name, arguments = found
            return Page(name, import_module(f"kg.pages.{name}"), {**arguments, "query": query}, path)
    raise Missing(f"there is no page at /{path}", hint=_near(graph, path))


def _near(graph: Graph, path: str) -> str:
    """Return what somebody may have meant by the path of a page that is not there."""
    from kg.pages.search import near_names

    near = near_names(graph, unquote(path.rpartition("/")[2]))
    meant = f"did you mean {', '.join(near)}? " if near else ""
    return f"{meant}Search for what you are looking for, or begin at the overview"


def _found(graph: Graph, address: Address) -> tuple[str, Mapping[str, Any]] | None:
    """Return the module and the arguments of a page: of a thing, when the store knows it."""
    if address.page != "thing":
        return address.page, address.arguments
    iri = graph.base + address.arguments["path"]
    if not graph.knows(iri):
        return None
    kind = kind_of(graph, iri)
    described = kind != "model" or graph.statements.reports_of(iri)
    name = _MODULES.get(kind, "known") if described else "known"
    rest = {name: value for name, value in address.arguments.items() if name != "path"}
    return name, {"iri": iri, "kind": kind, **rest}


def html(graph: Graph, site: Site, query: Query | None = None, *, build: str = "") -> str:
    """Return the page at the path of a site as HTML; raise Missing when there is none."""
    page = page_at(graph, site.path, query or {})
    found = dict(page.module.view(graph, page.arguments))
    about = structured(graph, page.name, page.arguments, site, build)
    return rendered(page.name, site, {"formats": page.formats, "build": build, "jsonld": about, **found})


def rendered(name: str, site: Site, found: Mapping[str, Any]) -> str:
    """Return what the template of a page makes of what it shows."""
    template = environment().get_template(f"{name}.html")
    return template.render(**found, site=site, page=name)


def prepare() -> None:
    """Read what pages are made with, once in the process that others are forked from."""
    version()
    for name in environment().list_templates():
        environment().get_template(name)
        if not name.startswith("_") and find_spec(f"kg.pages.{name.removesuffix('.html')}"):
            import_module(f"kg.pages.{name.removesuffix('.html')}")


@cache
def environment() -> Environment:
    """Return what templates are read with: all text is escaped, and a name that is not given is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from kg import __version__
    from kg.pages.shown import FILTERS

    made = Environment(
        loader=PackageLoader("kg.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # templates are those of the code that gives them what they show, also while kg is installed anew
    )
    made.filters.update(FILTERS)
    made.globals.update(version=__version__)
    return made
