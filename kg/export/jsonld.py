"""Triples -> JSON-LD 1.1 in the terms of ontology/context.jsonld, each model with its runs and hardware inside it.

The context stands in the file, so that nobody has to fetch one. Numbers of xsd:integer and booleans are JSON's own; decimals and
doubles stay text, because a JSON number would lose their datatype or digits.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from json.encoder import encode_basestring as _quoted
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox

from kg.export._nest import EMBEDDED, Family, Nest
from kg.export._selection import Selection
from kg.schema import ontology_dir
from kg.terms import RDF, RDFS, XSD

__all__ = ["Family", "Nest", "chunks", "families_text", "to_jsonld", "write"]

_TYPE, _LABEL = f"{RDF}type", f"{RDFS}label"
_BATCH = 500  # families
_INTEGER = re.compile(r"0|-?[1-9]\d{0,14}")  # what every JSON reader keeps to the last digit

_Node = Mapping[str, list[str]]

Each = Callable[[Callable[[list[Family]], bytes], Iterator[list[Family]]], Iterable[bytes]]


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


def write(selection: Selection) -> Iterator[bytes]:
    """Yield the facts of a selection."""
    with TemporaryDirectory(prefix="kg-") as folder, Nest(Path(folder)) as nest:
        nest.add(f"{triple} .\n" for triple in selection.triples())
        yield from chunks(nest)


def to_jsonld(lines: Iterable[str]) -> bytes:
    """Return lines of N-Triples as JSON-LD, models first, then by IRI; the order of the lines has no influence."""
    with Nest() as nest:
        nest.add(lines)
        return b"".join(chunks(nest))


def chunks(nest: Nest, each: Each = map) -> Iterator[bytes]:
    """Yield what a nest holds as JSON-LD; `each` applies a function to batches, as `map` does, in their order."""
    waiting = nest.families()
    batches = iter(lambda: list(islice(waiting, _BATCH)), [])
    between = f'{{"@context": {_context().text},\n"@graph": [\n'.encode()
    for text in each(families_text, batches):
        yield between + text
        between = b",\n"
    yield b"\n]}\n" if between == b",\n" else between + b"\n]}\n"


def families_text(families: Sequence[Family]) -> bytes:
    """Return families as items of the document's list."""
    return ",\n".join(map(_family_text, families)).encode()


def _family_text(family: Family) -> str:
    return _node(family.top, {id: _said(lines) for id, lines in family.lines.items()}, family.parents)


def _said(lines: str) -> _Node:
    """Return objects in N-Triples by predicate."""
    said: dict[str, list[str]] = defaultdict(list)
    for line in sorted(set(lines.split("\n")[:-1])):
        _, predicate, value = line.split(" ", 2)
        said[predicate[1:-1]].append(value.removesuffix(" ."))
    return said


def _node(iri: str, nodes: Mapping[str, _Node], parents: Mapping[str, str]) -> str:
    node = nodes[iri]
    written = [f'"id": {_quoted(iri)}']
    if _TYPE in node:
        types = [_quoted(_short(_id(value))) for value in node[_TYPE]]
        written.append(f'"type": {types[0] if len(types) == 1 else _listed(types)}')
    for _, _, predicate, term in sorted(map(_placed, node.keys() - {_TYPE})):
        values = [_value(value, term) for value in node[predicate]]
        if predicate in EMBEDDED:
            inner = map(_id, node[predicate])
            values = [
                _node(part, nodes, parents) if parents.get(part) == iri else value
                for part, value in zip(inner, values, strict=True)
            ]
        written.append(f"{_quoted(term.name)}: {_listed(values) if term.is_set or len(values) > 1 else values[0]}")
    return f"{{{', '.join(written)}}}"


def _listed(values: Iterable[str]) -> str:
    return f"[{', '.join(values)}]"


@lru_cache(maxsize=1000)
def _placed(predicate: str) -> tuple[int, str, str, _Term]:
    """Return a predicate with its term, and before them what it is sorted by."""
    term = _context().term(predicate)
    return term.rank, term.name, predicate, term


@lru_cache(maxsize=1000)
def _short(iri: str) -> str:
    return _context().short(iri)


def _value(value: str, term: _Term) -> str:
    """Return an object as the term's coercion reads it back, written out where it would read back as something else."""
    if not value.startswith('"'):
        if term.kind == "@vocab":
            return _quoted(_short(_id(value)))
        return _quoted(_id(value)) if term.kind == "@id" else f'{{"id": {_quoted(_id(value))}}}'
    text, language, datatype = _literal(value)
    if language:
        return f'{{"@value": {_quoted(text)}, "@language": {_quoted(language)}}}'
    if datatype == (term.kind or f"{XSD}string"):
        return _NATIVE.get(datatype, _quoted)(text)
    if datatype == f"{XSD}string":
        return f'{{"@value": {_quoted(text)}}}'
    return f'{{"@value": {_quoted(text)}, "@type": {_quoted(_short(datatype))}}}'


_NATIVE: Mapping[str, Callable[[str], str]] = {
    f"{XSD}integer": lambda text: text if _INTEGER.fullmatch(text) else _quoted(text),
    f"{XSD}boolean": lambda text: text if text in {"true", "false"} else _quoted(text),
}


def _literal(term: str) -> tuple[str, str | None, str]:
    """Return the text, language and datatype of a literal in N-Triples."""
    end = term.rindex('"')
    rest = term[end + 1 :]
    if "\\" in term or rest.startswith("@"):
        (triple,) = ox.parse(f"<x:> <x:> {term} .", format=ox.RdfFormat.N_TRIPLES)
        literal: ox.Literal = triple.object
        return literal.value, literal.language, literal.datatype.value
    return term[1:end], None, rest[3:-1] if rest else f"{XSD}string"


def _id(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term


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
