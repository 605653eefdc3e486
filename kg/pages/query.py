"""The SPARQL editor: a query to begin with, those that come with kg, and what the editor's script has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyoxigraph as ox

from kg.errors import UsageError
from kg.pages.errors import Missing
from kg.query import bind, with_values
from kg.sparql.named import NamedQuery, shipped
from kg.sparql.text import Term, prefixes
from kg.sparql.things import chosen
from kg.sparql.thread import LONGEST
from kg.terms import KG, path
from kg.why import Graph

_FIRST = "models"
_TEXTS = frozenset({"relation", "word", "text", "iri"})  # kinds of parameters whose values name no thing


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of a query, and the value that it is given."""

    name: str
    definition: str
    value: str


@dataclass(frozen=True, slots=True)
class Example:
    """A query that comes with kg; an `indexed` one reads the index of names, which is not published."""

    name: str
    title: str
    indexed: bool


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a query (`query`, or the one of a `name` with values of its parameters), and the examples; raise Missing."""
    given = {name: values[-1] for name, values in arguments["query"].items() if values}
    name, text = given.get("name", ""), given.get("query", "")[:LONGEST]
    if name and name not in shipped():
        raise Missing(f"there is no query '{name[:80]}'", hint=f"there are: {', '.join(shipped())}")
    named = shipped()[name or _FIRST] if name or not text else None
    problem = None
    if named and not text:
        text, problem = _written(graph, named, given)
    return {
        "name": named.name if named else "",
        "title": named.title if named else "",
        "text": text,
        "problem": problem,
        "fields": [Field(item.name, item.definition, given.get(item.name, "")) for item in named.parameters] if named else [],
        "examples": [Example(query.name, query.title, _reads_index(query)) for query in shipped().values()],
        "settings": _settings(graph.base),
    }


def _settings(base: str) -> dict[str, Any]:
    return {"base": base, "ontology": KG, "prefixes": prefixes(base), "examples": [asdict(query) for query in shipped().values()]}


def _reads_index(query: NamedQuery) -> bool:
    return "data:graph\\/search" in query.text


def _written(graph: Graph, query: NamedQuery, given: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the text of a query with the values of its parameters, and what is wrong with them, if anything."""
    params = {item.name: given[item.name].strip() for item in query.parameters if given.get(item.name, "").strip()}
    try:
        return with_values(query, params, lambda name, value: _term(graph, query, name, value))[0], None
    except UsageError as error:
        return query.text, error.what + (f" ({error.hint})" if error.hint else "")


def _term(graph: Graph, query: NamedQuery, name: str, value: str) -> Term:
    """Return the term that a value means: a thing by its IRI, the end of it, or a name, from the index of names."""
    kind = next(item.kind for item in query.parameters if item.name == name)
    if kind in _TEXTS:
        return bind(graph.store, query, name, value, graph.base)
    return ox.NamedNode(_thing(graph, kind.lower(), value))


def _thing(graph: Graph, kind: str, value: str) -> str:
    """Return the thing of a kind that an IRI, a path below the base, the end of an IRI or a name means."""
    folder = f"{graph.base}{kind}/"
    written = [value.strip("<>"), f"{graph.base}{value}", f"{folder}{path(value)}"]
    found = [iri for iri in written if iri.startswith(folder) and graph.knows(iri)][:1]
    found = found or [iri for iri in graph.called(value) or graph.called_alike(value) if iri.startswith(folder)]
    near = [] if found else graph.near(value)
    if not found and not near:
        raise UsageError(f"no {kind} is named '{value}'", hint="search for a part of its name")
    return chosen(kind, value, found, near)
