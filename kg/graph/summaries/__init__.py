"""The default graph -> its summaries, so that what is counted over all models is counted once, when the graph is built.

Every node is a kg:Summary of a list (`kg:list`, the name of the query that reads it): the list itself with its size, a page of it
with its number and entries, the first page of its part about a thing, or a count with what it is of. All follow from the triples
alone. Nothing grows faster than the graph: what models share is kept by what they share and never by pairs of models; beside a
count stand its first models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kg.graph.ordered import ordered
from kg.graph.summaries._counts import counts
from kg.graph.summaries._disclosure import disclosure
from kg.graph.summaries._hours import hours
from kg.graph.summaries._lists import lists
from kg.graph.summaries._orders import orders
from kg.graph.summaries._timeline import timeline
from kg.graph.summaries._uses import names_order, uses
from kg.graph.summaries._write import count_of
from kg.graph.summaries._years import years
from kg.graph.view import View

__all__ = ["FAMILIES", "count_of", "family", "summaries", "summary_triples"]

FAMILIES: Mapping[str, Callable[[View, str], Iterator[str]]] = {
    "counts": counts,
    "disclosure": disclosure,
    "hours": hours,
    "lists": lists,
    "orders": lambda view, base: orders(view, names_order(view), base),
    "timeline": timeline,
    "uses": lambda view, base: uses(view, names_order(view), base),
    "years": years,
}
"""Summaries that follow from a view each by itself."""


def family(name: str, view: View, base: str) -> Iterator[str]:
    """Yield the triples of one of the families in order: what one process can make while others make the others."""
    return ordered(FAMILIES[name](view, base))


def summaries(view: View, base: str, folder: Path | None = None) -> Iterator[str]:
    """Yield the triples that summarise a default graph, in order; those that do not fit into memory wait in `folder`."""
    return ordered((triple for make in FAMILIES.values() for triple in make(view, base)), folder)


def summary_triples(view: View, base: str) -> list[str]:
    """Return the sorted triples that summarise a default graph."""
    return list(summaries(view, base))
