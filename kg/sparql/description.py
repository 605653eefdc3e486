"""What the endpoint says of itself: SPARQL 1.1 Service Description, with the build's own VoID description and example queries."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox

from kg.schema import DEFAULT_BASE
from kg.sparql.formats import FORMATS
from kg.terms import PREFIXES, RDF, RDFS, VOID

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_SIMPLE = "http://www.w3.org/ns/entailment/Simple"
_WRITTEN = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD"),
)
_TYPE = ox.NamedNode(f"{RDF}type")
_LABEL = ox.NamedNode(f"{RDFS}label")
_TRIPLES = ox.NamedNode(f"{VOID}triples")
_LISTED = 100  # named graphs of a kind; more are counted

Term = ox.NamedNode | ox.Literal


def description(store: ox.Store, endpoint: str, base: str = DEFAULT_BASE, *, federated: bool = False) -> list[ox.Triple]:
    """Return the triples, sorted; `endpoint` is the URL of the service, `federated` whether it answers SERVICE clauses."""
    built = ox.NamedNode(f"{base}graph/build")
    own = {quad.triple for quad in store.quads_for_pattern(None, None, None, built)}
    return sorted({*_service(endpoint, federated), *_dataset(store, endpoint, base), *own}, key=str)


def write_description(triples: list[ox.Triple], name: str) -> bytes:
    """Return the description in one of the formats of graphs."""
    syntax = ox.RdfFormat.from_media_type(str(FORMATS[name].media_type))
    return ox.serialize(triples, format=syntax, prefixes={**PREFIXES, "sd": SD}) or b""


def _service(endpoint: str, federated: bool) -> Iterator[ox.Triple]:
    service = ox.NamedNode(f"{endpoint}#service")
    yield ox.Triple(service, _TYPE, _sd("Service"))
    yield ox.Triple(service, _sd("endpoint"), ox.NamedNode(endpoint))
    yield ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield ox.Triple(service, _sd("defaultEntailmentRegime"), ox.NamedNode(_SIMPLE))
    yield ox.Triple(service, _sd("defaultDataset"), ox.NamedNode(f"{endpoint}#dataset"))
    for name in _WRITTEN:
        yield ox.Triple(service, _sd("resultFormat"), ox.NamedNode(_FORMATS + name))
    if federated:
        yield ox.Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))


def _dataset(store: ox.Store, endpoint: str, base: str) -> Iterator[ox.Triple]:
    """Yield the default graph, and the named graphs by their names; of the reports', which are many, the number."""
    dataset, default = ox.NamedNode(f"{endpoint}#dataset"), ox.NamedNode(f"{endpoint}#default-graph")
    yield ox.Triple(dataset, _TYPE, _sd("Dataset"))
    yield ox.Triple(dataset, _sd("defaultGraph"), default)
    yield ox.Triple(default, _TYPE, _sd("Graph"))
    yield from _counted(store, default, ox.NamedNode(f"{base}graph/build/data"), endpoint)
    reports, others = f"{base}graph/report/", list[str]()
    count = 0
    for graph in store.named_graphs():
        if isinstance(graph, ox.NamedNode) and graph.value.startswith(reports):
            count += 1
        elif isinstance(graph, ox.NamedNode):
            others.append(graph.value)
    yield from _collection(endpoint, "reports", f"the graphs of the reports, one each, named {reports}ID", count)
    for name in sorted(others)[:_LISTED]:
        named = ox.NamedNode(f"{endpoint}#{quote(name.removeprefix(f'{base}graph/'), safe='/')}")
        yield ox.Triple(dataset, _sd("namedGraph"), named)
        yield ox.Triple(named, _TYPE, _sd("NamedGraph"))
        yield ox.Triple(named, _sd("name"), ox.NamedNode(name))


def _counted(store: ox.Store, default: ox.NamedNode, data: ox.NamedNode, endpoint: str) -> Iterator[ox.Triple]:
    """Yield how many triples the default graph has, when the build says it, and where what the build describes can be asked."""
    for quad in store.quads_for_pattern(data, _TRIPLES, None):
        yield ox.Triple(default, _TRIPLES, quad.object)
        yield ox.Triple(data, ox.NamedNode(f"{VOID}sparqlEndpoint"), ox.NamedNode(endpoint))


def _collection(endpoint: str, name: str, label: str, count: int) -> Iterator[ox.Triple]:
    if count:
        node = ox.NamedNode(f"{endpoint}#{name}")
        yield ox.Triple(ox.NamedNode(f"{endpoint}#service"), _sd("availableGraphs"), node)
        yield ox.Triple(node, _TYPE, _sd("GraphCollection"))
        yield ox.Triple(node, _LABEL, ox.Literal(label))
        yield ox.Triple(node, ox.NamedNode(f"{VOID}documents"), ox.Literal(count))


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD + name)
