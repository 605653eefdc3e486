"""Graph Store Protocol, the reading half (SPARQL 1.1 Graph Store HTTP Protocol, sections 4 and 5): request -> graph.

/graphs?default              the default graph
/graphs?graph=IRI            a named graph; a relative IRI is resolved against the URL that was asked
/graphs/a/b                  the graph whose IRI is the URL that was asked
/sparql?default, ?graph=IRI  the same at the URL of queries
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox
from starlette.requests import Request

from kg.serve._negotiation import media_types
from kg.serve._protocol import Parameters, Problem, accepted, endpoint_of, parameters_of, timeout_in, values

PATH = "/graphs"

_ABSOLUTE = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")


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
