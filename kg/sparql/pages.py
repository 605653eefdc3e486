"""A page of a named query's answer -> what there is beyond it, and how to get it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.sparql.named import NamedQuery, part_with
from kg.sparql.text import answer, prefixes
from kg.terms import KG

_LIST = re.compile(r"^[^\n#]*data:summary\\/([\w-]+)\\/page\\/\d+[^\n#]*# page$", re.MULTILINE)
_SIZE = re.compile(r"page of ([\d,]+) (\w+)")


@dataclass(frozen=True, slots=True)
class Beyond:
    """What is not on a page: whether there is more, and a note that says how to get it."""

    more: bool
    note: str


def beyond(store: ox.Store, query: NamedQuery, given: Mapping[str, str], page: str | None, base: str) -> Beyond | None:
    """Return what there is beyond a page (by default the first) of a query with values of its parameters, None for nothing.

    Values are terms as SPARQL writes them.
    """
    found, size = _LIST.search(query.text), _page_size(query)
    if page == "all" or not found or not size:
        return None
    if given:
        return _beyond_part(store, query, given, *size, base)
    graph = ox.NamedNode(f"{base}graph/summary")
    sizes = store.quads_for_pattern(ox.NamedNode(f"{base}summary/{found[1]}"), ox.NamedNode(f"{KG}size"), None, graph)
    things = max((int(quad.object.value) for quad in sizes if isinstance(quad.object, ox.Literal)), default=0)
    number, last = int(page or "1"), max(1, -(-things // size[0]))
    if number < last:
        return Beyond(True, f"page {number:,} of {last:,}; more: page {number + 1}, or all")
    return Beyond(False, f"there is no page {number:,}: the last one is {last:,}") if number > last else None


def _beyond_part(store: ox.Store, query: NamedQuery, given: Mapping[str, str], size: int, things: str, base: str) -> Beyond | None:
    """Return what there may be beyond the first page of what is about one thing; only that page of it is kept."""
    part = part_with(query, given)
    if not part:
        return None
    values = " ".join(f"VALUES ?{name} {{ {term} }}" for name, term in given.items())
    either = f"{{ {values} {part} }} UNION {{ GRAPH data:graph\\/summary {{ {values} {part} }} }}"
    rows: Any = answer(store, f"SELECT DISTINCT * {{ {either} }}", base=base, known=prefixes(base))
    full = sum(1 for _ in rows) >= size
    return Beyond(True, f"page 1, the first {size:,} {things}; there may be more: page all") if full else None


def _page_size(query: NamedQuery) -> tuple[int, str] | None:
    """Return how many things a page of a query holds, and what they are, as its parameter says."""
    sizes = (_SIZE.search(parameter.definition) for parameter in query.parameters)
    return next(((int(size[1].replace(",", "")), size[2]) for size in sizes if size), None)
