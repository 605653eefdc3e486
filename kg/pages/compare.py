"""The comparison of up to eight models: a row a relation, a column a model, values with their origin and their words.

    compare?model=A&model=B                    A and B: names below `model/`, IRIs, or names as people write them
    compare?model=A&model=B&only=differences   without the rows in which all say the same

On a published site, where no server reads the query, `static/compare.js` makes the table of the models' columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kg.pages._amounts import clipped
from kg.pages._columns import Row, column_of, rows_of, shared_of, written
from kg.pages._shared import Named, named_of
from kg.pages._summed import entries, summary
from kg.pages._valued import VALUED, valued
from kg.pages.data import Table
from kg.pages.errors import Missing
from kg.pages.search import near_names, results
from kg.terms import path as path_of
from kg.why import Graph

MOST = 8
"""Models that are compared at once."""

_FEW = 12  # of them that stand on the page
_LONGEST = 300  # characters of a name
_OFFERED = 50  # names of models that the form offers


@dataclass(frozen=True, slots=True)
class Unknown:
    """A model that was asked for and is not known, and models that may be meant."""

    text: str
    near: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a part of the models: themselves, their training, a stage; whether all of them say the `same` of all."""

    name: str
    title: str
    rows: tuple[Row, ...]
    same: bool


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table of the models that the query names, and what it names that is not known."""
    iris, unknown, left = _asked(graph, arguments)
    columns = [column_of(graph, iri) for iri in iris]
    rows = rows_of(columns)
    slugs = [_slug(graph, iri) for iri in iris]
    return {
        "formats": (),
        "columns": columns,
        "slugs": slugs,
        "others": [[slug for slug in slugs if slug != own] for own in slugs],
        "unknown": unknown,
        "left": left,
        "most": MOST,
        "only": arguments.get("query", {}).get("only", [""])[-1] == "differences",
        "parts": list(_parts(rows)),
        "counts": Counter(row.state for row in rows),
        "total": len(rows),
        "shared": {"Backbones": shared_of(columns, "backbones"), "Datasets": shared_of(columns, "datasets")},
        "offered": _offered(graph, set(iris)),
        "models": f"{graph.base}model/",
        "few": _FEW,
    }


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return a row for each value of the models, as it is kept."""
    iris, _, _ = _asked(graph, arguments)
    return Table(VALUED, valued(graph, iris))


def column(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the column of the model of a page, as `static/compare.js` reads it; raise Missing for what is no model."""
    if arguments.get("kind") != "model":
        raise Missing("only models are compared", hint="ask for the column of a model")
    return written(column_of(graph, arguments["iri"]), graph.base)


def _parts(rows: Sequence[Row]) -> Iterator[Part]:
    for (name, title), some in groupby(rows, key=lambda row: (row.part, row.title)):
        listed = tuple(some)
        yield Part(name, title, listed, all(row.state == "same" for row in listed))


# What is asked for --------------------------------------------------------------------------------------------------------------


def _asked(graph: Graph, arguments: Mapping[str, Any]) -> tuple[list[str], list[Unknown], int]:
    """Return the models that the query names, each once, what is unknown, and how many are too many."""
    found: dict[str, None] = {}
    unknown: list[Unknown] = []
    given = [text.strip()[:_LONGEST] for text in arguments.get("query", {}).get("model", []) if text.strip()]
    named = list(dict.fromkeys(given))
    for text in named[: 2 * MOST]:
        iri = _model(graph, text)
        if iri is None:
            unknown.append(Unknown(clipped(text, 80), tuple(_near(graph, text))))
        else:
            found[iri] = None
    return list(found)[:MOST], unknown, max(len(found) - MOST, 0) + len(named[2 * MOST :])


def _model(graph: Graph, text: str) -> str | None:
    """Return the model that a text means: its IRI, the end of it, or one of its names."""
    folder = f"{graph.base}model/"
    for iri in (text, folder + text, folder + path_of(text)):
        if iri.startswith(folder) and graph.knows(iri):
            return iri
    named = [iri for iri in graph.called(text) or graph.called_alike(text) if iri.startswith(folder)]
    return named[0] if len(named) == 1 else None


def _near(graph: Graph, text: str) -> Iterator[Named]:
    """Yield models that somebody may have meant."""
    folder = f"{graph.base}model/"
    found = {result.iri: None for result in results(graph, text, MOST) if result.iri.startswith(folder)}
    for name in near_names(graph, text) if not found else ():
        found |= {iri: None for iri in graph.called(name) if iri.startswith(folder)}
    yield from (named_of(graph, iri) for iri in list(found)[:5])


def _offered(graph: Graph, asked: set[str]) -> list[Named]:
    """Return models that the form offers: the first of the list of models."""
    iris = entries(graph, summary(graph, "models/page/1"))[:_OFFERED]
    named = (named_of(graph, iri) for iri in iris if iri not in asked)
    return sorted(named, key=lambda model: (model.name.casefold(), model.iri))


def _slug(graph: Graph, iri: str) -> str:
    return iri.removeprefix(f"{graph.base}model/")
