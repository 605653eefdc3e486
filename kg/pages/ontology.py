"""The vocabulary as a page: classes, relations, stages, the shapes that check them, codes of findings, named graphs.

Its anchors are the fragments of the terms' IRIs, so that `…/ontology#trainingDataset` opens at that relation. Everything comes from
ontology/, shapes/ and the pages of codes: no build is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from kg.codes import codes
from kg.pages._prose import blocks
from kg.pages.data import Table
from kg.schema import ONTOLOGY, Class, Relation, Schema, ontology_triples, shapes_dir
from kg.terms import KG, OWL, RDF, RDFS, SH, SKOS
from kg.why import Graph

FILES = (
    ("context.jsonld", "JSON-LD context"),
    ("kg.ttl", "classes and relations"),
    ("align.ttl", "alignment to other vocabularies"),
    ("core.ttl", "shapes that follow from the ontology"),
    ("rules.ttl", "shapes written by hand"),
)
"""Files behind the page, by their names below `assets/vocabulary/`."""

_PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "fair4ml": "https://w3id.org/fair4ml#",
    "it6": "http://data.europa.eu/it6/",
    "kg": KG,
    "mls": "http://www.w3.org/ns/mls#",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "skos": SKOS,
    "spdx": "http://spdx.org/rdf/terms#",
    "wd": "http://www.wikidata.org/entity/",
}
_ALIGNED = {
    f"{RDFS}subClassOf": "is a kind of",
    f"{RDFS}subPropertyOf": "is a special case of",
    f"{SKOS}exactMatch": "is the same as",
    f"{SKOS}closeMatch": "is nearly the same as",
    f"{SKOS}narrowMatch": "is wider than",
    f"{SKOS}relatedMatch": "is related to",
    f"{RDFS}seeAlso": "see also",
}
_VALUES = {
    "xsd:integer": "a whole number in digits: 13000000000",
    "xsd:decimal": "a decimal number without exponent: 0.0001",
    "xsd:double": "a number, with an exponent where that is shorter: 1.2e24",
    "xsd:duration": "years, months, days and hours as ISO 8601 writes them, weeks as days: P21D, PT36H",
    "xsd:gYear": "a year: 2023",
    "xsd:date": "a date: 2023-03-14",
    "xsd:boolean": "true or false",
    "xsd:string": "text",
    "rdfs:Literal": "a value of any datatype",
    "rdfs:Resource": "anything that has an IRI",
}
_ORIGINS = {
    "report": ("reported", "read from a report"),
    "derived": ("derived", "computed by a rule from what reports say"),
    "catalog": ("catalogue", "known to the catalogue, whatever reports say"),
    "structure": ("structure", "written by kg, to hold facts together"),
    "summary": ("counted", "counted over the graph when it is built"),
}
_GRAPHS = (
    ("", "the default graph: every reported fact once, derived facts, catalogue, ontology; what a query without GRAPH sees"),
    ("graph/report/ID", "what one report says: its facts, its claims with the places of their words, its text"),
    ("graph/derived", "facts that rules computed, each with formula, inputs, interval and assumptions"),
    ("graph/catalog", "what is known of datasets, models, organizations, countries, accelerators and software"),
    ("graph/ontology", "this vocabulary and its alignments"),
    ("graph/build", "what the build is: counts (VoID), prefixes, the queries that come with kg"),
    ("graph/summary", "lists and counts that queries of the whole graph are answered from"),
    ("graph/search", "words of names, by which things are searched"),
)
_SEVERITIES = {f"{SH}Violation": "violation", f"{SH}Warning": "warning", f"{SH}Info": "info"}


@dataclass(frozen=True, slots=True)
class Aligned:
    """How a term relates to one of another vocabulary."""

    how: str
    name: str
    iri: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a shape wants of a relation, and under which code its violations are found."""

    message: str
    code: str
    severity: str


@dataclass(frozen=True, slots=True)
class ShownClass:
    """A class with the relations that things of it have, and those that point at them."""

    term: Class
    aligned: Sequence[Aligned]
    relations: Sequence[ShownRelation]
    pointing: Sequence[str]
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class ShownRelation:
    """A relation in words; `range_class` where its values are things."""

    term: Relation
    origin: tuple[str, str]
    range_class: str | None
    values: str
    closed: Sequence[str]
    aligned: Sequence[Aligned]
    checks: Sequence[Check]


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return classes with their relations, stages, annotations, codes, named graphs and files."""
    found = _read(graph.schema)
    named = [(f"{graph.base}{path}" if path else None, said) for path, said in _GRAPHS]
    return {**found, "graphs": named, "base": graph.base, "namespace": ONTOLOGY, "files": FILES}


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return the relations."""
    columns = ("relation", "label", "of", "value", "functional", "origin", "values", "definition", "example")
    rows = (
        (
            relation.name,
            relation.label,
            relation.domain,
            relation.range,
            str(relation.functional).lower(),
            relation.origin,
            " ".join(map(_short, relation.values)),
            relation.definition,
            relation.example,
        )
        for relation in graph.schema.relations.values()
    )
    return Table(columns, rows)


def triples(graph: Graph, arguments: Mapping[str, Any]) -> Iterable[ox.Triple]:
    """Return the ontology with its alignments."""
    return _ontology()


@lru_cache(maxsize=1)
def _ontology() -> tuple[ox.Triple, ...]:
    text = "".join(f"{triple} .\n" for triple in ontology_triples())
    return tuple(quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES))


