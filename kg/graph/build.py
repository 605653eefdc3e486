"""A build's description of itself -> triples: VoID statistics, prefixes and example queries (SHACL's SPARQL vocabulary).

Every node has an IRI below the graph's own, so that a build holds no blank node.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from kg.terms import KG, LABEL, OWL, PREFIXES, RDFS, SH, TYPE, VOID, XSD, integer, path, string, typed

_FORM = re.compile(r"^\s*(select|ask|construct)\b", re.IGNORECASE | re.MULTILINE)
_TITLE = re.compile(r"^#\s*title:\s*(.+?)\s*$", re.MULTILINE)


def build_triples(default: Iterable[str], queries: Mapping[str, str], base: str) -> list[str]:
    """Return the sorted triples that describe a build: counts over its default graph, prefixes, queries by name."""
    graph = f"{base}graph/build"
    return sorted({*_statistics(default, graph, base), *_prefixes(graph, base), *_queries(queries, graph)})


def _statistics(default: Iterable[str], graph: str, base: str) -> Iterator[str]:
    entities: Counter[str] = Counter()
    triples: Counter[str] = Counter()
    subjects: set[str] = set()
    for triple in default:
        subject, predicate, value = triple.split(" ", 2)
        triples[predicate] += 1
        subjects.add(subject)
        if predicate == TYPE:
            entities[value] += 1
    data = f"<{graph}/data>"
    yield f"{data} {TYPE} <{VOID}Dataset>"
    yield f"{data} {LABEL} {string('How AI models were trained')}"
    yield f"{data} <{VOID}uriSpace> {string(base)}"
    yield f"{data} <{VOID}vocabulary> <{KG}>"
    yield f"{data} <{VOID}triples> {integer(triples.total())}"
    yield f"{data} <{VOID}distinctSubjects> {integer(len(subjects))}"
    yield f"{data} <{VOID}classes> {integer(len(entities))}"
    yield f"{data} <{VOID}properties> {integer(len(triples))}"
    for term, count in entities.items():
        part = f"<{graph}/class-{_short(term)}>"
        yield f"{data} <{VOID}classPartition> {part}"
        yield f"{part} <{VOID}class> {term}"
        yield f"{part} <{VOID}entities> {integer(count)}"
    for term, count in triples.items():
        part = f"<{graph}/property-{_short(term)}>"
        yield f"{data} <{VOID}propertyPartition> {part}"
        yield f"{part} <{VOID}property> {term}"
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
    for prefix, namespace in {**PREFIXES, "": base}.items():
        node = f"<{graph}/prefix-{prefix or 'base'}>"
        yield f"{holder} <{SH}declare> {node}"
        yield f"{node} {TYPE} <{SH}PrefixDeclaration>"
        yield f"{node} <{SH}prefix> {string(prefix)}"
        yield f"{node} <{SH}namespace> {typed(namespace, XSD + 'anyURI')}"


def _queries(queries: Mapping[str, str], graph: str) -> Iterator[str]:
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
            yield f"{node} <{SH}{kind}> {string(text)}"
