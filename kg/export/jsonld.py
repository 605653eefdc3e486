"""Triples -> JSON-LD 1.1 in the terms of ontology/context.jsonld, each model with its runs and hardware inside it.

The context stands in the file, so that nobody has to fetch one. Numbers of xsd:integer and booleans are JSON's own; decimals and
doubles stay text, because a JSON number would lose their datatype or digits.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyoxigraph as ox

from kg.export._selection import Selection
from kg.schema import ontology_dir
from kg.terms import KG, RDF, RDFS, XSD

_TYPE, _LABEL = f"{RDF}type", f"{RDFS}label"
_EMBEDDED = (f"{KG}hasRun", f"{KG}hardware")
_MODEL = f"{KG}describedIn"
_INTEGER = re.compile(r"0|-?[1-9]\d{0,14}")  # what every JSON reader keeps to the last digit

_Node = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True, order=True)
class _Term:
    """A term of the context: place, name, what its values are (`@id`, `@vocab`, a datatype, nothing), whether always a list."""

    rank: int
    name: str
    kind: str = ""
    is_set: bool = False


@dataclass(frozen=True, slots=True)
class _Context:
    """The context as it stands in the file, its prefixes, and its terms by IRI in their order."""

    text: str
    prefixes: Mapping[str, str]
    terms: Mapping[str, _Term]

    def term(self, predicate: str) -> _Term:
        """Return the term of a predicate; one that has none stands last, under its compact IRI."""
        return self.terms.get(predicate) or _Term(len(self.terms), self.short(predicate))

    def short(self, iri: str) -> str:
        """Return an IRI as term or compact IRI where the context has one."""
        if iri in self.terms:
            return self.terms[iri].name
        namespaces = (prefix for prefix, namespace in self.prefixes.items() if iri.startswith(namespace))
        return next((f"{prefix}:{iri.removeprefix(self.prefixes[prefix])}" for prefix in namespaces), iri)


def write(selection: Selection) -> bytes:
    """Return the facts of a selection."""
    return to_jsonld(f"{triple} .\n" for triple in selection.triples())


def to_jsonld(lines: Iterable[str]) -> bytes:
    """Return lines of N-Triples as JSON-LD, models first, then by IRI; the order of the lines has no influence."""
    nodes: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse("".join(sorted(set(lines))), format=ox.RdfFormat.N_TRIPLES):
        nodes[_id(quad.subject)][quad.predicate.value].append(quad.object)
    inner = _parents(nodes)
    tops = sorted((iri for iri in nodes if iri not in inner), key=lambda iri: (_MODEL not in nodes[iri], iri))
    context = _context()
    written = ",\n".join(json.dumps(_node(iri, nodes, inner, context), ensure_ascii=False) for iri in tops)
    return f'{{"@context": {context.text},\n"@graph": [\n{written}\n]}}\n'.encode()


def _parents(nodes: Mapping[str, _Node]) -> dict[str, str]:
    """Return which node each run and hardware stands in: the first that has it as a part, unless that closes a circle."""
    parents: dict[str, str] = {}
    for iri in sorted(nodes):
        for predicate in _EMBEDDED:
            for part in (_id(value) for value in nodes[iri].get(predicate, ()) if not isinstance(value, ox.Literal)):
                if part in nodes and part not in parents and part not in _above(iri, parents):
                    parents[part] = iri
    return parents


def _above(iri: str, parents: Mapping[str, str]) -> set[str]:
    found = {iri}
    while iri in parents:
        iri = parents[iri]
        found.add(iri)
    return found


def _node(iri: str, nodes: Mapping[str, _Node], parents: Mapping[str, str], context: _Context) -> dict[str, Any]:
    node = nodes[iri]
    written: dict[str, Any] = {"id": iri}
    if _TYPE in node:
        types = [context.short(_id(value)) for value in node[_TYPE]]
        written["type"] = types[0] if len(types) == 1 else types
    for term, predicate in sorted((context.term(predicate), predicate) for predicate in node.keys() - {_TYPE}):
        values = [_value(value, term, context) for value in node[predicate]]
        if predicate in _EMBEDDED:
            inner = [_id(value) for value in node[predicate]]
            values = [
                _node(part, nodes, parents, context) if parents.get(part) == iri else value
                for part, value in zip(inner, values, strict=True)
            ]
        written[term.name] = values if term.is_set or len(values) > 1 else values[0]
    return written


def _value(value: Any, term: _Term, context: _Context) -> Any:
    """Return an object as the term's coercion reads it back, written out where it would read back as something else."""
    if not isinstance(value, ox.Literal):
        if term.kind == "@vocab":
            return context.short(_id(value))
        return _id(value) if term.kind == "@id" else {"id": _id(value)}
    datatype = value.datatype.value
    if value.language:
        return {"@value": value.value, "@language": value.language}
    if datatype == (term.kind or f"{XSD}string"):
        return _NATIVE.get(datatype, str)(value.value)
    return {"@value": value.value} if datatype == f"{XSD}string" else {"@value": value.value, "@type": context.short(datatype)}


_NATIVE: Mapping[str, Callable[[str], Any]] = {
    f"{XSD}integer": lambda text: int(text) if _INTEGER.fullmatch(text) else text,
    f"{XSD}boolean": lambda text: {"true": True, "false": False}.get(text, text),
}


def _id(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


@cache
def _context() -> _Context:
    """Read the context, of which only what `kg.generate` writes is known: prefixes, terms, coercions, sets."""
    entries = json.loads((ontology_dir() / "context.jsonld").read_bytes())["@context"]
    prefixes = {name: iri for name, iri in entries.items() if isinstance(iri, str) and iri.endswith(("#", "/"))}
    terms: dict[str, _Term] = {}
    for name, entry in entries.items():
        full = entry if isinstance(entry, dict) else {"@id": entry}
        if name not in prefixes and ":" in str(full["@id"]):
            iri, kind = _expand(full["@id"], prefixes), full.get("@type", "")
            rank = -1 if iri == _LABEL else len(terms)
            terms.setdefault(iri, _Term(rank, name, _expand(kind, prefixes), full.get("@container") == "@set"))
    return _Context(json.dumps(entries, ensure_ascii=False), prefixes, terms)


def _expand(text: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, rest = text.partition(":")
    return prefixes[prefix] + rest if prefix in prefixes else text
