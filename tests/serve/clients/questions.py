"""What every client is asked, and what the store itself answers: in one form, terms as kind, text, and datatype or language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox
import rdflib

PREFIXES = """PREFIX kg: <https://w3id.org/kg/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
SELECT = (
    PREFIXES
    + "SELECT ?model ?name ?size { ?model kg:describedIn ?r ; rdfs:label ?name OPTIONAL { ?model kg:parameterCount ?size } }"
)
YES = PREFIXES + "ASK { ?model kg:extends ?other }"
NO = PREFIXES + "ASK { ?model kg:extends ?model }"
CONSTRUCT = (
    PREFIXES
    + "CONSTRUCT { ?other <urn:carries> ?model . ?model rdfs:label ?name } WHERE { ?model kg:extends ?other ; rdfs:label ?name }"
)
WRONG = "SELECT ?s\nWHERE { ?s ?p 'o' ; wrong }"
PLACE = (2, 21)
"""Line and column of what is wrong in it, from 1."""

GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
MANY = PREFIXES + "SELECT ?thing ?by ?name { VALUES ?by { rdfs:label skos:altLabel } ?thing ?by ?name }"
AT_LEAST = 10_000
"""Rows of MANY."""

CATALOG = "https://w3id.org/kg/graph/catalog"
ONTOLOGY = "https://w3id.org/kg/graph/ontology"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

Term = tuple[str, str, str] | None
Row = tuple[Term, ...]
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def rows(store: ox.Store, text: str, **graphs: Any) -> Counter[Row]:
    """Return the rows that a store answers with, and how often each comes."""
    found = store.query(text, **graphs)
    assert isinstance(found, ox.QuerySolutions)
    return Counter(tuple(of_store(term) for term in row) for row in found)


def graph(store: ox.Store, text: str) -> set[Row]:
    """Return the triples that a store answers with."""
    found = store.query(text)
    assert isinstance(found, ox.QueryTriples)
    return set(map(of_triple, found))


def of_triple(triple: ox.Triple) -> Row:
    return of_store(triple.subject), of_store(triple.predicate), of_store(triple.object)


def of_store(term: object) -> Term:
    if isinstance(term, ox.Literal):
        return "literal", term.value, term.language or ("" if term.datatype.value == _STRING else term.datatype.value)
    return ("uri", term.value, "") if isinstance(term, ox.NamedNode) else None


def of_rdflib(term: object) -> Term:
    if isinstance(term, rdflib.Literal):
        datatype = str(term.datatype or "")
        return "literal", str(term), term.language or ("" if datatype == _STRING else datatype)
    return ("uri", str(term), "") if isinstance(term, rdflib.URIRef) else None


def of_json(document: Mapping[str, Any]) -> Counter[Row]:
    """Return the rows of a document of SPARQL's JSON results."""
    names = document["head"]["vars"]
    return Counter(tuple(_of_binding(binding.get(name)) for name in names) for binding in document["results"]["bindings"])


def _of_binding(term: Mapping[str, str] | None) -> Term:
    if term is None:
        return None
    datatype = term.get("datatype", "")
    return term["type"].removeprefix("typed-"), term["value"], term.get("xml:lang") or ("" if datatype == _STRING else datatype)


def of_graph(triples: Iterable[tuple[Any, Any, Any]]) -> set[Row]:
    """Return the triples of a graph of rdflib."""
    return {tuple(map(of_rdflib, triple)) for triple in triples}


def number(found: Counter[Row]) -> int:
    """Return the one number in the one cell of rows."""
    ((term,),) = found
    assert term
    return int(term[1])