@lru_cache(maxsize=2)
def _read(schema: Schema) -> Mapping[str, Any]:
    aligned, checks = _alignments(), _checks()
    relations = {name: _relation(relation, aligned, checks) for name, relation in schema.relations.items()}
    classes = [
        ShownClass(
            term=term,
            aligned=aligned.get(term.iri, ()),
            relations=[relation for relation in relations.values() if relation.term.domain == name],
            pointing=[relation.term.name for relation in relations.values() if relation.term.range == name],
            checks=checks.get(term.iri, ()),
        )
        for name, term in schema.classes.items()
    ]
    return {"classes": classes, "stages": list(_stages(schema)), "annotations": list(_annotations()), "codes": list(_codes())}


def _relation(term: Relation, aligned: Mapping[str, Sequence[Aligned]], checks: Mapping[str, Sequence[Check]]) -> ShownRelation:
    is_class = ":" not in term.range
    return ShownRelation(
        term=term,
        origin=_ORIGINS.get(term.origin, (term.origin, "")),
        range_class=term.range if is_class else None,
        values=f"a {term.range}" if is_class else _VALUES.get(term.range, "a value"),
        closed=tuple(map(_short, term.values)),
        aligned=aligned.get(term.iri, ()),
        checks=checks.get(term.iri, ()),
    )


def _short(value: str) -> str:
    return value.removeprefix(KG)


def _stages(schema: Schema) -> Iterator[Mapping[str, str]]:
    said = _said()
    for notation, iri in schema.stages.items():
        label, definition = (said.get((iri, f"{SKOS}{name}"), "") for name in ("prefLabel", "definition"))
        yield {"name": _short(iri), "notation": notation, "label": label, "definition": definition}


def _annotations() -> Iterator[Mapping[str, str]]:
    """Yield the properties with which the ontology speaks of its own terms."""
    said = _said()
    for (iri, predicate), value in said.items():
        if predicate == f"{RDF}type" and value == f"{OWL}AnnotationProperty":
            yield {"name": _short(iri), "definition": said.get((iri, f"{SKOS}definition"), "")}


@lru_cache(maxsize=1)
def _said() -> Mapping[tuple[str, str], str]:
    """Return what is said of terms, by term and property; of several values the last one."""
    return {
        (triple.subject.value, triple.predicate.value): triple.object.value
        for triple in _ontology()
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal)
    }


def _alignments() -> Mapping[str, Sequence[Aligned]]:
    found: dict[str, list[Aligned]] = {}
    for triple in _ontology():
        subject, other = triple.subject, triple.object
        how = _ALIGNED.get(triple.predicate.value)
        if how and isinstance(subject, ox.NamedNode) and isinstance(other, ox.NamedNode) and not other.value.startswith(KG):
            found.setdefault(subject.value, []).append(Aligned(how, _compact(other.value), other.value))
    order = list(_ALIGNED.values())
    return {iri: sorted(items, key=lambda item: (order.index(item.how), item.name)) for iri, items in found.items()}


def _compact(iri: str) -> str:
    """Return an IRI with one of the prefixes that people know it by.

    >>> _compact("https://schema.org/name")
    'schema:name'
    """
    return next((f"{prefix}:{iri.removeprefix(space)}" for prefix, space in _PREFIXES.items() if iri.startswith(space)), iri)


# Shapes -------------------------------------------------------------------------------------------------------------------------


def _checks() -> Mapping[str, Sequence[Check]]:
    """Return what shapes want, by the relation that they look at, or by the class where that is no relation of the ontology."""
    nodes: dict[ox.NamedNode | ox.BlankNode, dict[str, list[Any]]] = {}
    for file in sorted(shapes_dir().glob("*.ttl")):
        for quad in ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE):
            if not isinstance(quad.subject, ox.Triple):
                nodes.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)
    found: dict[str, list[Check]] = {}
    for node in nodes.values():
        targets = [target.value for target in node.get(f"{SH}targetClass", ())]
        for shape in node.get(f"{SH}property", ()):
            path = _path(nodes[shape], nodes)
            for about in [path] if path and path.startswith(KG) else targets:
                check = _check(nodes[shape])
                if check not in found.setdefault(about, []):
                    found[about].append(check)
    return {iri: sorted(items, key=lambda item: (item.code, item.message)) for iri, items in found.items()}


def _path(shape: Mapping[str, list[Any]], nodes: Mapping[Any, Mapping[str, list[Any]]]) -> str | None:
    """Return the relation that a property shape looks at, forwards or backwards."""
    for path in shape.get(f"{SH}path", ()):
        if isinstance(path, ox.NamedNode):
            return path.value
        for inverse in nodes[path].get(f"{SH}inversePath", ()):
            return str(inverse.value)
    return None


def _check(shape: Mapping[str, list[Any]]) -> Check:
    said = {name: shape[f"{space}{name}"][0].value for space, name in ((SH, "message"), (KG, "code"), (SH, "severity"))}
    return Check(said["message"], said["code"], _SEVERITIES.get(said["severity"], "violation"))


# Codes --------------------------------------------------------------------------------------------------------------------------


def _codes() -> Iterator[Mapping[str, Any]]:
    for known in codes():
        yield {"code": known.code, "severity": known.severity, "title": known.title, "blocks": tuple(blocks(known.text))}
