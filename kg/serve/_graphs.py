"""Graph Store Protocol, the reading half (SPARQL 1.1 Graph Store HTTP Protocol, sections 4 and 5): request -> graph -> triples.

/graphs?default              the default graph
/graphs?graph=IRI            a named graph; a relative IRI is resolved against the URL that was asked
/graphs/a/b                  the graph whose IRI is the URL that was asked
/sparql?default, ?graph=IRI  the same at the URL of queries
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urljoin

import pyoxigraph as ox
from starlette.requests import Request

from kg.errors import UsageError
from kg.serve._negotiation import media_types
from kg.serve._protocol import Parameters, Problem, accepted, endpoint_of, parameters_of, timeout_in, values
from kg.sparql.formats import FORMATS

PATH = "/graphs"

_ABSOLUTE = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")


class NoGraph(UsageError):
    """A graph that the build does not have."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A graph to be read: its IRI, None for the default graph; the name of the format; the client's own timeout in seconds."""

    graph: str | None
    format: str
    timeout: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return as JSON all that the answer depends on."""
        return {"graph": self.graph, "format": self.format}


def graph_of(request: Request) -> Wanted | None:
    """Return which graph a request reads, None when it names none or asks a query; raise Problem when it names it wrongly."""
    parameters = parameters_of(request)
    if request.scope["path"].startswith(f"{PATH}/") and request.scope["path"] != f"{PATH}/":
        if _names(parameters):
            raise Problem(400, "the graph is named twice: by the path and by a parameter")
        return _wanted(request, parameters, endpoint_of(request))
    if not _names(parameters) or values(parameters, "query"):
        return None
    if len(_names(parameters)) > 1:
        raise Problem(400, "several graphs are named, ask for one: ?default or ?graph=IRI")
    named = values(parameters, "graph")
    return _wanted(request, parameters, _resolved(endpoint_of(request), named[0]) if named else None)


def graph_triples(store: ox.Store, graph: str | None) -> Iterator[ox.Triple]:
    """Yield the triples of a graph as the store holds them; raise NoGraph, before the first, when there is no such graph."""
    name = ox.NamedNode(graph) if graph is not None else ox.DefaultGraph()
    if isinstance(name, ox.NamedNode) and not store.contains_named_graph(name):
        raise NoGraph(f"there is no graph <{graph}>", hint="list them with: SELECT DISTINCT ?g { GRAPH ?g { } }")
    return (quad.triple for quad in store.quads_for_pattern(None, None, None, name))


def write_graph(triples: Iterable[ox.Triple], name: str, output: IO[bytes], prefixes: Mapping[str, str]) -> None:
    """Write triples in one of the formats of graphs, as they come."""
    syntax = ox.RdfFormat.from_media_type(str(FORMATS[name].media_type))
    ox.serialize(triples, output, format=syntax, prefixes=dict(prefixes))


def _names(parameters: Parameters) -> list[str]:
    return [name for name, _ in parameters if name in {"default", "graph"}]


def _wanted(request: Request, parameters: Parameters, graph: str | None) -> Wanted:
    format = accepted(request, parameters)["graph"]
    if format is None:
        raise Problem(406, "a graph cannot be had in a format that the request accepts", formats=list(media_types("graph")))
    return Wanted(graph, format, timeout_in(parameters))


def _resolved(endpoint: str, graph: str) -> str:
    try:
        return ox.NamedNode(graph if _ABSOLUTE.match(graph) else urljoin(endpoint, graph)).value
    except ValueError as error:
        raise Problem(400, "the name of the graph is no IRI") from error
