"""Models as a catalogue in Turtle by MLDCAT-AP 3.1.0 (https://semiceu.github.io/MLDCAT-AP/releases/3.1.0), an extension of DCAT-AP.

Training stands in `it6:trainingProcess`, as text: a `it6:Run` of MLDCAT-AP is one of a workflow with a task, a flow and files that
come out of it, which no report tells of, and its computer infrastructure would have to name its libraries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.export.profiles._licenses import spdx
from kg.export.profiles._profile import Asked, File
from kg.export.profiles._things import Thing, models, name_of, thing
from kg.export.profiles._training import training
from kg.terms import XSD, string, typed

SEVERAL = False
PARAMETERS = {
    "publisher": "name of who publishes the catalogue",
    "title": "title of the catalogue",
    "description": "what the catalogue is",
    "license": "address of the license of the catalogue",
}
_PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "it6": "http://data.europa.eu/it6/",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": XSD,
}
_TWO_LETTERS = re.compile(r"[a-z]{2}")
_LANGUAGE = "http://id.loc.gov/vocabulary/iso639-1/"
# Mandatory of every model and data set, and never in a report as the profile means it.
_NEVER = {
    "model": ("dct:created", "dcat:version", "it6:hasFile"),
    "data set": ("dct:description", "it6:collectionDate"),
}

_Said = list[tuple[str, list[str]]]
"""Predicates with their objects, as Turtle writes them."""


def write(asked: Asked) -> Iterator[File]:
    """Yield the one file."""
    yield File("mldcat-ap.ttl", _content(asked))


def _content(asked: Asked) -> Iterator[bytes]:
    """Yield the catalogue, then each model, then what they name: data sets, organizations, licenses, languages, backbones."""
    for prefix, namespace in _PREFIXES.items():
        yield f"@prefix {prefix}: <{namespace}> .\n".encode()
    named: dict[str, set[str]] = {kind: set() for kind in ("agent", "backbone", "data", "language", "license")}
    listed: set[str] = set()
    for model in models(asked.selection):
        listed.add(model.iri)
        yield _node(model.iri, _model(model, asked, named))
    yield from _named(named, listed, asked)
    yield _catalog(asked, sorted(listed), sorted(named["data"]))


def _catalog(asked: Asked, listed: list[str], data: list[str]) -> bytes:
    """Return the catalogue itself, of which only the user knows who publishes it."""
    own = asked.given
    title = own.get("title", "Models and how reports say that they were trained")
    description = own.get(
        "description",
        f"What reports state of the AI models listed here ({len(listed):,}), as kg reads it; reports may be wrong, and disagree.",
    )
    said: _Said = [
        ("a", ["dcat:Catalog"]),
        ("dct:title", [string(title)]),
        ("dct:description", [string(description)]),
        ("dcat:resource", list(map(_iri, listed))),
        ("dcat:dataset", list(map(_iri, data))),
    ]
    if publisher := asked.own("publisher", "dct:publisher"):
        said.append(("dct:publisher", [f"[ a foaf:Agent ; foaf:name {string(publisher)} ]"]))
    license = asked.address("license")
    if license:
        said.append(("dct:license", [_iri(license)]))
    catalog = _node(f"{asked.selection.base}catalog/models", said)
    return catalog + (_node(license, [("a", ["dct:LicenseDocument"])]) if license else b"")


def _model(model: Thing, asked: Asked, named: dict[str, set[str]]) -> _Said:
    """Return what is said of a model, and note in `named` what it names."""
    missing = asked.missing
    missing.about("model")
    for wanted in _NEVER["model"]:
        missing.lacks("model", wanted)
    data, agents = model.things("trainedOn"), [_iri(iri) for iri in model.things("organization")]
    if not data:
        missing.lacks("model", "it6:trainedOn")
    languages = [tag for tag in model.texts("language") if _TWO_LETTERS.fullmatch(tag)]
    if len(languages) < len(model.texts("language")):
        missing.lacks("model", "dct:language", "it wants a code of two letters, and the report has another name")
    licenses, others = _licenses(model)
    named["agent"].update(model.things("organization"))
    named["data"].update(data, model.things("evaluationDataset"))
    named["backbone"].update(model.things("hasBackbone"))
    named["language"].update(languages)
    named["license"].update(licenses)
    process = training(asked.selection, model)
    return [
        ("a", ["it6:MachineLearningModel"]),
        ("dct:title", [string(model.label)]),
        ("dct:identifier", [string(model.iri)]),
        ("it6:totalNumberOfParameters", [typed(one, f"{XSD}nonNegativeInteger") for one in _counts(model)]),
        ("it6:hasProvider", agents),
        ("dct:creator", agents),
        ("it6:releaseDate", _once(asked, "it6:releaseDate", [typed(year, f"{XSD}gYear") for year in model.texts("releaseYear")])),
        ("dct:license", [*map(_iri, licenses), *others]),
        ("dct:language", [_iri(_LANGUAGE + tag) for tag in languages]),
        ("it6:trainedOn", list(map(_iri, data))),
        ("it6:testedOn", list(map(_iri, model.things("evaluationDataset")))),
        ("prov:wasDerivedFrom", list(map(_iri, model.things("hasBackbone")))),
        ("dct:isReferencedBy", list(map(_iri, model.things("describedIn")))),
        ("it6:trainingProcess", [string(process)] if process else []),
    ]


def _counts(model: Thing) -> list[str]:
    return [text for text in model.texts("parameterCount") if not text.startswith("-")]


def _licenses(model: Thing) -> tuple[list[str], list[str]]:
    """Return the addresses of a model's licenses at SPDX, and the others as nodes that only have a title."""
    addresses = {name: spdx(name) for name in model.texts("license")}
    others = [f"[ a dct:LicenseDocument ; dct:title {string(name)} ]" for name, address in addresses.items() if not address]
    return sorted({address for address in addresses.values() if address}), others


def _once(asked: Asked, wanted: str, values: list[str]) -> list[str]:
    """Return what may stand only once, nothing when reports disagree."""
    if len(values) > 1:
        asked.missing.lacks("model", wanted, "it may have one value, and reports state different ones")
        return []
    return values


def _named(named: dict[str, set[str]], listed: set[str], asked: Asked) -> Iterator[bytes]:
    """Yield what models name, each kind in order of IRI."""
    store = asked.selection.store
    for iri in sorted(named["data"]):
        asked.missing.about("data set")
        for wanted in _NEVER["data set"]:
            asked.missing.lacks("data set", wanted)
        data = thing(store, iri)
        yield _node(iri, [("a", ["dcat:Dataset"]), ("dct:title", [string(data.label)]), ("dct:identifier", [string(iri)])])
    for iri in sorted(named["agent"]):
        yield _node(iri, [("a", ["foaf:Agent"]), ("foaf:name", [string(name_of(store, iri))])])
    for iri in sorted(named["backbone"] - listed):
        yield _node(iri, [("a", ["prov:Entity"]), ("dct:title", [string(name_of(store, iri))])])
    for tag in sorted(named["language"]):
        yield _node(_LANGUAGE + tag, [("a", ["dct:LinguisticSystem"])])
    for address in sorted(named["license"]):
        yield _node(address, [("a", ["dct:LicenseDocument"])])


def _node(iri: str, said: _Said) -> bytes:
    lines = " ;\n    ".join(f"{predicate} {', '.join(objects)}" for predicate, objects in said if objects)
    return f"\n{_iri(iri)} {lines} .\n".encode()


def _iri(iri: str) -> str:
    return f"<{iri}>"
