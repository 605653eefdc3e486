"""The graph view: what a thing is linked with, drawn and as a list; and the same as JSON of any thing, a page at a time.

`?from=` is the IRI, the path or the name of what to begin with; without it, it is the dataset that most models share.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from heapq import nlargest
from typing import Any

import pyoxigraph as ox

from kg.pages._neighbours import KINDS, WORDS, neighbours
from kg.pages.errors import Missing
from kg.terms import KG
from kg.why import Graph

_STARTS = (("datasets", "ofDataset"), ("shared-backbone", "ofBackbone"), ("by-accelerator", "ofAccelerator"))
_EACH = 4  # things of a kind that are offered to begin with
_KEPT = 10  # pages of neighbours that a published site has of a thing
_OF_MODELS = frozenset({"run", "hardware", "claim", "derived"})

Values = Mapping[str, Any]


def view(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return what stands around the thing to begin with, and other things to begin with; raise Missing for an unknown one."""
    asked = _one(arguments["query"], "from")
    starts = list(_starts(graph))
    iri = _asked(graph, asked) if asked else next((graph.base + start["id"] for start in starts), None)
    found = neighbours(graph, iri) if iri else None
    return {"asked": asked, "start": found, "groups": _listed(found) if found else [], "starts": starts, "words": _words(graph)}


def links(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return the neighbours of a thing as JSON, of all its relations or the one asked for, from the page that is asked for."""
    query = arguments.get("query", {})
    page = arguments.get("page") or _one(query, "page") or "1"
    if "iri" not in arguments or not page.isdecimal() or not page.isascii() or len(page) > 7:
        raise Missing("this page is about no thing that has neighbours", hint="ask at the address of a thing")
    return neighbours(graph, arguments["iri"], _one(query, "relation"), int(page))


def published(path: str, format: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the neighbours that a published site keeps for the drawing beside a file: of each thing a few pages."""
    of, _, number = path.rpartition("/page/")
    if not format and path.partition("/")[0] in KINDS and not of and "/stage/" not in path:
        yield path, "links"
    elif format == "links" and any(group["next"] for group in json.loads(content)["groups"]):
        page = int(number) if number.isdecimal() else 1
        if page < _KEPT:
            yield f"{of or path}/page/{page + 1}", "links"


def _one(query: Mapping[str, list[str]], name: str) -> str | None:
    return next((value.strip() for value in query.get(name, ()) if value.strip()), None)


def _asked(graph: Graph, text: str) -> str:
    """Return the IRI of what to begin with: of a run, a claim or a derived fact it is the model."""
    found = next((iri for iri in (text, graph.base + text) if graph.knows(iri)), None)
    named = [] if found else graph.called(text) or (graph.called_alike(text) if graph.indexed else [])
    iri = found or (named[0] if named else None)
    if iri is None:
        raise Missing(
            f"the graph knows nothing of {text[:80]}", hint="search for a model, a dataset, an accelerator, an organization"
        )
    if iri.removeprefix(graph.base).partition("/")[0] not in _OF_MODELS:
        return iri
    statement = graph.statements.statement(iri)
    return graph.statements.model_of(statement.subject if statement else iri) or iri


def _starts(graph: Graph) -> Iterator[dict[str, Any]]:
    """Yield things to begin with: those that most models share, then the first models."""
    summary = ox.NamedNode(f"{graph.base}graph/summary")
    for name, of in _STARTS:
        counted = ((_number(graph, count, summary), thing) for count in _entries(graph, name) for thing in _of(graph, count, of))
        shared = (item for item in counted if item[0] > 1)
        for number, iri in nlargest(_EACH, shared, key=lambda item: (item[0], item[1])):
            yield {"id": iri.removeprefix(graph.base), "label": graph.statements.label(iri) or iri, "models": number}
    for iri in sorted(_entries(graph, "models"))[:_EACH]:
        yield {"id": iri.removeprefix(graph.base), "label": graph.statements.label(iri) or iri, "models": 0}


def _entries(graph: Graph, name: str) -> list[str]:
    """Return what stands on the first page of a list of the build."""
    return list(_values(graph, f"{graph.base}summary/{name}/page/1", "entry"))


def _of(graph: Graph, count: str, name: str) -> list[str]:
    return sorted(_values(graph, count, name))


def _values(graph: Graph, iri: str, name: str) -> Iterator[str]:
    graph_name = ox.NamedNode(f"{graph.base}graph/summary")
    quads = graph.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(KG + name), None, graph_name)
    return (quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode))


def _number(graph: Graph, count: str, summary: ox.NamedNode) -> int:
    quads = graph.store.quads_for_pattern(ox.NamedNode(count), ox.NamedNode(f"{KG}models"), None, summary)
    return next((int(quad.object.value) for quad in quads if isinstance(quad.object, ox.Literal)), 0)


def _listed(found: Values) -> list[dict[str, Any]]:
    """Return the neighbours of each relation as a page lists them: the thing at the other end, and what is told of the edge."""
    nodes = {node["id"]: node for node in found["nodes"]} | {found["thing"]["id"]: found["thing"]}
    groups = []
    for group in found["groups"]:
        here, there = ("target", "source") if group["inverse"] else ("source", "target")
        edges = [edge for edge in found["edges"] if edge["relation"] == group["relation"] and edge[here] == found["thing"]["id"]]
        rows = [{**nodes[edge[there]], "of": [*edge.get("roles", ()), *edge.get("stages", ())]} for edge in edges]
        left = (group["total"] - len(rows)) if group["total"] is not None else None
        groups.append({**group, "rows": rows, "left": left if group["next"] else 0})
    return groups


def _words(graph: Graph) -> dict[str, str]:
    """Return what the edges of each relation are called."""
    schema = graph.schema
    return {name: WORDS.get(name, (relation.label,))[0] for name, relation in schema.relations.items()}
