"""Models as JSON-LD in FAIR4ML 0.1.0 (https://w3id.org/fair4ml/0.1.0), an extension of schema.org.

A model's size, its parts and the organization's country are outside of FAIR4ML: they keep kg's own terms. FAIR4ML's `cr:Dataset`
is not defined by Croissant, so that data sets are schema.org's; what a model builds on is `isBasedOn`, because no relation of kg
means exactly `fineTunedFrom`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kg.export.profiles._licenses import spdx
from kg.export.profiles._profile import Asked, File
from kg.export.profiles._things import ALT_LABEL, Thing, models, name_of, thing
from kg.terms import KG

SEVERAL = False
PARAMETERS: dict[str, str] = {}
VERSION = "https://w3id.org/fair4ml/0.1.0"
_CONTEXT = {
    "@vocab": "http://schema.org/",
    "fair4ml": "https://w3id.org/fair4ml#",
    "dcterms": "http://purl.org/dc/terms/",
    "kg": KG,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "license": {"@type": "@id"},
    "url": {"@type": "@id"},
    "isBasedOn": {"@type": "@id"},
    "dcterms:conformsTo": {"@type": "@id"},
    "datePublished": {"@type": "xsd:gYear"},
    "kg:parameterCount": {"@type": "xsd:integer"},
}


def write(asked: Asked) -> Iterator[File]:
    """Yield the one file."""
    yield File("fair4ml.jsonld", _content(asked))


def _content(asked: Asked) -> Iterator[bytes]:
    yield f'{{"@context": {_json(_CONTEXT)},\n"@graph": [\n'.encode()
    comma = ""
    for model in models(asked.selection):
        yield f"{comma}{_json(_model(model, asked))}".encode()
        comma = ",\n"
    yield b"\n]}\n"


def _model(model: Thing, asked: Asked) -> dict[str, Any]:
    """Return a model as a JSON-LD node, what nobody states left out."""
    asked.missing.about("model")
    store = asked.selection.store
    node: dict[str, Any] = {
        "@id": model.iri,
        "@type": "fair4ml:MLModel",
        "dcterms:conformsTo": VERSION,
        "name": model.label,
        "alternateName": list(model.literals.get(ALT_LABEL, ())),
        "identifier": model.iri,
        "author": [_named(store, iri, "Organization") for iri in model.things("organization")],
        "countryOfOrigin": [_named(store, iri, "Country") for iri in model.things("country")],
        "datePublished": list(model.texts("releaseYear")),
        "license": [address for name in model.texts("license") if (address := spdx(name))],
        "inLanguage": list(model.texts("language")),
        "isBasedOn": list(model.things("hasBackbone")),
        "fair4ml:trainedOn": [_named(store, iri, "Dataset") for iri in model.things("trainedOn")],
        "fair4ml:evaluatedOn": [_named(store, iri, "Dataset") for iri in model.things("evaluationDataset")],
        "subjectOf": [_report(thing(store, iri)) for iri in model.things("describedIn")],
        "kg:parameterCount": list(model.texts("parameterCount")),
    }
    for name in model.texts("license"):
        if not spdx(name):
            asked.missing.lacks("model", "schema:license", "it wants an address, and SPDX lists no license of this name")
    return {key: value for key, value in node.items() if value}


def _named(store: Any, iri: str, kind: str) -> dict[str, str]:
    return {"@id": iri, "@type": kind, "name": name_of(store, iri)}


def _report(report: Thing) -> dict[str, Any]:
    """Return a report as what describes the model, with its address at arXiv where it has one."""
    node: dict[str, Any] = {"@id": report.iri, "@type": "CreativeWork", "name": report.label}
    if number := report.texts("arxivId"):
        node |= {"@type": "ScholarlyArticle", "url": [f"https://arxiv.org/abs/{one}" for one in number]}
    return node


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
