"""A model -> its column of a comparison; columns -> the rows of a table, in which what differs is told.

`static/compare.js` makes the same rows of the same columns, which a published site has as `column.json` beside each model's page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyoxigraph as ox

from kg.pages._amounts import Amount, amount, clipped
from kg.pages._chains import DERIVED
from kg.pages._facts import Key, Reader, disputed, keys
from kg.pages._parts import parts_of
from kg.pages._shared import Named, named_of
from kg.pages.site import Site
from kg.terms import KG
from kg.why import Graph, text_of

MOST = 240
"""Facts of a model that are compared; the others are counted."""

_VALUES = 12  # of a relation, in a cell
_SHARED = 300  # backbones, and datasets, that are compared


@dataclass(frozen=True, slots=True)
class Place:
    """Words of a report: its id, their offsets, the page of its page that they stand on, and the place as messages write it."""

    report: str
    start: int
    end: int
    part: int
    spot: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a relation: where it comes from, as a person reads it, `thing` or `derived` as IRIs, the words that state it.

    `low` and `high` bound a derived one.
    """

    origin: str
    text: str
    exact: str | None = None
    hedge: str = ""
    low: str | None = None
    high: str | None = None
    thing: str | None = None
    derived: str | None = None
    place: Place | None = None
    disputed: bool = False

    @property
    def same(self) -> tuple[str, str]:
        """Return what equal values have in common: what they say, not who says it or how surely."""
        return self.thing or "", self.exact or self.text


