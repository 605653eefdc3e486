"""Lists: models, datasets, backbones, organizations, countries, accelerators, reports, 50 on a page, in several orders.

A page is read from what the build keeps of it, so that one of a hundred thousand models costs what one of five does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyoxigraph as ox

from kg.pages._in_use import columns_of, thing_row
from kg.pages._rows import MODELS, Column, Row, model_row, name_order, report_row
from kg.pages._summed import OLD, Pager, paged, size
from kg.pages.data import Table
from kg.pages.errors import Missing
from kg.terms import DCTERMS, KG, RDF, RDFS
from kg.why import Graph

_SHOWN = {"parameterCount", "organization", "country", "releaseYear", "describedIn", "basedIn", "countryCode"}
_SHOWN |= {"memory", "peakFp16", "tdp", "releaseDate"}
_PREDICATES = {f"{RDF}type", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}issued", *(KG + name for name in _SHOWN)}


@dataclass(frozen=True, slots=True)
class List:
    """A list: its title, what a row of it is called, a sentence about it, its columns, its orders (the first by default)."""

    title: str
    one: str
    lead: str
    columns: tuple[Column, ...]
    orders: Mapping[str, str]
    row: Callable[[Graph, str, str], Row]


def _used(kind: str, title: str, one: str, lead: str) -> List:
    orders = {"models": f"used-{kind}", "name": f"used-{kind}-by-name"}
    return List(title, one, lead, columns_of(kind), orders, lambda graph, iri, order: thing_row(graph, kind, iri))


LISTS: Mapping[str, List] = {
    "models": List(
        "Models",
        "Model",
        "All models that a report describes.",
        MODELS,
        {order: f"models-by-{order}" for order in ("name", "year", "size", "hours")},
        model_row,
    ),
    "datasets": _used("datasets", "Datasets", "Dataset", "What models were trained or evaluated on."),
    "backbones": _used("backbones", "Backbones", "Model", "Models that others extend, or that read images or text for them."),
    "organizations": _used("organizations", "Organizations", "Organization", "Who developed the models that reports describe."),
    "countries": _used("countries", "Countries", "Country", "Where the models that reports describe were developed."),
    "accelerators": _used("accelerators", "Accelerators", "Accelerator", "What models were trained on, and what is known of it."),
    "reports": List(
        "Reports",
        "Report",
        "The documents that everything reported comes from.",
        (Column("Title", "title"), Column("Date", "date"), Column("Models", "models")),
        {"": "reports"},
        lambda graph, iri, order: report_row(graph, iri),
    ),
}
"""Lists by the path that they stand at."""

NAMES = {"name": "by name", "models": "by number of models", "year": "by year", "size": "by size", "hours": "by accelerator-hours"}
"""Orders as people read them."""


@dataclass(frozen=True, slots=True)
class _Page:
    list: List
    order: str
    pager: Pager
    total: int
    rows: tuple[Row, ...]


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a page of a list; raise Missing when there is none of that number or in that order."""
    page = _page(graph, arguments)
    name, known = arguments["list"], page.list
    default = next(iter(known.orders))
    first = {order: name if order == default else f"{name}/by-{order}" for order in known.orders}
    return {
        "name": name,
        "list": known,
        "order": page.order,
        "orders": {order: (NAMES[order], path) for order, path in first.items() if order},
        "pager": page.pager,
        "total": page.total,
        "rows": page.rows,
        "unused": _unused(page) if name == "reports" else (),
        "compared": name == "models",
        "slug": f"{graph.base}model/",
        "old": OLD if size(graph, known.orders[page.order]) is None else None,
    }


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return the rows that the page shows."""
    page = _page(graph, arguments)
    columns = ("iri", "name", *(column.plain for column in page.list.columns))
    return Table(columns, [(row.iri, row.label, *(cell.plain or cell.text for cell in row.cells)) for row in page.rows])


def triples(graph: Graph, arguments: Mapping[str, Any]) -> Iterator[ox.Triple]:
    """Yield the facts that the page shows: of each thing its class, its label and what stands in the columns."""
    for row in _page(graph, arguments).rows:
        for quad in graph.store.quads_for_pattern(ox.NamedNode(row.iri), None, None, ox.DefaultGraph()):
            if quad.predicate.value in _PREDICATES:
                yield quad.triple
        for cell in row.cells:
            for link in cell.links:
                yield ox.Triple(ox.NamedNode(link.iri), ox.NamedNode(f"{RDFS}label"), ox.Literal(link.label))


def _page(graph: Graph, arguments: Mapping[str, Any]) -> _Page:
    name = arguments["list"]
    known = LISTS[name]
    default = next(iter(known.orders))
    order = arguments.get("order") or default
    if order not in known.orders or arguments.get("order") == default:
        offered = ", ".join(f"/{name}/by-{other}" for other in known.orders if other and other != default)
        raise Missing(f"{name} are not listed by {order} there", hint=f"see /{name}" + (f", {offered}" if offered else ""))
    path = name if order == default else f"{name}/by-{order}"
    pager, total, iris = paged(graph, known.orders[order], arguments["number"], path)
    rows = sorted((known.row(graph, iri, order) for iri in iris), key=name_order)
    return _Page(known, order, pager, total, tuple(_ordered(rows, order)))


def _unused(page: _Page) -> tuple[str, ...]:
    """Return the columns in which nothing stands on a page: many reports have no title, and no date."""
    columns = enumerate(page.list.columns)
    return tuple(column.plain for at, column in columns if not any(row.cells[at].plain for row in page.rows))


def _ordered(rows: Iterable[Row], order: str) -> list[Row]:
    """Return rows in the order of their numbers, the largest first, those without one last; the others stay as they are."""
    if order in {"name", ""}:
        return list(rows)
    return sorted(rows, key=lambda row: (row.key is None, -(row.key or Decimal(0))))
