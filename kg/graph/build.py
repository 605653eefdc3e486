"""A build's description of itself -> triples: VoID statistics, prefixes and example queries (SHACL's SPARQL vocabulary).

SPARQL editors complete classes and properties from the partitions: a class has those of its own things, and a property of a class
what its values are, by class or datatype. They list the queries as examples, each a whole query with its prefixes. What is counted
is the default graph without this description. Every node has an IRI below the graph's own, so that a build holds no blank node.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from kg.graph.counting import Counts, Part, counted, in_order, properties_of
from kg.sparql.text import prefixes, tokens
from kg.terms import KG, LABEL, OWL, PREFIXES, RDFS, SH, TYPE, VOID, XSD, integer, path, string, typed

VOID_EXT = "http://ldf.fi/void-ext#"

_FORM = re.compile(r"^\s*(select|ask|construct|describe)\b", re.IGNORECASE | re.MULTILINE)
_TITLE = re.compile(r"^#\s*title:\s*(.+?)\s*$", re.MULTILINE)


def build_triples(default: Iterable[str], queries: Mapping[str, str], base: str, folder: Path | None = None) -> list[str]:
    """Return the sorted triples that describe a build: counts over its default graph, prefixes, queries by name.

    An iterator gives the triples of the default graph in order, each once; other iterables may have them in any. What does not fit
    into memory waits in `folder`.
    """
    graph = f"{base}graph/build"
    counts = counted(in_order(default), folder)
    return sorted({*_statistics(counts, graph, base), *_prefixes(graph, base), *_queries(queries, graph, base)})


def _statistics(counts: Counts, graph: str, base: str) -> Iterator[str]:
    of_class = properties_of(counts)
    every, data = of_class.pop("", {}), f"<{graph}/data>"
    kinds = {kind: part for kind, part in counts.classes.items() if kind}
    yield f"{data} {TYPE} <{VOID}Dataset>"
    yield f"{data} {LABEL} {string('How AI models were trained')}"
    yield f"{data} <{VOID}uriSpace> {string(base)}"
    yield f"{data} <{VOID}vocabulary> <{KG}>"
    yield from _size(data, counts.classes.get("", Part()))
    yield f"{data} <{VOID}classes> {integer(len(kinds))}"
    yield f"{data} <{VOID}properties> {integer(len(every))}"
    for term, found in every.items():
        yield from _property(data, f"{graph}/property-{_short(term)}", term, found)
    for kind, whole in kinds.items():
        part, own = f"{graph}/class-{_short(kind)}", of_class[kind]
        yield f"{data} <{VOID}classPartition> <{part}>"
        yield f"<{part}> <{VOID}class> {kind}"
        yield f"<{part}> <{VOID}entities> {integer(whole.subjects)}"
        yield f"<{part}> <{VOID}properties> {integer(len(own))}"
        yield from _size(f"<{part}>", whole)
        for term, found in own.items():
            yield from _property(f"<{part}>", f"{part}/property-{_short(term)}", term, found)


def _size(node: str, part: Part) -> Iterator[str]:
    yield f"{node} <{VOID}triples> {integer(part.triples)}"
    yield f"{node} <{VOID}distinctSubjects> {integer(part.subjects)}"
    yield f"{node} <{VOID}distinctObjects> {integer(part.objects)}"


def _property(above: str, iri: str, term: str, found: Part) -> Iterator[str]:
    yield f"{above} <{VOID}propertyPartition> <{iri}>"
    yield f"<{iri}> <{VOID}property> {term}"
    yield from _size(f"<{iri}>", found)
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
