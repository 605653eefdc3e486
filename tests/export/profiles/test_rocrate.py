"""RO-Crate: the community's validator passes a crate whose publisher has said what only a publisher knows."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld  # type: ignore[import-untyped]  # it ships no types

from kg.export.profiles import Missing, save, write_profile
from kg.schema import load_schema
from tests.command import ROOT, kg
from tests.export.profiles.sample import INSTRUCT, KESTREL, OWL, store_of, written
from tests.lacking import lacking
from tests.served import Served

VALIDATORS = ROOT / "build" / "validators"  # where `make test` installs it: it wants an older rich than others
OWN = {"published": "2026-11-21", "license": "https://spdx.org/licenses/CC-BY-4.0", "publisher": "The Lab"}
# The terms that a crate of kg uses, as RO-Crate's context maps them, 1.1 without `sha256`. The validator fetches the context; here
# its cache holds this.
TERMS = (
    "CreativeWork Dataset Organization about alternateName author contentSize datePublished description encodingFormat hasPart "
    "identifier inLanguage isBasedOn license mentions name publisher"
).split()
CONTEXT = {
    **{term: f"http://schema.org/{term}" for term in TERMS},
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return store_of(tmp_path_factory.mktemp("crate"))


# Lets the validator's cache hold the contexts, then prints what is broken of what RO-Crate requires, for each crate and version;
# one process, because the validator is slow to start.
PROGRAM = """
import io, json, sys
import requests, requests_cache
from rocrate_validator import models, services
from urllib3 import HTTPResponse
context, cache, *asked = sys.argv[1:]
with requests_cache.CachedSession(cache_name=cache, expire_after=-1) as session:
    for version in ("1.1", "1.2"):
        terms = json.loads(context) | ({"sha256": "http://schema.org/sha256"} if version == "1.2" else {})
        url = f"https://w3id.org/ro/crate/{version}/context"
        body = json.dumps({"@id": url, "@context": terms}).encode()
        response = requests.Response()
        response.status_code, response.url = 200, url
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = HTTPResponse(io.BytesIO(body), status=200, headers=dict(response.headers), preload_content=False)
        response.request = requests.Request("GET", url).prepare()
        session.cache.save_response(response, session.cache.create_key(response.request))
found = []
for crate, version in zip(asked[::2], asked[1::2]):
    settings = services.ValidationSettings(
        rocrate_uri=crate, profile_identifier=f"ro-crate-{version}", requirement_severity=models.Severity.REQUIRED,
        offline=True, cache_path=cache,
    )
    result = services.validate(settings)
    found.append([[issue.violatingProperty, issue.message] for issue in result.get_issues()])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(store: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """Return the validator's issues (property, message) of a crate of each version, and of one of which its user says nothing."""
    if not (VALIDATORS / "rocrate_validator").is_dir():
        lacking("RO-Crate's validator is not installed: make test")
    folder = tmp_path_factory.mktemp("crates")
    save(write_profile(store, "rocrate", given=OWN), folder / "1.1")
    save(write_profile(store, "rocrate", "Owl-1B", given={**OWN, "version": "1.2"}), folder / "1.2")  # slow: it asks of each entity
    save(write_profile(store, "rocrate", "Owl-1B"), folder / "bare")
    asked = [str(part) for name in ("1.1", "1.2", "bare") for part in (folder / name, "1.1" if name == "bare" else name)]
    command = [sys.executable, "-c", PROGRAM, json.dumps(CONTEXT), str(folder / "cache"), *asked]
    with_it = {**os.environ, "PYTHONPATH": str(VALIDATORS)}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240, env=with_it)
    assert ran.returncode == 0, ran.stderr
    return dict(zip(("1.1", "1.2", "bare"), json.loads(ran.stdout.splitlines()[-1]), strict=True))


