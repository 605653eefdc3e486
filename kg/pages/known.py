"""Pages of what reports name and none describes: a dataset, a backbone, an organization, a country, an accelerator, software.

What the catalogue knows of it, and the models that use it, by relation and stage, each with the words that say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.pages._amounts import Amount, amount
from kg.pages._rows import Cell, Link, hours_cell, label_of
from kg.pages._summed import OLD, Pager, count, entries, models_counted, models_of, named_by, number, size, summary, told, values
from kg.pages._users import Group, Part, groups_of, parts_of
from kg.pages.data import Table
from kg.pages.errors import Missing
from kg.terms import KG, RDFS
from kg.why import Graph
from kg.why._facts import known_of

KINDS = ("model", "dataset", "organization", "country", "accelerator", "software")
"""Kinds of the things that have such a page; a model when no report describes it."""

_NAMED_BY = {"basedIn": "Organizations based there", "manufacturer": "Accelerators that it makes", "variantOf": "Its variants"}
_LISTS = {"model": "backbones", "country": "countries"}
_NAMED, _PAIRS, _NAMES, _YEARS = 40, 8, 24, 15
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_WIKIDATA = "https://www.wikidata.org/wiki/"


@dataclass(frozen=True, slots=True)
class Fact:
    """What the catalogue says: a relation by its local name and its label, and a value, which may lead somewhere."""

    relation: str
    label: str
    value: Amount
    iri: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogued:
    """What the catalogue knows of a thing, and on whose word."""

    facts: tuple[Fact, ...]
    sources: tuple[str, ...]
    credits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """Things in use whose catalogue entries name the thing, those of most models first, and whether there may be more."""

    title: str
    things: tuple[tuple[Link, int], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Year:
    """How many models were released in a year, and the share of the year of most, in hundredths."""

    year: str
    models: int
    share: int


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a page of a thing: the first one tells what is known of it; raise Missing when there is none of that number."""
    iri, kind = arguments["iri"], arguments["kind"]
    if kind not in KINDS:
        raise Missing(f"no page is made of a {kind}", hint="ask for it with a query")
    groups, pager, parts = _page(graph, arguments)
    first = pager.number == 1
    label = label_of(graph, iri)
    return {
        "iri": iri,
        "kind": kind,
        "label": label,
        "list": _LISTS.get(kind, f"{kind}s"),
        "described": graph.statements.reports_of(iri),
        "names": tuple(name for name in graph.statements.names(iri) if name != label),
        "shown_names": _NAMES,
        "catalogued": _catalogued(graph, iri),
        "naming": tuple(_naming(graph, iri)) if first else (),
        "hours": _hours(graph, iri) if first and kind == "organization" else (),
        "largest": count(graph, "by-accelerator", iri, "largestCount") if first and kind == "accelerator" else 0,
        "years": _years(graph, iri) if first and kind == "country" else (),
        "pairs": _pairs(graph, iri) if first else (),
        "groups": groups,
        "parts": parts,
        "pager": pager,
        "old": OLD if size(graph, "used-datasets") is None else None,
    }


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return the uses on the page, each with the first words that say so."""
    columns = ("model", "name", "relation", "stage", "report", "start", "end", "words")
    return Table(columns, _rows(_page(graph, arguments)[2]))


def triples(graph: Graph, arguments: Mapping[str, Any]) -> Iterator[ox.Triple]:
    """Yield what is known of the thing, and the facts by which the models on the page use it."""
    thing = ox.NamedNode(arguments["iri"])
    for quad in graph.store.quads_for_pattern(thing, None, None, ox.DefaultGraph()):
        yield quad.triple
    for part in _page(graph, arguments)[2]:
        for user in part.users:
            yield ox.Triple(ox.NamedNode(user.iri), ox.NamedNode(f"{RDFS}label"), ox.Literal(user.label))
            for subject in user.subjects:
                yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(KG + part.group.relation), thing)
                yield from _hanging(graph, user.iri, subject)


def _hanging(graph: Graph, model: str, subject: str) -> Iterator[ox.Triple]:
    """Yield what leads from a model to its run, or to the hardware of one."""
    for own, run in graph.statements.hanging(model):
        if own == subject and run is not None:
            yield ox.Triple(ox.NamedNode(model), ox.NamedNode(f"{KG}hasRun"), ox.NamedNode(run))
            if own != run:
                yield ox.Triple(ox.NamedNode(run), ox.NamedNode(f"{KG}hardware"), ox.NamedNode(own))


def _rows(parts: tuple[Part, ...]) -> Iterator[tuple[str, ...]]:
    for part in parts:
        for user in part.users:
            head = (user.iri, user.label, part.group.relation, part.group.stage or "")
            if not user.words:
                yield (*head, "", "", "", "")
            for item in user.words:
                yield (*head, item.report, str(item.start), str(item.end), item.mark or "")


def _page(graph: Graph, arguments: Mapping[str, Any]) -> tuple[tuple[Group, ...], Pager, tuple[Part, ...]]:
    iri, asked = arguments["iri"], arguments.get("page", "1")
    path = iri.removeprefix(graph.base)
    groups, layout = groups_of(graph, iri)
    last = max(1, len(layout))
    if "stage" in arguments or not _NUMBER.fullmatch(asked) or int(asked) > last:
        raise Missing(f"there is no such page of {label_of(graph, iri)}: the last one is {last:,}", hint=f"see /{path}")
    at = int(asked)
    return groups, Pager(path, at, last, "page/"), parts_of(graph, iri, groups, layout[at - 1]) if layout else ()


def _catalogued(graph: Graph, iri: str) -> Catalogued:
    known = list(known_of(graph, iri))
    facts = []
    for item in known:
        link = item.value if item.name is not None else None
        if item.relation == "wikidata" and item.value[:1] == "Q" and item.value[1:].isdecimal():
            link = _WIKIDATA + item.value
        shown = Amount(item.name) if item.name is not None else amount(item.relation, item.value)
        facts.append(Fact(item.relation, graph.schema.relations[item.relation].label, shown, link))
    return Catalogued(tuple(facts), known[0].sources if known else (), known[0].credits if known else ())


def _naming(graph: Graph, iri: str) -> Iterator[Naming]:
    """Yield what the build keeps of the things in use that name this one in the catalogue."""
    for path in named_by(graph, iri):
        relation = path.rpartition(";")[2]
        if path.startswith("named/") and relation in _NAMED_BY:
            things = values(graph, path)["entry"]
            used = [(Link(one, label_of(graph, one)), models_of(graph, one)) for one in things]
            used.sort(key=lambda pair: (-pair[1], pair[0].label.casefold(), pair[0].iri))
            yield Naming(_NAMED_BY[relation], tuple(used), len(used) >= _NAMED)


def _hours(graph: Graph, organization: str) -> tuple[tuple[str, int, Cell], ...]:
    """Return the accelerator-hours of an organization's models: stated, and implied where none are stated."""
    known = told(graph, "hours", organization)
    found = []
    for words, start in (("stated in reports", "stated"), ("implied where none are stated", "implied")):
        part = {name: some for name, some in known.items() if name.startswith(start)}
        if part:
            found.append((words, number(part, f"{start}Models"), hours_cell(part)))
    return tuple(found)


