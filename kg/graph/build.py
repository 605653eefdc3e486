"""A build's description of itself -> triples: VoID statistics, prefixes and example queries (SHACL's SPARQL vocabulary).

SPARQL editors complete classes and properties from the partitions: a class has those of its own things, and a property of a class
what its values are, by class or datatype. They list the queries as examples, each a whole query with its prefixes. What is counted
is the default graph without this description. Every node has an IRI below the graph's own, so that a build holds no blank node.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from kg.sparql.text import prefixes, tokens
from kg.terms import KG, LABEL, OWL, PREFIXES, RDF, RDFS, SH, TYPE, VOID, XSD, integer, path, string, typed

VOID_EXT = "http://ldf.fi/void-ext#"

_FORM = re.compile(r"^\s*(select|ask|construct|describe)\b", re.IGNORECASE | re.MULTILINE)
_TITLE = re.compile(r"^#\s*title:\s*(.+?)\s*$", re.MULTILINE)
_DATATYPE = re.compile(r'"(?:\^\^<(?P<type>[^>]*)>|@(?P<language>[A-Za-z0-9-]+))?$')


def build_triples(default: Iterable[str], queries: Mapping[str, str], base: str) -> list[str]:
    """Return the sorted triples that describe a build: counts over its default graph, prefixes, queries by name."""
    graph = f"{base}graph/build"
    return sorted({*_statistics(sorted(default), graph, base), *_prefixes(graph, base), *_queries(queries, graph, base)})


@dataclass(slots=True)
class _Part:
    """What is counted of the triples with one property, of the things of one class or of all; sorted by subject."""

    triples: int = 0
    subjects: int = 0
    objects: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    last: str = ""

    def add(self, subject: str, value: str, kinds: Iterable[str]) -> None:
        self.triples += 1
        self.subjects += subject != self.last
        self.objects.add(value)
        self.kinds.update(kinds)
        self.last = subject


def _statistics(default: Sequence[str], graph: str, base: str) -> Iterator[str]:
    classes = _classes(default)
    entities = Counter(kind for kinds in classes.values() for kind in kinds)
    every, of_class = _parts(default, classes)
    data = f"<{graph}/data>"
    yield f"{data} {TYPE} <{VOID}Dataset>"
    yield f"{data} {LABEL} {string('How AI models were trained')}"
    yield f"{data} <{VOID}uriSpace> {string(base)}"
    yield f"{data} <{VOID}vocabulary> <{KG}>"
    yield from _size(data, len({triple.partition(" ")[0] for triple in default}), every.values())
    yield f"{data} <{VOID}classes> {integer(len(entities))}"
    yield f"{data} <{VOID}properties> {integer(len(every))}"
    for term, found in every.items():
        yield from _property(data, f"{graph}/property-{_short(term)}", term, found)
    for kind, count in entities.items():
        part = f"{graph}/class-{_short(kind)}"
        own = {term: found for (other, term), found in of_class.items() if other == kind}
        yield f"{data} <{VOID}classPartition> <{part}>"
        yield f"<{part}> <{VOID}class> {kind}"
        yield f"<{part}> <{VOID}entities> {integer(count)}"
        yield f"<{part}> <{VOID}properties> {integer(len(own))}"
        yield from _size(f"<{part}>", count, own.values())
        for term, found in own.items():
            yield from _property(f"<{part}>", f"{part}/property-{_short(term)}", term, found)


def _classes(default: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for triple in default:
        subject, predicate, value = triple.split(" ", 2)
        if predicate == TYPE:
            found[subject] = (*found.get(subject, ()), value)
    return found


def _parts(default: Sequence[str], classes: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, _Part], dict[tuple[str, str], _Part]]:
    """Return what is counted of each property, and of each property of each class."""
    every: dict[str, _Part] = defaultdict(_Part)
    of_class: dict[tuple[str, str], _Part] = defaultdict(_Part)
    for triple in default:
        subject, predicate, value = triple.split(" ", 2)
        kinds = classes.get(value, ()) if value.startswith("<") else (_datatype(value),)
        every[predicate].add(subject, value, ())
        for kind in classes.get(subject, ()):
            of_class[kind, predicate].add(subject, value, kinds)
    return every, of_class


def _datatype(literal: str) -> str:
    found = _DATATYPE.search(literal)
    if found and found["language"]:
        return f'"{RDF}langString'
    return f'"{(found and found["type"]) or XSD + "string"}'


def _size(node: str, subjects: int, parts: Iterable[_Part]) -> Iterator[str]:
    parts = list(parts)
    yield f"{node} <{VOID}triples> {integer(sum(part.triples for part in parts))}"
    yield f"{node} <{VOID}distinctSubjects> {integer(subjects)}"
    objects = parts[0].objects if len(parts) == 1 else set().union(*(part.objects for part in parts))
    yield f"{node} <{VOID}distinctObjects> {integer(len(objects))}"


def _property(above: str, iri: str, term: str, found: _Part) -> Iterator[str]:
    yield f"{above} <{VOID}propertyPartition> <{iri}>"
    yield f"<{iri}> <{VOID}property> {term}"
    yield from _size(f"<{iri}>", found.subjects, [found])
    for kind, count in found.kinds.items():
        is_class = kind.startswith("<")
        part = f"<{iri}/{'class' if is_class else 'datatype'}-{_short(kind if is_class else f'<{kind[1:]}>')}>"
        names = (f"{VOID}classPartition", f"{VOID}class") if is_class else (f"{VOID_EXT}datatypePartition", f"{VOID_EXT}datatype")
        yield f"<{iri}> <{names[0]}> {part}"
        yield f"{part} <{names[1]}> {kind if is_class else f'<{kind[1:]}>'}"
        yield f"{part} <{VOID}triples> {integer(count)}"


def _short(term: str) -> str:
    iri = term[1:-1]
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}-{path(iri.removeprefix(namespace))}"
    return sha256(iri.encode()).hexdigest()[:8]


def _prefixes(graph: str, base: str) -> Iterator[str]:
    holder = f"<{graph}/prefixes>"
    yield f"{holder} {TYPE} <{OWL}Ontology>"
    for prefix, namespace in prefixes(base).items():
        node = f"<{graph}/prefix-{prefix}>"
        yield f"{holder} <{SH}declare> {node}"
        yield f"{node} {TYPE} <{SH}PrefixDeclaration>"
        yield f"{node} <{SH}prefix> {string(prefix)}"
        yield f"{node} <{SH}namespace> {typed(namespace, XSD + 'anyURI')}"


def _queries(queries: Mapping[str, str], graph: str, base: str) -> Iterator[str]:
    for name, text in queries.items():
        node = f"<{graph}/query-{path(name)}>"
        title, form = _TITLE.search(text), _FORM.search(text)
        yield f"{node} {TYPE} <{SH}SPARQLExecutable>"
        yield f"{node} {LABEL} {string(name)}"
        yield f"{node} <{SH}prefixes> <{graph}/prefixes>"
        if title:
            yield f"{node} <{RDFS}comment> {string(title[1])}"
        if form:
            kind = form[1].lower()
            yield f"{node} {TYPE} <{SH}SPARQL{kind.capitalize()}Executable>"
            yield f"{node} <{SH}{kind}> {string(_declared(text, base))}"


def _declared(text: str, base: str) -> str:
    """Return a query with the declarations of the prefixes that it uses, as a store wants it that knows none."""
    used = {token.text.partition(":")[0] for token in tokens(text) if token.kind == "name"}
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes(base).items() if prefix in used) + text
