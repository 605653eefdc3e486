"""A build, or one model of it, as a research object crate in a folder: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1), or 1.2.

The crate holds files of the build and says what each is; the models that reports describe are entities of its context. When it is
published and under which license only the user knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kg.errors import UnknownName, UsageError
from kg.export import csv
from kg.export._rdf import write_rdf
from kg.export.profiles._licenses import spdx
from kg.export.profiles._profile import Asked, File, is_day
from kg.export.profiles._things import ALT_LABEL, Thing, models, name_of
from kg.values import slug

SEVERAL = True
PARAMETERS = {
    "license": "address of the license of the crate",
    "published": "the day on which the crate is published: 2026-11-21",
    "publisher": "name of who publishes the crate",
    "title": "name of the crate",
    "description": "what the crate is",
    "version": "version of RO-Crate: 1.1 (default) or 1.2",
}
_VERSIONS = ("1.1", "1.2")
_METADATA = "ro-crate-metadata.json"
_PART = 1 << 20  # bytes that are read at once
_OF_BUILD: Mapping[str, tuple[str, str]] = {
    "graph.ttl": (
        "text/turtle",
        "What reports state as triples, and what rules derive of it, with rule and interval.",
    ),
    "graph.nq": ("application/n-quads", "Facts and claims as quads: which report says what, in which words."),
    "graph.jsonld": ("application/ld+json", "The same as JSON-LD, each model with its runs and hardware."),
    "claims.jsonl": ("application/x-ndjson", "Every claim of every report, with its words and their place."),
    "coverage.jsonl": ("application/x-ndjson", "What is stated of each model, derived, or not stated."),
    "findings.json": ("application/json", "Violations, gaps and contradictions, with their places."),
    "manifest.json": ("application/json", "The reports that were read, with hashes, and the versions of what read them."),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of the crate: its name, what it is, its size in bytes, its SHA-256."""

    name: str
    media: str
    about: str
    size: int
    sha256: str

    def entity(self) -> dict[str, Any]:
        return {
            "@id": self.name,
            "@type": "File",
            "name": self.name,
            "description": self.about,
            "encodingFormat": self.media,
            "contentSize": str(self.size),
            "sha256": self.sha256,
        }


def write(asked: Asked) -> Iterator[File]:
    """Yield the files of the crate, its metadata last: they hold the hashes of the others."""
    version = asked.given.get("version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise UnknownName("version of RO-Crate", version, _VERSIONS)
    root = _root(asked)
    parts = []
    for name, media, about, content in _payload(asked):
        digest, size = hashlib.sha256(), 0
        for piece in content():
            digest.update(piece)
            size += len(piece)
        parts.append(_Part(name, media, about, size, digest.hexdigest()))
        yield File(name, content())
    yield File(_METADATA, _metadata(asked, version, root, parts))


def _payload(asked: Asked) -> Iterator[tuple[str, str, str, Any]]:
    """Yield name, media type and description of each file, and what gives its content: of a model, what is selected of it."""
    if asked.build is not None and asked.selection.model is None:
        for name, (media, about) in _OF_BUILD.items():
            if (asked.build / name).is_file():
                yield name, media, about, partial(_pieces, asked.build / name)
        return
    graph, claims = write_rdf(asked.selection, "turtle", derived=False), csv.write(asked.selection)
    for name, media, about, pieces in (
        ("graph.ttl", "text/turtle", "What reports state, as triples.", graph),
        ("claims.csv", "text/csv", "Every claim, with its words and their place.", claims),
    ):
        yield name, media, about, partial(list, list(pieces))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PART):
            yield piece


