"""Models, things in use and reports -> the rows of lists: each cell a text, links, a number, with where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

import pyoxigraph as ox

from kg.pages._amounts import amount, grouped
from kg.pages._summed import Values, told
from kg.terms import DCTERMS, KG
from kg.why import Graph

_FEW = 4  # links in a cell
_DESCRIBED = ox.NamedNode(f"{KG}describedIn")


@dataclass(frozen=True, slots=True)
class Link:
    """A thing by its IRI, as it is called."""

    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column of a row: a text, or links, and how many more there are; `plain` is its text in CSV."""

    text: str = ""
    links: tuple[Link, ...] = ()
    more: int = 0
    exact: str | None = None
    origin: str | None = None
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A thing with its cells; `key` is what its number is ordered by, the largest first."""

    iri: str
    label: str
    cells: tuple[Cell, ...]
    key: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: its name in tables and in CSV, whether it holds numbers, the order in which it sorts.

    `origin` is where all that stands in it comes from.
    """

    name: str
    plain: str
    numeric: bool = False
    order: str | None = None
    title: str | None = None
    origin: str | None = None


_WHOLE = "of the whole training: stated in reports, or else implied; at least so many where a stage has neither"

MODELS = (
    Column("Parameters", "parameters", True, "size"),
    Column("Developer", "developer"),
    Column("Country", "country"),
    Column("Year", "year", True, "year"),
    Column("Accelerator-hours", "acceleratorHours", True, "hours", _WHOLE),
    Column("Reports", "reports", True),
)


def label_of(graph: Graph, iri: str) -> str:
    """Return what a thing is called, else the last part of its IRI."""
    return graph.statements.label(iri) or iri.removeprefix(graph.base).partition("/")[2] or iri


def texts_of(graph: Graph, iri: str, name: str) -> list[str]:
    """Return the literals of a thing's relation, sorted."""
    return graph.statements.texts(iri, ox.NamedNode(KG + name))


def links_of(graph: Graph, iri: str, name: str) -> tuple[Link, ...]:
    """Return the things that a relation of a thing leads to, by name."""
    links = (Link(other, label_of(graph, other)) for other in graph.statements.values(iri, ox.NamedNode(KG + name)))
    return tuple(sorted(links, key=lambda link: (link.label.casefold(), link.iri)))


def name_order(row: Row) -> tuple[str, str, str]:
    """Order of names, as lists are kept in it."""
    return row.label.casefold(), row.label, row.iri


def model_row(graph: Graph, iri: str, order: str) -> Row:
    """Return a model's row of the list of models."""
    known = told(graph, "models-by-hours", iri)
    sizes, years = texts_of(graph, iri, "parameterCount"), texts_of(graph, iri, "releaseYear")
    keys: Mapping[str, Callable[[], Decimal | None]] = {
        "size": lambda: max(map(Decimal, filter(str.isdecimal, sizes)), default=None),
        "year": lambda: max(map(Decimal, filter(str.isdecimal, years)), default=None),
        "hours": lambda: _hours_key(known),
    }
    cells = (
        text_cell("parameterCount", sizes),
        links_cell(links_of(graph, iri, "organization")),
        links_cell(links_of(graph, iri, "country")),
        Cell(" / ".join(years), plain=" | ".join(years)),
        hours_cell(known),
        counted(len(graph.statements.values(iri, _DESCRIBED))),
    )
    return Row(iri, label_of(graph, iri), cells, keys[order]() if order in keys else None)


def counted(value: int) -> Cell:
    """Return a cell with a count; nothing for none."""
    return Cell(f"{value:,}" if value else "", plain=str(value))


def text_cell(relation: str, texts: Iterable[str]) -> Cell:
    """Return a cell with the values of a relation as people read them."""
    every = sorted(texts)
    found = [amount(relation, text).text.removesuffix(" parameters") for text in every]
    return Cell(" / ".join(found), plain=" | ".join(every))


def links_cell(links: Iterable[Link]) -> Cell:
    """Return a cell with links to things, the first ones of many."""
    every = tuple(links)
    return Cell(links=every[:_FEW], more=max(0, len(every) - _FEW), plain=" | ".join(link.label for link in every))


def report_row(graph: Graph, iri: str) -> Row:
    """Return a report's row: its title, its date, the models that it describes."""
    node = ox.NamedNode(iri)
    title, issued = (graph.statements.texts(iri, ox.NamedNode(DCTERMS + name)) for name in ("title", "issued"))
    quads = graph.store.quads_for_pattern(None, _DESCRIBED, node, ox.DefaultGraph())
    found = sorted({str(getattr(quad.subject, "value", "")) for quad in islice(quads, 200)})
    models = sorted((Link(model, label_of(graph, model)) for model in found), key=lambda link: (link.label.casefold(), link.iri))
    said = Cell(" / ".join(title), plain=" | ".join(title))
    return Row(iri, label_of(graph, iri), (said, Cell(" / ".join(issued), plain=" | ".join(issued)), links_cell(models)))


def hours_cell(known: Values) -> Cell:
    """Return accelerator-hours as a count tells them: stated ones, else implied ones with both ends, or a lower bound alone."""
    for start, origin in (("stated", "reported"), ("implied", "derived")):
        low, value, high = (known.get(f"{start}Hours{name}", (None,))[0] for name in ("Low", "Total", "High"))
        if low and high:
            return _interval(low, value, high, origin)
        if low:
            return Cell(f"at least {_whole(low)}", origin=origin, plain=f"at least {low}")
    return Cell()


def _hours_key(known: Values) -> Decimal | None:
    """Return what models are ordered by, as `kg.graph` orders them: what is shown of their hours, of two ends the middle."""
    for start in ("stated", "implied"):
        low, value, high = (known.get(f"{start}Hours{name}", (None,))[0] for name in ("Low", "Total", "High"))
        if low:
            return Decimal(value) if value else (Decimal(low) + Decimal(high)) / 2 if high else Decimal(low)
    return None


def _interval(low: str, value: str | None, high: str, origin: str) -> Cell:
    """Return a number with its ends: alone where they are equal, else the middle, and the ends in full."""
    ends = f"{_whole(low)} to {_whole(high)}"
    shown = _whole(value) if value else _whole(low) if low == high else ends
    return Cell(shown, exact=ends if value and low != high else None, origin=origin, plain=value or (low if low == high else ends))


def _whole(value: str) -> str:
    number = Decimal(value)
    return grouped(str(round(number))) if abs(number) >= 10 else grouped(value)
