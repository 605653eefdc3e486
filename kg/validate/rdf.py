"""RDF text -> rdflib graphs, and back to N-Triples terms: the only border to rdflib. Parsed by pyoxigraph, which is faster.

Terms between the modules here are strings in canonical N-Triples, so that they compare, sort and pass between processes.
"""

from __future__ import annotations

import logging
import re
import warnings
from codecs import BOM_UTF8
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.terms import XSD

if TYPE_CHECKING:
    from rdflib import Graph, Literal
    from rdflib.term import Node

Triple = tuple[str, str, str]

_STRING = f"^^<{XSD}string>"  # which canonical N-Triples leave out
_ALIKE = 6  # blank nodes: the time of RDFC-1.0 grows with the factorial of how many look alike


def quiet() -> None:
    """Keep rdflib from logging that a literal is ill-typed, and pyshacl from logging what it raises: that is what findings say."""
    for name in ("rdflib.term", "pyshacl", "pyshacl.shape", "pyshacl-validate"):
        logging.getLogger(name).disabled = True
    warnings.filterwarnings("ignore", category=UserWarning, module=r"rdflib\.term")
    # Where a shape refers to itself, pyshacl gives up after some steps and calls the rest conforming.
    warnings.filterwarnings("error", message="Warning, A Recursive Shape")
    warnings.filterwarnings("ignore", category=FutureWarning, message="Possible ")  # of what [ means in a pattern some day


def triples(text: str) -> Iterator[Triple]:
    """Yield the triples of N-Triples text as terms."""
    import pyoxigraph as ox

    for triple in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        yield str(triple.subject), str(triple.predicate), str(triple.object)


def parts(triple: str) -> Triple:
    """Return the terms of a triple without full stop; what holds nothing to be escaped is not parsed (1/4 of the time).

    >>> parts('<x:s> <x:p> "a b"@en')
    ('<x:s>', '<x:p>', '"a b"@en')
    """
    if "\\" in triple or not triple.isprintable() or triple.endswith(_STRING):
        return next(triples(f"{triple} .\n"))
    subject, predicate, value = triple.split(" ", 2)
    return subject, predicate, value


def quads_of(file: Path, error: type[KgError]) -> list[Any]:
    """Return the quads of an RDF file as pyoxigraph has them, blank nodes with labels of their own.

    Raises `error`, with the line where there is one, when the file cannot be read or is not what its suffix says.
    """
    import pyoxigraph as ox

    names = {"ttl": "TURTLE", "nt": "N_TRIPLES", "nq": "N_QUADS", "trig": "TRIG", "jsonld": "JSON_LD", "rdf": "RDF_XML"}
    name = names.get(file.suffix.removeprefix("."))
    if name is None:
        raise error("not RDF by its name", where=str(file), hint=f"name it {', '.join(f'.{suffix}' for suffix in names)}")
    syntax: ox.RdfFormat = getattr(ox.RdfFormat, name)
    try:
        data = file.read_bytes().removeprefix(BOM_UTF8)
        return list(ox.parse(data, format=syntax, base_iri=file.absolute().as_uri(), rename_blank_nodes=True))
    except OSError as reason:
        raise error(
            f"the file cannot be read: {reason.strerror}", where=str(file), hint="correct the path or the rights"
        ) from reason
    except SyntaxError as reason:
        where = f"{file}:{reason.lineno}:{reason.offset}" if reason.lineno else str(file)
        what = re.sub(r"^Parser error (at|between) line .*?: ", "", reason.msg)
        raise error(f"the file is no {syntax.name}: {what}", where=where, hint="mend this line") from reason


def stably_named(quads: Iterable[Any]) -> list[Any]:
    """Return quads whose blank nodes are named after what is said of them (RDFC-1.0): equal graphs give equal names.

    Where that could take for ever, because many look alike and point at each other, they are named in the order of the file.
    """
    import pyoxigraph as ox

    found = list(quads)
    blank = {
        term: None for quad in found for term in (quad.subject, quad.object, quad.graph_name) if isinstance(term, ox.BlankNode)
    }
    if not blank:
        return found
    if max(Counter(_look(found).values()).values(), default=0) > _ALIKE:
        names = {term: ox.BlankNode(f"c14n{number}") for number, term in enumerate(blank)}
        return [ox.Quad(*(names.get(term, term) for term in (q.subject, q.predicate, q.object, q.graph_name))) for q in found]
    dataset = ox.Dataset(found)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def _look(quads: Iterable[Any]) -> dict[Any, tuple[str, ...]]:
    """Return how each blank node looks that stands beside another one: the triples that it is in, blank nodes without names."""
    import pyoxigraph as ox

    said: dict[Any, list[str]] = defaultdict(list)
    beside: set[Any] = set()
    for quad in quads:
        ends = [term for term in (quad.subject, quad.object) if isinstance(term, ox.BlankNode)]
        beside.update(ends if len(ends) == 2 else ())
        for term in ends:
            own = ("self" if other == term else "_:" if other in ends else str(other) for other in (quad.subject, quad.object))
            said[term].append(" ".join((str(quad.predicate), *own, str(term == quad.subject))))
    return {term: tuple(sorted(said[term])) for term in beside}


def graph(text: str = "") -> Graph:
    """Return the rdflib graph of N-Triples text, literals as written."""
    import pyoxigraph as ox
    from rdflib import Graph

    quiet()
    built = Graph(bind_namespaces="none")
    for triple in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        built.add((_node(triple.subject), _iri(triple.predicate.value), _node(triple.object)))
    return built


def _node(term: Any) -> Node:
    import pyoxigraph as ox
    from rdflib import BNode

    if isinstance(term, ox.NamedNode):
        iri: Node = _iri(term.value)
        return iri
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return _literal()(term.value, lang=term.language)
    if term.datatype.value == f"{XSD}string":  # queries find "a" only where it is written as they write it
        return _literal()(term.value)
    return _literal()(term.value, datatype=_iri(term.datatype.value), normalize=False)


@lru_cache(maxsize=1)
def _literal() -> type[Literal]:
    """Return a literal that is neither below nor above one that it cannot be compared with.

    SHACL calls such a pair a violation (section 4.5.4); rdflib's own literal raises TypeError in the middle of a validation.
    """
    from rdflib import Literal

    class Comparable(Literal):
        __slots__ = ()

        def __gt__(self, other: Any) -> bool:
            try:
                return super().__gt__(other)
            except ArithmeticError:  # "NaN"^^xsd:decimal
                return False

        def __le__(self, other: Any) -> bool:
            try:
                return self.eq(other) or self.__gt__(other) is False
            except TypeError:
                return False

        def __lt__(self, other: Any) -> bool:
            try:
                return not self.eq(other) and self.__gt__(other) is False
            except TypeError:
                return False

    return Comparable


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
    if "\\" not in term:
        return term[1 : term.rindex('"')]
    parsed = next(iter(ox.parse(f"<a:> <a:> {term} .", format=ox.RdfFormat.N_TRIPLES)))
    return str(parsed.object.value)