def _root(asked: Asked) -> dict[str, Any]:
    """Return what is said of the crate itself, and tell what must be said and is not."""
    published = asked.own("published", "schema:datePublished")
    if published is not None and not is_day(published):
        raise UsageError(f"'{published}' is no day", hint="write it as 2026-11-21")
    asked.own("license", "schema:license")
    license, model = asked.address("license"), asked.selection.model
    about = "AI models" if model is None else name_of(asked.selection.store, model)
    node: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": asked.given.get("title", f"How reports say that {about} were trained" if model is None else f"{about}: training"),
        "description": asked.given.get(
            "description", f"What reports state of {about}, as kg reads it: claims with the words that make them."
        ),
        "datePublished": published,
        "license": license and {"@id": license},
        "publisher": asked.given.get("publisher") and {"@id": "#publisher"},
    }
    return {key: value for key, value in node.items() if value}


def _metadata(asked: Asked, version: str, root: Mapping[str, Any], parts: Iterable[_Part]) -> Iterator[bytes]:
    """Yield the metadata document: the crate, its files, then every model with the organizations that it names."""
    mentioned = [{"@id": model.iri} for model in models(asked.selection)]
    crate = {**root, "hasPart": [{"@id": part.name} for part in parts], "mentions": mentioned}
    about = {
        "@id": _METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": f"https://w3id.org/ro/crate/{version}"},
    }
    yield f'{{"@context": {_json(_context(version))},\n"@graph": [\n{_json(about)},\n{_json(_short(crate))}'.encode()
    for entity in _entities(asked, parts):
        yield f",\n{_json(_short(entity))}".encode()
    yield b"\n]}\n"


def _context(version: str) -> str | list[Any]:
    """Return the context of RO-Crate; that of 1.1 does not know `sha256`, which came later to schema.org."""
    url = f"https://w3id.org/ro/crate/{version}/context"
    return [url, {"sha256": "https://schema.org/sha256"}] if version == "1.1" else url


def _entities(asked: Asked, parts: Iterable[_Part]) -> Iterator[dict[str, Any]]:
    """Yield files, licenses, who publishes, models, what these are built on and who developed them, each once."""
    store = asked.selection.store
    yield from (part.entity() for part in parts)
    if publisher := asked.given.get("publisher"):
        yield {"@id": "#publisher", "@type": "Organization", "name": publisher}
    agents = set[str]()
    backbones, seen = set[str](), set[str]()
    own = asked.address("license")
    licenses = {own: own.removeprefix("https://spdx.org/licenses/")} if own else {}
    for model in models(asked.selection):
        seen.add(model.iri)
        agents.update(model.things("organization"))
        backbones.update(model.things("hasBackbone"))
        licenses |= dict(map(_license, model.texts("license")))
        yield _model(model)
    yield from ({"@id": iri, "@type": "Organization", "name": name_of(store, iri)} for iri in sorted(agents))
    yield from ({"@id": iri, "@type": "CreativeWork", "name": name_of(store, iri)} for iri in sorted(backbones - seen))
    yield from ({"@id": iri, "@type": "CreativeWork", "name": name} for iri, name in sorted(licenses.items()))


def _license(name: str) -> tuple[str, str]:
    """Return the address of a license in the SPDX list with its identifier, or an id of its own with the name."""
    address = spdx(name)
    return (address, address.rpartition("/")[2]) if address else (f"#license-{slug(name)}", name)


def _model(model: Thing) -> dict[str, Any]:
    """Return a model as an entity of the crate's context, what nobody states left out."""
    node = {
        "@id": model.iri,
        "@type": "CreativeWork",
        "name": model.label,
        "identifier": model.iri,
        "alternateName": list(model.literals.get(ALT_LABEL, ())),
        "author": [{"@id": iri} for iri in model.things("organization")],
        "datePublished": list(model.texts("releaseYear")),
        "inLanguage": list(model.texts("language")),
        "isBasedOn": [{"@id": iri} for iri in model.things("hasBackbone")],
        "license": [{"@id": iri} for iri in sorted(dict(map(_license, model.texts("license"))))],
    }
    return {key: value for key, value in node.items() if value}


def _short(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node with lists of one value written as the value, as RO-Crate has it."""
    return {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in node.items() if value != []}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