def entities(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    return {node["@id"]: node for node in json.loads(files["ro-crate-metadata.json"])["@graph"]}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_validator_passes_it(found: dict[str, list[list[str]]], version: str, store: ox.Store) -> None:
    assert found[version] == []
    missing = Missing()
    written(store, "rocrate", missing=missing, given=OWN)
    assert list(missing.lines()) == []


def test_what_it_must_have_and_the_user_does_not_say_is_told(found: dict[str, list[list[str]]], store: ox.Store) -> None:
    assert {property for property, _ in found["bare"]} == {"http://schema.org/datePublished", "http://schema.org/license"}
    missing = Missing()
    written(store, "rocrate", "Owl-1B", missing)
    assert list(missing.lines()) == [
        "left out: schema:datePublished of the export: give it with -p published=…",
        "left out: schema:license of the export: give it with -p license=…",
    ]


def test_files_have_their_size_and_hash(store: ox.Store) -> None:
    files = written(store, "rocrate", "Kestrel-7B", given=OWN)
    assert list(files) == ["graph.ttl", "claims.csv", "ro-crate-metadata.json"]
    found = entities(files)
    for name in ("graph.ttl", "claims.csv"):
        assert found[name]["sha256"] == hashlib.sha256(files[name]).hexdigest()
        assert found[name]["contentSize"] == str(len(files[name]))
    assert found["./"]["hasPart"] == [{"@id": "graph.ttl"}, {"@id": "claims.csv"}]
    assert found["./"]["publisher"] == {"@id": "#publisher"}


def test_models_are_entities_of_the_context(store: ox.Store) -> None:
    found = entities(written(store, "rocrate", given={**OWN, "title": "T", "description": "D"}))
    assert found["./"]["mentions"] == [{"@id": iri} for iri in (INSTRUCT, KESTREL, OWL)]
    assert (found["./"]["name"], found["./"]["description"]) == ("T", "D")
    assert found[KESTREL]["license"] == {"@id": "https://spdx.org/licenses/Apache-2.0"}
    named = [value["@id"] for node in found.values() for value in _links(node) if value["@id"] != "https://w3id.org/ro/crate/1.1"]
    assert set(named) <= set(found)


def test_hashes_are_terms_of_the_context_in_either_version(store: ox.Store) -> None:
    for version, context in (("1.1", CONTEXT), ("1.2", {**CONTEXT, "sha256": "http://schema.org/sha256"})):
        crate = json.loads(written(store, "rocrate", "Owl-1B", given={**OWN, "version": version})["ro-crate-metadata.json"])
        own = crate["@context"] if isinstance(crate["@context"], list) else [crate["@context"]]
        assert own[0] == f"https://w3id.org/ro/crate/{version}/context"
        crate["@context"] = [context, *own[1:]]
        hashes = [node for node in jsonld.expand(crate) if any(key.endswith("schema.org/sha256") for key in node)]
        assert len(hashes) == 2


def test_licenses_have_names_listed_or_not(store: ox.Store) -> None:
    own = "https://creativecommons.org/licenses/by/4.0/"
    found = entities(written(store, "rocrate", given={**OWN, "license": own}))
    assert found[OWL]["license"] == {"@id": "#license-owl-license-1"}
    assert {iri: found[iri]["name"] for iri in (own, "#license-owl-license-1", "https://spdx.org/licenses/Apache-2.0")} == {
        own: own,
        "#license-owl-license-1": "Owl License 1",
        "https://spdx.org/licenses/Apache-2.0": "Apache-2.0",
    }


def test_what_rules_derive_is_in_no_crate_of_a_model(served: Served, tmp_path: Path) -> None:
    ran = kg("export", "--profile", "rocrate", "--model", "InstructBLIP-13B", "-b", served.folder, "-o", "crate", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    turtle = (tmp_path / "crate/graph.ttl").read_text("utf-8")
    assert "kg:acceleratorCount" in turtle or "kg:duration" in turtle
    derived = {f"kg:{name}" for name, relation in load_schema().relations.items() if relation.origin == "derived"}
    assert derived & set(re.findall(r"kg:\w+", turtle)) == set()


def _links(node: dict[str, Any]) -> list[dict[str, str]]:
    values = [value for key, some in node.items() for value in (some if isinstance(some, list) else [some]) if key != "@id"]
    return [value for value in values if isinstance(value, dict)]


def test_of_a_whole_build_its_own_files(store: ox.Store, tmp_path: Path) -> None:
    build = tmp_path / "build"
    build.mkdir()
    (build / "graph.ttl").write_bytes(b"t" * 3_000_000)
    (build / "claims.jsonl").write_bytes(b"")
    (build / "run.json").write_bytes(b"{}")
    save(write_profile(store, "rocrate", given=OWN, build=build), tmp_path / "crate")
    assert sorted(path.name for path in (tmp_path / "crate").iterdir()) == ["claims.jsonl", "graph.ttl", "ro-crate-metadata.json"]
    assert (tmp_path / "crate/graph.ttl").read_bytes() == b"t" * 3_000_000
    found = entities({"ro-crate-metadata.json": (tmp_path / "crate/ro-crate-metadata.json").read_bytes()})
    assert found["graph.ttl"]["contentSize"] == "3000000"
    assert found["claims.jsonl"]["sha256"] == hashlib.sha256(b"").hexdigest()
