"""What the endpoint says of itself: SPARQL 1.1 Service Description, with the build's own VoID description and example queries."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.schema import DEFAULT_BASE
from kg.sparql.formats import FORMATS
from kg.terms import PREFIXES, RDF

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_WRITTEN = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD"),
)
_TYPE = ox.NamedNode(f"{RDF}type")


def description(store: ox.Store, endpoint: str, base: str = DEFAULT_BASE) -> list[ox.Triple]:
    """Return the triples, sorted; `endpoint` is the URL of the service."""
    built = ox.NamedNode(f"{base}graph/build")
    own = {quad.triple for quad in store.quads_for_pattern(None, None, None, built)}
    return sorted({*_service(store, endpoint, base), *own}, key=str)


def write_description(triples: list[ox.Triple], name: str) -> bytes:
    """Return the description in one of the formats of graphs."""
    syntax = ox.RdfFormat.from_media_type(str(FORMATS[name].media_type))
    return ox.serialize(triples, format=syntax, prefixes={**PREFIXES, "sd": SD}) or b""


def _service(store: ox.Store, endpoint: str, base: str) -> Iterator[ox.Triple]:
    service, dataset, graph = (ox.NamedNode(f"{endpoint}#{name}") for name in ("service", "dataset", "default-graph"))

    def says(subject: ox.NamedNode, term: str, value: ox.NamedNode) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(SD + term), value)

    yield ox.Triple(service, _TYPE, ox.NamedNode(f"{SD}Service"))
    yield says(service, "endpoint", ox.NamedNode(endpoint))
    yield says(service, "supportedLanguage", ox.NamedNode(f"{SD}SPARQL11Query"))
    for name in _WRITTEN:
        yield says(service, "resultFormat", ox.NamedNode(_FORMATS + name))
    yield says(service, "defaultDataset", dataset)
    yield ox.Triple(dataset, _TYPE, ox.NamedNode(f"{SD}Dataset"))
    yield says(dataset, "defaultGraph", graph)
    yield ox.Triple(graph, _TYPE, ox.NamedNode(f"{SD}Graph"))
    for name in ("derived", "catalog", "ontology", "build"):
        term = ox.NamedNode(f"{base}graph/{name}")
        if store.contains_named_graph(term):
            named = ox.NamedNode(f"{endpoint}#{name}")
            yield says(dataset, "namedGraph", named)
            yield ox.Triple(named, _TYPE, ox.NamedNode(f"{SD}NamedGraph"))
            yield says(named, "name", term)
