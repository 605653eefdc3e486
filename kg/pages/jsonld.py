"""What a page is about, for search engines: schema.org as JSON-LD for its head, and the ontology's terms where that has none.

The context stands in it, so that nobody has to fetch one; a thing is named by its IRI. Model cards have no type of their own in
schema.org: a model is a CreativeWork, as in ontology/align.ttl, because search engines want prices and ratings of applications.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pyoxigraph as ox

from kg.pages.site import Site
from kg.schema import ONTOLOGY, ontology_dir
from kg.terms import DCTERMS, KG, XSD
from kg.why import Graph

TITLE = "How AI models were trained"
ABOUT = "Models, their training runs, hardware and data as reports state them, every fact with the words that state it."

_MOST = 50  # values of a property
_SCHEMA = "https://schema.org/"
_LINKS = ("url", "contentUrl", "sameAs")
_TYPES = {
    "accelerator": "ProductModel",
    "country": "Country",
    "dataset": "Dataset",
    "model": "CreativeWork",
    "organization": "Organization",
    "report": "CreativeWork",
    "software": "CreativeWork",
}
_CLASSES = {
    "claim": "Claim",
    "derived": "DerivedFact",
    "hardware": "HardwareConfig",
    "run": "TrainingRun",
    **{kind: kind.capitalize() for kind in _TYPES},
}
_NAMED = {"organization": "creator", "country": "countryOfOrigin", "hasBackbone": "isBasedOn", "describedIn": "subjectOf"}
_ALSO = {"manufacturer": "manufacturer", "basedIn": "location"}
_OURS = ("parameterCount", "releaseYear", "trainedOn", "evaluationDataset")
_DOWNLOADS = (
    ("graph.ttl", "text/turtle"),
    ("graph.jsonld", "application/ld+json"),
    ("graph.nq.gz", "application/n-quads"),
    ("claims.jsonl", "application/jsonl"),
)
_CALLED = {"claim": "Claim", "derived": "Derived fact", "hardware": "Hardware", "run": "Training"}
_TITLES = {"ontology": "Ontology", "query": "Query", "search": "Search", "compare": "Compare models", "graph": "Graph"}


def structured(graph: Graph, name: str, arguments: Mapping[str, Any], site: Site, build: str = "") -> Mapping[str, Any]:
    """Return what the page of a module, with its arguments, is about."""
    if name == "overview":
        said = _dataset(graph, site, build)
    elif "iri" in arguments and arguments["kind"] in _CLASSES:
        said = _thing(graph, arguments["iri"], arguments["kind"])
    else:
        said = _page(name, arguments)
    address = site.absolute(site.path)
    where = {} if address is None else {"url": address}
    used = [name for name in said if name.startswith("kg:")]
    return {"@context": _context(used), **said, **where}


def _context(used: Iterable[str]) -> Mapping[str, Any]:
    """Return the context: schema.org's terms, which of them are links, and those of the ontology that are used."""
    links = {name: {"@type": "@id"} for name in _LINKS}
    own = {name: _ontology_context()[name.removeprefix("kg:")] for name in used}
    return {"@vocab": _SCHEMA, "kg": KG, "xsd": XSD, **links, **own}


@cache
def _ontology_context() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((ontology_dir() / "context.jsonld").read_bytes())["@context"]
    return found


def _dataset(graph: Graph, site: Site, build: str) -> dict[str, Any]:
    """Return the whole graph as a data set; published, with the files that it can be had as."""
    root = site.root if site.address is None else site.address
    files = [
        {"@type": "DataDownload", "name": name, "encodingFormat": media, "contentUrl": f"{root}data/{name}"}
        for name, media in _DOWNLOADS
        if site.static and (graph.folder / name.removesuffix(".gz")).is_file()
    ]
    measured = [relation.label for relation in graph.schema.relations.values() if relation.origin == "report"]
    return {
        "@id": graph.base,
        "@type": "Dataset",
        "name": TITLE,
        "description": ABOUT,
        "keywords": ["artificial intelligence", "machine learning", "model training", "knowledge graph"],
        "variableMeasured": measured,
        "isAccessibleForFree": True,
        **({"version": build} if build else {}),
        **({"distribution": files} if files else {}),
    }