@dataclass(frozen=True, slots=True)
class Entry:
    """What a model has of a relation in a part of it: `at` is its place among all relations of all parts."""

    at: tuple[int, int]
    part: str
    title: str
    relation: str
    label: str
    values: tuple[Value, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A model as it is compared."""

    iri: str
    name: str
    described: bool
    entries: tuple[Entry, ...]
    backbones: tuple[Named, ...]
    datasets: tuple[Named, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A relation of all models: an entry or nothing for each.

    Its `state`: all say the `same`, those that say something `differ`, or some say the same and others nothing (`partly`).
    """

    part: str
    title: str
    relation: str
    label: str
    cells: tuple[Entry | None, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A backbone or a dataset that several of the models have, with the numbers of their columns, from 0."""

    thing: Named
    columns: tuple[int, ...]


def column_of(graph: Graph, model: str) -> Column:
    """Return the column of a model, which need not be described by a report."""
    parts = parts_of(graph, model, "model")
    places = {part.name: (parts.index(part) if part.stage is None else 2 + _stage(graph, part.stage)) for part in parts}
    every = [key for part in parts for key in keys(graph, part) if key.relation != "name"]  # it stands above the column
    reader = Reader(graph, (), disputed(graph, every))
    order = {name: number for number, name in enumerate(graph.schema.relations)}
    groups: dict[tuple[int, int], list[Key]] = {}
    for key in every[:MOST]:
        groups.setdefault((places[key.part.name], order.get(key.relation, len(order))), []).append(key)
    return Column(
        iri=model,
        name=clipped(graph.statements.label(model) or model.removeprefix(graph.base)),
        described=bool(graph.statements.values(model, ox.NamedNode(f"{KG}describedIn"))),
        entries=tuple(_entry(reader, at, some) for at, some in sorted(groups.items(), key=lambda group: group[0])),
        backbones=_things(graph, model, "hasBackbone"),
        datasets=_things(graph, model, "trainedOn"),
        more=max(len(every) - MOST, 0),
    )


def _stage(graph: Graph, stage: str) -> int:
    known = list(graph.schema.stages)
    return known.index(stage) if stage in known else len(known)


def _things(graph: Graph, model: str, relation: str) -> tuple[Named, ...]:
    iris = graph.statements.values(model, ox.NamedNode(KG + relation))[:_SHARED]
    return tuple(named_of(graph, iri) for iri in iris)


def _entry(reader: Reader, at: tuple[int, int], some: Sequence[Key]) -> Entry:
    first = some[0]
    label = reader.graph.schema.relations[first.relation].label
    values = tuple(_value(reader, key) for key in some[:_VALUES])
    return Entry(at, first.part.name, first.part.title, first.relation, label, values, max(len(some) - _VALUES, 0))


def _value(reader: Reader, key: Key) -> Value:
    if key.derived:
        return _derived(reader.graph, key)
    fact = reader.fact(key)
    found = Value(key.origin, fact.amount.text, fact.amount.exact, fact.hedge, thing=fact.thing, disputed=fact.disputed)
    if not fact.words:
        return found
    quote = fact.words[0].quote
    return replace(found, place=Place(quote.report, quote.start, quote.end, quote.part, quote.spot))


def _derived(graph: Graph, key: Key) -> Value:
    """Return a derived value with its bounds; how it was computed is told on the page of the fact."""
    item = graph.statements.statement(key.derived or "")
    if item is None:
        return Value(DERIVED, "", derived=key.derived)
    unit = item.one("measuredIn")
    shown = amount(key.relation, text_of(item.value), unit)
    low, high = (_bound(key.relation, item.one(name), unit) for name in ("lowerBound", "upperBound"))
    bounds = (low.text if low else None, high.text if high else None) if low != high else (None, None)
    return Value(DERIVED, shown.text, shown.exact, low=bounds[0], high=bounds[1], derived=key.derived)


def _bound(relation: str, value: str | None, unit: str | None) -> Amount | None:
    return amount(relation, value, unit) if value is not None else None


# The table ----------------------------------------------------------------------------------------------------------------------


def rows_of(columns: Sequence[Column]) -> list[Row]:
    """Return a row for each relation that any of the models has, in order of parts and relations."""
    found: dict[tuple[tuple[int, int], str, str], list[Entry | None]] = {}
    for number, column in enumerate(columns):
        for entry in column.entries:
            found.setdefault((entry.at, entry.part, entry.relation), [None] * len(columns))[number] = entry
    return [_row(cells) for _, cells in sorted(found.items(), key=lambda item: item[0])]


def _row(cells: Sequence[Entry | None]) -> Row:
    first = next(entry for entry in cells if entry)
    said = {_said(entry) for entry in cells if entry}
    state = "differ" if len(said) > 1 else "same" if all(cells) else "partly"
    return Row(first.part, first.title, first.relation, first.label, tuple(cells), state)


def _said(entry: Entry) -> tuple[tuple[tuple[str, str], ...], int]:
    return tuple(sorted({value.same for value in entry.values})), entry.more


def shared_of(columns: Sequence[Column], kind: str) -> list[Shared]:
    """Return the `backbones` or `datasets` that several models have, those that most have first."""
    having: dict[str, tuple[Named, list[int]]] = {}
    for number, column in enumerate(columns):
        for thing in getattr(column, kind):
            having.setdefault(thing.iri, (thing, []))[1].append(number)
    several = [Shared(thing, tuple(numbers)) for thing, numbers in having.values() if len(numbers) > 1]
    return sorted(several, key=lambda item: (-len(item.columns), item.thing.name, item.thing.iri))


def written(column: Column, base: str) -> dict[str, Any]:
    """Return a column as JSON; each value has the link (`href`) to its words, seen from the root of a published site."""
    site = Site(base, "", static=True)
    found = asdict(column)
    found["href"] = _href(site.thing(column.iri))
    for entry, told in zip(column.entries, found["entries"], strict=True):
        for value, row in zip(entry.values, told["values"], strict=True):
            row["href"] = href(site, value)
            row["thingHref"] = _href(site.thing(value.thing)) if value.thing else None
    for things in (found["backbones"], found["datasets"]):
        for thing in things:
            thing["href"] = _href(site.thing(thing["iri"]))
    return found


def href(site: Site, value: Value) -> str | None:
    """Return the link to what a value rests on: its words, or how it was computed."""
    if value.place:
        place = value.place
        return _href(site.place(place.report, place.start, place.end, place.part))
    return _href(site.thing(value.derived)) if value.derived else None


def _href(link: str) -> str:
    return link.removeprefix("./")