def _years(graph: Graph, country: str) -> tuple[Year, ...]:
    """Return how many of a country's models were released in each of the last years, and before these."""
    counts = [values(graph, path) for path in named_by(graph, country, "inCountry") if path.startswith("by-country-year/")]
    found = {known["inYear"][0]: number(known, "models") for known in counts if "inYear" in known}
    last, before = sorted(found)[-_YEARS:], sorted(found)[:-_YEARS]
    shown = [(f"before {last[0]}", sum(found[year] for year in before))] if before else []
    shown += [(year, found[year]) for year in last]
    most = max((models for _, models in shown), default=1)
    return tuple(Year(year, models, max(1, round(100 * models / most))) for year, models in shown)


def _pairs(graph: Graph, iri: str) -> tuple[tuple[Link, int], ...]:
    """Return what most models have beside the thing: datasets beside a backbone, backbones beside a dataset."""
    paths = [path for path in named_by(graph, iri) if path.startswith("shared-both-by-")]
    pairs = [pair for path in paths for pair in entries(graph, summary(graph, path))]
    most = sorted(((models_counted(graph, pair), pair) for pair in pairs), key=lambda item: (-item[0], item[1]))[:_PAIRS]
    known = [(values(graph, pair.removeprefix(f"{graph.base}summary/")), models) for models, pair in most]
    others = [(other, models) for told, models in known for name in _SHARED if (other := told[name][0]) != iri]
    return tuple((Link(other, label_of(graph, other)), models) for other, models in others)


_SHARED = ("sharedBackbone", "sharedDataset")
