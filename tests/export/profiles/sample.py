"""The models of the samples with what profiles ask for besides: licenses, languages, names of the Hub, an identifier of a paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.export.profiles import Missing, write_profile
from kg.terms import KG, LABEL, TYPE, XSD, string, typed
from tests.sample_graph import sample_store

BASE = "https://w3id.org/kg/"
KESTREL, OWL, INSTRUCT = (f"{BASE}model/{name}" for name in ("kestrel-7b", "owl-1b", "instructblip-13b"))
HUB_DATA = f"{BASE}dataset/allenai-c4"
MORE = [
    f"<{KESTREL}> <{KG}license> {string('Apache-2.0')}",
    f"<{KESTREL}> <{KG}language> {string('en')}",
    f"<{KESTREL}> <{KG}language> {string('Finnish')}",
    f"<{KESTREL}> <{KG}trainedOn> <{HUB_DATA}>",
    f"<{BASE}run/kestrel-7b> <{KG}trainingDataset> <{HUB_DATA}>",
    f"<{BASE}run/kestrel-7b/fine-tuning> <{KG}software> <{BASE}software/pytorch>",
    f"<{KESTREL}> <{KG}organization> <{BASE}organization/mistral-ai>",
    f"<{HUB_DATA}> {TYPE} <{KG}Dataset>",
    f"<{HUB_DATA}> {LABEL} {string('allenai/c4')}",
    f"<{OWL}> <{KG}license> {string('Owl License 1')}",
    f"<{OWL}> <{KG}releaseYear> {typed('2025', XSD + 'gYear')}",
    f"<{INSTRUCT}> <{KG}license> {string('Llama 2 Community License')}",
    f"<{INSTRUCT}> <{KG}license> {string('Owl License 1')}",
    f"<{BASE}report/a.txt> <{KG}arxivId> {string('2305.06500')}",
]


def store_of(folder: Path) -> ox.Store:
    """Return a store of the three reports of the samples, with more said of their models."""
    return sample_store(folder, more=MORE)


def written(
    store: ox.Store,
    profile: str,
    model: str | None = None,
    missing: Missing | None = None,
    given: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """Return the files of a profile by name."""
    files = write_profile(store, profile, model, given=given, missing=missing)
    return {file.name: b"".join(file.content) for file in files}


def content(
    store: ox.Store,
    profile: str,
    model: str | None = None,
    missing: Missing | None = None,
    given: Mapping[str, str] | None = None,
) -> bytes:
    """Return the only file of a profile."""
    (found,) = written(store, profile, model, missing, given).values()
    return found
