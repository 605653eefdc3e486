"""Builds to attack: some thousand models in a ring, so that joins, closures and sorts without a bound really have none."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from kg.manifest import build_id
from kg.store import GRAPH, MANIFEST, STORE, locked, write_build
from tests.test_store import EMPTY

MODELS = 4000
_BASE = "https://w3id.org/kg/"
_KG = f"{_BASE}ontology#"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"


def write_models(folder: Path, *, models: int = MODELS, mark: str = "first") -> str:
    """Publish a build in which each model extends the next one and `<x:mark>` says whose fact it is; return the hash it goes by."""
    manifest = {"mark": mark, **EMPTY}
    with locked(folder):
        write_build(folder, build_id(manifest), {GRAPH: _quads(models, mark), MANIFEST: [json.dumps(manifest).encode() + b"\n"]})
    return build_hash(folder)


def build_hash(folder: Path) -> str:
    """Return the hash by which the endpoint calls the current build of a folder."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()[:12]


def publish_damaged(folder: Path) -> None:
    """Make a build the current one whose manifest is right and whose store is none."""
    broken = folder / ".builds" / "damaged"
    (broken / STORE).mkdir(parents=True)
    (broken / STORE / "CURRENT").write_bytes(b"MANIFEST-000099\n")
    (broken / MANIFEST).write_text(json.dumps({"mark": "damaged", **EMPTY}), encoding="utf-8")
    (broken / GRAPH).write_bytes(b"")
    new = folder / ".new-current"
    new.symlink_to(f".builds/{broken.name}")
    os.replace(new, folder / ".current")


def model(number: int) -> str:
    """Return the IRI of a model."""
    return f"{_BASE}model/ring-{number}"


def name(number: int) -> str:
    """Return the label of a model."""
    return f"Ring {number} of the long chain of models"


def look_up(number: int) -> str:
    """Return a query with one row: the name of a model."""
    return f"SELECT ?name {{ <{model(number)}> rdfs:label ?name }}"


def _quads(models: int, mark: str) -> Iterator[bytes]:
    for number in range(models):
        thing = f"<{model(number)}>"
        lines = (
            f"{thing} {_TYPE} <{_KG}Model> .",
            f'{thing} {_LABEL} "{name(number)}" .',
            f"{thing} <{_KG}extends> <{model((number + 1) % models)}> .",
            f'{thing} <{_KG}parameterCount> "{number * 1000}"^^{_INTEGER} .',
            f"{thing} <{_KG}trainedOn> <{_BASE}dataset/set-{number % 40}> .",
            f"{thing} <{_KG}describedIn> <{_BASE}report/report-{number}> .",
            f'{thing} <x:mark> "{mark}" .',
        )
        yield "".join(f"{line}\n" for line in lines).encode()