def _thing(graph: Graph, iri: str, kind: str) -> dict[str, Any]:
    """Return a thing under its IRI: its names, and of what the store says of it that for which there are terms."""
    label = graph.statements.label(iri) or _called(graph, iri, kind)
    said: dict[str, Any] = {
        "@id": iri,
        "@type": [*([_TYPES[kind]] if kind in _TYPES else []), f"kg:{_CLASSES[kind]}"],
        "name": label,
    }
    if kind not in _TYPES:
        return said
    if others := [name for name in graph.statements.names(iri) if name != label][:_MOST]:
        said["alternateName"] = others
    values: dict[str, list[Any]] = {}
    for relation, value in graph.statements.facts(iri):
        values.setdefault(relation, []).append(value)
    if kind == "report":
        return said | _report(values)
    for name, term in {**_NAMED, **_ALSO}.items():
        if things := [_linked(graph, value) for value in _things(values.get(KG + name, ()))]:
            said[term] = things
    for name in _OURS:
        if found := values.get(KG + name):
            said[f"kg:{name}"] = [value.value for value in found[:_MOST] if not isinstance(value, ox.Triple)]
    return said | _described(label, kind, values)


def _called(graph: Graph, iri: str, kind: str) -> str:
    """Return a name of what has no label: hardware, claims and derived facts are those of a model."""
    model = graph.statements.model_of(iri)
    name = graph.statements.label(model) if model else None
    return f"{_CALLED.get(kind, kind)} of {name}" if name else f"{_CALLED.get(kind, kind)} {iri.rpartition('/')[2]}"


def _described(label: str, kind: str, values: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return what schema.org has terms of its own for, and of a dataset the text that search engines want."""
    said: dict[str, Any] = {}
    if years := _texts(values, f"{KG}releaseYear"):
        said["datePublished"] = years
    if licenses := _texts(values, f"{KG}license"):
        said["license"] = [{"@type": "CreativeWork", "name": text} for text in licenses]
    if kind == "dataset":
        said["description"] = f"{label}: which models were trained or evaluated on this dataset, as reports of them state it."
    return said


def _report(values: Mapping[str, list[Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if titles := _texts(values, f"{DCTERMS}title"):
        said |= {"name": titles[0], "headline": titles[0]}
    if dates := _texts(values, f"{DCTERMS}issued"):
        said["datePublished"] = dates[0]
    if numbers := _texts(values, f"{KG}arxivId"):
        said |= {"@type": ["ScholarlyArticle", "kg:Report"], "identifier": f"arXiv:{numbers[0]}"}
        said["sameAs"] = f"https://arxiv.org/abs/{numbers[0]}"
    return said


def _texts(values: Mapping[str, list[Any]], predicate: str) -> list[str]:
    return [value.value for value in values.get(predicate, ())[:_MOST] if isinstance(value, ox.Literal)]


def _things(values: Iterable[Any]) -> list[str]:
    return [value.value for value in values if isinstance(value, ox.NamedNode)][:_MOST]


def _linked(graph: Graph, value: str) -> Mapping[str, Any]:
    kind = value.removeprefix(graph.base).partition("/")[0]
    return {"@id": value, "@type": _TYPES.get(kind, "Thing"), "name": graph.statements.label(value) or value}


def _page(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page that is about no single thing."""
    if name == "ontology":
        return {"@id": ONTOLOGY.rstrip("#"), "@type": "DefinedTermSet", "name": "kg: how AI models were trained"}
    type, title = "WebPage", _TITLES.get(name, name.capitalize())
    if name == "lists":
        type, title = "CollectionPage", str(arguments["list"]).capitalize()
    return {"@type": type, "name": title, "isPartOf": {"@type": "WebSite", "name": TITLE}}
