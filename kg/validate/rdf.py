"""RDF text -> rdflib graphs, and back to N-Triples terms: the only border to rdflib. Parsed by pyoxigraph, which is faster.

Terms between the modules here are strings in canonical N-Triples, so that they compare, sort and pass between processes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Triple = tuple[str, str, str]


def quiet() -> None:
    """Keep rdflib from logging that a literal is ill-typed, and pyshacl from logging what it raises: that is what findings say."""
    for name in ("rdflib", "pyshacl", "pyshacl-validate"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def triples(text: str) -> Iterator[Triple]:
    """Yield the triples of N-Triples text as terms."""
    import pyoxigraph as ox

    for triple in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        yield str(triple.subject), str(triple.predicate), str(triple.object)


def graph(text: str = "") -> Graph:
    """Return the rdflib graph of N-Triples text, literals as written."""
    from rdflib import Graph

    built = Graph(bind_namespaces="none")
    add(built, text)
    return built


def add(built: Graph, text: str, rename: Callable[[str], str] | None = None) -> None:
    """Add N-Triples text to a graph; `rename` may change IRIs of subjects and objects, classes excepted."""
    import pyoxigraph as ox

    for triple in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        predicate = triple.predicate.value
        keep = rename is None or predicate == "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        built.add((_node(triple.subject, rename), _iri(predicate), _node(triple.object, None if keep else rename)))


def _node(term: Any, rename: Callable[[str], str] | None) -> Node:
    import pyoxigraph as ox
    from rdflib import BNode, Literal

    if isinstance(term, ox.NamedNode):
        iri: Node = _iri(rename(term.value) if rename else term.value)
        return iri
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=_iri(term.datatype.value), normalize=False)


@lru_cache(maxsize=50_000)
def _iri(iri: str) -> Any:
    from rdflib import URIRef

    return URIRef(iri)


def text(node: Any) -> str:
    """Return an rdflib node as a term."""
    import pyoxigraph as ox
    from rdflib import BNode, Literal

    if isinstance(node, BNode):
        return f"_:{node}"
    if not isinstance(node, Literal):
        return f"<{node}>"
    if node.language:
        return str(ox.Literal(str(node), language=node.language))
    return str(ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None))


def lexical(term: str) -> str:
    """Return what a term says without its syntax: an IRI's characters, a literal's lexical form.

    >>> lexical('"7"^^<http://www.w3.org/2001/XMLSchema#integer>'), lexical("<https://w3id.org/kg/model/x>")
    ('7', 'https://w3id.org/kg/model/x')
    """
    import pyoxigraph as ox

    if not term.startswith('"'):
        return term.removeprefix("<").removesuffix(">")
    parsed = next(iter(ox.parse(f"<a:> <a:> {term} .", format=ox.RdfFormat.N_TRIPLES)))
    return str(parsed.object.value)
