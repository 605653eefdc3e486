"""A graph of the store -> its triples in a syntax, whole and as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import IO

import pyoxigraph as ox

from kg.errors import UsageError
from kg.sparql.formats import FORMATS


class NoGraph(UsageError):
    """A graph that the build does not have."""


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
